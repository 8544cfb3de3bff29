"""Expiring records beside the ledger: what the nodes of a service have to know of each other until a moment."""

from moorings_registry.expiring_records.memory import MemoryRecords
from moorings_registry.expiring_records.port import ExpiringRecords, RecordsUnavailable

__all__ = ["ExpiringRecords", "MemoryRecords", "RecordsUnavailable"]
