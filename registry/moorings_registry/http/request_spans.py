"""The span of a request, named and described as OpenTelemetry's conventions for HTTP servers have it.

It holds no header, no query and no body. It has the path of routes that there are, without credentials, as the access
log has it: whatever else somebody asks for may be anything. A name that the route names is cut.

Source: OpenTelemetry Semantic Conventions, HTTP server spans.
"""

import time

from moorings_registry import tracing
from moorings_registry.http.access_log import METHODS, loggable
from moorings_registry.http.messages import Request
from moorings_registry.tracing import Span

LONGEST_NAME = 200
UNKNOWN_ROUTE = "unknown"


def begin_span(request: Request, correlation_id: str, began: float) -> Span | None:
    """The span of a request that came at *began*, on the clock of `time.perf_counter`; None where none is collected."""
    return past_span(request, correlation_id, time.perf_counter() - began)


def past_span(request: Request, correlation_id: str, seconds: float, refused: str = "") -> Span | None:
    """The span of one that came *seconds* ago, and was *refused* with a code before the framework, if it was."""
    tracer = tracing.tracer()
    if tracer is None:
        return None
    name = _method(request)
    span = tracer.begin(name, request.headers.get("traceparent", ""), is_server=True, seconds_ago=seconds)
    if span is None:
        return None
    span.set("http.request.method", name)
    span.set("url.scheme", request.scheme)
    span.set("moorings.correlation_id", loggable(correlation_id))
    if refused:
        span.set("moorings.error.code", refused)
    return span


def end_span(span: Span, request: Request, status: int, route: str) -> None:
    """Say how the request was answered, and end its span."""
    if route and route != UNKNOWN_ROUTE:
        span.rename(f"{_method(request)} {route}")
        span.set("http.route", route)
        span.set("url.path", loggable(request.target.partition("?")[0]))
    span.set("http.response.status_code", status)
    if status >= 500:
        span.failed(str(status))
    span.end()


def tell_refusal(code: str) -> None:
    """Say of the current request which refusal of the catalogue answers it."""
    span = tracing.current()
    if span is not None:
        span.set("moorings.error.code", code)


def tell_named(kind: str, name: str) -> None:
    """Say which `subject` or `domain` the current request is about."""
    span = tracing.current()
    if span is not None and name:
        span.set(f"moorings.{kind}", loggable(name)[:LONGEST_NAME])


def _method(request: Request) -> str:
    return request.method if request.method in METHODS else "_OTHER"
