"""Kept checks in PostgreSQL, beside the ledger's table: for registries that run on several machines."""

from collections.abc import Callable
from datetime import datetime, timedelta
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
from moorings_registry.ledger.postgres_client import PostgresServer
from moorings_registry.ledger.postgres_errors import AnswerLost, Refused
from moorings_registry.ledger.postgres_session import Row, Session

T = TypeVar("T")

_FAILURES = (LedgerError, AnswerLost, Refused)
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
        self._tables = server.tables
        self._sessions = Connections(server.connect)

    def put(self, check: StoredCheck, at: datetime) -> None:
        """Keep a check; see `KeptCheckStore.put`."""

        def work(session: Session) -> None:
            self._ask(session, _PUT, check.id, check.domain, check.at, check.summary, check.content)
            self._ask(session, _TOO_OLD, _since(at))
            self._ask(session, _TOO_MUCH, check.domain)

        self._using(work)

    def get(self, id: str, at: datetime) -> StoredCheck | None:
        """Return a check; see `KeptCheckStore.get`."""
        rows = self._using(lambda session: self._ask(session, _GET, id, _since(at)))
        if not rows:
            return None
        domain, moment, summary, content = rows[0]
        return StoredCheck(id, domain.decode(), moment.decode(), summary, content)

    def summaries(self, at: datetime) -> tuple[bytes, ...]:
        """Return the newest summaries; see `KeptCheckStore.summaries`."""
        rows = self._using(lambda session: self._ask(session, _LISTED, _since(at)))
        return tuple(row[0] for row in rows)

    def close(self) -> None:
        """Close the connections."""
        self._sessions.close()

    def _ask(self, session: Session, statement: str, *values: str | bytes) -> list[Row]:
        return session.ask(self._tables.within(statement), *values)

    def _using(self, work: Callable[[Session], T]) -> T:
        """Do *work* with a connection of its own; one that had an error is closed."""
        try:
            with self._sessions.lent() as session:
                return work(session)
        except _FAILURES as error:
            raise KeptCheckStoreError(str(error)) from error


def _since(at: datetime) -> str:
    return moment_text(at - timedelta(days=KEPT_DAYS))
