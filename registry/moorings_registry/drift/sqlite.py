"""Drift counts in a SQLite file beside the ledger's: ``moorings.db.drift`` for ``moorings.db``.

A file of its own, so that counting never waits for the ledger's lock nor makes an append wait, and so that it may be
deleted at any time. It is made when the first batch comes, and synced less strictly than the ledger: a power cut may
take the last counts with it.
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

from moorings_registry.drift.port import (
    BATCHES_KEPT,
    KEPT_DAYS,
    LARGEST_COUNT,
    MOST_ROWS,
    NOBODY,
    Batch,
    DriftRow,
    DriftStoreError,
    Observed,
    Reporter,
    other,
)
from moorings_registry.entries import moment_text
from moorings_registry.ledger.connections import Connections
from moorings_registry.ledger.errors import LedgerError
from moorings_registry.ledger.sqlite_file import switch_to_log

T = TypeVar("T")

_APPLICATION_ID = 0x4D4F4F44  # "MOOD"
_LAYOUT = 1
_BUSY_TIMEOUT_S = 5.0
_FAILURES = (sqlite3.Error, OSError, LedgerError)

_TABLES = (
    """CREATE TABLE IF NOT EXISTS drift (
        subject TEXT NOT NULL, direction TEXT NOT NULL, revision TEXT NOT NULL, writer TEXT NOT NULL,
        path TEXT NOT NULL, rule TEXT NOT NULL, client TEXT NOT NULL, service TEXT NOT NULL,
        count INTEGER NOT NULL, first_seen TEXT NOT NULL, last_seen TEXT NOT NULL,
        PRIMARY KEY (subject, direction, revision, writer, path, rule, client, service)
    ) STRICT, WITHOUT ROWID""",
    "CREATE INDEX IF NOT EXISTS drift_by_age ON drift (last_seen)",
    "CREATE TABLE IF NOT EXISTS batches (key TEXT PRIMARY KEY, at TEXT NOT NULL) STRICT, WITHOUT ROWID",
    "CREATE INDEX IF NOT EXISTS batches_by_age ON batches (at)",
)
_COLUMNS = "subject, direction, revision, writer, path, rule, client, service"
_COUNT_AGAIN = (
    f"UPDATE drift SET count = min(count + ?, {LARGEST_COUNT}), last_seen = ? WHERE"  # noqa: S608 - constants
    " subject = ? AND direction = ? AND revision = ? AND writer = ? AND path = ? AND rule = ?"
    " AND client = ? AND service = ?"
)
_COUNT_FIRST = f"INSERT INTO drift ({_COLUMNS}, count, first_seen, last_seen) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608
_OF = (
    f"SELECT {_COLUMNS}, count, first_seen, last_seen FROM drift WHERE subject = ? AND last_seen >= ?"  # noqa: S608
    " ORDER BY last_seen DESC, count DESC, path DESC, rule DESC"
)


class SqliteDrift:
    """Rows of one table, and the names of the batches of the last day in another."""

    def __init__(self, path: Path) -> None:
        """Keep counts in *path*; nothing is opened yet."""
        self._path = path
        self._creating = threading.Lock()
        self._connections = Connections(self._connect)

    def add(self, batch: Batch, at: datetime) -> bool:
        """Count a batch; see `DriftStore.add`."""

        def work(connection: sqlite3.Connection) -> bool:
            connection.execute("BEGIN IMMEDIATE")
            _forget_old(connection, at)
            if batch.key and not _is_new(connection, batch.key, at):
                connection.execute("ROLLBACK")
                return False
            for observed, count in batch.counts.items():
                _count(connection, observed, batch.reporter, count, moment_text(at))
            connection.execute("COMMIT")
            return True

        return self._using(work)

    def of(self, subject: str, at: datetime) -> tuple[DriftRow, ...]:
        """Return the rows of a subject; see `DriftStore.of`."""
        if not self._path.exists():
            return ()
        since = moment_text(at - timedelta(days=KEPT_DAYS))

        def work(connection: sqlite3.Connection) -> tuple[DriftRow, ...]:
            with closing(connection.execute(_OF, (subject, since))) as rows:
                return tuple(DriftRow(Observed(*row[:6]), Reporter(*row[6:8]), *row[8:]) for row in rows)

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
            raise DriftStoreError(f"{self._path}: {error}") from error

    def _connect(self) -> sqlite3.Connection:
        """Open the file, made and laid out where it is missing."""
        with self._creating:
            self._create()
        connection = sqlite3.connect(self._path, timeout=_BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False)
        try:
            switch_to_log(connection, _BUSY_TIMEOUT_S)
            connection.execute("PRAGMA synchronous = NORMAL")
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
    """Make the tables where there are none; under the lock, as another process may be at it too."""
    connection.execute("BEGIN IMMEDIATE")
    application = connection.execute("PRAGMA application_id").fetchone()[0]
    layout = connection.execute("PRAGMA user_version").fetchone()[0]
    if (application, layout) == (0, 0):
        for statement in _TABLES:
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {_LAYOUT}")
        connection.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
    elif (application, layout) != (_APPLICATION_ID, _LAYOUT):
        raise sqlite3.DatabaseError("the file is not one of drift counts that this release reads")
    connection.execute("COMMIT")


def _forget_old(connection: sqlite3.Connection, at: datetime) -> None:
    connection.execute("DELETE FROM drift WHERE last_seen < ?", (moment_text(at - timedelta(days=KEPT_DAYS)),))
    connection.execute("DELETE FROM batches WHERE at <= ?", (moment_text(at - BATCHES_KEPT),))


def _is_new(connection: sqlite3.Connection, key: str, at: datetime) -> bool:
    statement = "INSERT INTO batches (key, at) VALUES (?, ?) ON CONFLICT (key) DO NOTHING"
    return connection.execute(statement, (key, moment_text(at))).rowcount == 1


def _count(connection: sqlite3.Connection, observed: Observed, reporter: Reporter, count: int, now: str) -> None:
    key = _key(observed, reporter)
    if connection.execute(_COUNT_AGAIN, (count, now, *key)).rowcount:
        return
    rows = connection.execute("SELECT count(*) FROM drift WHERE subject = ?", (observed.subject,)).fetchone()[0]
    if rows >= MOST_ROWS:
        key = _key(other(observed), NOBODY)
        if connection.execute(_COUNT_AGAIN, (count, now, *key)).rowcount:
            return
    connection.execute(_COUNT_FIRST, (*key, min(count, LARGEST_COUNT), now, now))


def _key(observed: Observed, reporter: Reporter) -> tuple[str, ...]:
    named = (observed.subject, observed.direction, observed.revision, observed.writer, observed.path, observed.rule)
    return (*named, reporter.client, reporter.service)
