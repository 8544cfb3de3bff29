"""The spans of `tracing`, made with OpenTelemetry's SDK and sent in batches by a thread of its own."""

import os
import random
import threading
import time
from collections.abc import Mapping, Sequence

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.sdk.trace.sampling import Decision, TraceIdRatioBased
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from moorings_registry.telemetry.outcomes import SPANS_DROPPED, Once, Outcomes
from moorings_registry.telemetry.sessions import session
from moorings_registry.telemetry.written_traces import WrittenTraces
from moorings_registry.tracing import Value

_SCOPE = "moorings_registry"
_NS = 1_000_000_000
QUEUE = 2_048
"""Spans that wait to be sent, unless OTEL_BSP_MAX_QUEUE_SIZE says otherwise."""
_PROPAGATOR = TraceContextTextMapPropagator()


class OpenTelemetrySpan:
    """A span that is collected."""

    def __init__(self, span: trace.Span, tracer: trace.Tracer) -> None:
        self._span = span
        self._tracer = tracer

    @property
    def context(self) -> trace.SpanContext:
        return self._span.get_span_context()

    @property
    def trace_id(self) -> str:
        return trace.format_trace_id(self.context.trace_id)

    @property
    def traceparent(self) -> str:
        return f"00-{self.trace_id}-{trace.format_span_id(self.context.span_id)}-01"

    def set(self, name: str, value: Value) -> None:
        self._span.set_attribute(name, value)

    def rename(self, name: str) -> None:
        self._span.update_name(name)

    def failed(self, kind: str) -> None:
        self._span.set_attribute("error.type", kind)
        self._span.set_status(trace.StatusCode.ERROR)

    def child(self, name: str, *, is_client: bool = False) -> "OpenTelemetrySpan":
        kind = trace.SpanKind.CLIENT if is_client else trace.SpanKind.INTERNAL
        below = self._tracer.start_span(name, self._below(), kind=kind)
        return OpenTelemetrySpan(below, self._tracer)

    def past_child(self, name: str, seconds: float, attributes: Mapping[str, Value]) -> None:
        now = time.time_ns()
        begun = now - int(seconds * _NS)
        span = self._tracer.start_span(name, self._below(), attributes=dict(attributes), start_time=begun)
        span.end(now)

    def end(self) -> None:
        self._span.end()

    def _below(self) -> Context:
        return trace.set_span_in_context(self._span, Context())


class _Ids(RandomIdGenerator):
    """Random ids, and for a new trace the one that was decided on."""

    def __init__(self) -> None:
        self.decided = threading.local()

    def generate_trace_id(self) -> int:
        found: int | None = self.decided.__dict__.pop("trace_id", None)
        return found if found is not None else super().generate_trace_id()


class OpenTelemetryTracer:
    """Decides which traces are collected, as OTEL_TRACES_SAMPLER asks for, and makes their spans.

    The decision comes before anything else is made: a request that is not collected costs nothing more.
    """

    def __init__(self, resource: Resource, written: WrittenTraces, exporter: SpanExporter | None = None) -> None:
        """*written* is what the workers of a node tell each other; *exporter* replaces the one to the collector."""
        self._ids = _Ids()
        self._provider = TracerProvider(resource=resource, id_generator=self._ids, shutdown_on_exit=False)
        self._processor = _Bounded(exporter or OTLPSpanExporter(session=session()))
        self._provider.add_span_processor(self._processor)
        self._tracer = self._provider.get_tracer(_SCOPE)
        self._written = written
        self._bound = bound_of_new_traces()

    def begin(
        self, name: str, traceparent: str, *, is_server: bool, seconds_ago: float = 0.0
    ) -> OpenTelemetrySpan | None:
        trace_id = 0
        if not traceparent:
            trace_id = random.getrandbits(128) or 1
            if trace_id & _LOWER >= self._bound:
                return None
        # Without `tracestate`: its values are whatever callers put there, and would be exported.
        parent = _PROPAGATOR.extract({"traceparent": traceparent}, Context()) if traceparent else _NO_PARENT
        trace_id = trace_id or trace.get_current_span(parent).get_span_context().trace_id
        if not trace_id:
            return self.begin(name, "", is_server=is_server, seconds_ago=seconds_ago)
        if parent is _NO_PARENT:
            self._ids.decided.trace_id = trace_id
        decided = self._provider.sampler.should_sample(parent, trace_id, name)
        if decided.decision is not Decision.RECORD_AND_SAMPLE:
            self._ids.decided.__dict__.clear()
            return None
        kind = trace.SpanKind.SERVER if is_server else trace.SpanKind.CLIENT
        begun = time.time_ns() - int(seconds_ago * _NS)
        return OpenTelemetrySpan(self._tracer.start_span(name, parent, kind=kind, start_time=begun), self._tracer)

    def wrote(self, position: int, span: object) -> None:
        if isinstance(span, OpenTelemetrySpan):
            self._written.note(position, span.context.trace_id, span.context.span_id)

    def traceparent_of(self, position: int) -> str:
        return self._written.traceparent(position)

    def stop(self) -> None:
        """Send what waits, and end."""
        self._processor.shutdown()  # type: ignore[no-untyped-call]  # the SDK types this one not


_NO_PARENT = Context()
_LOWER = 2**64 - 1
"""The part of a trace id that samplers go by."""


def bound_of_new_traces() -> int:
    """Above which lower half of its id a trace without a parent is certainly not collected.

    A first look, for a tenth of the time that the sampler takes, which decides the rest.
    """
    sampler = os.environ.get("OTEL_TRACES_SAMPLER", "").strip().lower().removeprefix("parentbased_")
    if sampler == "always_off":
        return 0
    if sampler == "traceidratio":
        return TraceIdRatioBased.get_bound_for_rate(float(os.environ.get("OTEL_TRACES_SAMPLER_ARG") or 1.0))
    return _LOWER + 1


class _Bounded(BatchSpanProcessor):
    """A queue that counts what it cannot hold; an answer never waits for it."""

    def __init__(self, exporter: SpanExporter) -> None:
        self._size = int(os.environ.get("OTEL_BSP_MAX_QUEUE_SIZE") or QUEUE)
        self._counted = _Counted(exporter)
        self._full = Once("telemetry_spans_dropped", queue=self._size)
        super().__init__(self._counted, max_queue_size=self._size, max_export_batch_size=min(512, self._size))

    def on_end(self, span: ReadableSpan) -> None:
        if self._counted.waiting >= self._size:
            SPANS_DROPPED.inc()
            self._full.tell()
            return
        self._counted.add(1)
        super().on_end(span)


class _Counted(SpanExporter):
    """An exporter that knows how many spans wait for it, and what became of those it was given."""

    def __init__(self, exporter: SpanExporter) -> None:
        self._exporter = exporter
        self._outcomes = Outcomes("traces")
        self._lock = threading.Lock()
        self.waiting = 0

    def add(self, spans: int) -> None:
        with self._lock:
            self.waiting += spans

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        self.add(-len(spans))
        result = self._exporter.export(spans)
        if result is not SpanExportResult.SUCCESS:
            SPANS_DROPPED.inc(len(spans))
        self._outcomes.note(taken=result is SpanExportResult.SUCCESS)
        return result

    def shutdown(self) -> None:
        self._exporter.shutdown()
