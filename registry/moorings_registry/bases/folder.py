"""The folder of the bases of a ledger: finding one that can be trusted, writing the next, removing what is old.

    base-LEDGER-FOLD-POSITION   a base: the first digits of the ledger's first digest, and of the version of the fold
    .writing-...                one that is being written, or whose writer ended before it
    writing                     who writes has this locked

Several ledgers may share a folder, several nodes, and several releases: a base is used by those who fold as it was
folded, and find its last entry in their ledger.
"""

import contextlib
import errno
import fcntl
import os
import re
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Protocol

import structlog

from moorings_registry.bases.codecs import MAPS, NotStorable
from moorings_registry.bases.file import SMALL_BYTES, BaseFile, BaseUnusable
from moorings_registry.bases.room import Room
from moorings_registry.bases.writing import write_base
from moorings_registry.entries import Entry, Head
from moorings_registry.ledger import Ledger, LedgerError, follow
from moorings_registry.state import State, apply

KEPT = 2
"""Bases that are kept: whoever has begun to open the one before the newest can."""
MOST_ENTRIES = 100_000
"""Entries that a writer folds before it writes them: it holds no more than those in memory."""
OTHERS_KEPT_S = 7 * 86_400
"""Seconds for which the bases of another release are kept, so that an upgrade can be taken back."""
_MARGIN = 1.1
"""By how much the next one may be larger than entries alone say."""
_DIGITS = 16
_NAME = re.compile(r"base-(?P<ledger>[0-9a-f]{16})-(?P<fold>[0-9a-f]{16})-(?P<position>[0-9]{1,15})", re.ASCII)
_TEMPORARY = ".writing-"

log = structlog.get_logger("moorings.bases")


class BaseObserver(Protocol):
    """Who hears what becomes of bases; safe from any thread."""

    def thrown_away(self) -> None:
        """A base could not be used, and was removed."""


class NoBaseObserver:
    """Counts nothing."""

    def thrown_away(self) -> None:
        """Nothing."""


@dataclass(frozen=True, slots=True)
class WrittenBase:
    """What a writer has done."""

    position: int
    size_bytes: int
    seconds: float


class BaseFolder:
    """The bases of *ledger* in the folder *path*, as the code *fold* writes and reads them; safe from any process."""

    def __init__(
        self,
        path: Path,
        ledger: Ledger,
        fold: str,
        *,
        small_bytes: int = SMALL_BYTES,
        most_bytes: int = 0,
        observer: BaseObserver | None = None,
    ) -> None:
        """Let all bases of the folder take at most *most_bytes*; 0: no bound but that of the disk."""
        self.path = path
        self._ledger = ledger
        self._fold = fold
        self._small_bytes = small_bytes
        self._room = Room(path, most_bytes)
        self._observer = observer or NoBaseObserver()
        self._identity = ""

    # Reading

    def newest_state(self, *, after: int = 0, at_most: int | None = None) -> State | None:
        """The state of the newest base beyond the position *after*, and not beyond *at_most*, that can be trusted."""
        opened = self._open(after, at_most)
        return opened[1] if opened else None

    def newest(self) -> tuple[int, float] | None:
        """The position of the newest base of the ledger, trusted or not, and the moment at which it was written.

        A folder of that name, and a file that may not be read, do not count.
        """
        for position, path in self._ours():
            with contextlib.suppress(OSError):
                if path.is_file() and os.access(path, os.R_OK):
                    return position, path.stat().st_mtime
        return None

    def _open(self, after: int = 0, at_most: int | None = None) -> tuple[BaseFile, State] | None:
        self._note_unreadable()
        for position, path in self._ours():
            if position > after and (at_most is None or position <= at_most):
                opened = self._trusted(path, position)
                if opened is not None:
                    return opened
        return None

    def _note_unreadable(self) -> None:
        """Log why nothing can be found in a folder that is there."""
        try:
            os.scandir(self.path).close()
        except FileNotFoundError:
            pass  # no base was written yet
        except OSError as error:
            log.warning("base_not_used", base=self.path.name, cause=str(error))

    def _trusted(self, path: Path, position: int) -> tuple[BaseFile, State] | None:
        """What is in *path*, if it is a base of the ledger; else it is removed, and the log says why."""
        try:
            file = BaseFile(path, self._fold)
            if file.header.position != position:
                raise BaseUnusable(f"it is of position {file.header.position}")
            self._require_in_ledger(file)
            return file, file.state(self._small_bytes)
        except BaseUnusable as error:
            log.warning("base_thrown_away", base=path.name, cause=str(error))
            self._observer.thrown_away()
            with contextlib.suppress(OSError):
                path.unlink()
        except (OSError, LedgerError) as error:
            log.warning("base_not_used", base=path.name, cause=str(error))
        return None

    def _require_in_ledger(self, file: BaseFile) -> None:
        """Pass where the ledger holds the entry that the base ends with: its digest vouches for all before it."""
        header = file.header
        entry = next(self._ledger.read(header.position - 1), None)
        if entry is None:
            raise BaseUnusable(f"the ledger ends before position {header.position}")
        if entry.head != Head(header.position, header.digest):
            raise BaseUnusable(f"the ledger holds another entry at position {header.position}")
        if header.ledger != self._known_identity():
            raise BaseUnusable("it is of another ledger")

    def _known_identity(self) -> str:
        """The digest of the first entry; empty while there is none, or it cannot be read."""
        if not self._identity:
            with contextlib.suppress(LedgerError):
                first = next(self._ledger.read(0), None)
                self._identity = first.digest if first else ""
        return self._identity

    def _ours(self) -> list[tuple[int, Path]]:
        """The bases of the ledger that this release wrote, by position, the newest first."""
        ours = (one for one in self._of_ledger() if one["fold"] == self._fold[:_DIGITS])
        return sorted(((int(one["position"]), self.path / one[0]) for one in ours), reverse=True)

    def _of_ledger(self) -> list[re.Match[str]]:
        """The names of the bases of the ledger, whoever wrote them."""
        identity = self._known_identity()
        try:
            names = [one for path in self.path.iterdir() if (one := _NAME.fullmatch(path.name))]
        except OSError:
            return []
        return [one for one in names if identity and one["ledger"] == identity[:_DIGITS]]

    # Writing

    def bring_up_to_date(self, *, least_entries: int = 1, most_entries: int = MOST_ENTRIES) -> WrittenBase | None:
        """Write a base of all that the ledger has, if *least_entries* have come since the newest one.

        None where too few have come, or somebody else is writing. After *most_entries* one is written in between.

        Raises:
            LedgerError: it cannot be read.
            NotStorable: the state holds what cannot be stored.
            OSError: the folder cannot be written, or there is no room; nothing half-written stays behind.
        """
        began = time.monotonic()
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        with self._alone() as alone:
            if not alone:
                return None
            self._remove_leftovers()
            opened = self._open()
            file, state = opened or (None, State())
            head = self._ledger.head()
            if head.position - state.position < least_entries:
                return None
            if file is not None:
                self._make_room(file, min(head.position, state.position + most_entries))
            entries = follow(self._ledger, Head(state.position, state.digest))
            size_bytes = 0
            while (further := _folded(state, entries, most_entries)).position > state.position:
                file, state, size_bytes = self._write(further, file)
        return WrittenBase(state.position, size_bytes, time.monotonic() - began)

    def _write(self, state: State, before: BaseFile | None) -> tuple[BaseFile, State, int]:
        """Write *state*, which was made of *before*, and open what was written."""
        identity = self._known_identity()
        path = self.path / f"base-{identity[:_DIGITS]}-{self._fold[:_DIGITS]}-{state.position}"
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, "A folder stands where the base would be", str(path))
        temporary = self.path / f"{_TEMPORARY}{os.getpid()}-{secrets.token_hex(8)}"
        try:
            size_bytes = write_base(temporary, state, ledger=identity, fold=self._fold, before=before, room=self._room)
            written = BaseFile(temporary, self._fold)
            read = written.state(self._small_bytes)
            _require_as_long(read, state)
            temporary.rename(path)
        except BaseException:
            with contextlib.suppress(OSError):
                temporary.unlink()
            raise
        self._sync()
        self._remove_old()
        return written, read, size_bytes

    def _make_room(self, before: BaseFile, position: int) -> None:
        """Remove bases that are kept besides *before*, the oldest first, while one of *position* would find no room.

        Raises:
            OSError: there is none then, either: not even for as much as *before* has.
        """
        expected_bytes = before.size_bytes * position // before.header.position * _MARGIN
        dispensable = [self.path / one[0] for one in self._of_ledger() if one[0] != before.path.name]
        dispensable.sort(key=_written_at)
        while dispensable and not self._room.has(int(expected_bytes)):
            with contextlib.suppress(OSError):
                dispensable.pop(0).unlink()
        self._room.require(before.size_bytes)

    def _sync(self) -> None:
        handle = os.open(self.path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

    def _remove_old(self) -> None:
        for _, path in self._ours()[KEPT:]:
            with contextlib.suppress(OSError):
                path.unlink()
        others = (self.path / one[0] for one in self._of_ledger() if one["fold"] != self._fold[:_DIGITS])
        for path in others:
            with contextlib.suppress(OSError):
                if time.time() - path.stat().st_mtime > OTHERS_KEPT_S:
                    path.unlink()

    def _remove_leftovers(self) -> None:
        """Remove what a writer that died has left; there is one writer at a time."""
        for path in self.path.glob(f"{_TEMPORARY}*"):
            with contextlib.suppress(OSError):
                path.unlink()

    @contextlib.contextmanager
    def _alone(self) -> Iterator[bool]:
        """Exclude every other process that writes to the folder; False, without waiting, while one does."""
        handle = os.open(self.path / "writing", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            try:
                fcntl.lockf(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                yield False
                return
            yield True
        finally:
            os.close(handle)


def _written_at(path: Path) -> float:
    with contextlib.suppress(OSError):
        return path.stat().st_mtime
    return 0.0


def _folded(state: State, entries: Iterator[Entry], most: int) -> State:
    return apply(state, islice(entries, most))


def _require_as_long(read: State, written: State) -> None:
    """Pass where every map has as many keys as what was written, and there are as many checks."""
    for name in (*MAPS, "checks"):
        if len(getattr(read, name)) != len(getattr(written, name)):
            raise NotStorable(f"{name}: {len(getattr(read, name))} of {len(getattr(written, name))} are read")
