"""Drift counts in a SQLite file beside the ledger's: ``moorings.db.drift`` for ``moorings.db``.

A file of its own, so that counting never waits for the ledger's lock nor makes an append wait, and so that it may be
deleted at any time. It is made when the first batch comes, and synced less strictly than the ledger: a power cut may
take the last counts with it.
"""

import sqlite3
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

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
from moorings_registry.ledger.sqlite_side_file import SideFileLayout, SqliteSideFile

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
_LAYOUT = SideFileLayout("drift counts", 0x4D4F4F44, 1, _TABLES, "NORMAL")  # "MOOD"
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

    def __init__(self, path: Path, kept: timedelta = timedelta(days=KEPT_DAYS)) -> None:
        """Keep counts in *path* until they were not seen again for *kept*; nothing is opened yet."""
        self._kept = kept
        self._file = SqliteSideFile(path, _LAYOUT, DriftStoreError)

    def add(self, batch: Batch, at: datetime) -> bool:
        """Count a batch; see `DriftStore.add`."""

        def work(connection: sqlite3.Connection) -> bool:
            connection.execute("BEGIN IMMEDIATE")
            _forget_old(connection, at, self._kept)
            if batch.key and not _is_new(connection, batch.key, at):
                connection.execute("ROLLBACK")
                return False
            for observed, count in batch.counts.items():
                _count(connection, observed, batch.reporter, count, moment_text(at))
            connection.execute("COMMIT")
            return True

        return self._file.using(work)

    def of(self, subject: str, at: datetime) -> tuple[DriftRow, ...]:
        """Return the rows of a subject; see `DriftStore.of`."""
        if not self._file.exists():
            return ()
        since = moment_text(at - self._kept)

        def work(connection: sqlite3.Connection) -> tuple[DriftRow, ...]:
            with closing(connection.execute(_OF, (subject, since))) as rows:
                return tuple(DriftRow(Observed(*row[:6]), Reporter(*row[6:8]), *row[8:]) for row in rows)

        return self._file.using(work)

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def _forget_old(connection: sqlite3.Connection, at: datetime, kept: timedelta) -> None:
    connection.execute("DELETE FROM drift WHERE last_seen < ?", (moment_text(at - kept),))
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
