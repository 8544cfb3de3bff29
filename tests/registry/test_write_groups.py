"""Commands that wait for each other are written together, and each still has an entry and an answer of its own."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from moorings_registry.callers import Caller
from moorings_registry.commands import (
    ConfigureIssuers,
    GrantAccess,
    GrantWaiver,
    Outcome,
    PutDomain,
    RegisterSchema,
    RevokeAccess,
    SetMode,
)
from moorings_registry.entries import Entry, Head
from moorings_registry.errors import LedgerUnavailable, NotAllowed, SchemaIncompatible, SchemaInvalid, WaiverNeeded
from moorings_registry.ledger import verify
from moorings_registry.ledger.memory import MemoryLedger
from moorings_registry.names import Scope, Subject
from moorings_registry.state import State, Version, WaiverKind
from moorings_registry.write_queue import LARGEST_GROUP, Waiting, WriteQueue
from tests.registry.asking import Asked, avro, record
from tests.registry.faulty_ledger import FaultyLedger
from tests.registry.granting import ANN, KINDS, issuers_of

LONG_S = 20.0
Work = Callable[[], object]


class SlowDisk(FaultyLedger):
    """Keeps its first writer waiting until the others have queued behind it; notes how many entries an append had."""

    def __init__(self) -> None:
        super().__init__(MemoryLedger())
        self.groups: list[int] = []
        self.busy = threading.Event()
        self.others_wait = threading.Event()

    def append(self, *entries: Entry, after: Head) -> None:
        self.busy.set()
        assert self.others_wait.wait(LONG_S)
        super().append(*entries, after=after)
        self.groups.append(len(entries))


@pytest.fixture
def disk() -> Iterator[SlowDisk]:
    disk = SlowDisk()
    yield disk
    verify(disk.inner.read(0))


def together(disk: SlowDisk, asked: Asked, first: Work, *others: Work) -> list[Any]:
    """Do *first*, and the others, in this order, while its entry is being written; what each came to."""

    def outcome(work: Work) -> object:
        try:
            return work()
        except Exception as error:  # noqa: BLE001 - for the test to look at
            return error

    queue = asked.registry._writes._queue
    with ThreadPoolExecutor(1 + len(others)) as threads:
        asked_for = [threads.submit(outcome, first)]
        assert disk.busy.wait(LONG_S)
        for work in others:
            waiting, deadline = len(queue), time.monotonic() + LONG_S
            asked_for.append(threads.submit(outcome, work))
            while len(queue) == waiting and not asked_for[-1].done() and time.monotonic() < deadline:
                time.sleep(0.001)
        disk.others_wait.set()
        return [one.result(LONG_S) for one in asked_for]


def registering(asked: Asked, *names: str, text: str = "", **caller: Any) -> list[Work]:
    return [lambda name=name: asked.register(text or record("a"), name, **caller) for name in names]  # type: ignore[misc]


def test_those_that_wait_are_written_together(disk: SlowDisk) -> None:
    asked = Asked(disk)
    found = together(disk, asked, *registering(asked, *(f"shop.S{number}" for number in range(9))))
    assert disk.groups == [1, 8]
    assert [one.position for one in found] == list(range(1, 10))  # in the order in which they came
    assert {one.id for one in found} == {1}
    assert [entry.position for entry in disk.read(0)] == list(range(1, 10))


def test_each_is_decided_after_those_before_it(disk: SlowDisk) -> None:
    asked = Asked(disk)
    texts = [record("a"), record("a", b=0), record("a", "c"), record("a", b=0)]
    found = together(disk, asked, *(lambda text=text: asked.register(text) for text in texts))  # type: ignore[misc]
    assert [getattr(one, "number", None) for one in found] == [1, 2, None, 2]
    assert isinstance(found[2], SchemaIncompatible)
    assert disk.groups == [1, 2]  # the refusal has an entry, and what is there already has none


def test_a_refusal_among_others_is_its_callers_alone(disk: SlowDisk) -> None:
    asked = Asked(disk)
    broken: Work = lambda: asked.register("{", "shop.C")  # noqa: E731 - one of the works
    works = [*registering(asked, "shop.A", "shop.B"), broken, *registering(asked, "shop.D")]
    found = together(disk, asked, *works)
    assert isinstance(found[2], SchemaInvalid)
    assert [one.position for at, one in enumerate(found) if at != 2] == [1, 2, 3]


def test_a_fault_of_ours_in_one_command_is_no_answer_to_the_others(
    disk: SlowDisk, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = Asked(disk)
    decide = asked.registry._commands.decide
    seen: list[str] = []

    def failing(state: State, command: Any, principal: Any) -> Any:
        if str(command.subject) == "shop.B":
            seen.append(threading.current_thread().name)
            if len(seen) > 1:  # not while it is considered, but in somebody's turn
                raise RuntimeError("a fault")
        return decide(state, command, principal)

    monkeypatch.setattr(asked.registry._commands, "decide", failing)
    found = together(disk, asked, *registering(asked, "shop.A", "shop.B", "shop.C"))
    assert [type(one) for one in found] == [Version, RuntimeError, Version]
    assert disk.groups == [1, 1]


def test_a_disk_that_fails_is_said_to_each_of_a_group(disk: SlowDisk) -> None:
    asked = Asked(disk)
    disk.confirms_nothing = True
    disk.before_append = None
    works = registering(asked, "shop.A", "shop.B")
    found = together(disk, asked, *works)
    assert [type(one) for one in found] == [LedgerUnavailable] * 2
    assert "may or may not" in str(found[0])  # the first was in doubt; who waited behind it was not tried
    assert "nothing of this request was stored" in str(found[1])
    assert asked.registry.catch_up().position == 1


def test_a_group_whose_answer_is_lost_is_in_doubt_as_a_whole(disk: SlowDisk) -> None:
    asked = Asked(disk)
    works = registering(asked, "shop.A", "shop.B", "shop.C")
    append = disk.inner.append

    def lost_the_second_time(*entries: Entry, after: Head) -> None:
        append(*entries, after=after)
        disk.confirms_nothing = len(entries) > 1

    disk.inner.append = lost_the_second_time  # type: ignore[method-assign]
    found = together(disk, asked, *works)
    assert [type(one) for one in found] == [Version, LedgerUnavailable, LedgerUnavailable]
    assert all("may or may not" in str(one) for one in found[1:])
    disk.confirms_nothing = False
    assert [asked.register(record("a"), name).position for name in ("shop.B", "shop.C")] == [2, 3]


def test_a_lost_race_decides_the_whole_group_again(disk: SlowDisk) -> None:
    asked, elsewhere = Asked(disk), Asked(disk.inner)
    append = disk.inner.append
    raced: list[int] = []

    def lose_once(*entries: Entry, after: Head) -> None:
        if len(entries) > 1 and not raced:
            raced.append(len(entries))
            disk.inner.append = append  # type: ignore[method-assign]
            elsewhere.register(record("a", "x"), "shop.B")
        append(*entries, after=after)

    disk.inner.append = lose_once  # type: ignore[method-assign]
    found = together(disk, asked, *registering(asked, "shop.A", "shop.B", "shop.C"))
    assert raced == [2]
    assert [type(found[0]), found[1].number, found[2].position] == [Version, 2, 4]  # a candidate without x reads it
    assert asked.registry.state.position == elsewhere.registry.catch_up().position == 4


def test_one_idempotency_key_is_carried_out_once(disk: SlowDisk) -> None:
    asked = Asked(disk)
    again = {"idempotency_key": "k", "request_digest": "d"}
    works = registering(asked, "shop.A") + registering(asked, "shop.B", **again) + registering(asked, "shop.B", **again)
    found = together(disk, asked, *works)
    assert found[1] == found[2]
    assert disk.groups == [1, 1]


def test_what_changes_more_than_a_subject_is_written_alone(disk: SlowDisk) -> None:
    asked = Asked(disk)
    works = [
        *registering(asked, "shop.A", "shop.B"),
        lambda: asked.do(PutDomain("crm", owner="crm-team")),
        *registering(asked, "shop.C", "shop.D"),
    ]
    found = together(disk, asked, *works)
    assert not [one for one in found if isinstance(one, Exception)]
    assert disk.groups == [1, 1, 1, 2]


def test_a_command_is_decided_in_the_context_of_its_caller(disk: SlowDisk, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = Asked(disk)
    request: ContextVar[str] = ContextVar("request")
    decide = asked.registry._commands.decide
    seen: list[tuple[str, str]] = []

    def noting(state: State, command: Any, principal: Any) -> Any:
        seen.append((str(command.subject), request.get()))
        return decide(state, command, principal)

    monkeypatch.setattr(asked.registry._commands, "decide", noting)

    def of_request(name: str) -> Work:
        def work() -> object:
            request.set(name)
            return asked.do(RegisterSchema(Subject.parse(name), avro(record("a")), None), Caller())

        return work

    together(disk, asked, *map(of_request, ("shop.A", "shop.B", "shop.C")))
    assert all(subject == context for subject, context in seen)
    assert len(seen) > 3  # the later ones in somebody's turn


def test_a_group_has_an_end() -> None:
    sizes: list[int] = []

    def settle(group: list[Waiting]) -> None:
        sizes.append(len(group))
        for one in group:
            one.fail(ValueError())

    queue = WriteQueue(settle)
    command = RegisterSchema(Subject.parse("shop.A"), avro(record("a")), None)
    queue._waiting.extend(Waiting(command, Caller()) for _ in range(LARGEST_GROUP + 5))
    with pytest.raises(ValueError):
        queue.settle(Waiting(command, Caller()))
    assert sizes == [LARGEST_GROUP, 6]


def test_what_a_group_leaves_open_keeps_its_place() -> None:
    order: list[str] = []

    def settle(group: list[Waiting]) -> None:
        order.append(group[0].caller.correlation_id)
        group[0].fail(ValueError())

    queue = WriteQueue(settle)
    command = RegisterSchema(Subject.parse("shop.A"), avro(record("a")), None)
    queue._waiting.extend(Waiting(command, Caller(correlation_id=str(at))) for at in range(4))
    with pytest.raises(ValueError):
        queue.settle(Waiting(command, Caller(correlation_id="last")))
    assert order == ["0", "1", "2", "3", "last"]


def test_a_fault_of_ours_in_one_answer_keeps_no_answer_from_the_others(
    disk: SlowDisk, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = Asked(disk)
    answer = asked.registry._writes._answer

    def failing(waiting: Waiting, reached: Any) -> None:
        if isinstance(waiting.command, RegisterSchema) and str(waiting.command.subject) == "shop.B":
            raise RuntimeError("a fault")
        answer(waiting, reached)

    monkeypatch.setattr(asked.registry._writes, "_answer", failing)
    found = together(disk, asked, *registering(asked, "shop.A", "shop.B", "shop.C"))
    assert [type(one) for one in found] == [Version, RuntimeError, Version]


def test_a_thread_that_is_interrupted_leaves_the_queue_and_hands_its_turn_on() -> None:
    busy, go_on = threading.Event(), threading.Event()
    settled: list[str] = []

    def settle(group: list[Waiting]) -> None:
        busy.set()
        assert go_on.wait(LONG_S)
        settled.append(group[0].caller.correlation_id)
        group[0].fail(ValueError())

    class Interrupted(Waiting):
        """Its thread is interrupted right after it was woken to take the turn."""

        def sleep(self) -> None:
            super().sleep()
            self.wake()
            raise KeyboardInterrupt

    queue = WriteQueue(settle)
    command = RegisterSchema(Subject.parse("shop.A"), avro(record("a")), None)
    kinds: list[type[Waiting]] = [Waiting, Interrupted, Waiting]
    waiting = [kind(command, Caller(correlation_id=str(at))) for at, kind in enumerate(kinds)]
    with ThreadPoolExecutor(len(waiting)) as threads:
        asked_for = []
        for one in waiting:
            asked_for.append(threads.submit(queue.settle, one))
            assert busy.wait(LONG_S)
            deadline = time.monotonic() + LONG_S
            while len(queue) < len(asked_for) - 1 and time.monotonic() < deadline:
                time.sleep(0.001)
        go_on.set()
        assert [type(one.exception(LONG_S)) for one in asked_for] == [ValueError, KeyboardInterrupt, ValueError]
    assert settled == ["0", "2"]
    assert len(queue) == 0


def test_a_permission_that_ends_while_a_command_waits_does_not_count(disk: SlowDisk) -> None:
    asked = Asked(disk)
    disk.others_wait.set()
    asked.do(ConfigureIssuers(issuers_of(KINDS)))
    ends = datetime(2027, 1, 1, tzinfo=UTC)
    asked.do(GrantAccess(ANN.issuer, ("register",), "*", "a test", ANN.name, expires=ends))
    grant = asked.registry.state.position
    disk.busy.clear()
    disk.others_wait.clear()
    works: list[Work] = [
        *registering(asked, "shop.A"),
        lambda: asked.do(RevokeAccess(grant, "a test")),
        *registering(asked, "shop.B", text=record("b"), principal=ANN),
    ]
    found = together(disk, asked, *works)
    assert [type(one) for one in found] == [Version, Outcome, NotAllowed]


# What the clock ends while somebody waits, which no entry says.


def two_days_later(asked: Asked) -> None:
    clock: Any = asked.registry._clock
    clock._now += timedelta(days=2)


def test_a_grant_that_ends_meanwhile_allows_nothing(disk: SlowDisk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("moorings_registry.authorization._LOOK_S", 0.0)
    asked = Asked(disk)
    disk.others_wait.set()
    asked.do(ConfigureIssuers(issuers_of(KINDS)))
    ends = asked.registry.now() + timedelta(days=1)
    asked.do(GrantAccess(ANN.issuer, ("register",), "*", "a test", ANN.name, expires=ends))
    disk.busy.clear()
    disk.others_wait.clear()
    works = [*registering(asked, "shop.A"), *registering(asked, "shop.B", text=record("b"), principal=ANN)]
    found = together(disk, asked, *works, lambda: two_days_later(asked))
    assert [type(one) for one in found[:2]] == [Version, NotAllowed]


def test_a_waiver_that_ends_meanwhile_waives_nothing(disk: SlowDisk) -> None:
    asked = Asked(disk)
    disk.others_wait.set()
    asked.do(PutDomain("shop", owner="team"))
    until = asked.registry.now() + timedelta(days=1)
    asked.do(GrantWaiver(WaiverKind.IMPORT, "shop", "a test", "ann", "bob", until))
    moved = Subject.parse("shop.Paid")
    asked.do(SetMode(Scope.of(moved), "IMPORT"))
    disk.busy.clear()
    disk.others_wait.clear()
    named = RegisterSchema(moved, avro(record("b", name="Paid")), id=500)
    found = together(disk, asked, *registering(asked, "Free"), lambda: asked.do(named), lambda: two_days_later(asked))
    assert [type(one) for one in found[:2]] == [Version, WaiverNeeded]


@pytest.mark.parametrize("command", ["register", "set the mode"])
def test_a_waiver_that_ends_meanwhile_waives_nothing_though_nobody_else_wrote(
    command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = Asked()
    asked.do(PutDomain("shop", owner="team"))
    until = asked.registry.now() + timedelta(days=1)
    asked.do(GrantWaiver(WaiverKind.IMPORT, "shop", "a test", "ann", "bob", until))
    moved = Subject.parse("shop.Paid")
    setting = SetMode(Scope.of(moved), "IMPORT")
    if command == "register":
        asked.do(setting)
    before = asked.registry.state
    settle = asked.registry._writes._queue.settle

    def late(waiting: Waiting) -> Any:
        two_days_later(asked)
        return settle(waiting)

    monkeypatch.setattr(asked.registry._writes._queue, "settle", late)
    with pytest.raises(WaiverNeeded):
        asked.do(RegisterSchema(moved, avro(record("b", name="Paid")), id=500) if command == "register" else setting)
    assert asked.registry.state is before


def test_an_id_that_is_named_stays_whoever_is_first(disk: SlowDisk) -> None:
    asked = Asked(disk)
    disk.others_wait.set()
    moved = Subject.parse("Moved")
    asked.do(SetMode(Scope.of(moved), "IMPORT"))
    disk.busy.clear()
    disk.others_wait.clear()
    named = RegisterSchema(moved, avro(record("b")), id=500)
    together(disk, asked, *registering(asked, "shop.A"), lambda: asked.do(named))
    state = asked.registry.state
    assert [id for _, id in sorted(state.ids)] == [1, 500]
