"""A ledger in an SQLite file, and files beside it."""

from datetime import timedelta
from pathlib import Path
from urllib.parse import unquote

from moorings_registry.drift import DriftStore
from moorings_registry.drift.sqlite import SqliteDrift
from moorings_registry.engines.engine import Address, Engine, beside_file
from moorings_registry.expiring_records import ExpiringRecords
from moorings_registry.expiring_records.sqlite import SqliteRecords
from moorings_registry.export_statuses import FileStatuses, StatusStore
from moorings_registry.exporting.leases import FileLease, Lease
from moorings_registry.kept_checks import KeptCheckStore
from moorings_registry.kept_checks.sqlite import SqliteKeptChecks
from moorings_registry.ledger import Ledger, LedgerMisconfigured, LedgerMissing
from moorings_registry.ledger.sqlite import SqliteLedger


def _ledger(address: Address, create: bool) -> Ledger:
    path = unquote(address.parts.path.removeprefix("/"))
    if address.parts.netloc or not address.parts.path.startswith("/") or not path or path.endswith("/") or "\0" in path:
        raise LedgerMisconfigured(
            "the ledger URL names no file",
            "Write sqlite:///ledger.db for a file in the working directory (three slashes), "
            "or sqlite:////var/lib/moorings/ledger.db for an absolute path (four)",
        )
    file = Path(path)
    absolute = Path("/") / file
    if not file.is_absolute() and not file.parent.exists() and absolute.parent.exists() and not path.startswith("."):
        raise LedgerMisconfigured(
            f"sqlite:///{path} is relative to the working directory, where there is no folder {file.parent}",
            f"For the absolute path write sqlite:///{absolute}; to have the folder made here, sqlite:///./{path}",
        )
    if not create and not file.exists():
        raise LedgerMissing(f"there is no ledger {file.absolute()}", "Check the path")
    return SqliteLedger(file, busy_timeout_s=address.seconds("busy_timeout_s", 5.0))


def _file(address: Address) -> Path:
    return Path(unquote(address.parts.path.removeprefix("/")))


def _counts(address: Address, kind: str, kept: timedelta) -> DriftStore:
    return SqliteDrift(beside_file(_file(address), f".{kind}"), kept)


def _lease(address: Address, _runtime: Path, purpose: str) -> Lease:
    return FileLease(beside_file(_file(address), f".{purpose}"))


def _statuses(_address: Address, runtime: Path) -> StatusStore:
    return FileStatuses(runtime / "exporters")


def _kept_checks(address: Address) -> KeptCheckStore:
    return SqliteKeptChecks(beside_file(_file(address), ".checks"))


def _records(address: Address) -> ExpiringRecords:
    return SqliteRecords(beside_file(_file(address), ".records"))


SQLITE = Engine(
    "sqlite:///ledger.db",
    "one file on a local disk",
    _ledger,
    _counts,
    _lease,
    _statuses,
    _kept_checks,
    _records,
    frozenset({"busy_timeout_s"}),
    file=_file,
)
