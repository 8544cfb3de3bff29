"""Principals of credentials that were verified a moment ago, so that a known token costs two look-ups."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from moorings_registry.principals import Principal

REMEMBERED_S = 60.0
CAPACITY = 10_000


@dataclass(frozen=True, slots=True)
class _Known:
    principal: Principal
    until_s: float
    generation: object


class PrincipalMemory:
    """By the digest of a credential; the oldest are dropped first. Safe from any thread."""

    def __init__(self, capacity: int = CAPACITY, clock: Callable[[], float] = time.monotonic) -> None:
        self._capacity = capacity
        self._clock = clock
        self._known: OrderedDict[bytes, _Known] = OrderedDict()
        self._lock = threading.Lock()

    def find(self, key: bytes, generation: object) -> Principal | None:
        """The principal of a credential that was verified under the same *generation* of keys and issuers."""
        known = self._known.get(key)
        if known is None or known.generation != generation or self._clock() >= known.until_s:
            return None
        return known.principal

    def remember(self, key: bytes, principal: Principal, holds_s: float, generation: object) -> None:
        """Remember a principal, for as long as its credential holds and for a minute at most."""
        if holds_s <= 0:
            return
        with self._lock:
            self._known.pop(key, None)
            self._known[key] = _Known(principal, self._clock() + min(holds_s, REMEMBERED_S), generation)
            while len(self._known) > self._capacity:
                self._known.popitem(last=False)
