"""Exporting: keeping other registries in step with this one, over the API that both speak."""

from moorings_registry.exporting.leases import FileLease, Lease, open_lease, open_statuses
from moorings_registry.exporting.runner import Runner

__all__ = ["FileLease", "Lease", "Runner", "open_lease", "open_statuses"]
