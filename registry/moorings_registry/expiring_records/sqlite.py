"""Expiring records in a SQLite file beside the ledger's: ``moorings.db.records`` for ``moorings.db``.

Synced before a method returns: a one-time token that was used stays used after a power cut.
"""

import contextlib
import os
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from moorings_registry.expiring_records.port import RecordsUnavailable
from moorings_registry.ledger.connections import Connections
from moorings_registry.ledger.errors import LedgerError
from moorings_registry.ledger.sqlite_file import switch_to_log

T = TypeVar("T")

_APPLICATION_ID = 0x4D4F4F58  # "MOOX"
_LAYOUT = 1
_BUSY_TIMEOUT_S = 5.0
_FAILURES = (sqlite3.Error, OSError, LedgerError)

_TABLES = (
    """CREATE TABLE IF NOT EXISTS records (
        kind TEXT NOT NULL, name TEXT NOT NULL, value BLOB NOT NULL, until REAL NOT NULL, PRIMARY KEY (kind, name)
    ) STRICT, WITHOUT ROWID""",
    "CREATE INDEX IF NOT EXISTS records_by_end ON records (until)",
)
_FORGET = "DELETE FROM records WHERE until <= ?"
_PUT = (
    "INSERT INTO records (kind, name, value, until) VALUES (?, ?, ?, ?)"
    " ON CONFLICT (kind, name) DO UPDATE SET value = excluded.value, until = excluded.until"
)
_ADD = f"{_PUT} WHERE records.until <= ?"
_GET = "SELECT value FROM records WHERE kind = ? AND name = ? AND until > ?"
_TAKE = "DELETE FROM records WHERE kind = ? AND name = ? AND until > ? RETURNING value"
_EVERY = "SELECT name, value FROM records WHERE kind = ? AND until > ?"


class SqliteRecords:
    """Rows of one table."""

    def __init__(self, path: Path) -> None:
        """Keep records in *path*; nothing is opened yet."""
        self._path = path
        self._creating = threading.Lock()
        self._connections = Connections(self._connect)

    def put(self, kind: str, name: str, value: bytes, until_s: float, now_s: float) -> None:
        """Store a record; see `ExpiringRecords.put`."""
        self._write(now_s, _PUT, (kind, name, value, until_s))

    def add(self, kind: str, name: str, value: bytes, until_s: float, now_s: float) -> bool:
        """Store a record unless there is one; see `ExpiringRecords.add`."""
        return self._write(now_s, _ADD, (kind, name, value, until_s, now_s)) == 1

    def get(self, kind: str, name: str, now_s: float) -> bytes | None:
        """The value of a record; see `ExpiringRecords.get`."""
        rows = self._using(lambda connection: connection.execute(_GET, (kind, name, now_s)).fetchall())
        return rows[0][0] if rows else None

    def take(self, kind: str, name: str, now_s: float) -> bytes | None:
        """Remove a record; see `ExpiringRecords.take`."""
        rows = self._using(lambda connection: connection.execute(_TAKE, (kind, name, now_s)).fetchall())
        return rows[0][0] if rows else None

    def every(self, kind: str, now_s: float) -> dict[str, bytes]:
        """All records of a kind; see `ExpiringRecords.every`."""
        return dict(self._using(lambda connection: connection.execute(_EVERY, (kind, now_s)).fetchall()))

    def close(self) -> None:
        """Close the file."""
        self._connections.close()

    def _write(self, now_s: float, statement: str, values: tuple[object, ...]) -> int:
        def work(connection: sqlite3.Connection) -> int:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute(_FORGET, (now_s,))
            changed = connection.execute(statement, values).rowcount
            connection.execute("COMMIT")
            return changed

        return self._using(work)

    def _using(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Do *work* with a connection of its own; one that had an error is closed, and its transaction with it."""
        try:
            with self._connections.lent() as connection:
                return work(connection)
        except _FAILURES as error:
            raise RecordsUnavailable(f"{self._path}: {error}") from error

    def _connect(self) -> sqlite3.Connection:
        """Open the file, made and laid out where it is missing."""
        with self._creating:
            self._create()
        connection = sqlite3.connect(self._path, timeout=_BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False)
        try:
            switch_to_log(connection, _BUSY_TIMEOUT_S)
            connection.execute("PRAGMA synchronous = FULL")
            _lay_out(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _create(self) -> None:
        """Make the file, for its owner alone, where it is missing.

        An existing one is not opened: closing any descriptor of a file drops the locks that SQLite's connections in
        this process hold on it (POSIX).
        """
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileExistsError):
            os.close(os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))


def _lay_out(connection: sqlite3.Connection) -> None:
    """Make the table where there is none; under the lock, as another process may be at it too."""
    connection.execute("BEGIN IMMEDIATE")
    application = connection.execute("PRAGMA application_id").fetchone()[0]
    layout = connection.execute("PRAGMA user_version").fetchone()[0]
    if (application, layout) == (0, 0):
        for statement in _TABLES:
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {_LAYOUT}")
        connection.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
    elif (application, layout) != (_APPLICATION_ID, _LAYOUT):
        raise sqlite3.DatabaseError("the file is not one of records that this release reads")
    connection.execute("COMMIT")
