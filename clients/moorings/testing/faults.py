"""The faults of a `FaultProxy`."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Pass:
    """Forward the request."""


@dataclass(frozen=True, slots=True)
class Latency:
    """Forward the request after a wait."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Reset:
    """Cut the connection with a TCP reset before any response."""


@dataclass(frozen=True, slots=True)
class BlackHole:
    """Accept the request and never respond."""


@dataclass(frozen=True, slots=True)
class Truncate:
    """Forward the request, and cut the connection in the middle of the response body.

    `after_bytes` of the body are delivered; None: half of them.
    """

    after_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """Respond in place of the server: 500, 503, or 429 with `retry_after_s`."""

    status: int
    retry_after_s: int | None = None
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = field(default=())


Fault = Pass | Latency | Reset | BlackHole | Truncate | Answer
