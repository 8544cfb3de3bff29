"""Metrics of the ledger and of what is kept in it, and of exporters."""

from collections.abc import Iterator
from importlib.metadata import version

from prometheus_client import Counter, Gauge, Histogram
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily
from prometheus_client.metrics_core import Metric

from moorings_registry.export_statuses import ERROR
from moorings_registry.http.domain_labels import OTHERS
from moorings_registry.ledger.errors import (
    HistoryLost,
    LedgerCorrupt,
    LedgerMisconfigured,
    LedgerTooNew,
    LedgerUnavailable,
)
from moorings_registry.service import Registry
from moorings_registry.state import Exporter, State

EXPORTERS = 100
"""How many exporters have labels: the first by name."""

ENTRIES = Counter("moorings_ledger_entries", "Entries appended by this node.")
APPEND_SECONDS = Histogram(
    "moorings_ledger_append_seconds",
    "Time of an append until the entries in it are durable.",
    buckets=(0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
RACES = Counter("moorings_ledger_races_lost", "Appends that were decided again, since another writer was first.")
FAILURES = Counter(
    "moorings_ledger_failures",
    "Times that the ledger could not be used, by operation, and by the code of why.",
    ["operation", "code"],
)
IN_DOUBT = Counter("moorings_ledger_entries_in_doubt", "Entries of which it was not known whether they were stored.")
AWAY_SECONDS = Gauge(
    "moorings_ledger_away_seconds",
    "Since when the ledger cannot be read, by the worker that has been without it longest; 0 while all can.",
    multiprocess_mode="livemax",
)
DELAY_SECONDS = Histogram(
    "moorings_ledger_delay_seconds",
    "Time from the recording of another writer's newest entry until it was applied here; as exact as the clocks agree.",
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60, 600),
)
SKIPPED = Gauge(
    "moorings_ledger_skipped_records",
    "Records in the store of the ledger that do not belong to it, by reason, since the node started; of Kafka alone.",
    ["reason"],
    multiprocess_mode="livemax",  # each worker reads all of them
)


_CODES = [one.code for one in (LedgerUnavailable, LedgerTooNew, HistoryLost, LedgerCorrupt, LedgerMisconfigured)]


class LedgerMetrics:
    """Counts what a `LedgerObserver` hears."""

    def __init__(self) -> None:
        for operation in ("read", "append"):
            for code in _CODES:
                FAILURES.labels(operation, code)  # 0 from the start: what begins with 1 has not increased

    def appended(self, entries: int, seconds: float) -> None:
        ENTRIES.inc(entries)
        APPEND_SECONDS.observe(seconds)

    def race_lost(self) -> None:
        RACES.inc()

    def failed(self, operation: str, code: str) -> None:
        FAILURES.labels(operation, code).inc()

    def left_in_doubt(self, entries: int) -> None:
        IN_DOUBT.inc(entries)

    def away(self, seconds: float) -> None:
        AWAY_SECONDS.set(seconds)

    def back(self) -> None:
        AWAY_SECONDS.set(0)

    def followed(self, seconds: float) -> None:
        DELAY_SECONDS.observe(seconds)

    def skipped(self, reason: str, records: int) -> None:
        """Note how many records of the ledger's store were skipped for a reason; see `SkippingLedger`."""
        SKIPPED.labels(reason).set(records)


class StateMetrics:
    """What is read off at the moment of a scrape, by the worker that answers it."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def collect(self) -> Iterator[Metric]:
        """The metrics, as a collector of prometheus-client gives them."""
        state = self._registry.known
        yield _gauge("moorings_domains", "Registered domains.", len(state.domains))
        yield _gauge("moorings_subjects", "Subjects with versions.", len(state.subjects))
        yield _gauge("moorings_definitions", "Schemas, refused ones too.", len(state.definitions))
        yield _gauge("moorings_consumers", "Applications that declare what they read.", len(state.consumers))
        yield InfoMetricFamily(
            "moorings_build", "The release that serves, and the engine of its ledger.",
            {"version": version("moorings"), "engine": type(self._registry.ledger).__name__},
        )  # fmt: skip
        yield from self._exporters(state)

    def _exporters(self, state: State) -> Iterator[Metric]:
        """How far each exporter is; beyond the bound, the worst of all others together."""
        found = [self._exporter(one, state.position) for one in state.exporters.values()]
        shown = sorted(found)[:EXPORTERS]
        if others := sorted(found)[EXPORTERS:]:
            shown.append((OTHERS, max(one[1] for one in others), max(one[2] for one in others)))
        lag = GaugeMetricFamily(
            "moorings_exporter_lag_entries", "Entries that an exporter has not processed yet.", labels=["exporter"]
        )
        failing = GaugeMetricFamily(
            "moorings_exporter_failing", "1 while an exporter's state is ERROR, else 0.", labels=["exporter"]
        )
        for name, entries, fails in shown:
            lag.add_metric([name], entries)
            failing.add_metric([name], fails)
        yield from (lag, failing)

    def _exporter(self, exporter: Exporter, position: int) -> tuple[str, int, int]:
        """The name of an exporter, how many entries it is behind, and 1 if it fails."""
        if self._registry.away_s:  # where its status is kept may be away, too: a scrape does not wait for that
            return exporter.name, max(0, position - exporter.advanced), 0
        status = self._registry.exports.of(exporter)
        return exporter.name, max(0, position - max(exporter.advanced, status.offset)), int(status.state == ERROR)


def _gauge(name: str, what: str, value: float) -> Metric:
    return GaugeMetricFamily(name, what, value=value)
