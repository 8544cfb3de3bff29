"""Who exports, and who delivers to webhooks: of all workers of all nodes of a ledger, one at a time."""

from moorings_registry.exporting.leases.file import FileLease
from moorings_registry.exporting.leases.port import DELIVERING, EXPORTING, Lease

__all__ = ["DELIVERING", "EXPORTING", "FileLease", "Lease"]
