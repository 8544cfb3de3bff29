"""Opening what a ledger's URL names: the ledger, and what is stored beside it."""

from datetime import timedelta
from pathlib import Path

from moorings_registry.drift import KEPT_DAYS, DriftStore
from moorings_registry.engines.engine import beside_file
from moorings_registry.engines.table import found
from moorings_registry.expiring_records import ExpiringRecords
from moorings_registry.export_statuses import ExportStatuses, FileStatuses, StatusStore
from moorings_registry.exporting.leases import EXPORTING, Lease
from moorings_registry.kept_checks import KeptCheckStore
from moorings_registry.last_use import LAST_USE_DAYS
from moorings_registry.ledger import Ledger
from moorings_registry.side_stores import SideStores
from moorings_registry.usage_counts import Usage
from moorings_registry.webhook_progress import WebhookProgress

_KEPT = timedelta(days=KEPT_DAYS)


def open_ledger(url: str, *, create: bool = True) -> Ledger:
    """Open the ledger that *url* names; where there is none, *create* decides whether one is made.

    Raises:
        LedgerMisconfigured: the URL, or what is at its address, is not a ledger; says what to write instead.
        LedgerMissing: there is none, and *create* is False.
        LedgerUnavailable, LedgerCorrupt: see `Ledger`.
    """
    engine, address = found(url)
    return engine.open_ledger(address, create)


def open_drift(url: str) -> DriftStore:
    """Make the store of drift counts that belongs to the ledger at *url*; nothing is asked of it yet.

    Raises:
        LedgerMisconfigured: the URL does not name a ledger.
    """
    return _counts(url, "drift", _KEPT)


def open_drift_days(url: str) -> DriftStore:
    """Make the store of drift counts by day that belongs to the ledger at *url*; nothing is asked of it yet.

    Raises:
        LedgerMisconfigured: the URL does not name a ledger.
    """
    return _counts(url, "drift-days", _KEPT)


def open_usage(url: str) -> Usage:
    """Make the counts of usage that belong to the ledger at *url*; nothing is asked of them yet.

    Raises:
        LedgerMisconfigured: the URL does not name a ledger.
    """
    last_use = _counts(url, "last-use", timedelta(days=LAST_USE_DAYS))
    return Usage(_counts(url, "usage", _KEPT), last_use)


def open_kept_checks(url: str) -> KeptCheckStore:
    """Make the store of kept checks that belongs to the ledger at *url*; nothing is asked of it yet.

    Raises:
        LedgerMisconfigured: the URL does not name a ledger.
    """
    engine, address = found(url)
    return engine.open_kept_checks(address)


def access_path(url: str) -> Path | None:
    """The file in which a node counts who reads what: beside a ledger that is a file, else in the working directory.

    None for a ledger in memory, whose counts go with it.

    Raises:
        LedgerMisconfigured: the URL does not name a ledger.
    """
    engine, address = found(url)
    file = engine.file(address)
    if file is not None:
        return beside_file(file, ".access")
    return Path("moorings.access").absolute() if engine.shared else None


def bases_path(url: str) -> Path | None:
    """The folder of the bases of a ledger that is a file, beside it; None for one that is not on a disk of this node.

    Raises:
        LedgerMisconfigured: the URL does not name a ledger.
    """
    engine, address = found(url)
    file = engine.file(address)
    return beside_file(file, ".bases") if file is not None else None


def open_lease(url: str, runtime: Path, purpose: str = EXPORTING) -> Lease:
    """Make the lease of those who do *purpose* for the ledger at *url*; *runtime* is the folder of this run.

    Raises:
        LedgerMisconfigured: the URL does not name a ledger.
    """
    engine, address = found(url)
    return engine.open_lease(address, runtime, purpose)


def open_statuses(url: str, runtime: Path) -> StatusStore:
    """Make the store of export statuses that all processes of the ledger at *url* share.

    Raises:
        LedgerMisconfigured: the URL does not name a ledger.
    """
    engine, address = found(url)
    return engine.open_statuses(address, runtime)


def open_webhook_progress(url: str, runtime: Path) -> StatusStore:
    """Make the store of how far webhooks have come, which outlives a run where the ledger does.

    Raises:
        LedgerMisconfigured: the URL does not name a ledger.
    """
    engine, address = found(url)
    file = engine.file(address)
    return engine.open_statuses(address, runtime) if file is None else FileStatuses(beside_file(file, ".webhooks"))


def open_side_stores(url: str, runtime: Path) -> SideStores:
    """Make all that is kept beside the ledger at *url*; *runtime* is the folder of this run.

    Raises:
        LedgerMisconfigured: the URL does not name a ledger.
    """
    return SideStores(
        drift=open_drift(url),
        drift_days=open_drift_days(url),
        usage=open_usage(url),
        kept_checks=open_kept_checks(url),
        exports=ExportStatuses(open_statuses(url, runtime)),
        webhooks=WebhookProgress(open_webhook_progress(url, runtime)),
    )


def open_records(url: str) -> ExpiringRecords:
    """Make the store of expiring records that belongs to the ledger at *url*; nothing is asked of it yet.

    Raises:
        LedgerMisconfigured: the URL does not name a ledger.
    """
    engine, address = found(url)
    return engine.open_records(address)


def start_notes(url: str) -> tuple[str, ...]:
    """What somebody should know who serves the ledger at *url*, one sentence each.

    Raises:
        LedgerMisconfigured: the URL does not name a ledger.
    """
    engine, address = found(url)
    return engine.start_notes(address)


def _counts(url: str, kind: str, kept: timedelta) -> DriftStore:
    engine, address = found(url)
    return engine.open_counts(address, kind, kept)
