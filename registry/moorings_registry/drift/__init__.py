"""Drift: how often clients met events that do not keep to their contract. Counts beside the ledger, not part of it."""

from moorings_registry.drift.memory import MemoryDrift
from moorings_registry.drift.port import (
    KEPT_DAYS,
    MOST_ROWS,
    NOBODY,
    OTHER,
    Batch,
    DriftRow,
    DriftStore,
    DriftStoreError,
    Observed,
    Reporter,
)

__all__ = [
    "KEPT_DAYS",
    "MOST_ROWS",
    "NOBODY",
    "OTHER",
    "Batch",
    "DriftRow",
    "DriftStore",
    "DriftStoreError",
    "MemoryDrift",
    "Observed",
    "Reporter",
]
