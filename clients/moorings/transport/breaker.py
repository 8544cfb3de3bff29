"""A circuit breaker: after some failures in a row nothing is asked for a while, then one request tries the way."""

import threading
import time
from collections.abc import Callable
from enum import StrEnum


class Circuit(StrEnum):
    """Where a breaker stands."""

    CLOSED = "closed"
    """Requests pass."""
    OPEN = "open"
    """Requests are refused at once."""
    HALF_OPEN = "half_open"
    """One request is on its way; the others wait for what becomes of it."""


class Breaker:
    """Counts failures; safe from any thread and any task, and its lock is never held while a request runs."""

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

    def allows(self) -> bool:
        """Say whether a request may go out; the one that tries the way has to report what became of it."""
        with self._lock:
            if self._circuit is Circuit.CLOSED:
                return True
            if self._clock() < self._until:
                return False
            self._circuit = Circuit.HALF_OPEN
            self._until = self._clock() + self._open_s  # from then on another may try: this one may never report
            return True

    def succeeded(self) -> Circuit:
        """Note an answer, whatever it says: the registry is there. Return where the breaker stands now."""
        with self._lock:
            self._failed = 0
            self._circuit = Circuit.CLOSED
            return self._circuit

    def failed(self) -> Circuit:
        """Note that no answer came, or one that says that the registry cannot answer. Return where it stands now."""
        with self._lock:
            self._failed += 1
            if self._circuit is Circuit.HALF_OPEN or self._failed >= self._most:
                self._circuit = Circuit.OPEN
                self._until = self._clock() + self._open_s
            return self._circuit
