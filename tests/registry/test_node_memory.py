"""The memory that a process shares with those it forks."""

import json
import multiprocessing
import os

import pytest

from moorings_registry.node_memory import NodeMemory


def test_a_forked_process_and_its_parent_see_what_either_writes() -> None:
    memory = NodeMemory(100)
    assert (memory.version, memory.read()) == (0, b"")

    def child() -> None:
        with memory.turn() as is_ours:
            assert is_ours
            memory.replace(b"of the child")

    process = multiprocessing.get_context("fork").Process(target=child)
    process.start()
    process.join()
    assert (process.exitcode, memory.version, memory.read()) == (0, 1, b"of the child")


def test_a_turn_excludes_other_processes_and_ends_with_its_own() -> None:
    memory = NodeMemory(100)
    begun, go = os.pipe()
    heard, say = os.pipe()

    def child() -> None:
        with memory.turn():
            os.write(say, b"x")
            os.read(begun, 1)
            os._exit(1)  # in the middle of its turn

    process = multiprocessing.get_context("fork").Process(target=child)
    process.start()
    os.read(heard, 1)
    with memory.turn() as is_ours:
        assert not is_ours
    os.write(go, b"x")
    process.join()
    with memory.turn() as is_ours:
        assert is_ours


def test_nobody_reads_half_a_value() -> None:
    memory = NodeMemory(4_000)

    def write() -> None:
        for number in range(3_000):
            with memory.turn():
                memory.replace(json.dumps([number] * (1 + number % 500)).encode())

    process = multiprocessing.get_context("fork").Process(target=write)
    process.start()
    seen = 0
    while process.is_alive():
        if memory.version:
            values = json.loads(memory.read())
            assert len(set(values)) == 1
            seen += 1
    assert seen


def test_a_value_that_does_not_fit_is_refused() -> None:
    memory = NodeMemory(10)
    with memory.turn(), pytest.raises(ValueError, match="do not fit"):
        memory.replace(b"x" * 11)
