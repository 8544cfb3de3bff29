"""The metrics of prometheus-client, pushed: what `/metrics` tells is read here too, and nothing is counted twice.

`/metrics` sums the workers of a node; here each worker sends its own, as an instance of the service.
"""

import os
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from itertools import pairwise
from typing import Any

import structlog
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.sdk.metrics.export import (
    AggregationTemporality,
    Gauge,
    Histogram,
    HistogramDataPoint,
    Metric,
    MetricExporter,
    MetricExportResult,
    MetricsData,
    NumberDataPoint,
    ResourceMetrics,
    ScopeMetrics,
    Sum,
)
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from prometheus_client.metrics_core import Metric as Family

from moorings_registry.log_ids import background_pass
from moorings_registry.telemetry.outcomes import Outcomes
from moorings_registry.telemetry.sessions import session

Collect = Callable[[], Iterable[Family]]
_Labels = tuple[tuple[str, str], ...]
_PREFIX = "moorings_"

log = structlog.get_logger("moorings.telemetry")


class PeriodicExport:
    """Reads and sends all metrics every OTEL_METRIC_EXPORT_INTERVAL ms, in a thread of its own, and once at the end.

    The SDK's own reader would do as much for instruments of the SDK; these here are prometheus-client's.
    """

    def __init__(self, collect: Collect, resource: Resource, exporter: MetricExporter | None = None) -> None:
        """*collect* reads the metrics of this process; *exporter* replaces the one to the collector."""
        self._collect = collect
        self._conversion = Conversion(resource, delta=_wants_delta())
        self._exporter = exporter or OTLPMetricExporter(session=session())
        self._outcomes = Outcomes("metrics")
        self._interval_s = int(os.environ.get("OTEL_METRIC_EXPORT_INTERVAL") or 60_000) / 1_000
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="telemetry-metrics", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Send what there is now, and end."""
        self._ending.set()
        self._thread.join()
        self._exporter.shutdown()

    def _run(self) -> None:
        while not self._ending.wait(self._interval_s):
            self._export()
        self._export()

    def _export(self) -> None:
        taken = False
        try:
            taken = self._send()
        except Exception:
            with background_pass("telemetry"):
                log.exception("metrics_not_exported")  # the thread goes on: the next time may do
        if taken:
            self._conversion.sent()
        self._outcomes.note(taken=taken)

    def _send(self) -> bool:
        converted = self._conversion.of(self._collect(), time.time_ns())
        return self._exporter.export(converted) is MetricExportResult.SUCCESS


def _wants_delta() -> bool:
    """Whether counts are reported since the last time, rather than since the start."""
    asked = os.environ.get("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", "").strip().lower()
    return asked in ("delta", "lowmemory")


class Conversion:
    """From families of prometheus-client to points of OpenTelemetry. Used by one thread at a time."""

    def __init__(self, resource: Resource, *, delta: bool) -> None:
        self._resource = resource
        self._delta = delta
        self._began = self._now = time.time_ns()
        self._before: dict[tuple[str, _Labels], float] = {}
        self._told: dict[tuple[str, _Labels], float] = {}

    def of(self, families: Iterable[Family], now: int) -> MetricsData:
        """The metrics of *families* that are this service's own, read at *now*, in nanoseconds."""
        self._now, self._told = now, {}
        metrics = [self._metric(one) for one in families if one.name.startswith(_PREFIX)]
        scope = ScopeMetrics(InstrumentationScope("moorings_registry"), metrics, "")
        return MetricsData([ResourceMetrics(self._resource, [scope], "")])

    def sent(self) -> None:
        """Count from here on, where counts are reported since the last time: the collector has taken these."""
        if self._delta:
            self._before, self._began = self._told, self._now

    @property
    def _temporality(self) -> AggregationTemporality:
        return AggregationTemporality.DELTA if self._delta else AggregationTemporality.CUMULATIVE

    def _metric(self, family: Family) -> Metric:
        unit = "s" if family.name.endswith("_seconds") else "1"
        data: Sum | Gauge | Histogram
        if family.type == "counter":
            data = Sum(self._numbers(family, "_total"), self._temporality, True)
        elif family.type == "histogram":
            data = Histogram(self._histograms(family), self._temporality)
        else:
            data = Gauge(self._numbers(family, ""))
        return Metric(family.name, family.documentation, unit, data)

    def _numbers(self, family: Family, suffix: str) -> list[NumberDataPoint]:
        name = family.name + suffix
        found = [one for one in family.samples if one.name == name]
        return [
            NumberDataPoint(
                _attributes(one.labels),
                self._began,
                self._now,
                self._since(name, one.labels, one.value) if suffix else float(one.value),
            )
            for one in found
        ]

    def _histograms(self, family: Family) -> list[HistogramDataPoint]:
        """One point for each set of labels; buckets of Prometheus hold those below them, too."""
        found: dict[_Labels, dict[str, Any]] = {}
        for sample in family.samples:
            labels = {name: value for name, value in sample.labels.items() if name != "le"}
            one = found.setdefault(_key(labels), {"labels": labels, "buckets": [], "sum": 0.0})
            value = self._since(sample.name, sample.labels, sample.value)
            if sample.name.endswith("_bucket"):
                one["buckets"].append((float(sample.labels["le"]), value))
            elif sample.name.endswith("_sum"):
                one["sum"] = value
        return [self._histogram(one["labels"], sorted(one["buckets"]), one["sum"]) for one in found.values()]

    def _histogram(
        self, labels: Mapping[str, str], buckets: list[tuple[float, float]], total: float
    ) -> HistogramDataPoint:
        below = [0.0, *(count for _, count in buckets)]
        counts = [max(0, round(upper - lower)) for lower, upper in pairwise(below)]
        return HistogramDataPoint(
            attributes=_attributes(labels),
            start_time_unix_nano=self._began,
            time_unix_nano=self._now,
            count=sum(counts),  # not the sample's own: another thread may count between the two
            sum=total,
            bucket_counts=counts,
            explicit_bounds=[bound for bound, _ in buckets[:-1]],  # the last one is infinite
            min=None,  # type: ignore[arg-type]  # nobody knows it, and the encoder leaves it out
            max=None,  # type: ignore[arg-type]
        )

    def _since(self, name: str, labels: Mapping[str, str], value: float) -> float:
        if not self._delta:
            return value
        key = (name, _key(labels))
        self._told[key] = value
        return value - self._before.get(key, 0.0)


def _key(labels: Mapping[str, str]) -> _Labels:
    return tuple(sorted(labels.items()))


def _attributes(labels: Mapping[str, str]) -> dict[str, str]:
    return dict(labels)
