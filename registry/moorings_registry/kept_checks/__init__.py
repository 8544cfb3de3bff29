"""Checks of CI jobs, kept beside the ledger for 90 days."""

from moorings_registry.kept_checks.memory import MemoryKeptChecks
from moorings_registry.kept_checks.port import (
    KEPT_DAYS,
    LARGEST_BYTES,
    MOST_LISTED,
    MOST_OF_DOMAIN,
    KeptCheckStore,
    KeptCheckStoreError,
    StoredCheck,
)
from moorings_registry.kept_checks.values import CheckSource, KeptCheck, check_id

__all__ = [
    "KEPT_DAYS",
    "LARGEST_BYTES",
    "MOST_LISTED",
    "MOST_OF_DOMAIN",
    "CheckSource",
    "KeptCheck",
    "KeptCheckStore",
    "KeptCheckStoreError",
    "MemoryKeptChecks",
    "StoredCheck",
    "check_id",
]
