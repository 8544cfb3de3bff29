"""Expiring records in PostgreSQL, beside the ledger's table: for registries that run on several machines."""

from moorings_registry.expiring_records.port import RecordsUnavailable
from moorings_registry.ledger.postgres_client import PostgresServer
from moorings_registry.ledger.postgres_side_tables import PostgresSideTables

_PUT = (
    "INSERT INTO %s.records (kind, name, value, until) VALUES ($1, $2, $3, $4)"
    " ON CONFLICT (kind, name) DO UPDATE SET value = excluded.value, until = excluded.until"
)
_ADD = f"{_PUT} WHERE records.until <= $5 RETURNING 1::bigint"
_GET = "SELECT value FROM %s.records WHERE kind = $1 AND name = $2 AND until > $3"
_TAKE = "DELETE FROM %s.records WHERE kind = $1 AND name = $2 AND until > $3 RETURNING value"
_EVERY = "SELECT name, value FROM %s.records WHERE kind = $1 AND until > $2"
_FORGET = "DELETE FROM %s.records WHERE until <= $1"


class PostgresRecords:
    """Rows of one table; their ends are in milliseconds."""

    def __init__(self, server: PostgresServer) -> None:
        self._tables = PostgresSideTables(server, RecordsUnavailable)

    def put(self, kind: str, name: str, value: bytes, until_s: float, now_s: float) -> None:
        """Store a record; see `ExpiringRecords.put`."""
        self._tables.ask(_FORGET, _ms(now_s))
        self._tables.ask(_PUT, kind, name, value, _ms(until_s))

    def add(self, kind: str, name: str, value: bytes, until_s: float, now_s: float) -> bool:
        """Store a record unless there is one; see `ExpiringRecords.add`."""
        return bool(self._tables.ask(_ADD, kind, name, value, _ms(until_s), _ms(now_s)))

    def get(self, kind: str, name: str, now_s: float) -> bytes | None:
        """The value of a record; see `ExpiringRecords.get`."""
        rows = self._tables.ask(_GET, kind, name, _ms(now_s))
        return rows[0][0] if rows else None

    def take(self, kind: str, name: str, now_s: float) -> bytes | None:
        """Remove a record; see `ExpiringRecords.take`."""
        rows = self._tables.ask(_TAKE, kind, name, _ms(now_s))
        return rows[0][0] if rows else None

    def every(self, kind: str, now_s: float) -> dict[str, bytes]:
        """All records of a kind; see `ExpiringRecords.every`."""
        return {name.decode(): value for name, value in self._tables.ask(_EVERY, kind, _ms(now_s))}

    def close(self) -> None:
        """Close the connections."""
        self._tables.close()


def _ms(moment_s: float) -> int:
    return int(moment_s * 1000)
