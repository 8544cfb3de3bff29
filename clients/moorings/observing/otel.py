"""OpenTelemetry spans for requests to the registry, and optionally for reading and writing events.

    moorings.connect(notices=RegistrySpans(), headers=trace_headers)

Names and attributes follow the semantic conventions for HTTP client spans, with a few of our own under ``moorings.``.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

from moorings.codecs.framing import Headers
from moorings.errors import ExtraMissing
from moorings.notices import CircuitChanged, EventNotRead, EventRefused, Notice, RequestEnded, StaleAnswerServed

try:
    from opentelemetry import propagate, trace
except ModuleNotFoundError:
    raise ExtraMissing("otel", "spans for requests to the registry") from None

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from moorings.asynchronous import AsyncEventContract

_SCOPE = "moorings"
_NS = 1_000_000_000


class RegistrySpans:
    """A listener that makes a span of every request, under the span that caused it."""

    def __init__(self, provider: "trace.TracerProvider | None" = None) -> None:
        self._tracer = trace.get_tracer(_SCOPE, tracer_provider=provider)

    def __call__(self, notice: Notice) -> None:
        if isinstance(notice, RequestEnded):
            self._request(notice)
        elif isinstance(notice, CircuitChanged | StaleAnswerServed | EventRefused | EventNotRead):
            trace.get_current_span().add_event(f"moorings.{type(notice).__name__}", _facts(notice))

    def _request(self, notice: RequestEnded) -> None:
        """Make a span of a request that has ended, with its times."""
        began_ns = int(notice.began_s * _NS)
        attributes: dict[str, str | int] = {
            "http.request.method": notice.method,
            "server.address": notice.place,
            "url.path": notice.path,
        }
        if notice.status is not None:
            attributes["http.response.status_code"] = notice.status
        span = self._tracer.start_span(
            f"{notice.method} {route_of(notice.path)}", kind=trace.SpanKind.CLIENT, start_time=began_ns
        )
        span.set_attributes(attributes)
        if notice.status is None or notice.status >= 400:
            span.set_attribute("error.type", str(notice.status or notice.reason.partition(" ")[0]))
            span.set_status(trace.StatusCode.ERROR)
        span.end(began_ns + int(notice.lasted_s * _NS))


class NamedContract(Protocol):
    """What the spans of events are named after."""

    @property
    def subject(self) -> str: ...

    @property
    def major(self) -> int: ...


class SpannableContract(NamedContract, Protocol):
    """The methods of a handle that spans need."""

    def encode(self, value: Any) -> bytes: ...

    def decode(self, data: bytes, headers: Headers | None = None) -> Any: ...


class SpannedContract:
    """A handle that makes a span of every event written or read; a span costs more than the event itself."""

    def __init__(self, contract: SpannableContract, provider: "trace.TracerProvider | None" = None) -> None:
        self.contract = contract
        self._spans = _EventSpans(contract, provider)

    def encode(self, value: Any) -> bytes:
        """As the handle's own."""
        with self._spans.of("encode") as span:
            return _measured(span, self.contract.encode(value))

    def decode(self, data: bytes, headers: Headers | None = None) -> Any:
        """As the handle's own."""
        with self._spans.of("decode") as span:
            return self.contract.decode(_measured(span, data), headers)


class AsyncSpannedContract:
    """`SpannedContract` around an `AsyncEventContract`."""

    def __init__(self, contract: "AsyncEventContract", provider: "trace.TracerProvider | None" = None) -> None:
        self.contract = contract
        self._spans = _EventSpans(contract, provider)

    def encode(self, value: Any) -> bytes:
        """As the handle's own."""
        with self._spans.of("encode") as span:
            return _measured(span, self.contract.encode(value))

    async def decode(self, data: bytes, headers: Headers | None = None) -> Any:
        """As the handle's own."""
        with self._spans.of("decode") as span:
            return await self.contract.decode(_measured(span, data), headers)


class _EventSpans:
    """Starts the spans of one handle."""

    def __init__(self, contract: NamedContract, provider: "trace.TracerProvider | None") -> None:
        self._tracer = trace.get_tracer(_SCOPE, tracer_provider=provider)
        self._subject = contract.subject
        self._facts: dict[str, str | int] = {"moorings.subject": contract.subject, "moorings.major": contract.major}

    def of(self, does: str) -> "AbstractContextManager[trace.Span]":
        return self._tracer.start_as_current_span(f"{does} {self._subject}", attributes=self._facts)


def _measured(span: "trace.Span", data: bytes) -> bytes:
    span.set_attribute("moorings.bytes", len(data))
    return data


def trace_headers() -> Mapping[str, str]:
    """Return the headers of the current trace; for `connect(headers=...)`."""
    headers: dict[str, str] = {}
    propagate.inject(headers)
    return headers


def route_of(path: str) -> str:
    """Replace names in a path, so that there are few kinds of spans: ``/v1/events/{}/versions/{}``."""
    parts = path.partition("?")[0].split("/")
    return "/".join(part if place < 3 or part in _PATH_WORDS else "{}" for place, part in enumerate(parts))


_PATH_WORDS = frozenset(("ids", "versions", "lookup", "majors", "compare", "drift"))


def _facts(notice: CircuitChanged | StaleAnswerServed | EventRefused | EventNotRead) -> dict[str, str]:
    names = [name for name in ("place", "before", "after", "path", "subject", "reason") if hasattr(notice, name)]
    return {f"moorings.{name}": str(getattr(notice, name)) for name in names}
