"""What a `FaultProxy` does to a request."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Pass:
    """Hand it on."""


@dataclass(frozen=True, slots=True)
class Latency:
    """Hand it on after a wait."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Reset:
    """Cut the connection with a TCP reset before any answer."""


@dataclass(frozen=True, slots=True)
class BlackHole:
    """Take the request and never answer."""


@dataclass(frozen=True, slots=True)
class Truncate:
    """Hand it on, and cut the connection in the middle of the answer's body.

    `after_bytes` of the body come through; None: half of them.
    """

    after_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """Answer in the server's place: 500, 503, or 429 with `retry_after_s`."""

    status: int
    retry_after_s: int | None = None
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = field(default=())


Fault = Pass | Latency | Reset | BlackHole | Truncate | Answer
