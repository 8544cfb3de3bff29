"""Everything in this process."""

from datetime import timedelta
from pathlib import Path

from moorings_registry.drift import DriftStore, MemoryDrift
from moorings_registry.engines.engine import Address, Engine
from moorings_registry.expiring_records import ExpiringRecords, MemoryRecords
from moorings_registry.export_statuses import FileStatuses, StatusStore
from moorings_registry.exporting.leases import FileLease, Lease
from moorings_registry.kept_checks import KeptCheckStore, MemoryKeptChecks
from moorings_registry.ledger import Ledger, LedgerMisconfigured
from moorings_registry.ledger.memory import MemoryLedger


def _ledger(address: Address, create: bool) -> Ledger:
    if address.parts.netloc or address.parts.path or address.parameters:
        raise LedgerMisconfigured("a ledger in memory has no address", "Write memory:")
    if not create:
        raise LedgerMisconfigured("a ledger in memory begins empty", "Name the ledger that you mean")
    return MemoryLedger()


def _counts(_address: Address, _kind: str, kept: timedelta) -> DriftStore:
    return MemoryDrift(kept)


def _lease(_address: Address, runtime: Path, purpose: str) -> Lease:
    return FileLease(runtime / purpose)


def _statuses(_address: Address, runtime: Path) -> StatusStore:
    return FileStatuses(runtime / "exporters")


def _kept_checks(_address: Address) -> KeptCheckStore:
    return MemoryKeptChecks()


def _records(_address: Address) -> ExpiringRecords:
    return MemoryRecords()


MEMORY = Engine(
    "memory:",
    "in this process, gone with it",
    _ledger,
    _counts,
    _lease,
    _statuses,
    _kept_checks,
    _records,
    shared=False,
)
