"""A ledger in a table of PostgreSQL, and tables beside it.

psycopg is an extra, so what uses it is imported by those who have a ledger there.
"""

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from moorings_registry.drift import DriftStore
from moorings_registry.engines.engine import BESIDE_TIMEOUT_S, Address, Engine, Setup, needing_extra, with_entries
from moorings_registry.expiring_records import ExpiringRecords
from moorings_registry.export_statuses import StatusStore
from moorings_registry.exporting.leases import Lease
from moorings_registry.kept_checks import KeptCheckStore
from moorings_registry.ledger import Ledger

if TYPE_CHECKING:
    from moorings_registry.ledger.postgres_client import PostgresServer


def _ledger(address: Address, create: bool) -> Ledger:
    server = _server(address)
    from moorings_registry.ledger.postgres import PostgresLedger

    ledger = PostgresLedger(server)
    return ledger if create else with_entries(ledger, "the ledger in that schema has no entries")


def _server(address: Address, timeout_s: float | None = None) -> "PostgresServer":
    """Where the tables of the ledger at *address* are, and how they are reached.

    Raises:
        LedgerMisconfigured
    """
    with needing_extra("postgresql", "psycopg", "PostgreSQL"):
        from moorings_registry.ledger.postgres_client import server_of
    return server_of(address.parts, address.parameters, timeout_s or address.seconds("timeout_s", 5.0))


def _counts(address: Address, kind: str, kept: timedelta) -> DriftStore:
    from moorings_registry.drift.postgres import PostgresDrift

    return PostgresDrift(_server(address, BESIDE_TIMEOUT_S), kind, kept)


def _lease(address: Address, _runtime: Path, purpose: str) -> Lease:
    from moorings_registry.exporting.leases.postgres import PostgresLease

    return PostgresLease(_server(address, BESIDE_TIMEOUT_S), purpose)


def _statuses(address: Address, _runtime: Path) -> StatusStore:
    from moorings_registry.exporting.postgres_statuses import PostgresStatuses

    return PostgresStatuses(_server(address, BESIDE_TIMEOUT_S))


def _kept_checks(address: Address) -> KeptCheckStore:
    from moorings_registry.kept_checks.postgres import PostgresKeptChecks

    return PostgresKeptChecks(_server(address, BESIDE_TIMEOUT_S))


def _records(address: Address) -> ExpiringRecords:
    from moorings_registry.expiring_records.postgres import PostgresRecords

    return PostgresRecords(_server(address, BESIDE_TIMEOUT_S))


def _setup(address: Address) -> Setup:
    server = _server(address)
    from moorings_registry.ledger.postgres_client import run, table_names

    def missing() -> tuple[str, ...]:
        there = table_names(server)
        return tuple(one for one in server.tables.names if one not in there)

    return Setup(server.tables.script, lambda user: run(server, server.tables.script(user)), missing)


POSTGRES = Engine(
    "postgresql://moorings@db.example/registry",
    "a table in PostgreSQL, for several machines",
    _ledger,
    _counts,
    _lease,
    _statuses,
    _kept_checks,
    _records,
    frozenset(
        {
            "host",
            "listen",
            "notify",
            "passfile",
            "password_command",
            "schema",
            "sslcert",
            "sslkey",
            "sslmode",
            "sslrootcert",
            "timeout_s",
        }
    ),
    setup=_setup,
)
