"""Does the history of a run keep every promise? Each rule is a pure function of the history that yields what breaks it.

The ledger at the end is the order in which everything happened: each entry has a position, so each answer can be held
against the state at the positions that it may have been given at.
"""

import json
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

from tests.chaos.history import HARMLESS, Fault, History, Kind, Operation, Outcome

CODES = {
    "LEDGER_UNAVAILABLE", "50302", "POSITION_AHEAD", "50301", "CONTENTION", "50303",
    "USAGE_UNAVAILABLE", "50306", "SCHEMA_INCOMPATIBLE", "409", "STATE_CHANGED",
    "SUBJECT_NOT_FOUND", "40401", "VERSION_NOT_FOUND", "40402", "SCHEMA_NOT_FOUND", "40403", "REPORT_NOT_FOUND",
}  # fmt: skip
"""The documented codes that requests of a run may be refused with; of both APIs."""


@dataclass(frozen=True)
class Violation:
    """A promise that was broken, and where."""

    rule: str
    text: str


@dataclass(frozen=True)
class Registered:
    """One version, as the ledger has it."""

    subject: str
    version: int
    id: int
    content: str
    position: int


class Ledger:
    """What the entries of the ledger say."""

    def __init__(self, entries: Sequence[Mapping[str, Any]]) -> None:
        self.entries = entries
        self.registered: list[Registered] = []
        self.states: dict[str, list[tuple[int, str]]] = defaultdict(list)
        """The values of each subject's state, with their positions, oldest first."""
        self._contents: dict[str, str] = {}
        for entry in entries:
            for fact in entry["facts"]:
                self._take(entry["position"], fact)

    @property
    def end(self) -> str:
        """How `ledger verify` puts it."""
        digest = self.entries[-1]["digest"] if self.entries else "0" * 64
        return f"{len(self.entries)} entries, head {digest}"

    @cached_property
    def versions(self) -> dict[str, list[Registered]]:
        """By subject, in the order of the ledger."""
        found: dict[str, list[Registered]] = defaultdict(list)
        for one in self.registered:
            found[one.subject].append(one)
        return found

    @cached_property
    def by_content(self) -> dict[tuple[str, str], Registered]:
        """By subject and content; the first, where there are several."""
        return {(one.subject, one.content): one for one in reversed(self.registered)}

    def position_of(self, write: Operation) -> int | None:
        """Where what a write has stored is; None where it is not."""
        if write.kind is Kind.REGISTER:
            found = self.by_content.get((write.subject, write.content))
            return found.position if found else None
        return next((at for at, value in self.states.get(write.subject, ()) if value == write.content), None)

    def _take(self, position: int, fact: Mapping[str, Any]) -> None:
        if fact["fact"] == "SchemaDefined":
            self._contents[fact["guid"]] = content_of(fact["text"])
        elif fact["fact"] == "SchemaRegistered":
            content = self._contents.get(fact["guid"], "")
            self.registered.append(Registered(fact["subject"], fact["version"], fact["id"], content, position))
        elif "page" in fact:
            self.states[fact["subject"]].append((position, fact["page"]))


def content_of(text: str) -> str:
    """The mark of a schema of a run: the name of its last field."""
    return str(json.loads(text)["fields"][-1]["name"])


def check(history: History) -> list[Violation]:
    """Everything that is wrong with *history*, rule by rule."""
    ledger = Ledger(history.ending.entries)
    return [Violation(name, text) for name, rule in RULES.items() for text in rule(history, ledger)]


def one_id_a_content(history: History, ledger: Ledger) -> Iterator[str]:
    """One id for one content, one content for one id, in every answer and in the ledger."""
    pairs = {(one.id, one.content) for one in history.operations if one.outcome is Outcome.DONE and one.id}
    pairs |= {(one.id, one.content) for one in ledger.registered}
    for what, place in (("the id {} stands for the contents {}", 0), ("the content {} has the ids {}", 1)):
        others: dict[object, set[object]] = defaultdict(set)
        for pair in pairs:
            others[pair[place]].add(pair[1 - place])
        yield from (what.format(one, sorted(map(str, found))) for one, found in others.items() if len(found) > 1)


def nothing_lost(history: History, ledger: Ledger) -> Iterator[str]:
    """Every acknowledged write is in the ledger, as it was acknowledged."""
    for one in _done_writes(history):
        if one.kind is Kind.REGISTER:
            kept = ledger.by_content.get((one.subject, one.content))
            if kept is None or (kept.version, kept.id) != (one.version, one.id) or kept.position > one.position:
                yield f"{_named(one)} was acknowledged as version {one.version}, id {one.id}; kept is {kept}"
        elif (at := ledger.position_of(one)) is None or at > one.position:
            yield f"{_named(one)} was acknowledged at {one.position}; it is kept at {at}"


def nothing_doubled(history: History, ledger: Ledger) -> Iterator[str]:
    """What was written once is in the ledger once."""
    kept: dict[tuple[str, object], list[int]] = defaultdict(list)
    for one in ledger.registered:
        kept[f"version {one.version} of {one.subject}", None].append(one.position)
        kept[f"the content {one.content} in {one.subject}", None].append(one.position)
    for subject, values in ledger.states.items():
        for position, value in values:
            kept[f"the state {value} of {subject}", None].append(position)
    for entry in ledger.entries:
        if entry["idempotency_key"]:
            kept["the idempotency key", entry["idempotency_key"]].append(entry["position"])
    for (what, key), positions in kept.items():
        if len(positions) > 1:
            yield f"{what}{f' {key}' if key else ''} is at {positions}"


def nothing_refused_is_kept(history: History, ledger: Ledger) -> Iterator[str]:
    """What was refused, or said not to be stored, is not in the ledger."""
    tried: dict[tuple[str, str], list[Operation]] = defaultdict(list)
    for one in history.operations:
        if one.is_write:
            tried[one.subject, one.content].append(one)
    for attempts in tried.values():
        if {one.outcome for one in attempts} <= HARMLESS and (at := ledger.position_of(attempts[0])) is not None:
            yield f"{_named(attempts[0])} came to {attempts[-1].outcome}, and is at {at}"


def nothing_from_nowhere(history: History, ledger: Ledger) -> Iterator[str]:
    """What is in the ledger was asked for, and what a read shows is in the ledger and was asked for before."""
    asked: dict[tuple[str, str], float] = {}
    for one in history.operations:
        if one.is_write:
            asked[one.subject, one.content] = min(one.begun, asked.get((one.subject, one.content), one.begun))
    kept = {(one.subject, one.content) for one in ledger.registered}
    kept |= {(subject, value) for subject, values in ledger.states.items() for _, value in values}
    yield from (f"nobody has asked for {content} in {subject}" for subject, content in kept - asked.keys())
    versions = {(one.subject, one.version, one.id, one.content) for one in ledger.registered}
    ids = {(one.id, one.content) for one in ledger.registered}
    for one in _done_reads(history):
        if one.kind is Kind.READ_ID:
            is_known = (one.id, one.content) in ids
        elif one.kind is Kind.READ_STATE:
            is_known = not one.content or (one.subject, one.content) in kept
        else:
            is_known = (one.subject, one.version, one.id, one.content) in versions
        if not is_known or asked.get((one.subject, one.content), 0.0) > one.ended:
            yield f"{_named(one)} shows version {one.version}, id {one.id}, which was not written by then"


def versions_without_gaps(history: History, ledger: Ledger) -> Iterator[str]:
    """The versions of each subject are 1, 2, 3, in the order of the ledger."""
    for subject, versions in ledger.versions.items():
        numbers = [one.version for one in versions]
        if numbers != list(range(1, len(numbers) + 1)):
            yield f"the versions of {subject} are {numbers}"


def reads_are_as_new_as_asked(history: History, ledger: Ledger) -> Iterator[str]:
    """A read that names a position shows a state of that position or a later one, and never POSITION_AHEAD."""
    for one in history.operations:
        if not one.is_write and one.minimum:
            yield from _older_than(one, one.minimum, ledger)
            if one.code in ("POSITION_AHEAD", "50301"):
                yield f"{_named(one)} was answered that position {one.minimum}, which was acknowledged, is ahead"


def nodes_show_what_they_wrote(history: History, ledger: Ledger) -> Iterator[str]:
    """Where nothing is wrong, a read shows what its node had acknowledged before, whichever worker answers."""
    acknowledged: dict[str, _Newest] = defaultdict(_Newest)
    for one in sorted(_done_writes(history), key=lambda one: one.ended):
        acknowledged[one.node].note(one.ended, one.position)
    for one in history.operations:
        if not one.is_write and any(begun <= one.begun and one.ended <= ended for begun, ended in history.quiet):
            yield from _older_than(one, acknowledged[one.node].before(one.begun), ledger)


def what_was_acknowledged_is_found(history: History, ledger: Ledger) -> Iterator[str]:
    """No node says that there is no such thing of anything that was acknowledged before it was asked."""
    known: dict[object, float] = {}
    for one in sorted(_done_writes(history), key=lambda one: -one.ended):
        known[one.subject] = one.ended
        if one.kind is Kind.REGISTER:
            known[one.id] = known[one.subject, one.version] = one.ended
    for one in history.operations:
        wanted = {Kind.READ_ID: one.id, Kind.READ_VERSION: (one.subject, one.version)}.get(one.kind, one.subject)
        if one.outcome is Outcome.MISSING and known.get(wanted, float("inf")) < one.begun:
            yield f"{_named(one)} was not found, and had been acknowledged {one.begun - known[wanted]:.3f} s before"


def writes_keep_their_order(history: History, ledger: Ledger) -> Iterator[str]:
    """What begins after something was acknowledged comes after it in the ledger."""
    begun: dict[int, tuple[float, Operation]] = {}
    for one in history.operations:
        at = ledger.position_of(one) if one.is_write else None
        if at is not None and (at not in begun or one.begun < begun[at][0]):
            begun[at] = (one.begun, one)
    acknowledged = _Newest()
    for one in sorted(_done_writes(history), key=lambda one: one.ended):
        acknowledged.note(one.ended, ledger.position_of(one) or 0)
    for at, (moment, write) in begun.items():
        if acknowledged.before(moment) > at:
            yield f"{_named(write)} is at {at}, though {acknowledged.before(moment)} was acknowledged before it began"


def states_are_changed_as_decided(history: History, ledger: Ledger) -> Iterator[str]:
    """A write with `If-Match` follows the value that it was decided on: none is overwritten unseen."""
    for one in _done_writes(history):
        if one.kind is not Kind.SET_STATE or not one.expected:
            continue
        values = ["", *(value for _, value in ledger.states.get(one.subject, ()))]
        before = values[values.index(one.content) - 1] if one.content in values else None
        if before is not None and before != one.expected:
            yield f"{_named(one)} was decided on {one.expected!r}, and replaced {before!r}"


def one_chain(history: History, ledger: Ledger) -> Iterator[str]:
    """Every entry follows the one before it, and every node verifies the same head."""
    for earlier, later in pairwise(({"position": 0, "digest": "0" * 64}, *ledger.entries)):
        if (later["position"], later["previous"]) != (earlier["position"] + 1, earlier["digest"]):
            yield f"the entry at {later['position']} does not follow the one at {earlier['position']}"
    for node, head in history.ending.heads.items():
        if ledger.end not in head:
            yield f"{node} says {head!r}, and the ledger has {ledger.end}"


def nodes_are_ready_again(history: History, ledger: Ledger) -> Iterator[str]:
    """After the faults every node is ready within the bound."""
    for node, seconds in history.ending.ready_s.items():
        if seconds > history.bounds.ready_s:
            yield f"{node} was ready after {seconds:.1f} s, and not within {history.bounds.ready_s:.1f} s"


def answers_are_documented(history: History, ledger: Ledger) -> Iterator[str]:
    """Nothing is answered that the catalogue of errors does not have for such a request; never 500."""
    for one in history.operations:
        if one.outcome is Outcome.FAILED or (one.code and one.code not in CODES):
            yield f"{_named(one)} was answered {one.status} {one.code}"


def answers_come_in_time(history: History, ledger: Ledger) -> Iterator[str]:
    """No answer takes longer than the bound, the time that its node was stopped for left out."""
    stopped = [one for one in history.faults if one.name.startswith("pause")]
    for one in history.operations:
        taken = one.ended - one.begun - sum(_overlap(one, fault) for fault in stopped if one.node in fault.targets)
        if taken > history.bounds.answered_s:
            yield f"{_named(one)} took {taken:.1f} s, more than {history.bounds.answered_s:.1f} s: {one.outcome}"


RULES: dict[str, Callable[[History, Ledger], Iterator[str]]] = {
    rule.__name__: rule
    for rule in (
        one_id_a_content,
        nothing_lost,
        nothing_doubled,
        nothing_refused_is_kept,
        nothing_from_nowhere,
        versions_without_gaps,
        reads_are_as_new_as_asked,
        nodes_show_what_they_wrote,
        what_was_acknowledged_is_found,
        writes_keep_their_order,
        states_are_changed_as_decided,
        one_chain,
        nodes_are_ready_again,
        answers_are_documented,
        answers_come_in_time,
    )
}


class _Newest:
    """The greatest number noted up to each moment; moments are noted in their order."""

    def __init__(self) -> None:
        self._moments: list[float] = []
        self._greatest: list[int] = []

    def note(self, moment: float, number: int) -> None:
        self._moments.append(moment)
        self._greatest.append(max(number, self._greatest[-1] if self._greatest else 0))

    def before(self, moment: float) -> int:
        place = bisect_right(self._moments, moment)
        return self._greatest[place - 1] if place else 0


def _older_than(read: Operation, position: int, ledger: Ledger) -> Iterator[str]:
    """Say so if *read* shows a value that had been replaced at *position* already."""
    if read.outcome is not Outcome.DONE or read.kind not in (Kind.READ_LATEST, Kind.READ_STATE):
        return
    if read.kind is Kind.READ_LATEST:
        values = [(one.position, one.content) for one in ledger.versions.get(read.subject, ())]
    else:
        values = [(0, ""), *ledger.states.get(read.subject, ())]
    for (_, value), (replaced_at, newer) in pairwise(values):
        if value == read.content and replaced_at <= position:
            yield f"{_named(read)} shows {value!r}, which {newer!r} had replaced at {replaced_at} of {position}"


def _done_writes(history: History) -> Iterator[Operation]:
    return (one for one in history.operations if one.is_write and one.outcome is Outcome.DONE)


def _done_reads(history: History) -> Iterator[Operation]:
    return (one for one in history.operations if not one.is_write and one.outcome is Outcome.DONE)


def _overlap(one: Operation, fault: Fault) -> float:
    return max(0.0, min(one.ended, fault.ended) - max(one.begun, fault.begun))


def _named(one: Operation) -> str:
    what = f"{one.subject} {one.content}".strip() or f"id {one.id}"
    return f"{one.kind} of {what} by {one.client} at {one.node}, {one.begun:.3f} to {one.ended:.3f} s,"
