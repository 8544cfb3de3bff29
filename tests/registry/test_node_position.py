"""The position of a node: one number that all its processes share."""

import multiprocessing
from pathlib import Path

from moorings_registry.node_position import NodePosition


def test_every_process_sees_an_announced_position(tmp_path: Path) -> None:
    first, second = NodePosition(tmp_path / "board"), NodePosition(tmp_path / "board")
    assert (first.position, second.position) == (0, 0)
    first.announce(256)
    assert second.position == 256
    second.announce(255)
    assert first.position == 256


def test_a_position_without_a_file_is_shared_with_forked_processes() -> None:
    node_position = NodePosition()
    child = multiprocessing.get_context("fork").Process(target=node_position.announce, args=(2**40,))
    child.start()
    child.join()
    assert (child.exitcode, node_position.position) == (0, 2**40)


def _announce(path: Path, numbers: range) -> None:
    node_position = NodePosition(path)
    for number in numbers:
        node_position.announce(number)


def _take_turns(path: Path, times: int) -> None:
    node_position, number = NodePosition(path / "board"), path / "number"
    for _ in range(times):
        with node_position.turn(), node_position.turn():
            number.write_text(str(int(number.read_text()) + 1))


def test_processes_take_turns(tmp_path: Path) -> None:
    (tmp_path / "number").write_text("0")
    context = multiprocessing.get_context("fork")
    workers = [context.Process(target=_take_turns, args=(tmp_path, 50)) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert (tmp_path / "number").read_text() == "200"


def test_the_highest_announced_position_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "board"
    node_position = NodePosition(path)
    context = multiprocessing.get_context("fork")
    workers = [context.Process(target=_announce, args=(path, range(hand, 4_000, 4))) for hand in range(4)]
    for worker in workers:
        worker.start()
    seen = []
    while any(worker.is_alive() for worker in workers):
        seen.append(node_position.position)
    assert seen == sorted(seen)
    assert node_position.position == 3_999
