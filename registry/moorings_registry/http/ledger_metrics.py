"""Metrics of the ledger and of what is kept in it, and of exporters."""

from collections.abc import Iterator

from prometheus_client import Counter, Histogram
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric

from moorings_registry.service import Registry

ENTRIES = Counter("moorings_ledger_entries", "Entries appended by this node.")
APPEND_SECONDS = Histogram(
    "moorings_ledger_append_seconds",
    "Time of an append until the entries in it are durable.",
    buckets=(0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
RACES = Counter("moorings_ledger_races_lost", "Appends that were decided again, since another writer was first.")
FAILURES = Counter("moorings_ledger_failures", "Times that the ledger could not be used, by operation.", ["operation"])
DELAY_SECONDS = Histogram(
    "moorings_ledger_delay_seconds",
    "Time from the recording of another writer's newest entry until it was applied here; as exact as the clocks agree.",
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60, 600),
)


class LedgerMetrics:
    """Counts what a `LedgerObserver` hears."""

    def appended(self, entries: int, seconds: float) -> None:
        ENTRIES.inc(entries)
        APPEND_SECONDS.observe(seconds)

    def race_lost(self) -> None:
        RACES.inc()

    def failed(self, operation: str) -> None:
        FAILURES.labels(operation).inc()

    def followed(self, seconds: float) -> None:
        DELAY_SECONDS.observe(seconds)


class StateMetrics:
    """What is read off at the moment of a scrape, by the worker that answers it."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def collect(self) -> Iterator[Metric]:
        """The metrics, as a collector of prometheus-client gives them."""
        state = self._registry.known
        yield _gauge(
            "moorings_ledger_away_seconds",
            "Since when the ledger cannot be read; 0 while it can.",
            self._registry.away_s,
        )
        yield _gauge("moorings_domains", "Registered domains.", len(state.domains))
        yield _gauge("moorings_subjects", "Subjects with versions.", len(state.subjects))
        yield _gauge("moorings_definitions", "Schemas, refused ones too.", len(state.definitions))
        yield _gauge("moorings_consumers", "Applications that declare what they read.", len(state.consumers))
        lag = GaugeMetricFamily(
            "moorings_exporter_lag_entries", "Entries that an exporter has not processed yet.", labels=["exporter"]
        )
        for exporter in state.exporters.values():
            offset = max(exporter.advanced, self._registry.exports.of(exporter).offset)
            lag.add_metric([exporter.name], max(0, state.position - offset))
        yield lag


def _gauge(name: str, what: str, value: float) -> Metric:
    return GaugeMetricFamily(name, what, value=value)
