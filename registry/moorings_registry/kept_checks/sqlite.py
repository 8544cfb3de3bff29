"""Kept checks in a SQLite file beside the ledger's: ``moorings.db.checks`` for ``moorings.db``.

A file of its own, for the reasons of drift counts: keeping a check never waits for the ledger's lock, and the file may
be deleted at any time. It is made when the first check comes.
"""

import sqlite3
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

from moorings_registry.entries import moment_text
from moorings_registry.kept_checks.port import (
    KEPT_DAYS,
    MOST_LISTED,
    MOST_OF_DOMAIN,
    KeptCheckStoreError,
    StoredCheck,
)
from moorings_registry.ledger.sqlite_side_file import SideFileLayout, SqliteSideFile

_TABLES = (
    """CREATE TABLE IF NOT EXISTS checks (
        id TEXT PRIMARY KEY, domain TEXT NOT NULL, at TEXT NOT NULL, summary BLOB NOT NULL, content BLOB NOT NULL
    ) STRICT""",
    "CREATE INDEX IF NOT EXISTS checks_by_domain ON checks (domain, at)",
    "CREATE INDEX IF NOT EXISTS checks_by_age ON checks (at)",
)
_LAYOUT = SideFileLayout("kept checks", 0x4D4F4F4B, 1, _TABLES, "NORMAL")  # "MOOK"
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
        self._file = SqliteSideFile(path, _LAYOUT, KeptCheckStoreError)

    def put(self, check: StoredCheck, at: datetime) -> None:
        """Keep a check; see `KeptCheckStore.put`."""

        def work(connection: sqlite3.Connection) -> None:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("DELETE FROM checks WHERE at < ?", (_since(at),))
            connection.execute(_PUT, (check.id, check.domain, check.at, check.summary, check.content))
            connection.execute(_TOO_MUCH, (check.domain,))
            connection.execute("COMMIT")

        self._file.using(work)

    def get(self, id: str, at: datetime) -> StoredCheck | None:
        """Return a check; see `KeptCheckStore.get`."""
        if not self._file.exists():
            return None

        def work(connection: sqlite3.Connection) -> StoredCheck | None:
            statement = "SELECT id, domain, at, summary, content FROM checks WHERE id = ? AND at >= ?"
            row = connection.execute(statement, (id, _since(at))).fetchone()
            return StoredCheck(*row) if row else None

        return self._file.using(work)

    def summaries(self, at: datetime) -> tuple[bytes, ...]:
        """Return the newest summaries; see `KeptCheckStore.summaries`."""
        if not self._file.exists():
            return ()

        def work(connection: sqlite3.Connection) -> tuple[bytes, ...]:
            with closing(connection.execute(_LISTED, (_since(at),))) as rows:
                return tuple(row[0] for row in rows)

        return self._file.using(work)

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def _since(at: datetime) -> str:
    return moment_text(at - timedelta(days=KEPT_DAYS))
