"""State: the fold of the ledger, in pieces or as a whole, and the sequences that its snapshots share."""

from collections.abc import Mapping
from datetime import timedelta

import pytest

from moorings_compat import Reference
from moorings_registry.callers import Caller
from moorings_registry.commands import (
    NEXT,
    DeleteSubject,
    DeleteVersion,
    GrantWaiver,
    PutDomain,
    RestoreVersion,
    SetConfig,
    SetMode,
)
from moorings_registry.errors import SchemaIncompatible
from moorings_registry.names import REGISTRY_SCOPE, Scope, Subject
from moorings_registry.state import State, WaiverKind, apply
from moorings_registry.state.append_only import AppendOnly
from moorings_registry.version_queries import kept_while_same
from tests.registry.asking import PLACED, Asked, avro, record, using


@pytest.fixture
def busy(asked: Asked) -> Asked:
    """A registry in which everything has happened at least once."""
    asked.do(PutDomain("shop", "team"), Caller(idempotency_key="k", request_digest="d"))
    asked.register(record("a"))
    asked.register(record("z"), major=NEXT)
    asked.register(record("m", name="Money"), "Money")
    asked.register(avro(using("Money"), Reference("Money", "Money", 1)), "b")
    with pytest.raises(SchemaIncompatible):
        asked.register(record("a", "x"))
    asked.do(SetConfig(REGISTRY_SCOPE, {"compatibility": "FULL"}))
    asked.do(SetMode(Scope.parse("b"), "READWRITE"))
    asked.do(
        GrantWaiver(WaiverKind.RETIRE, "shop", "a mistake", "ann", "bob", asked.registry.now() + timedelta(days=1))
    )
    asked.do(DeleteVersion(PLACED, 1))
    asked.do(RestoreVersion(PLACED, 1))
    asked.do(DeleteVersion(PLACED, 2))
    asked.do(DeleteVersion(PLACED, 2, permanent=True, reason="a mistake"))
    for permanent in (False, True):
        asked.do(DeleteSubject(Subject.parse("b"), permanent))
    return asked


def test_in_pieces_or_at_once_the_state_is_the_same(busy: Asked) -> None:
    entries = list(busy.ledger.read(0))
    one_by_one = State()
    for entry in entries:
        one_by_one = apply(one_by_one, [entry])
    assert one_by_one == apply(State(), entries) == apply(apply(State(), entries[:5]), entries[5:])
    assert one_by_one == busy.registry.state


def test_no_entries_change_nothing(busy: Asked) -> None:
    state = busy.registry.state
    assert apply(state, []) is state


def test_a_state_of_the_past_is_as_it_was(asked: Asked) -> None:
    states = [asked.registry.state]
    for number in range(5):
        asked.register(record("a", **{f"f{number}": 0}))
        states.append(asked.registry.state)
    assert [asked.registry.state_of(position) for position in range(6)] == states


def test_an_older_state_sees_nothing_of_what_came_later(asked: Asked) -> None:
    asked.register(record("a"))
    before = asked.registry.state
    checks, subjects = list(before.checks), dict(before.subjects)
    asked.register(record("a", b=0))
    asked.do(DeleteSubject(PLACED))
    assert (list(before.checks), dict(before.subjects)) == (checks, subjects)


def test_keys_are_remembered_up_to_a_number(asked: Asked) -> None:
    callers = [Caller(idempotency_key=f"k{number}", request_digest="d") for number in range(5)]
    for number, caller in enumerate(callers):
        asked.do(SetConfig(Scope.parse(f"s{number}"), {"normalize": True}), caller)
    state = apply(State(keys_kept=3), asked.ledger.read(0))
    assert [caller.key in state.keys for caller in callers] == [False, False, True, True, True]
    assert len(state.keys) == len(state.key_order) == 3


def test_append_only_is_a_sequence() -> None:
    items = AppendOnly[int]()
    for number in range(5):
        items = items.and_then(number)
    assert (len(items), list(items), list(reversed(items))) == (5, [0, 1, 2, 3, 4], [4, 3, 2, 1, 0])
    assert (items[0], items[-1], items[1:3], items[::-2]) == (0, 4, [1, 2], [4, 2, 0])
    assert 3 in items
    for index in (5, -6):
        with pytest.raises(IndexError):
            items[index]


def test_append_only_snapshots_do_not_see_each_other_grow() -> None:
    base = AppendOnly[str]().and_then("a")
    first, second = base.and_then("b"), base.and_then("c")
    assert (list(base), list(first), list(second)) == (["a"], ["a", "b"], ["a", "c"])
    assert list(first.and_then("d")) == ["a", "b", "d"]


def test_append_only_is_equal_by_what_it_shows() -> None:
    base = AppendOnly[str]().and_then("a")
    longer = base.and_then("b")
    assert base == AppendOnly[str]().and_then("a") != longer
    assert len({base, AppendOnly[str]().and_then("a")}) == 1


def test_an_answer_is_kept_while_its_maps_are_the_same() -> None:
    asked: list[object] = []

    @kept_while_same
    def length(of: Mapping[str, int], _other: object) -> int:
        asked.append(of)
        return len(of)

    one: dict[str, int] = {}
    assert [length(one, None), length(one, None), length({}, None)] == [0, 0, 0]
    assert len(asked) == 2  # an equal map is another one
    assert [length({str(number): number}, None) for number in range(9)] == [1] * 9
    assert length(one, None) == 0
    assert len(asked) == 12  # it was forgotten meanwhile
