"""What a registry keeps beside its ledger: counts, checks and progress. Losing them loses no fact."""

from dataclasses import dataclass, field

from moorings_registry.drift import DriftStore, MemoryDrift
from moorings_registry.export_statuses import ExportStatuses
from moorings_registry.kept_checks import KeptCheckStore, MemoryKeptChecks
from moorings_registry.usage_counts import Usage
from moorings_registry.webhook_progress import WebhookProgress


@dataclass(frozen=True, slots=True)
class SideStores:
    """Each is in this process's memory, unless another is given; safe from any thread."""

    drift: DriftStore = field(default_factory=MemoryDrift)
    """Counts of broken contracts."""
    drift_days: DriftStore = field(default_factory=MemoryDrift)
    """The same of each day, for the overview."""
    usage: Usage = field(default_factory=lambda: Usage(MemoryDrift()))
    """Which applications use a major."""
    kept_checks: KeptCheckStore = field(default_factory=MemoryKeptChecks)
    """Checks of CI jobs."""
    exports: ExportStatuses = field(default_factory=ExportStatuses)
    """How far exporters are."""
    webhooks: WebhookProgress = field(default_factory=WebhookProgress)
    """How far webhooks have come."""
