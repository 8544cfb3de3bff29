"""However a replay ends, its state says where to go on."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from moorings.errors import RegistryUnavailable, SettingInvalid
from moorings.replay import Replay, StateFile, Tally, Task, open_archive
from moorings.replay.replay_reader import EventOutcome
from moorings.replay.tally import MOST_FAILURES

TASK = Task("archive", "lines", "shop.orders.OrderPlaced", "1.0")


class Reading:
    """A reader that is interrupted at one event."""

    def __init__(self, error: BaseException | None = None, at: int = 0) -> None:
        self._error = error
        self._left = at

    def try_(self, _content: Any) -> EventOutcome:
        self._left -= 1
        if self._left == 0 and self._error is not None:
            raise self._error
        return EventOutcome("1.0", [] if self._left % 2 else [("/a", "TYPE_WRONG", "expected int")])


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    path = tmp_path / "archive"
    line = json.dumps({"payload": base64.b64encode(b"\0\0\0\0\1x").decode()})
    path.write_text(f"{line}\n" * 1000)
    return path


def run(archive: Path, state: StateFile, reading: Reading, **more: Any) -> Tally:
    opened = open_archive(str(archive))
    try:
        return Replay(opened, reading, state=state, **more).run().tally  # type: ignore[arg-type]  # a small fake
    finally:
        opened.close()


@pytest.mark.parametrize("error", [KeyboardInterrupt(), RegistryUnavailable("away", 1), ValueError("a bug")])
def test_a_resumed_replay_counts_every_event_exactly_once(archive: Path, tmp_path: Path, error: BaseException) -> None:
    state = StateFile(tmp_path / "state", TASK)
    with pytest.raises(type(error)):
        run(archive, state, Reading(error, at=301))
    standing = state.read()
    assert standing is not None
    assert standing.tally.events == 300
    assert run(archive, state, Reading()).events == 1000
    assert sorted(one.name for one in tmp_path.iterdir()) == ["archive", "state"]


def test_the_state_file_is_written_during_a_replay(archive: Path, tmp_path: Path) -> None:
    class Clock:
        now = 0.0

        def __call__(self) -> float:
            self.now += 10.0
            return self.now

    told: list[int] = []
    run(archive, StateFile(tmp_path / "state", TASK), Reading(), clock=Clock(), progress=told.append)
    assert told == sorted(told)
    assert len(told) == 1000 // 256 + 1
    assert told[-1] == archive.stat().st_size


def test_an_unwritable_state_file_is_an_error(archive: Path, tmp_path: Path) -> None:
    with pytest.raises(SettingInvalid, match="cannot be written"):
        run(archive, StateFile(tmp_path / "none" / "state", TASK), Reading())


def test_a_tally_is_read_back_from_json() -> None:
    tally = Tally(tombstones=2)
    tally.read("1.0")
    tally.failed("1.1", "line 3", [("/a", "TYPE_WRONG", "expected int"), ("", "KEYWORD", "x")])
    tally.broken("line 4", "no JSON")
    assert Tally.from_json(json.loads(json.dumps(tally.as_json()))) == tally


def test_a_tally_is_bounded() -> None:
    tally = Tally()
    for number in range(3 * MOST_FAILURES):
        tally.failed("1.0", f"line {number}", [(f"/f{number}", "TYPE_WRONG", "x")])
        tally.broken(f"line {number}", "x")
    assert len(tally.failures) == MOST_FAILURES + 1
    assert tally.failures["", "", "OTHER"].count == 2 * MOST_FAILURES
    assert (tally.unreadable, tally.damaged, len(tally.damages)) == (3 * MOST_FAILURES, 3 * MOST_FAILURES, 100)
