"""A limit on refused credentials, by address and issuer: guessing and broken retries cost the registry little.

Kept here rather than in a library: one that counts in memory without a bound, and tidies up in a thread that does not
survive a fork, would be a way to fill that memory.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable

MOST_FAILURES = 10
WINDOW_S = 10.0
CAPACITY = 10_000

Key = tuple[str, str]
"""An address, and the alias of the issuer that the credential claims to be of; empty for none."""


class FailureLimit:
    """Counts failures in windows of a few seconds. Safe from any thread."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, capacity: int = CAPACITY) -> None:
        self._clock = clock
        self._capacity = capacity
        self._counts: OrderedDict[Key, tuple[float, int]] = OrderedDict()
        self._lock = threading.Lock()

    def is_reached(self, key: Key) -> bool:
        """Whether so many failed lately that no more are looked at."""
        began, count = self._counts.get(key, (0.0, 0))
        return count >= MOST_FAILURES and self._clock() - began < WINDOW_S

    def count(self, key: Key) -> None:
        """Count a failure."""
        now = self._clock()
        with self._lock:
            began, count = self._counts.pop(key, (now, 0))
            self._counts[key] = (began, count + 1) if now - began < WINDOW_S else (now, 1)
            while len(self._counts) > self._capacity:
                self._counts.popitem(last=False)
