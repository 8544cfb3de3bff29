"""The service: catch up, decide, append, apply; races, repeated requests, and a ledger that is not there."""

import errno
import itertools
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from moorings_registry.callers import Caller
from moorings_registry.commands import (
    DeleteSubject,
    DeleteVersion,
    PutDomain,
    RegisterSchema,
    SetConfig,
    SetMajorLifecycle,
)
from moorings_registry.engines import open_ledger
from moorings_registry.entries import START, Entry, Head
from moorings_registry.errors import (
    IdempotencyKeyReused,
    LedgerHistoryLost,
    LedgerUnavailable,
    MetadataInvalid,
    PositionAhead,
    Refusal,
    SchemaIncompatible,
    SchemaLimitExceeded,
    SubjectNotFound,
)
from moorings_registry.ledger import verify
from moorings_registry.ledger.memory import MemoryLedger
from moorings_registry.names import REGISTRY_SCOPE, Subject
from moorings_registry.node_position import NodePosition
from moorings_registry.principals import Principal
from moorings_registry.state import MajorState, State, apply
from tests.registry.asking import PLACED, Asked, avro, record, require_facts_as_described
from tests.registry.faulty_ledger import FaultyLedger


@pytest.fixture
def ledger() -> Iterator[FaultyLedger]:
    faulty = FaultyLedger(MemoryLedger())
    yield faulty
    faulty.reads_fail = False
    require_facts_as_described(faulty)


def keyed(request: str = "one", key: str = "k", principal: str = "local") -> Caller:
    return Caller(Principal(principal), "c", key, request)


# Two services on one ledger: a node each, so neither hears of the other's writes before it asks.


def test_a_lost_race_is_decided_again(ledger: FaultyLedger) -> None:
    mine, other = Asked(ledger), Asked(ledger.inner)
    ledger.before_append = lambda: other.register(record("a", b=0)) and None
    mine.registry.catch_up()
    version = mine.register(record("a"))
    assert (version.number, mine.registry.state) == (2, apply(State(), ledger.read(0)))


def test_the_same_schema_at_once_is_one_version(ledger: FaultyLedger) -> None:
    mine, other = Asked(ledger), Asked(ledger.inner)
    ledger.before_append = lambda: other.register(record("a")) and None
    assert mine.register(record("a")).number == 1
    assert ledger.head().position == 1


def test_a_race_may_end_in_a_refusal(ledger: FaultyLedger) -> None:
    mine, other = Asked(ledger), Asked(ledger.inner)
    ledger.before_append = lambda: other.register(record("z")) and None
    with pytest.raises(SchemaIncompatible):
        mine.register(record("a"))
    assert mine.facts[-1] == "SchemaRefused"


def test_a_refusal_is_answered_only_on_the_newest_state(ledger: FaultyLedger) -> None:
    mine, other = Asked(ledger), Asked(ledger.inner)
    other.register(record("a"))
    assert mine.do(DeleteSubject(PLACED)).versions == (1,)


def test_threads_of_one_service_never_lose_a_version() -> None:
    asked = Asked()
    texts = [record("a", **{f"f{number}": 0}) for number in range(40)]
    with ThreadPoolExecutor(8) as threads:
        versions = list(threads.map(asked.register, texts))
    assert sorted(one.number for one in versions) == list(range(1, 41))
    assert verify(asked.ledger.read(0)).position == asked.registry.state.position == 40


def test_threads_that_register_the_same_agree() -> None:
    asked = Asked()
    together = threading.Barrier(8)

    def register(_hand: int) -> int:
        together.wait()
        return asked.register(record("a")).number

    with ThreadPoolExecutor(8) as threads:
        assert set(threads.map(register, range(8))) == {1}
    assert asked.ledger.head().position == 1


def test_readers_see_whole_entries_while_writers_write() -> None:
    asked = Asked()
    done = threading.Event()

    def write() -> None:
        for number in range(50):
            asked.register(record("a", **{f"f{number}": 0}), f"s{number}")
        done.set()

    thread = threading.Thread(target=write)
    thread.start()
    seen = set()
    while not done.is_set() or not seen:
        state = asked.registry.state
        assert len(state.subjects) == len(state.definitions) == len(state.checks) == state.position
        seen.add(state.position)
    thread.join()


def test_a_command_without_effect_is_answered_only_on_the_newest_state(ledger: FaultyLedger) -> None:
    mine, other = Asked(ledger), Asked(ledger.inner)
    mine.do(PutDomain("shop", "a"))
    other.do(PutDomain("shop", "b"))
    mine.do(PutDomain("shop", "a"))
    assert other.registry.catch_up().domains["shop"].owner == "a"


# Idempotency keys.


def test_the_same_key_gives_the_first_answer_again(asked: Asked) -> None:
    command = RegisterSchema(PLACED, avro(record("a")))
    first = asked.do(command, keyed())
    asked.do(DeleteSubject(PLACED))
    assert asked.do(command, keyed()) == first
    assert first.created
    assert asked.registry.state.subjects[PLACED].latest is None  # it was answered, not done again


@pytest.mark.parametrize(
    "command",
    [
        PutDomain("shop", "team"),
        RegisterSchema(PLACED, avro(record("a", b=0))),
        DeleteVersion(PLACED, "latest"),
        DeleteSubject(PLACED),
        SetConfig(REGISTRY_SCOPE, {"compatibility": "NONE"}),
        SetMajorLifecycle(PLACED, 1, MajorState.RETIRED),
    ],
    ids=lambda command: type(command).__name__,
)
def test_every_command_answers_again_without_a_trace(command: object, asked: Asked) -> None:
    asked.register(record("a"))
    first = asked.do(command, keyed())  # type: ignore[arg-type]  # each is a command
    position = asked.registry.state.position
    assert asked.do(command, keyed()) == first  # type: ignore[arg-type]
    assert asked.registry.state.position == position


def test_the_same_key_gives_the_first_refusal_again(asked: Asked) -> None:
    asked.register(record("a"))
    with pytest.raises(SchemaIncompatible) as first:
        asked.register(record("z"), idempotency_key="k", request_digest="one")
    asked.do(SetConfig(REGISTRY_SCOPE, {"compatibility": "NONE"}))
    with pytest.raises(SchemaIncompatible) as again:
        asked.register(record("z"), idempotency_key="k", request_digest="one")
    assert (again.value.report_id, str(again.value)) == (first.value.report_id, str(first.value))
    for permanent in (False, True):
        asked.do(DeleteSubject(PLACED, permanent))
    with pytest.raises(SchemaIncompatible, match="permanently deleted"):
        asked.register(record("z"), idempotency_key="k", request_digest="one")


def test_a_key_with_another_request_is_refused(asked: Asked) -> None:
    asked.do(PutDomain("shop", "team"), keyed("one"))
    with pytest.raises(IdempotencyKeyReused):
        asked.do(PutDomain("shop", "other"), keyed("two"))


def test_principals_do_not_share_idempotency_keys(asked: Asked) -> None:
    asked.do(PutDomain("shop", "team"), keyed("one"))
    asked.do(PutDomain("shop", "other"), keyed("two", principal="somebody"))
    assert asked.registry.state.domains["shop"].owner == "other"


def test_keys_outlive_the_process_and_stand_in_the_ledger_unreadable(asked: Asked) -> None:
    command = RegisterSchema(PLACED, avro(record("a")))
    asked.do(command, keyed(key="order-4711"))
    assert "order-4711" not in str(next(asked.ledger.read(0)))
    assert Asked(asked.ledger).do(command, keyed(key="order-4711")).created


def test_a_key_sent_to_two_nodes_concurrently_is_carried_out_once(ledger: FaultyLedger) -> None:
    mine, other = Asked(ledger), Asked(ledger.inner)
    command = DeleteVersion(PLACED, "latest")
    other.register(record("a"))
    other.register(record("a", b=0))
    mine.registry.catch_up()
    ledger.before_append = lambda: other.do(command, keyed()) and None
    assert mine.do(command, keyed()).versions == (2,)
    assert mine.facts.count("VersionsSoftDeleted") == 1


def test_an_old_position_leads_to_no_older_state_than_none(ledger: FaultyLedger, tmp_path: Path) -> None:
    """Callers send the newest position that they know; another worker of the node may have acknowledged more."""
    node_position = NodePosition(tmp_path / "board")
    mine, other = Asked(ledger, node_position=node_position), Asked(ledger.inner, node_position=node_position)
    mine.register(record("a"))
    other.register(record("a", b=0))
    assert mine.registry.state_at_least(1).position == 2
    other.register(record("a", c=0))
    ledger.reads_fail = True
    assert mine.registry.state_at_least(1).position == 2
    with pytest.raises(LedgerUnavailable):
        mine.registry.state_at_least(3)


# A ledger that is away.


def test_reads_go_on_while_the_ledger_is_away(ledger: FaultyLedger, tmp_path: Path) -> None:
    node_position = NodePosition(tmp_path / "board")
    mine, other = Asked(ledger, node_position=node_position), Asked(ledger.inner, node_position=node_position)
    mine.register(record("a"))
    ledger.reads_fail = True
    other.register(record("a", b=0))
    assert len(mine.registry.state.subjects[PLACED].versions) == 1
    asked = ledger.asked
    for _ in range(100):
        assert mine.registry.state.position == 1
    assert ledger.asked == asked  # nobody waits for it again and again
    ledger.reads_fail = False
    assert mine.registry.catch_up().position == 2
    assert mine.registry.state.position == 2


def test_a_registered_schema_is_found_while_the_ledger_is_unavailable(ledger: FaultyLedger) -> None:
    asked = Asked(ledger)
    asked.do(PutDomain("shop", "team"))
    version = asked.register(record("a"))
    ledger.reads_fail = ledger.appends_fail = True
    assert asked.register(record("a")) == version
    with pytest.raises(LedgerUnavailable):
        asked.do(PutDomain("shop", "team"))


def test_writes_that_cannot_be_stored_say_so_and_leave_nothing(ledger: FaultyLedger) -> None:
    asked = Asked(ledger)
    ledger.appends_fail = True
    with pytest.raises(LedgerUnavailable, match="nothing of this request was stored"):
        asked.register(record("a"))
    assert asked.registry.state.position == 0
    ledger.appends_fail = False
    assert asked.register(record("a")).number == 1


def test_writers_that_queued_behind_one_that_failed_fail_with_it(ledger: FaultyLedger) -> None:
    asked = Asked(ledger)
    ledger.appends_fail = True
    ledger.before_append = lambda: time.sleep(0.3)
    together = threading.Barrier(6)

    def write(number: int) -> str:
        together.wait()
        try:
            asked.register(record("a"), f"s{number}")
        except LedgerUnavailable:
            return "refused"
        return "written"

    with ThreadPoolExecutor(6) as threads:
        assert set(threads.map(write, range(6))) == {"refused"}
    assert ledger.appends < 6
    ledger.appends_fail = False
    assert asked.register(record("a")).number == 1


def test_a_write_whose_answer_was_lost_is_in_doubt_and_done_once(ledger: FaultyLedger) -> None:
    asked = Asked(ledger)
    ledger.confirms_nothing = True
    with pytest.raises(LedgerUnavailable, match="may or may not"):
        asked.register(record("a"), idempotency_key="k", request_digest="d")
    ledger.confirms_nothing = False
    assert asked.register(record("a"), idempotency_key="k", request_digest="d").number == 1
    assert ledger.head().position == 1


@pytest.mark.parametrize("longer", [False, True])
def test_a_ledger_that_went_back_is_noticed_and_not_appended_to(longer: bool, ledger: FaultyLedger) -> None:
    asked = Asked(ledger)
    for number in range(3):
        asked.register(record("a"), f"s{number}")
    older = Asked()
    for number in range(5 if longer else 1):
        older.register(record("b"), f"s{number}")
    ledger.inner = older.ledger
    with pytest.raises(LedgerHistoryLost):
        asked.register(record("c"))
    with pytest.raises(LedgerHistoryLost):
        asked.register(record("a"), "s2")  # its id may be another schema's by now
    assert len(asked.registry.state.subjects) == 3
    assert older.ledger.head().position == (5 if longer else 1)


@pytest.mark.parametrize("length", [0, 1, 3])
def test_a_key_whose_entry_was_lost_is_not_answered_from_another_history(length: int, ledger: FaultyLedger) -> None:
    asked, other = Asked(ledger), Asked()
    first = asked.registry.execute(RegisterSchema(PLACED, avro(record("a"))), keyed())[0].existing_version
    for number in range(length):
        other.register(record("b"), f"s{number}")
    mine, ledger.inner = ledger.inner, other.ledger
    with pytest.raises(LedgerHistoryLost):
        asked.registry.execute(RegisterSchema(PLACED, avro(record("a"))), keyed())
    with pytest.raises(LedgerHistoryLost):
        list(asked.registry.entries(0))
    assert other.ledger.head().position == length
    ledger.inner = mine  # the newest copy was restored
    asked.registry.catch_up()
    assert asked.registry.execute(RegisterSchema(PLACED, avro(record("a"))), keyed())[0].existing_version == first


def test_a_young_worker_notices_what_its_node_has_acknowledged(tmp_path: Path) -> None:
    """A worker that was just started has read nothing that could contradict an older copy of the ledger."""
    asked = Asked(node_position=NodePosition(tmp_path / "board"))
    asked.register(record("a"), "s1")
    copy = MemoryLedger()
    first = next(asked.ledger.read(0))
    asked.register(record("a"), "s2")
    copy.append(first, after=START)
    with pytest.raises(LedgerUnavailable):
        Asked(copy, node_position=NodePosition(tmp_path / "board"))


class HeldLedger(FaultyLedger):
    """One that keeps whoever asks for its head waiting until it is let go."""

    def __init__(self, inner: MemoryLedger) -> None:
        super().__init__(inner)
        self.is_asked = threading.Event()
        self.is_let_go = threading.Event()

    def head(self) -> Head:
        self.is_asked.set()
        self.is_let_go.wait(10)
        return super().head()


def test_readers_who_are_behind_at_once_read_the_ledger_once(tmp_path: Path) -> None:
    """Each read of its own would make all others wait, for what the first one has brought already."""
    board = tmp_path / "board"
    held = HeldLedger(MemoryLedger())
    held.is_let_go.set()
    reader = Asked(held, node_position=NodePosition(board))
    Asked(held, node_position=NodePosition(board)).register(record("a"), "s1")
    held.is_asked.clear()
    held.is_let_go.clear()
    held.asked = 0
    with ThreadPoolExecutor(4) as readers:
        found = [readers.submit(lambda: reader.registry.state.position) for _ in range(4)]
        assert held.is_asked.wait(10)
        time.sleep(0.05)  # the others come meanwhile; one that comes later is not behind
        held.is_let_go.set()
        assert [one.result() for one in found] == [1] * 4
    assert held.asked == 1


def test_a_fact_of_a_newer_release_stops_writing_and_not_reading(ledger: FaultyLedger) -> None:
    asked = Asked(ledger)
    asked.register(record("a"))
    state = asked.registry.state
    newer = Entry.following(
        ledger.head(),
        recorded_at="2026-11-22T10:00:00.000000Z",
        actor="a",
        correlation_id="",
        facts=[{"fact": "New", "v": 1}],
    )
    ledger.append(newer, after=ledger.head())
    with pytest.raises(LedgerUnavailable):
        asked.register(record("b", name="Other"), "s")
    assert asked.registry.state is state
    ledger.inner = MemoryLedger()


def test_keeping_up_sees_what_other_nodes_write_and_survives_an_absence(ledger: FaultyLedger) -> None:
    mine, other = Asked(ledger), Asked(ledger.inner)
    stop = threading.Event()
    thread = threading.Thread(target=mine.registry.keep_up, args=(stop, 0.01))
    thread.start()
    try:
        for number, away in enumerate(itertools.islice(itertools.cycle((False, True)), 4), start=1):
            ledger.reads_fail = away
            other.register(record("a"), f"s{number}")
            ledger.reads_fail = False
            assert comes_to(mine, number)
    finally:
        stop.set()
        thread.join()


class SilentLedger(FaultyLedger):
    """Tells nobody of its news who waits for them."""

    def wait(self, after: int, timeout_s: float) -> bool:
        time.sleep(timeout_s)
        return False


def test_keeping_up_with_the_writers_of_its_node_needs_no_word_of_the_ledger() -> None:
    ledger, node_position = SilentLedger(MemoryLedger()), NodePosition()
    mine, writing = (Asked(ledger, node_position=node_position) for _ in range(2))
    stop = threading.Event()
    thread = threading.Thread(target=mine.registry.keep_up, args=(stop, 0.01))
    thread.start()
    try:
        for number in (1, 2):
            writing.register(record("a"), f"s{number}")
            assert comes_to(mine, number)
    finally:
        stop.set()
        thread.join()


def comes_to(asked: Asked, position: int) -> bool:
    """Whether a service has heard of *position* within ten seconds."""
    patience = threading.Event()
    return any(asked.registry.known.position == position or patience.wait(0.01) for _ in range(1_000))


# Positions, and what the ledger cannot hold.


class NoFiles(FaultyLedger):
    """Cannot open a file when it is waited for first."""

    failed = False

    def wait(self, after: int, timeout_s: float) -> bool:
        if not self.failed:
            self.failed = True
            raise OSError(errno.EMFILE, "Too many open files")
        return super().wait(after, timeout_s)


def test_keeping_up_survives_what_nobody_foresaw() -> None:
    ledger = NoFiles(MemoryLedger())
    mine, other, stop = Asked(ledger), Asked(ledger.inner), threading.Event()
    following = threading.Thread(target=mine.registry.keep_up, args=(stop, 0.01))
    following.start()
    other.register(record("a"))
    deadline = time.monotonic() + 20
    while mine.registry.known.position < 1 and time.monotonic() < deadline:
        time.sleep(0.01)
    stop.set()
    following.join()
    assert ledger.failed
    assert mine.registry.known.position == 1


def test_a_position_is_waited_for_in_the_ledger(ledger: FaultyLedger) -> None:
    mine, other = Asked(ledger), Asked(ledger.inner)
    other.register(record("a"))
    assert mine.registry.state.position == 0
    assert mine.registry.state_at_least(1).position == 1
    with pytest.raises(PositionAhead):
        mine.registry.state_at_least(2)
    with pytest.raises(PositionAhead):
        mine.registry.entry(2)


@pytest.mark.parametrize(
    ("config", "refusal"),
    [
        ({"x": 1.5}, MetadataInvalid),
        ({"x": 2**60}, MetadataInvalid),
        ({"x": "\ud800"}, MetadataInvalid),
        ({"x": "y" * (16 * 1024 * 1024)}, SchemaLimitExceeded),
    ],
    ids=["a fraction", "a huge number", "half a character", "too much"],
)
def test_a_value_that_the_ledger_cannot_store_is_refused(
    config: dict[str, object], refusal: type[Refusal], asked: Asked
) -> None:
    with pytest.raises(refusal) as refused:
        asked.do(SetConfig(REGISTRY_SCOPE, config))
    assert len(str(refused.value)) < 500
    assert asked.registry.state.position == 0


def test_one_answer_for_what_is_unknown_everywhere(asked: Asked) -> None:
    with pytest.raises(SubjectNotFound):
        asked.do(DeleteSubject(Subject.parse("nowhere")))


def test_processes_that_share_a_file_agree(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/l.db"
    nodes = [Asked(open_ledger(url)) for _ in range(3)]
    for number, node in zip(range(9), itertools.cycle(nodes), strict=False):
        node.register(record("a"), f"s{number}")
    states = [node.registry.catch_up() for node in nodes]
    assert states[0] == states[1] == states[2]
