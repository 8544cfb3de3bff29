"""Kept checks in PostgreSQL, beside the ledger's table: for registries that run on several machines."""

from datetime import datetime, timedelta

from moorings_registry.entries import moment_text
from moorings_registry.kept_checks.port import (
    KEPT_DAYS,
    MOST_LISTED,
    MOST_OF_DOMAIN,
    KeptCheckStoreError,
    StoredCheck,
)
from moorings_registry.ledger.postgres_client import PostgresServer
from moorings_registry.ledger.postgres_side_tables import PostgresSideTables, SideSession

_PUT = (
    "INSERT INTO %s.kept_checks (id, domain, at, summary, content) VALUES ($1, $2, $3, $4, $5)"
    " ON CONFLICT (id) DO UPDATE SET"
    " domain = excluded.domain, at = excluded.at, summary = excluded.summary, content = excluded.content"
)
_TOO_OLD = "DELETE FROM %s.kept_checks WHERE at < $1"
_TOO_MUCH = (
    "DELETE FROM %s.kept_checks WHERE id IN"  # noqa: S608 - constants
    " (SELECT id FROM %s.kept_checks WHERE domain = $1"
    f' ORDER BY at DESC, id COLLATE "C" DESC OFFSET {MOST_OF_DOMAIN})'
)
_GET = "SELECT domain, at, summary, content FROM %s.kept_checks WHERE id = $1 AND at >= $2"
_LISTED = (
    "SELECT summary FROM %s.kept_checks WHERE at >= $1"  # noqa: S608 - constants
    f' ORDER BY at DESC, id COLLATE "C" DESC LIMIT {MOST_LISTED}'
)


class PostgresKeptChecks:
    """Rows of one table."""

    def __init__(self, server: PostgresServer) -> None:
        """Keep checks on *server*; nothing is opened yet."""
        self._tables = PostgresSideTables(server, KeptCheckStoreError)

    def put(self, check: StoredCheck, at: datetime) -> None:
        """Keep a check; see `KeptCheckStore.put`."""

        def work(session: SideSession) -> None:
            session.ask(_PUT, check.id, check.domain, check.at, check.summary, check.content)
            session.ask(_TOO_OLD, _since(at))
            session.ask(_TOO_MUCH, check.domain)

        self._tables.using(work)

    def get(self, id: str, at: datetime) -> StoredCheck | None:
        """Return a check; see `KeptCheckStore.get`."""
        rows = self._tables.ask(_GET, id, _since(at))
        if not rows:
            return None
        domain, moment, summary, content = rows[0]
        return StoredCheck(id, domain.decode(), moment.decode(), summary, content)

    def summaries(self, at: datetime) -> tuple[bytes, ...]:
        """Return the newest summaries; see `KeptCheckStore.summaries`."""
        rows = self._tables.ask(_LISTED, _since(at))
        return tuple(row[0] for row in rows)

    def close(self) -> None:
        """Close the connections."""
        self._tables.close()


def _since(at: datetime) -> str:
    return moment_text(at - timedelta(days=KEPT_DAYS))
