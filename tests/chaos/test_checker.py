"""The checker finds each kind of broken promise in a made-up history, and nothing in one that keeps them all."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from operator import attrgetter
from pathlib import Path
from typing import Any

import pytest

from tests.chaos.checker import RULES, check
from tests.chaos.history import Bounds, Ending, Fault, History, Kind, Operation, Outcome, write_lines

BOUNDS = Bounds(answered_s=5, ready_s=30)


def entry(position: int, *facts: dict[str, Any], key: str | None = None) -> dict[str, Any]:
    """One that follows `entry(position - 1)`; its digest is its position."""
    previous = f"d{position - 1}" if position > 1 else "0" * 64
    told = {"position": position, "previous": previous, "digest": f"d{position}"}
    return {**told, "idempotency_key": key, "facts": list(facts)}


def defined(content: str) -> dict[str, Any]:
    return {"fact": "SchemaDefined", "guid": content, "text": json.dumps({"fields": [{"name": content}]})}


def registered(subject: str, version: int, id: int, content: str) -> dict[str, Any]:
    return {"fact": "SchemaRegistered", "subject": subject, "version": version, "id": id, "guid": content}


def paged(subject: str, value: str) -> dict[str, Any]:
    return {"fact": "MajorDeprecated", "subject": subject, "page": value}


def write(begun: float, subject: str, content: str, version: int, id: int, position: int, **more: Any) -> Operation:
    """A registration that takes 0.1 s and is acknowledged."""
    done = Operation(
        "c1", "node1", Kind.REGISTER, begun, begun + 0.1, Outcome.DONE,
        subject=subject, content=content, version=version, id=id, position=position, status=201,
    )  # fmt: skip
    return replace(done, **more)


def set_state(begun: float, value: str, expected: str, position: int, **more: Any) -> Operation:
    done = write(begun, "s", value, 0, 0, position, kind=Kind.SET_STATE, expected=expected, status=200)
    return replace(done, **more)


def read(begun: float, kind: Kind, subject: str = "", **shown: Any) -> Operation:
    """A read at another node that takes 0.1 s."""
    done = Operation("c2", "node2", kind, begun, begun + 0.1, Outcome.DONE, subject=subject, status=200)
    return replace(done, **shown)


OPERATIONS = [
    write(0, "s", "a", 1, 1, 1, key="k1"),
    write(1, "s", "b", 2, 2, 2),
    write(1.05, "t", "b", 1, 2, 3, node="node2"),
    write(1.05, "t", "bad", 0, 0, 0, outcome=Outcome.REFUSED, status=409, code="SCHEMA_INCOMPATIBLE"),
    write(1.5, "t", "never", 0, 0, 0, outcome=Outcome.NOT_STORED, status=503, code="LEDGER_UNAVAILABLE"),
    write(2, "t", "c", 0, 0, 0, outcome=Outcome.UNANSWERED, status=0),
    set_state(3, "one", "", 5),
    set_state(4, "two", "one", 6),
    read(2, Kind.READ_LATEST, "s", content="b", version=2, id=2, minimum=2),
    read(2, Kind.READ_LATEST, "s", content="a", version=1, id=1, minimum=1),
    read(2, Kind.READ_VERSION, "t", content="b", version=1, id=2),
    read(2, Kind.READ_ID, content="b", id=2),
    read(2, Kind.READ_STATE, "s", content=""),
    read(5, Kind.READ_STATE, "s", content="two", minimum=6, node="node1"),
    read(0.5, Kind.READ_VERSION, "t", version=1, outcome=Outcome.MISSING, status=404, code="SUBJECT_NOT_FOUND"),
]
ENTRIES = [
    entry(1, defined("a"), registered("s", 1, 1, "a"), key="k1"),
    entry(2, defined("b"), registered("s", 2, 2, "b")),
    entry(3, registered("t", 1, 2, "b")),
    entry(4, defined("c"), registered("t", 2, 3, "c")),
    entry(5, paged("s", "one")),
    entry(6, paged("s", "two")),
]
HEADS = {"node1": "verified: 6 entries, head d6", "node2": "verified: 6 entries, head d6"}
GOOD = History(OPERATIONS, Ending(ENTRIES, HEADS, {"node1": 1.0}), BOUNDS, quiet=[(4.5, 9.0)])


def with_operations(*more: Operation) -> History:
    return replace(GOOD, operations=[*OPERATIONS, *more])


def with_entries(change: Callable[[list[dict[str, Any]]], object]) -> History:
    """GOOD with another ledger; what the nodes say of it goes along."""
    entries = json.loads(json.dumps(ENTRIES))
    change(entries)
    heads = {"node1": f"verified: {len(entries)} entries, head {entries[-1]['digest']}"}
    return replace(GOOD, ending=replace(GOOD.ending, entries=entries, heads=heads))


def put(position: int, *facts: dict[str, Any]) -> Callable[[list[dict[str, Any]]], object]:
    """Give the entry at *position* other facts."""
    return lambda entries: entries[position - 1].update(facts=facts)


@dataclass(frozen=True)
class Case:
    """A broken history, and the rule that has to find it."""

    shows: str
    rule: str
    history: History


CASES = [
    Case("two ids for one content", "one_id_a_content", with_operations(read(6, Kind.READ_ID, content="b", id=9))),
    Case("two contents for one id", "one_id_a_content", with_operations(read(6, Kind.READ_ID, content="z", id=2))),
    Case("a lost version", "nothing_lost", with_entries(put(2, defined("b")))),
    Case("a lost end of the ledger", "nothing_lost", with_entries(lambda entries: entries.pop())),
    Case("a version under another number", "nothing_lost", with_entries(put(3, registered("t", 2, 2, "b")))),
    Case("acknowledged before it was kept", "nothing_lost", with_operations(write(7, "t", "c", 2, 3, 3))),
    Case("a lost state", "nothing_lost", with_entries(put(6))),
    Case("a version that is there twice", "nothing_doubled", with_entries(put(4, registered("t", 1, 2, "b")))),
    Case("a content that is there twice", "nothing_doubled", with_entries(put(4, registered("t", 2, 2, "b")))),
    Case("a state that is there twice", "nothing_doubled", with_entries(put(4, paged("s", "two")))),
    Case("a key that is there twice", "nothing_doubled",
         with_entries(lambda entries: entries[1].update(idempotency_key="k1"))),
    Case("a refused one that is kept", "nothing_refused_is_kept",
         with_entries(put(4, defined("bad"), registered("t", 2, 3, "bad")))),
    Case("one that said not to be stored", "nothing_refused_is_kept",
         with_entries(put(4, defined("never"), registered("t", 2, 3, "never")))),
    Case("an entry that nobody asked for", "nothing_from_nowhere",
         with_entries(put(4, defined("x"), registered("t", 2, 3, "x")))),
    Case("a read of what is not kept", "nothing_from_nowhere",
         with_operations(read(6, Kind.READ_LATEST, "s", content="x", version=3, id=9))),
    Case("a read of another version", "nothing_from_nowhere",
         with_operations(read(6, Kind.READ_VERSION, "s", content="a", version=2, id=1))),
    Case("a read of an id that is not kept", "nothing_from_nowhere",
         with_operations(read(6, Kind.READ_ID, content="x", id=9))),
    Case("a read before the write", "nothing_from_nowhere",
         with_operations(read(0.2, Kind.READ_LATEST, "s", content="b", version=2, id=2))),
    Case("a gap of versions", "versions_without_gaps",
         with_entries(put(4, defined("c"), registered("t", 3, 3, "c")))),
    Case("a version older than its position", "reads_are_as_new_as_asked",
         with_operations(read(6, Kind.READ_LATEST, "s", content="a", version=1, id=1, minimum=3))),
    Case("a state older than its position", "reads_are_as_new_as_asked",
         with_operations(read(6, Kind.READ_STATE, "s", content="one", minimum=6))),
    Case("no state where there was one", "reads_are_as_new_as_asked",
         with_operations(read(6, Kind.READ_STATE, "s", content="", minimum=5))),
    Case("an acknowledged position that is ahead", "reads_are_as_new_as_asked",
         with_operations(read(6, Kind.READ_LATEST, "s", minimum=3, outcome=Outcome.UNAVAILABLE, status=503,
                              code="POSITION_AHEAD"))),
    Case("another worker of the node is behind", "nodes_show_what_they_wrote",
         with_operations(read(5, Kind.READ_STATE, "s", content="one", node="node1"))),
    Case("a subject that is not found", "what_was_acknowledged_is_found",
         with_operations(read(0.3, Kind.READ_LATEST, "s", outcome=Outcome.MISSING, status=404, code="40401"))),
    Case("a version that is not found", "what_was_acknowledged_is_found",
         with_operations(read(1.3, Kind.READ_VERSION, "s", version=2, outcome=Outcome.MISSING, status=404))),
    Case("an id that is not found", "what_was_acknowledged_is_found",
         with_operations(read(1.3, Kind.READ_ID, id=2, outcome=Outcome.MISSING, status=404))),
    Case("a later write that is kept earlier", "writes_keep_their_order",
         replace(GOOD, operations=[replace(one, begun=5.0, ended=5.1) if one.content == "c" else one
                                   for one in OPERATIONS])),
    Case("a state that was overwritten unseen", "states_are_changed_as_decided",
         replace(GOOD, operations=[replace(one, expected="zero") if one.content == "two" else one
                                   for one in OPERATIONS])),
    Case("an entry that does not follow", "one_chain", with_entries(lambda entries: entries[2].update(previous="x"))),
    Case("a hole", "one_chain", with_entries(lambda entries: entries.pop(2))),
    Case("another head at a node", "one_chain",
         replace(GOOD, ending=replace(GOOD.ending, heads={**HEADS, "node3": "verified: 5 entries, head d5"}))),
    Case("a node that is not ready again", "nodes_are_ready_again",
         replace(GOOD, ending=replace(GOOD.ending, ready_s={"node3": float("inf")}))),
    Case("an internal error", "answers_are_documented",
         with_operations(read(6, Kind.READ_ID, id=2, outcome=Outcome.FAILED, status=500, code="INTERNAL_ERROR"))),
    Case("a code that such a request does not have", "answers_are_documented",
         with_operations(write(6, "t", "e", 0, 0, 0, outcome=Outcome.REFUSED, status=422, code="MAJOR_RETIRED"))),
    Case("a late answer", "answers_come_in_time",
         with_operations(read(6, Kind.READ_ID, content="b", id=2, ended=12.0))),
]  # fmt: skip


def test_a_history_that_keeps_every_promise_has_no_violations() -> None:
    assert check(GOOD) == []


@pytest.mark.parametrize("case", CASES, ids=attrgetter("shows"))
def test_what_is_broken_is_found(case: Case) -> None:
    assert case.rule in {one.rule for one in check(case.history)}


def test_every_rule_is_seen_to_fire() -> None:
    assert {case.rule for case in CASES} == set(RULES)


def test_the_time_for_which_a_node_was_stopped_does_not_count() -> None:
    late = replace(with_operations(read(6, Kind.READ_ID, content="b", id=2, ended=12.0)))
    stopped = Fault("pause node", ("node2",), 6.5, 9.5)
    assert check(replace(late, faults=[stopped])) == []
    assert check(replace(late, faults=[replace(stopped, targets=("node1",))]))


def test_a_write_in_doubt_may_be_kept_or_not() -> None:
    without = [one for one in ENTRIES if one["position"] < 4]
    heads = {"node1": "verified: 3 entries, head d3"}
    some = [one for one in OPERATIONS if one.kind not in (Kind.SET_STATE, Kind.READ_STATE)]
    assert check(replace(GOOD, operations=some, ending=Ending(without, heads, {}))) == []


def test_a_run_is_recorded_one_line_each(tmp_path: Path) -> None:
    write_lines(tmp_path / "requests.ndjson", OPERATIONS)
    lines = [json.loads(line) for line in (tmp_path / "requests.ndjson").read_text().splitlines()]
    assert [(one["kind"], one["outcome"]) for one in lines] == [(one.kind, one.outcome) for one in OPERATIONS]
