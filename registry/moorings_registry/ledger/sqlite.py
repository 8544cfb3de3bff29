"""The ledger in one SQLite file: the embedded default.

Write-ahead log, `synchronous=FULL`: an append returns after the disk has synced it. Any number of processes on one
machine may append; readers and writers never wait for each other.
"""

import random
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TypeVar

from moorings_registry.entries import START, Entry, Head
from moorings_registry.ledger import sqlite_file
from moorings_registry.ledger.chain import require_chain
from moorings_registry.ledger.connections import Connections
from moorings_registry.ledger.errors import HeadMoved, LedgerUnavailable
from moorings_registry.ledger.file_watch import FileWatch, FileWatches
from moorings_registry.ledger.port import UNBOUNDED
from moorings_registry.ledger.rows import Row, entries_of
from moorings_registry.ledger.sqlite_errors import FAILURES, THE_FILE, ledger_error, primary_code

T = TypeVar("T")

_HEAD = "SELECT position, ifnull(CAST(digest AS BLOB), x'') FROM entries ORDER BY position DESC LIMIT 1"
_READ = (  # bytes, whatever a damaged file may hold there
    "SELECT position, ifnull(CAST(digest AS BLOB), x''), ifnull(CAST(line AS BLOB), x'')"
    " FROM entries WHERE position > ? ORDER BY position"
)
_APPEND = "INSERT INTO entries (position, digest, line) VALUES (?, ?, ?)"

_FIRST_BATCH_BYTES = 16 * 1024  # a group that others wrote, or one entry; those who continue get larger batches
_BATCH_BYTES = 1024 * 1024
_LONGEST_REST_S = 1.0
"""Seconds after which the head is asked for although nothing was written, as far as was reported."""
_AFTER_WRITE_S = (0.0002, 0.0003, 0.0005, *(0.001,) * 9, *(0.002,) * 20, *(0.005,) * 10)
"""Pauses between looks for an entry whose log was written and is being synced."""
_LOCK_POLL_S = (0.0002, 0.001)


class SqliteLedger:
    """Entries as rows of one table; see `sqlite_file` for the layout."""

    largest_append_bytes = UNBOUNDED

    def __init__(self, path: Path, *, busy_timeout_s: float = 5.0) -> None:
        """Open *path*, made where it is missing; an append waits up to *busy_timeout_s* for other writers.

        Raises:
            LedgerMisconfigured, LedgerUnavailable, LedgerCorrupt: the file cannot be a ledger, or not now.
        """
        self._path = path.absolute()
        self._busy_timeout_s = busy_timeout_s
        self._patience = f"PRAGMA busy_timeout = {int(busy_timeout_s * 1000)}"
        try:
            sqlite_file.prepare(self._path, busy_timeout_s)
        except FAILURES as error:
            raise ledger_error(error, str(path)) from error
        self._inode = self._path.stat().st_ino
        self._log_watches = FileWatches(self._path.with_name(f"{self._path.name}-wal"))
        self._connections = Connections(partial(sqlite_file.connect, self._path, busy_timeout_s))

    def head(self) -> Head:
        """Return where the history ends now."""
        return self._using(_head)

    def append(self, *entries: Entry, after: Head) -> None:
        """Add *entries* behind *after* in one transaction; see `Ledger.append`."""
        require_chain(entries, after)
        self._require_same_file()
        self._using(partial(self._append, entries, after))

    def require_writable(self) -> None:
        """Write a page of the file as it is, and sync it; see `Ledger.require_writable`."""
        self._require_same_file()
        self._using(self._touch)

    def read(self, after: int) -> Iterator[Entry]:
        """Yield the entries that follow position *after*, oldest first."""
        return entries_of(self._rows(after), after)

    def wait(self, after: int, timeout_s: float) -> bool:
        """Block until an entry follows position *after*, or *timeout_s* seconds have passed."""
        deadline = time.monotonic() + timeout_s
        log = self._log_watches.mine()
        while not self._has_followed(after, log):
            left_s = deadline - time.monotonic()
            if left_s <= 0:
                return False
            # The log is written before the entry in it can be read.
            if log.wait(min(_LONGEST_REST_S, left_s)) and self._follows_soon(after, log, deadline):
                return True
        return True

    def close(self) -> None:
        """Close the file."""
        self._connections.close()

    def _has_followed(self, after: int, log: FileWatch) -> bool:
        """Whether an entry follows *after*; of those that come later, *log* tells."""
        armed = log.arm()
        if self.head().position > after:
            return True
        # The log is made by the first connection, and again after the last one was closed.
        return not armed and log.arm() and self.head().position > after

    def _follows_soon(self, after: int, log: FileWatch, deadline: float) -> bool:
        """Ask a few times, at growing distances that each write to the log begins again."""
        pauses = iter(_AFTER_WRITE_S)
        while (pause_s := next(pauses, None)) is not None and time.monotonic() < deadline:
            if self.head().position > after:
                return True
            time.sleep(pause_s)
            if log.wait(0):
                pauses = iter(_AFTER_WRITE_S)
        return False

    def _using(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Do *work* with a connection of its own; its SQLite errors become the ledger's."""
        try:
            connection = self._connections.take()
        except FAILURES as error:
            raise ledger_error(error, str(self._path)) from error
        try:
            result = work(connection)
        except HeadMoved:
            self._connections.give_back(connection)
            raise
        except BaseException as error:
            self._connections.drop(connection)  # with whatever it was inside of
            if isinstance(error, FAILURES):
                raise ledger_error(error, str(self._path)) from error
            raise
        self._connections.give_back(connection)
        return result

    def _append(self, entries: Sequence[Entry], after: Head, connection: sqlite3.Connection) -> None:
        rows = [(one.position, one.digest, one.to_line().decode()) for one in entries]
        self._begin(connection, after)
        if _head(connection) != after:
            connection.execute("ROLLBACK")
            raise HeadMoved(after)
        connection.executemany(_APPEND, rows)
        try:
            connection.execute("COMMIT")
        except sqlite3.Error as error:
            # The log may hold the whole entry although its sync failed; only a restart would show.
            raise ledger_error(error, str(self._path), in_doubt=True) from error

    def _touch(self, connection: sqlite3.Connection) -> None:
        deadline = time.monotonic() + self._busy_timeout_s
        while not self._begun(connection):
            self._require_patience(deadline)
        layout = connection.execute("PRAGMA user_version").fetchone()[0]  # perhaps that of a newer release
        connection.execute(f"PRAGMA user_version = {layout}")  # the same again: SQLite writes its page nevertheless
        connection.execute("COMMIT")

    def _begin(self, connection: sqlite3.Connection, after: Head) -> None:
        """Take the write lock, or find while queueing for it that the race is lost already."""
        deadline = time.monotonic() + self._busy_timeout_s
        while not self._begun(connection):
            if _head(connection) != after:
                raise HeadMoved(after)
            self._require_patience(deadline)

    def _require_patience(self, deadline: float) -> None:
        """Pass after a short pause, until *deadline*.

        Raises:
            LedgerUnavailable: it has passed.
        """
        if time.monotonic() > deadline:
            reason = "another process has held the lock on {} for too long"
            raise LedgerUnavailable(reason.format(self._path), public=reason.format(THE_FILE))
        time.sleep(random.uniform(*_LOCK_POLL_S))  # noqa: S311  # spreads writers, guards nothing

    def _begun(self, connection: sqlite3.Connection) -> bool:
        connection.execute("PRAGMA busy_timeout = 0")  # SQLite's own queue sleeps on after the lock is free again
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            if primary_code(error) == sqlite3.SQLITE_BUSY:
                return False
            raise
        finally:
            connection.execute(self._patience)
        return True

    def _require_same_file(self) -> None:
        try:
            if self._path.stat().st_ino == self._inode:
                return
        except OSError as error:
            reason = f"is missing: {error.strerror}"
            raise LedgerUnavailable(f"{self._path} {reason}", retryable=False, public=f"{THE_FILE} {reason}") from error
        reason = "was replaced while it was in use: restart the service"
        raise LedgerUnavailable(f"{self._path} {reason}", retryable=False, public=f"{THE_FILE} {reason}")

    def _rows(self, after: int) -> Iterator[Row]:
        """Yield rows batch by batch; between batches no transaction is open, so the log can be folded in."""
        size_bytes, is_last = _FIRST_BATCH_BYTES, False
        while not is_last:
            batch, is_last = self._using(partial(_batch, after, size_bytes))
            yield from batch
            after = batch[-1][0] if batch else after
            size_bytes = min(4 * size_bytes, _BATCH_BYTES)


def _batch(after: int, size_bytes: int, connection: sqlite3.Connection) -> tuple[list[Row], bool]:
    """The rows that follow *after*, as many as *size_bytes* have room for and one more; whether they are all."""
    batch: list[Row] = []
    with closing(connection.execute(_READ, (after,))) as rows:
        for row in rows:
            batch.append(row)
            size_bytes -= len(row[2])
            if size_bytes < 0:
                return batch, False
    return batch, True


def _head(connection: sqlite3.Connection) -> Head:
    row = connection.execute(_HEAD).fetchone()
    return Head(row[0], row[1].decode()) if row else START
