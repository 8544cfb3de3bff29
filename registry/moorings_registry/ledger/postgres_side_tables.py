"""Tables in PostgreSQL beside the ledger's, for what is counted or kept there."""

from collections.abc import Callable
from typing import TypeVar

from moorings_registry.ledger.connections import Connections
from moorings_registry.ledger.errors import LedgerError
from moorings_registry.ledger.postgres_client import PostgresServer
from moorings_registry.ledger.postgres_errors import AnswerLost, Refused, ledger_error
from moorings_registry.ledger.postgres_session import Row, Session, Value
from moorings_registry.ledger.postgres_tables import Tables

T = TypeVar("T")

_NO_TABLE = "42P01"
_INIT_AGAIN = "the ledger's schema has no table for it: run what `moorings-registry ledger init` prints once more"


class SideTablesUnavailable(Exception):
    """They cannot be used right now; the text says why."""


class SideSession:
    """One connection; its statements have ``%s`` in the place of the ledger's schema."""

    def __init__(self, session: Session, tables: Tables) -> None:
        self._session = session
        self._tables = tables

    def ask(self, statement: str, *values: Value) -> list[Row]:
        """Run *statement*; see `Session.ask`."""
        return self._session.ask(self._tables.within(statement), *values)


class PostgresSideTables:
    """Connections to a server, for such tables; safe from any thread."""

    def __init__(self, server: PostgresServer, failure: Callable[[str], Exception] = SideTablesUnavailable) -> None:
        """Use *server*, to which nothing is opened yet; what goes wrong with it becomes a *failure*."""
        self._tables = server.tables
        self._failure = failure
        self._sessions = Connections(server.connect)

    def using(self, work: Callable[[SideSession], T]) -> T:
        """Do *work* with a connection of its own; one that had an error is closed, and its transaction with it."""
        try:
            with self._sessions.lent() as session:
                return work(SideSession(session, self._tables))
        except Refused as refused:
            why = _INIT_AGAIN if refused.state == _NO_TABLE else str(ledger_error(refused))
            raise self._failure(why) from refused
        except (LedgerError, AnswerLost) as error:
            raise self._failure(str(error)) from error

    def ask(self, statement: str, *values: Value) -> list[Row]:
        """Run one *statement* with a connection of its own."""
        return self.using(lambda session: session.ask(statement, *values))

    def close(self) -> None:
        """Close the connections."""
        self._sessions.close()
