"""Spans of what this process does, for whoever collects them; without a collector, nothing is made and nothing kept.

This is the port: it knows no library. A worker that has somewhere to send spans calls `use`; what is done for a request
hangs below the request's span, which follows it from thread to thread in a context variable.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Protocol

Value = str | int | float | bool


class Span(Protocol):
    """A span that is collected; safe from any thread."""

    @property
    def trace_id(self) -> str:
        """32 hexadecimal digits."""

    @property
    def traceparent(self) -> str:
        """The header that hangs another service's spans below this one (W3C Trace Context)."""

    def set(self, name: str, value: Value) -> None:
        """Say something of what it measures; nothing secret, and nothing of a caller's data."""

    def rename(self, name: str) -> None:
        """Name it by what is known now."""

    def failed(self, kind: str) -> None:
        """Say that it ended in an error of that *kind*."""

    def child(self, name: str, *, is_client: bool = False) -> "Span":
        """Begin a span below it."""

    def past_child(self, name: str, seconds: float, attributes: Mapping[str, Value]) -> None:
        """Make a span of what ends now and took *seconds*."""

    def end(self) -> None:
        """Hand it over."""


class Tracer(Protocol):
    """Makes spans, of which it may leave some out."""

    def begin(self, name: str, traceparent: str, *, is_server: bool, seconds_ago: float = 0.0) -> Span | None:
        """Begin a span below the one that *traceparent* names, if that is valid, else one of a new trace.

        None where this trace is not collected.
        """

    def wrote(self, position: int, span: Span) -> None:
        """Remember for all workers of this node what led to the entry at *position*."""

    def traceparent_of(self, position: int) -> str:
        """What led to an entry; empty where that is not known here."""


_CURRENT: ContextVar[Span | None] = ContextVar("moorings_span", default=None)
_tracer: Tracer | None = None


def use(tracer: Tracer | None) -> None:
    """Make spans with *tracer* in this process; with None, no more."""
    global _tracer
    _tracer = tracer


def tracer() -> Tracer | None:
    """What makes the spans of this process; None where nobody collects them."""
    return _tracer


def current() -> Span | None:
    """The span of what is done here now; None where nobody collects one."""
    return _CURRENT.get()


@contextmanager
def under(span: Span | None) -> Iterator[None]:
    """Do something as part of *span*, which is ended by whoever began it."""
    token = _CURRENT.set(span)
    try:
        yield
    finally:
        _CURRENT.reset(token)


@contextmanager
def client_span(name: str, *, caused_by: int = 0) -> Iterator[Span | None]:
    """A span around a request to another service: below the current span, or below what led to the entry *caused_by*.

    None where nobody collects it.
    """
    above = _CURRENT.get()
    if above is not None:
        span: Span | None = above.child(name, is_client=True)
    elif _tracer is not None:
        span = _tracer.begin(name, _tracer.traceparent_of(caused_by) if caused_by else "", is_server=False)
    else:
        span = None
    if span is None:
        yield None
        return
    with _current(span):
        yield span


@contextmanager
def _current(span: Span) -> Iterator[None]:
    """Make *span* the one that others are below, and end it; it says what was raised."""
    try:
        with under(span):
            yield
    except BaseException as error:
        span.failed(type(error).__name__)
        raise
    finally:
        span.end()


@contextmanager
def step(name: str) -> Iterator[Span | None]:
    """A span around a part of what is done here now; None, at the price of one look, where nobody collects it."""
    above = _CURRENT.get()
    if above is None:
        yield None
        return
    span = above.child(name)
    with _current(span):
        yield span


def note(name: str, seconds: float, attributes: Mapping[str, Value]) -> None:
    """Note what was done for the current span, ends now, and took *seconds*."""
    span = _CURRENT.get()
    if span is not None:
        span.past_child(name, seconds, attributes)


def headers() -> dict[str, str]:
    """The header for a request to another service; none where the current span is not collected."""
    span = _CURRENT.get()
    return {} if span is None else {"traceparent": span.traceparent}
