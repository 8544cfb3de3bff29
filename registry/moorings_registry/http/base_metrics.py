"""Metrics of bases: what becomes of them, and how far the newest one is behind."""

import time
from collections.abc import Iterator

from prometheus_client import Counter, Histogram
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric

from moorings_registry.service import Registry

THROWN_AWAY = Counter("moorings_bases_thrown_away", "Bases that could not be used, and were removed.")
WRITE_SECONDS = Histogram(
    "moorings_base_write_seconds",
    "Time of writing a base, from the start of the process that does.",
    buckets=(0.5, 1, 2.5, 5, 10, 30, 60, 180, 600),
)
WRITE_FAILURES = Counter("moorings_base_write_failures", "Times that a base could not be written.")


class BaseMetrics:
    """Counts what a `BaseObserver` hears."""

    def thrown_away(self) -> None:
        THROWN_AWAY.inc()


def thrown_away(number: int) -> None:
    """Count those that a writer has removed."""
    THROWN_AWAY.inc(number)


def written(seconds: float) -> None:
    """Count a base that was written."""
    WRITE_SECONDS.observe(seconds)


def not_written() -> None:
    """Count one that was not, though it was due."""
    WRITE_FAILURES.inc()


class NewestBase:
    """What is read off at the moment of a scrape."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def collect(self) -> Iterator[Metric]:
        """The metrics, as a collector of prometheus-client gives them; none without a folder."""
        bases = self._registry.bases
        if bases is None:
            return
        position, moment = bases.newest() or (0, 0.0)
        yield GaugeMetricFamily(
            "moorings_base_position", "The position of the newest base; 0 without one.", value=position
        )
        if position:
            age_s = max(0.0, time.time() - moment)
            yield GaugeMetricFamily("moorings_base_age_seconds", "Since when there is the newest base.", value=age_s)
