"""Statuses of exporters in PostgreSQL, beside the ledger's table: every node can answer."""

from moorings_registry.ledger.postgres_client import PostgresServer
from moorings_registry.ledger.postgres_session import Row, Value
from moorings_registry.ledger.postgres_side_tables import PostgresSideTables, SideTablesUnavailable

_PUT = (
    "INSERT INTO %s.statuses (name, status) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET status = excluded.status"
)
_GET = "SELECT status FROM %s.statuses WHERE name = $1"


class PostgresStatuses:
    """A row for each exporter. A status that cannot be stored or read now is dropped."""

    def __init__(self, server: PostgresServer) -> None:
        self._tables = PostgresSideTables(server)

    def put(self, name: str, told: bytes) -> None:
        self._ask(_PUT, name, told)

    def get(self, name: str) -> bytes | None:
        rows = self._ask(_GET, name)
        return rows[0][0] if rows else None

    def _ask(self, statement: str, *values: Value) -> list[Row]:
        try:
            return self._tables.ask(statement, *values)
        except SideTablesUnavailable:
            return []
