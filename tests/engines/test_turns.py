"""Turns: one at a time, never for long, and never in the way of a writer."""

import multiprocessing
import time
from pathlib import Path
from threading import Event, Thread

import pytest

from moorings_registry.ledger import Ledger, verify
from moorings_registry.ledger.turns import Turns
from tests.engines.places import Place
from tests.engines.samples import append_next

LONG_S = 600.0  # longer than a test may take: whoever waits in vain fails


def test_turns_come_one_after_the_other(tmp_path: Path) -> None:
    inside = 0
    overlaps: list[int] = []

    def work() -> None:
        nonlocal inside
        turns = Turns(tmp_path / "turn", LONG_S)
        for _ in range(20):
            with turns.turn():
                inside += 1
                time.sleep(0.0005)
                overlaps.append(inside)
                inside -= 1

    threads = [Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert overlaps == [1] * 80


def hold(file: Path, held: Event, until: Event) -> None:
    """Take a turn and keep it."""
    with Turns(file).turn():
        held.set()
        until.wait(LONG_S)


def test_a_turn_that_does_not_come_is_taken(tmp_path: Path) -> None:
    held, until = Event(), Event()
    holder = Thread(target=hold, args=(tmp_path / "turn", held, until))
    holder.start()
    held.wait(LONG_S)
    impatient = Turns(tmp_path / "turn", 0.02)
    taken = 0
    for _ in range(3):
        with impatient.turn():
            taken += 1
    assert taken == 3
    assert holder.is_alive()
    until.set()
    holder.join()
    with Turns(tmp_path / "turn", LONG_S).turn():  # nobody who gave up is in the way
        assert not holder.is_alive()


def test_a_killed_process_leaves_the_queue(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    held, until = context.Event(), context.Event()
    holder = context.Process(target=hold, args=(tmp_path / "turn", held, until))
    holder.start()
    assert held.wait(LONG_S)
    holder.kill()
    with Turns(tmp_path / "turn", LONG_S).turn():
        holder.join()
    assert holder.exitcode == -9


def test_a_turn_ends_although_a_forked_process_lives_on(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    stop = context.Event()
    with Turns(tmp_path / "turn").turn():
        child = context.Process(target=stop.wait, args=(LONG_S,))
        child.start()
    with Turns(tmp_path / "turn", LONG_S).turn():
        assert child.is_alive()
    stop.set()
    child.join()


def test_where_nobody_can_queue_everybody_goes_on(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    went_on = False
    with Turns(tmp_path / "file" / "turn").turn():
        went_on = True
    assert went_on


def test_an_error_inside_a_turn_ends_it(tmp_path: Path) -> None:
    turns = Turns(tmp_path / "turn", LONG_S)
    with pytest.raises(KeyError), turns.turn():
        raise KeyError
    with turns.turn():
        assert (tmp_path / "turn").exists()


def test_writers_that_queue_append_each_entry_once(place: Place) -> None:
    handles = [place.open() for _ in range(4)]

    def write(ledger: Ledger, hand: int) -> None:
        for number in range(10):
            with ledger.turn():
                append_next(ledger, f"{hand}-{number}")

    threads = [Thread(target=write, args=(ledger, hand)) for hand, ledger in enumerate(handles)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert verify(handles[0].read(0)).position == 40
    assert len({one.correlation_id for one in handles[0].read(0)}) == 40
