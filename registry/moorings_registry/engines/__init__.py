"""Engines: everything that uses one kind of storage, as one row, chosen by the scheme of the ledger's URL."""

from moorings_registry.engines.opening import (
    access_path,
    bases_path,
    open_drift,
    open_drift_days,
    open_kept_checks,
    open_lease,
    open_ledger,
    open_records,
    open_side_stores,
    open_statuses,
    open_usage,
    open_webhook_progress,
    start_notes,
)
from moorings_registry.engines.setup import missing_tables, run_setup, setup_script
from moorings_registry.engines.table import ENGINES, engine_of

__all__ = [
    "ENGINES",
    "access_path",
    "bases_path",
    "engine_of",
    "missing_tables",
    "open_drift",
    "open_drift_days",
    "open_kept_checks",
    "open_lease",
    "open_ledger",
    "open_records",
    "open_side_stores",
    "open_statuses",
    "open_usage",
    "open_webhook_progress",
    "run_setup",
    "setup_script",
    "start_notes",
]
