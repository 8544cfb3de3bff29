"""Metrics of prometheus-client as points of OpenTelemetry, and the traces that workers tell each other of."""

from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("opentelemetry.exporter.otlp.proto.http", reason="the extra otlp is not installed")

from opentelemetry.sdk.metrics.export import AggregationTemporality
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from moorings_registry.telemetry.metrics import Conversion
from moorings_registry.telemetry.spans import OpenTelemetryTracer
from moorings_registry.telemetry.written_traces import SLOTS, WrittenTraces


class Counted:
    """One metric of each kind, and a conversion."""

    def __init__(self, *, delta: bool) -> None:
        self.registry = CollectorRegistry()
        self.counter = Counter("moorings_things", "Things.", ["kind"], registry=self.registry)
        self.gauge = Gauge("moorings_level", "A level.", registry=self.registry)
        self.histogram = Histogram("moorings_wait_seconds", "Waits.", buckets=(0.1, 1), registry=self.registry)
        Counter("other", "Somebody else's.", registry=self.registry).inc()
        self.conversion = Conversion(Resource({}), delta=delta)

    def read(self, now: int) -> dict[str, Any]:
        data = self.conversion.of(self.registry.collect(), now)
        return {one.name: one for one in data.resource_metrics[0].scope_metrics[0].metrics}


def test_cumulative_points_are_what_the_scrape_tells() -> None:
    counted = Counted(delta=False)
    counted.counter.labels("a").inc(3)
    counted.gauge.set(7)
    for seconds in (0.05, 0.5, 0.6, 30):
        counted.histogram.observe(seconds)
    first = counted.read(100)
    counted.conversion.sent()
    again = counted.read(200)
    assert set(first) == {"moorings_things", "moorings_level", "moorings_wait_seconds"}
    for read in (first, again):
        (things,) = read["moorings_things"].data.data_points
        assert (things.value, things.attributes) == (3.0, {"kind": "a"})
        assert read["moorings_things"].data.aggregation_temporality is AggregationTemporality.CUMULATIVE
        (waits,) = read["moorings_wait_seconds"].data.data_points
        assert (waits.bucket_counts, waits.explicit_bounds, waits.count) == ([1, 2, 1], [0.1, 1.0], 4)
        assert waits.sum == pytest.approx(31.15)
        assert read["moorings_level"].data.data_points[0].value == 7.0
    assert first["moorings_wait_seconds"].unit == "s"


def test_deltas_count_from_what_the_collector_took() -> None:
    counted = Counted(delta=True)
    counted.counter.labels("a").inc(3)
    assert counted.read(100)["moorings_things"].data.data_points[0].value == 3.0
    counted.counter.labels("a").inc(2)  # the first three were not taken, so they are in the next
    second = counted.read(200)
    assert second["moorings_things"].data.data_points[0].value == 5.0
    assert second["moorings_things"].data.aggregation_temporality is AggregationTemporality.DELTA
    counted.conversion.sent()
    counted.counter.labels("a").inc()
    counted.histogram.observe(0.5)
    third = counted.read(300)
    (things,) = third["moorings_things"].data.data_points
    assert (things.value, things.start_time_unix_nano, things.time_unix_nano) == (1.0, 200, 300)
    assert third["moorings_wait_seconds"].data.data_points[0].bucket_counts == [0, 1, 0]


def test_workers_of_a_node_tell_each_other_what_led_to_an_entry(tmp_path: Path) -> None:
    one, other = WrittenTraces(tmp_path / "traces"), WrittenTraces(tmp_path / "traces")
    one.note(7, 0xAB, 0xCD)
    assert other.traceparent(7) == f"00-{0xAB:032x}-{0xCD:016x}-01"
    assert other.traceparent(8) == ""
    assert other.traceparent(7 + SLOTS) == ""
    other.note(7 + SLOTS, 1, 2)
    assert one.traceparent(7) == ""  # its place was taken


def test_a_slot_that_is_half_written_counts_as_empty(tmp_path: Path) -> None:
    path = tmp_path / "traces"
    WrittenTraces(path).note(3, 0xAB, 0xCD)
    content = bytearray(path.read_bytes())
    at = content.index(0xAB)
    content[at] = 0xAC
    path.write_bytes(content)
    assert WrittenTraces(path).traceparent(3) == ""


@pytest.mark.parametrize(
    ("sampler", "share", "least", "most"),
    [
        ("parentbased_traceidratio", "0.1", 100, 320),  # of 2,000: ten standard deviations to either side
        ("traceidratio", "0", 0, 0),
        ("parentbased_always_off", "", 0, 0),
        ("always_on", "", 2_000, 2_000),
        ("", "", 2_000, 2_000),
    ],
)
def test_new_traces_are_collected_as_the_sampler_says(
    sampler: str, share: str, least: int, most: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"OTEL_TRACES_SAMPLER": sampler, "OTEL_TRACES_SAMPLER_ARG": share}.items():
        monkeypatch.setenv(name, value) if value else monkeypatch.delenv(name, raising=False)
    tracer = OpenTelemetryTracer(Resource({}), WrittenTraces(tmp_path / "traces"), InMemorySpanExporter())
    begun = [tracer.begin("GET", "", is_server=True) for _ in range(2_000)]
    assert least <= sum(one is not None for one in begun) <= most
    assert len({one.trace_id for one in begun if one}) == sum(one is not None for one in begun)
    parent = f"00-{0xAB:032x}-{0xCD:016x}-"
    below = tracer.begin("GET", f"{parent}01", is_server=True)
    if sampler != "traceidratio":
        assert below is not None
        assert below.trace_id == f"{0xAB:032x}"
        assert below.child("check").trace_id == below.trace_id
    if sampler != "always_on":
        assert tracer.begin("GET", f"{parent}00", is_server=True) is None
    tracer.stop()
