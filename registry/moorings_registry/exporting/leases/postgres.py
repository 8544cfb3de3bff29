"""A lease in PostgreSQL, beside the ledger's table: for the processes of several machines.

A row that names who exports, and until when by the clock of the server.
"""

import time
from collections.abc import Callable

from moorings_registry.exporting.leases.port import EXPORTING
from moorings_registry.exporting.leases.timed import LASTS_S, TimedLease
from moorings_registry.ledger.postgres_client import PostgresServer
from moorings_registry.ledger.postgres_side_tables import PostgresSideTables, SideTablesUnavailable

_TAKE = (
    f"INSERT INTO %s.leases (name, holder, until) VALUES ($1, $2, now() + interval '{LASTS_S} seconds')"  # noqa: S608
    " ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until"
    " WHERE leases.holder = excluded.holder OR leases.until < now() RETURNING 1::bigint"
)
_RELEASE = "DELETE FROM %s.leases WHERE name = $1 AND holder = $2"


class PostgresLease(TimedLease):
    """Held by the node whose name is in the row."""

    failures = (SideTablesUnavailable,)

    def __init__(
        self, server: PostgresServer, purpose: str = EXPORTING, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__(clock=clock)
        self._purpose = purpose
        self._tables = PostgresSideTables(server)

    def take(self) -> bool:
        return bool(self._tables.ask(_TAKE, self._purpose, self.name))

    def give_back(self) -> None:
        self._tables.ask(_RELEASE, self._purpose, self.name)
