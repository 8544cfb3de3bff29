"""The progress of a replay, in a file that is written whole or not at all, so that it can always resume."""

import contextlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from moorings.errors import SettingInvalid
from moorings.replay.items import Cursor
from moorings.replay.tally import Tally
from moorings.whole_files import write_whole

_FORMAT_VERSION = 1
_LARGEST_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Task:
    """What is replayed with which reader: a state file belongs to one task."""

    archive: str
    """`Archive.identity`."""
    kind: str
    event: str
    reader: str
    writer: str = ""


@dataclass(frozen=True, slots=True)
class ReplayState:
    """The progress of a task. `cursor` is None before its first item."""

    cursor: Cursor | None
    done: int
    tally: Tally


class StateFile:
    """The state file of one task."""

    def __init__(self, path: Path, task: Task) -> None:
        self._path = path
        self._task = {name: getattr(task, name) for name in Task.__slots__}

    def read(self) -> ReplayState | None:
        """Return the progress of the task; None if it has not begun.

        Raises:
            SettingInvalid: not a state file, or that of another replay.
        """
        try:
            if self._path.stat().st_size > _LARGEST_BYTES:
                raise SettingInvalid(f"not a state file of a replay: {self._path}")
            found = json.loads(self._path.read_bytes())
        except FileNotFoundError:
            return None
        except (OSError, ValueError, RecursionError):
            raise SettingInvalid(
                f"not a state file of a replay: {self._path}; name another file, or remove it"
            ) from None
        with contextlib.suppress(KeyError, TypeError, ValueError):
            if found["version"] == _FORMAT_VERSION:
                self._require_same(found["task"])
                return ReplayState(_cursor(found["cursor"]), int(found["done"]), Tally.from_json(found["tally"]))
        raise SettingInvalid(f"unsupported state file version: {self._path}; name another file, or remove it")

    def write(self, standing: ReplayState) -> None:
        """Write the progress of the task.

        Raises:
            SettingInvalid: the file cannot be written.
        """
        state = {
            "version": _FORMAT_VERSION,
            "task": self._task,
            "cursor": standing.cursor,
            "done": standing.done,
            "tally": standing.tally.as_json(),
        }
        try:
            write_whole(self._path, json.dumps(state, indent=1) + "\n")
        except OSError as error:
            raise SettingInvalid(f"{self._path} cannot be written: {error.strerror}") from None

    def _require_same(self, task: dict[str, Any]) -> None:
        for name, value in self._task.items():
            if task[name] != value:
                raise SettingInvalid(
                    f"{self._path} is the state file of a replay with another {name}: name another file, or remove it"
                )


def _cursor(found: Any) -> Cursor | None:
    if found is None:
        return None
    if not isinstance(found, dict) or not all(isinstance(one, int | str) for one in found.values()):
        raise ValueError
    return found
