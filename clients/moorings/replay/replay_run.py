"""Runs an archive through a reader, item by item, in memory that does not grow with the archive."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice

from moorings.replay.items import Archive, Cursor, Damage, Item, Tombstone
from moorings.replay.replay_reader import ReplayReader
from moorings.replay.state_file import ReplayState, StateFile
from moorings.replay.tally import Tally

SAVED_EVERY_S = 5.0
_CLOCK_EVERY = 256
"""Items between two looks at the clock."""

Progress = Callable[[int], None]
"""Called with the progress, in the archive's own unit."""


@dataclass(frozen=True, slots=True)
class ReplayResult:
    """The result. `complete`: the end of the archive was reached, rather than a limit or damage."""

    tally: Tally
    complete: bool
    resumed: bool


class Replay:
    """One archive, one reader."""

    def __init__(
        self,
        archive: Archive,
        reader: ReplayReader,
        *,
        state: StateFile | None = None,
        progress: Progress | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._archive = archive
        self._reader = reader
        self._state = state
        self._progress = progress or (lambda _done: None)
        self._clock = clock
        self._tally = Tally()
        self._cursor: Cursor | None = None
        self._done = 0
        self._saved_at = clock()

    def run(self, *, limit: int | None = None, stop_on_damage: bool = False) -> ReplayResult:
        """Read the archive from where the state file says to its end, or for *limit* items.

        However it ends, an interruption included, the state file says where to resume.

        Raises:
            ArchiveUnreadable: the archive can no longer be read.
            RegistryUnavailable: an unknown schema is needed, and the registry cannot be reached.
            SettingInvalid: the state file is that of another replay, or cannot be written.
        """
        standing = self._state.read() if self._state is not None else None
        if standing is not None:
            self._tally, self._cursor, self._done = standing.tally, standing.cursor, standing.done
        try:
            complete = self._go_through(limit, stop_on_damage=stop_on_damage)
        finally:
            self._save()
            self._progress(self._done)
        return ReplayResult(self._tally, complete, standing is not None)

    def _go_through(self, limit: int | None, *, stop_on_damage: bool) -> bool:
        items = self._archive.read(self._cursor)
        for number, item in enumerate(islice(items, limit), start=1):
            self._take(item)
            if number % _CLOCK_EVERY == 0:
                self._look_at_the_clock()
            if stop_on_damage and isinstance(item.content, Damage):
                return False
        return limit is None or next(items, None) is None

    def _take(self, item: Item) -> None:
        content = item.content
        if isinstance(content, Damage):
            self._tally.broken(item.place, content.reason)
        elif isinstance(content, Tombstone):
            self._tally.tombstones += 1
        else:
            outcome = self._reader.try_(content)
            if outcome.wrong:
                self._tally.failed(outcome.writer, item.place, outcome.wrong)
            else:
                self._tally.read(outcome.writer)
        self._cursor, self._done = item.cursor, item.done

    def _look_at_the_clock(self) -> None:
        self._progress(self._done)
        if self._clock() - self._saved_at >= SAVED_EVERY_S:
            self._save()

    def _save(self) -> None:
        self._saved_at = self._clock()
        if self._state is not None:
            self._state.write(ReplayState(self._cursor, self._done, self._tally))
