"""A lease in PostgreSQL, beside the ledger's table: for the processes of several machines.

A row that names who exports, and until when by the clock of the server. By the clock of this process the right is
over a little earlier, so that two never have it.
"""

import time
from collections.abc import Callable
from uuid import uuid4

import structlog

from moorings_registry.ledger.connections import Connections
from moorings_registry.ledger.errors import LedgerError
from moorings_registry.ledger.postgres_client import PostgresServer
from moorings_registry.ledger.postgres_errors import AnswerLost, Refused
from moorings_registry.ledger.postgres_session import Row

LASTS_S = 30
ASKED_EVERY_S = 5.0
_MARGIN_S = 5.0
_NAME = "exporting"

_TAKE = (
    f"INSERT INTO %s.leases (name, holder, until) VALUES ($1, $2, now() + interval '{LASTS_S} seconds')"  # noqa: S608
    " ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until"
    " WHERE leases.holder = excluded.holder OR leases.until < now() RETURNING 1::bigint"
)
_RELEASE = "DELETE FROM %s.leases WHERE name = $1 AND holder = $2"

log = structlog.get_logger("moorings.exporting")


class PostgresLease:
    """Held by the node whose name is in the row."""

    def __init__(self, server: PostgresServer, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._schema = server.tables.schema
        self._sessions = Connections(server.connect)
        self._name = uuid4().hex
        self._clock = clock
        self._asked = self._until = float("-inf")
        self._away = False

    def held(self) -> bool:
        now = self._clock()
        if now < min(self._until, self._asked + ASKED_EVERY_S):
            return True
        try:
            taken = self._ask(_TAKE)
        except (LedgerError, AnswerLost, Refused) as error:
            if not self._away:
                log.warning("export_lease_unavailable", cause=type(error).__name__)
            self._away = True
            return now < self._until  # what was given stays given as long as it was
        self._asked, self._away = now, False
        self._until = now + LASTS_S - _MARGIN_S if taken else float("-inf")
        return bool(taken)

    def release(self) -> None:
        self._asked = self._until = float("-inf")
        try:
            self._ask(_RELEASE)
        except (LedgerError, AnswerLost, Refused):
            return  # it ends by itself

    def _ask(self, statement: str) -> list[Row]:
        session = self._sessions.take()
        try:
            found = session.ask(statement.replace("%s", self._schema).encode(), _NAME, self._name)
        except BaseException:
            self._sessions.drop(session)
            raise
        self._sessions.give_back(session)
        return found
