"""Expiring records in a SQLite file beside the ledger's: ``moorings.db.records`` for ``moorings.db``.

Synced before a method returns: a one-time token that was used stays used after a power cut.
"""

import sqlite3
from pathlib import Path

from moorings_registry.expiring_records.port import RecordsUnavailable
from moorings_registry.ledger.sqlite_side_file import SideFileLayout, SqliteSideFile

_TABLES = (
    """CREATE TABLE IF NOT EXISTS records (
        kind TEXT NOT NULL, name TEXT NOT NULL, value BLOB NOT NULL, until REAL NOT NULL, PRIMARY KEY (kind, name)
    ) STRICT, WITHOUT ROWID""",
    "CREATE INDEX IF NOT EXISTS records_by_end ON records (until)",
)
_LAYOUT = SideFileLayout("records", 0x4D4F4F58, 1, _TABLES, "FULL")  # "MOOX"
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
        self._file = SqliteSideFile(path, _LAYOUT, RecordsUnavailable)

    def put(self, kind: str, name: str, value: bytes, until_s: float, now_s: float) -> None:
        """Store a record; see `ExpiringRecords.put`."""
        self._write(now_s, _PUT, (kind, name, value, until_s))

    def add(self, kind: str, name: str, value: bytes, until_s: float, now_s: float) -> bool:
        """Store a record unless there is one; see `ExpiringRecords.add`."""
        return self._write(now_s, _ADD, (kind, name, value, until_s, now_s)) == 1

    def get(self, kind: str, name: str, now_s: float) -> bytes | None:
        """The value of a record; see `ExpiringRecords.get`."""
        rows = self._file.using(lambda connection: connection.execute(_GET, (kind, name, now_s)).fetchall())
        return rows[0][0] if rows else None

    def take(self, kind: str, name: str, now_s: float) -> bytes | None:
        """Remove a record; see `ExpiringRecords.take`."""
        rows = self._file.using(lambda connection: connection.execute(_TAKE, (kind, name, now_s)).fetchall())
        return rows[0][0] if rows else None

    def every(self, kind: str, now_s: float) -> dict[str, bytes]:
        """All records of a kind; see `ExpiringRecords.every`."""
        return dict(self._file.using(lambda connection: connection.execute(_EVERY, (kind, now_s)).fetchall()))

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _write(self, now_s: float, statement: str, values: tuple[object, ...]) -> int:
        def work(connection: sqlite3.Connection) -> int:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute(_FORGET, (now_s,))
            changed = connection.execute(statement, values).rowcount
            connection.execute("COMMIT")
            return changed

        return self._file.using(work)
