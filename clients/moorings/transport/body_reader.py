"""Reads the body of a response within bounds of size and time."""

import time
from collections.abc import Callable, Mapping

from moorings.transport.effects import Lost, Received

_LARGEST_BYTES = 64 * 1024 * 1024
_LONGEST_FACTOR = 10
"""Times the time-out: for a body that trickles in, each piece within the time-out."""


class BodyReader:
    """Collects one body, after content codings; `take` says whether to continue."""

    def __init__(self, timeout_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._pieces: list[bytes] = []
        self._bytes = 0
        self._clock = clock
        self._until = clock() + _LONGEST_FACTOR * timeout_s
        self._lost: Lost | None = None

    def take(self, piece: bytes) -> bool:
        """Keep a piece; False when a bound is exceeded."""
        self._pieces.append(piece)
        self._bytes += len(piece)
        if self._bytes > _LARGEST_BYTES:
            self._lost = Lost("AnswerTooLarge")
        elif self._clock() > self._until:
            self._lost = Lost("AnswerTooSlow")
        return self._lost is None

    def answer(self, status: int, headers: Mapping[str, str]) -> Received | Lost:
        """Return the whole response, or why there is none."""
        if self._lost is not None:
            return self._lost
        return Received(status, {name.lower(): value for name, value in headers.items()}, b"".join(self._pieces))
