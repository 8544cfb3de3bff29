"""Kept checks in a SQLite file beside the ledger's: ``moorings.db.checks`` for ``moorings.db``.

A file of its own, for the reasons of drift counts: keeping a check never waits for the ledger's lock, and the file may
be deleted at any time. It is made when the first check comes.
"""

import contextlib
import os
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

from moorings_registry.entries import moment_text
from moorings_registry.kept_checks.port import (
    KEPT_DAYS,
    MOST_LISTED,
    MOST_OF_DOMAIN,
    KeptCheckStoreError,
    StoredCheck,
)
from moorings_registry.ledger.connections import Connections
from moorings_registry.ledger.errors import LedgerError
from moorings_registry.ledger.sqlite_file import switch_to_log

T = TypeVar("T")

_APPLICATION_ID = 0x4D4F4F4B  # "MOOK"
_LAYOUT = 1
_BUSY_TIMEOUT_S = 5.0
_FAILURES = (sqlite3.Error, OSError, LedgerError)
_TABLES = (
    """CREATE TABLE IF NOT EXISTS checks (
        id TEXT PRIMARY KEY, domain TEXT NOT NULL, at TEXT NOT NULL, summary BLOB NOT NULL, content BLOB NOT NULL
    ) STRICT""",
    "CREATE INDEX IF NOT EXISTS checks_by_domain ON checks (domain, at)",
    "CREATE INDEX IF NOT EXISTS checks_by_age ON checks (at)",
)
_PUT = (
    "INSERT INTO checks (id, domain, at, summary, content) VALUES (?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET"
    " domain = excluded.domain, at = excluded.at, summary = excluded.summary, content = excluded.content"
)
_TOO_MUCH = (
    "DELETE FROM checks WHERE id IN"  # noqa: S608 - constants
    f" (SELECT id FROM checks WHERE domain = ? ORDER BY at DESC, id DESC LIMIT -1 OFFSET {MOST_OF_DOMAIN})"
)
_LISTED = f"SELECT summary FROM checks WHERE at >= ? ORDER BY at DESC, id DESC LIMIT {MOST_LISTED}"  # noqa: S608


class SqliteKeptChecks:
    """Rows of one table."""

    def __init__(self, path: Path) -> None:
        """Keep checks in *path*; nothing is opened yet."""
        self._path = path
        self._creating = threading.Lock()
        self._connections = Connections(self._connect)

    def put(self, check: StoredCheck, at: datetime) -> None:
        """Keep a check; see `KeptCheckStore.put`."""

        def work(connection: sqlite3.Connection) -> None:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("DELETE FROM checks WHERE at < ?", (_since(at),))
            connection.execute(_PUT, (check.id, check.domain, check.at, check.summary, check.content))
            connection.execute(_TOO_MUCH, (check.domain,))
            connection.execute("COMMIT")

        self._using(work)

    def get(self, id: str, at: datetime) -> StoredCheck | None:
        """Return a check; see `KeptCheckStore.get`."""
        if not self._path.exists():
            return None

        def work(connection: sqlite3.Connection) -> StoredCheck | None:
            statement = "SELECT id, domain, at, summary, content FROM checks WHERE id = ? AND at >= ?"
            row = connection.execute(statement, (id, _since(at))).fetchone()
            return StoredCheck(*row) if row else None

        return self._using(work)

    def summaries(self, at: datetime) -> tuple[bytes, ...]:
        """Return the newest summaries; see `KeptCheckStore.summaries`."""
        if not self._path.exists():
            return ()

        def work(connection: sqlite3.Connection) -> tuple[bytes, ...]:
            with closing(connection.execute(_LISTED, (_since(at),))) as rows:
                return tuple(row[0] for row in rows)

        return self._using(work)

    def close(self) -> None:
        """Close the file."""
        self._connections.close()

    def _using(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Do *work* with a connection of its own; one that had an error is closed, and its transaction with it."""
        try:
            with self._connections.lent() as connection:
                return work(connection)
        except _FAILURES as error:
            raise KeptCheckStoreError(f"{self._path}: {error}") from error

    def _connect(self) -> sqlite3.Connection:
        """Open the file, made and laid out where it is missing, for its owner alone."""
        with self._creating:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with contextlib.suppress(FileExistsError):  # an existing one is not opened: closing it would drop locks
                os.close(os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        connection = sqlite3.connect(self._path, timeout=_BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False)
        try:
            switch_to_log(connection, _BUSY_TIMEOUT_S)
            connection.execute("PRAGMA synchronous = NORMAL")
            _lay_out(connection)
        except BaseException:
            connection.close()
            raise
        return connection


def _since(at: datetime) -> str:
    return moment_text(at - timedelta(days=KEPT_DAYS))


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
        raise sqlite3.DatabaseError("the file is not one of kept checks that this release reads")
    connection.execute("COMMIT")
