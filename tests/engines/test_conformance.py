"""What every engine does, and does alike: order, compare-and-append, races, waiting, reading, forks."""

import multiprocessing
import os
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Event, Thread

import pytest

from moorings_registry.engines import open_ledger
from moorings_registry.entries import START, Entry, Head
from moorings_registry.ledger import HeadMoved, Ledger, LedgerMisconfigured, verify
from tests.engines.conftest import WAYS, empty_place
from tests.engines.places import Place
from tests.engines.samples import RECORDED_AT, append_all, append_next, chain, entry


@pytest.fixture(params=WAYS)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    """An empty store of each engine in turn, and of Redis behind a sentinel, whose appends wait for a replica."""
    yield from empty_place(request, tmp_path)


LONG_S = 30.0  # longer than any machine needs; nothing waits for it unless something is broken


def test_an_empty_ledger_ends_at_the_start(ledger: Ledger) -> None:
    assert ledger.head() == START
    assert list(ledger.read(0)) == []
    assert not ledger.wait(0, 0.0)


def test_entries_come_back_as_they_were_and_in_order(ledger: Ledger) -> None:
    entries = chain(5)
    append_all(ledger, entries)
    assert ledger.head() == entries[-1].head
    assert list(ledger.read(0)) == entries
    assert list(ledger.read(3)) == entries[3:]
    assert list(ledger.read(5)) == []


VALUES = [
    "",
    "plain",
    'quotes " and \\ and / and "digest":"x"',
    "line\nfeed\r\ttab \x00 \x1f \x7f",
    "Zoë, 注文, \u2028\u2029, \ufeff, \U0001f6a2",
    "'; DROP TABLE entries; --",
    None,
    True,
    0,
    -(2**53),
    2**53,
    [],
    {},
    {"nested": [{"deeper": [None, False, {"ключ": "значение"}]}]},
    {"digest": "0" * 64, "facts": [], "\U0001f6a2": 1, "\uffff": 2},
]


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_every_json_value_survives(ledger: Ledger, value: object) -> None:
    one = entry(START, value=value)
    ledger.append(one, after=START)
    assert list(ledger.read(0)) == [one]


def test_a_try_to_write_leaves_no_trace(place: Place) -> None:
    ledger, other = place.open(), place.open()
    ledger.require_writable()
    assert other.head() == START
    first = append_next(ledger, "one")
    for one in (ledger, other):
        one.require_writable()
    assert [one.digest for one in other.read(0)] == [first.digest]
    assert not other.wait(1, 0.01)
    append_next(other, "two")
    assert ledger.head().position == 2


def test_every_member_survives(ledger: Ledger) -> None:
    one = Entry.following(
        START,
        recorded_at=RECORDED_AT,
        actor='Zoë "the actor"',
        correlation_id="\U0001f6a2",
        facts=[{"first": 1}, {"second": 2}],
        idempotency_key="key-1",
    )
    ledger.append(one, after=START)
    (back,) = ledger.read(0)
    assert back == one
    assert back.facts == ({"first": 1}, {"second": 2})


def test_a_large_entry_survives_between_small_ones(ledger: Ledger) -> None:
    small = entry(START)
    large = entry(small.head, text="schema ⚓ " * 120_000)
    entries = [small, large, entry(large.head)]
    append_all(ledger, entries)
    assert len(large.to_line()) > 1024 * 1024
    assert list(ledger.read(0)) == entries


def test_more_entries_than_one_batch_come_back_in_order(ledger: Ledger) -> None:
    entries = chain(130, fact={"text": "x" * 20_000})  # 2.6 MB: engines read about one at a time
    append_all(ledger, entries)
    assert list(ledger.read(0)) == entries


def test_a_lost_race_changes_nothing(ledger: Ledger) -> None:
    winner, loser = entry(START, "winner"), entry(START, "loser")
    ledger.append(winner, after=START)
    with pytest.raises(HeadMoved) as lost:
        ledger.append(loser, after=START)
    assert lost.value.after == START
    assert list(ledger.read(0)) == [winner]
    after_loss = entry(winner.head)
    ledger.append(after_loss, after=winner.head)
    assert ledger.head() == after_loss.head


def test_several_entries_are_appended_together(ledger: Ledger) -> None:
    entries = chain(40)
    ledger.append(*entries[:1], after=START)
    ledger.append(*entries[1:], after=entries[0].head)
    assert ledger.head() == entries[-1].head
    assert list(ledger.read(0)) == entries


@pytest.mark.parametrize("there", [1, 2, 3])
def test_a_group_that_lost_its_race_leaves_nothing(there: int, ledger: Ledger) -> None:
    ours, theirs = chain(3, name="ours "), chain(there, name="theirs ")
    append_all(ledger, theirs)
    with pytest.raises(HeadMoved):
        ledger.append(*ours, after=START)
    assert list(ledger.read(0)) == theirs


def test_a_group_that_is_no_chain_is_a_mistake_of_the_caller(ledger: Ledger) -> None:
    first, _, third = chain(3)
    with pytest.raises(ValueError, match="cannot follow position 1"):
        ledger.append(first, third, after=START)
    with pytest.raises(ValueError, match="nothing to append"):
        ledger.append(after=START)
    assert ledger.head() == START


def test_a_reader_beside_groups_sees_whole_ones(place: Place) -> None:
    reader, writer = place.open(), place.open()
    done = Event()

    def write() -> None:
        head = START
        for number in range(30):
            group = chain(5, head, f"{number} ")
            writer.append(*group, after=head)
            head = group[-1].head
        done.set()

    writing = Thread(target=write)
    writing.start()
    while not done.is_set():
        assert reader.head().position % 5 == 0
    writing.join()
    assert verify(reader.read(0)).position == 150


def test_the_same_entry_is_not_appended_twice(ledger: Ledger) -> None:
    one = entry(START)
    ledger.append(one, after=START)
    with pytest.raises(HeadMoved):
        ledger.append(one, after=START)
    assert list(ledger.read(0)) == [one]


def test_the_digest_is_compared_and_not_the_position(ledger: Ledger) -> None:
    append_all(ledger, chain(2, name="this history "))
    elsewhere = chain(2, name="another history ")[-1].head
    with pytest.raises(HeadMoved):
        ledger.append(entry(elsewhere), after=elsewhere)
    assert ledger.head().position == 2


def test_a_head_beyond_the_end_is_a_lost_race(ledger: Ledger) -> None:
    beyond = Head(7, "a" * 64)
    with pytest.raises(HeadMoved):
        ledger.append(entry(beyond), after=beyond)
    assert ledger.head() == START


def test_an_entry_built_for_another_place_is_a_mistake_of_the_caller(ledger: Ledger) -> None:
    first = entry(START)
    ledger.append(first, after=START)
    for misplaced in (entry(Head(1, "b" * 64)), entry(Head(5, first.digest))):
        with pytest.raises(ValueError, match="cannot follow position 1"):
            ledger.append(misplaced, after=first.head)
    assert list(ledger.read(0)) == [first]


def test_waiting_ends_when_something_follows(place: Place) -> None:
    reader, writer = place.open(), place.open()
    woken: list[bool] = []
    waiting = Thread(target=lambda: woken.append(reader.wait(0, LONG_S)))
    waiting.start()
    append_next(writer, "news")
    waiting.join(LONG_S)
    assert woken == [True]


def test_waiting_for_what_is_there_already_ends_at_once(ledger: Ledger) -> None:
    append_all(ledger, chain(3))
    assert ledger.wait(0, LONG_S)
    assert ledger.wait(2, 0.0)
    assert not ledger.wait(3, 0.02)


def test_a_reader_sees_a_whole_beginning_while_others_append(place: Place) -> None:
    reader, writer = place.open(), place.open()
    append_all(writer, chain(10))
    reading = reader.read(0)
    seen = [next(reading)]
    for number in range(10):  # a suspended reader keeps nobody from writing
        append_next(writer, f"meanwhile {number}")
    seen.extend(reading)
    assert len(seen) >= 10
    assert verify(seen).position == len(seen)


def test_readers_beside_a_writer_never_see_half_an_entry(place: Place) -> None:
    reader, writer = place.open(), place.open()
    done = Event()

    def write() -> None:
        for number in range(100):
            append_next(writer, str(number))
        done.set()

    writing = Thread(target=write)
    writing.start()
    while not done.is_set():
        verify(reader.read(0))
    writing.join()
    assert verify(reader.read(0)).position == 100


def test_eight_writers_at_once_append_each_entry_once(place: Place) -> None:
    acknowledged = place.race(hands=8, each=20)
    stored = [one.digest for one in place.open().read(0)]
    assert sorted(acknowledged) == sorted(stored)
    assert verify(place.open().read(0)).position == 8 * 20


def test_threads_share_one_handle(ledger: Ledger) -> None:
    threads = [
        Thread(target=lambda hand=hand: [append_next(ledger, f"{hand}-{number}") for number in range(20)])
        for hand in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert verify(ledger.read(0)).position == 8 * 20


def test_a_ledger_opened_again_goes_on(place: Place) -> None:
    if place.engine == "memory":
        pytest.skip("a ledger in memory ends with its process")
    first = place.open()
    append_all(first, chain(3))
    head = first.head()
    first.close()
    again = place.open()
    assert again.head() == head
    append_next(again, "after reopening")
    assert verify(again.read(0)).position == 4


def test_two_handles_see_each_other_at_once(place: Place) -> None:
    one, other = place.open(), place.open()
    for number in range(5):
        appended = append_next(one if number % 2 else other, str(number))
        assert one.head() == other.head() == appended.head


def test_a_missing_ledger_is_not_created_without_create(place: Place) -> None:
    with pytest.raises(LedgerMisconfigured):
        open_ledger(place.url, create=False)
    ledger = place.open()
    append_next(ledger, "one")
    if place.engine != "memory":
        again = open_ledger(place.url, create=False)
        assert again.head() == ledger.head()
        again.close()


def _append_and_leave(ledger: Ledger, name: str) -> None:
    append_next(ledger, name)
    os._exit(0 if verify(ledger.read(0)).position else 1)


def test_a_forked_process_goes_on_with_the_handle_of_its_parent(place: Place) -> None:
    ledger = place.open()
    append_next(ledger, "before the fork")
    children = [
        multiprocessing.get_context("fork").Process(target=_append_and_leave, args=(ledger, f"child {number}"))
        for number in range(4)
    ]
    for child in children:
        child.start()
    append_next(ledger, "parent")
    for child in children:
        child.join(LONG_S)
    assert [child.exitcode for child in children] == [0, 0, 0, 0]
    expected = 2 if place.engine == "memory" else 6  # a forked memory ledger is a copy
    assert verify(ledger.read(0)).position == expected


def test_a_fork_amid_the_appends_of_a_thread_neither_hangs_nor_loses(place: Place) -> None:
    ledger = place.open()
    stop = Event()
    written: list[Entry] = []

    def write() -> None:
        while not stop.is_set():
            written.append(append_next(ledger, f"thread {len(written)}"))
            time.sleep(0.001)  # leaves the history short enough for every child to verify

    writing = Thread(target=write)
    writing.start()
    try:
        for number in range(8):
            child = multiprocessing.get_context("fork").Process(target=_append_and_leave, args=(ledger, f"c{number}"))
            child.start()
            child.join(LONG_S)
            assert child.exitcode == 0
    finally:
        stop.set()
        writing.join()
    stored = {one.digest for one in ledger.read(0)}
    assert stored.issuperset(one.digest for one in written)
    expected = len(written) + (0 if place.engine == "memory" else 8)
    assert verify(ledger.read(0)).position == expected
