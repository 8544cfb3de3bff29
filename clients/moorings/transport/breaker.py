"""A circuit breaker: after several failures in a row requests are refused for some seconds, then one is let through."""

import threading
import time
from collections.abc import Callable
from enum import StrEnum


class Circuit(StrEnum):
    """The state of a breaker."""

    CLOSED = "closed"
    """Requests pass."""
    OPEN = "open"
    """Requests are refused without being sent."""
    HALF_OPEN = "half_open"
    """One request is on its way; the others are refused until it ends."""


class Breaker:
    """Counts failures; safe from any thread and any task. Its lock is never held during a request."""

    def __init__(self, failures: int = 5, open_s: float = 10.0, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = failures
        self._open_s = open_s
        self._clock = clock
        self._lock = threading.Lock()
        self._failed = 0
        self._until = 0.0
        self._circuit = Circuit.CLOSED

    @property
    def circuit(self) -> Circuit:
        return self._circuit

    @property
    def failures(self) -> int:
        """How many requests failed since the last that succeeded."""
        return self._failed

    def open_for_s(self) -> float:
        """Return for how many seconds no request is let through from now on; 0 if one is."""
        return 0.0 if self._circuit is Circuit.CLOSED else max(0.0, self._until - self._clock())

    def allows(self) -> bool:
        """Say whether a request may be sent; `succeeded` or `failed` has to be called with its outcome."""
        with self._lock:
            if self._circuit is Circuit.CLOSED:
                return True
            if self._clock() < self._until:
                return False
            self._circuit = Circuit.HALF_OPEN
            self._until = (
                self._clock() + self._open_s
            )  # then another may try: the outcome of this one may never be reported
            return True

    def succeeded(self) -> Circuit:
        """Note a response of any status: the registry is reachable. Return the state."""
        with self._lock:
            self._failed = 0
            self._circuit = Circuit.CLOSED
            return self._circuit

    def failed(self) -> Circuit:
        """Note that no response came, or one that says that the registry is unavailable. Return the state."""
        with self._lock:
            self._failed += 1
            if self._circuit is Circuit.HALF_OPEN or self._failed >= self._most:
                self._circuit = Circuit.OPEN
                self._until = self._clock() + self._open_s
            return self._circuit
