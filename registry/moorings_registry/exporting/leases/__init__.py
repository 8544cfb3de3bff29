"""Who exports: of all workers of all nodes of a ledger, one at a time."""

from moorings_registry.exporting.leases.file import FileLease
from moorings_registry.exporting.leases.port import Lease

__all__ = ["FileLease", "Lease"]
