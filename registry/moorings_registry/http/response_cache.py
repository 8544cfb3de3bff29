"""Answers that were rendered before, served as bytes before the framework is entered.

An answer is kept together with the value of the state that it was rendered from. States are immutable, so as long as
the current state holds that very value, the answer is still right, and one identity test tells: no expiry, no
invalidation, nothing stale.
"""

import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

from moorings_registry.http.messages import Request, Response
from moorings_registry.service import Registry
from moorings_registry.state import State

CAPACITY_BYTES = 64 * 1024 * 1024
_OF_THE_BODY = frozenset(("Content-Length", "Content-Type"))


@dataclass(frozen=True, slots=True)
class StateDependency:
    """What an answer depends on: the value under *key* in the map called *map* of the state."""

    map: str
    key: Any
    value: Any

    def holds(self, state: State) -> bool:
        return getattr(state, self.map).get(self.key) is self.value


@dataclass(frozen=True, slots=True)
class CachedResponse:
    """An answer, and all that has to be unchanged for it to be right."""

    answer: Response
    etag: str
    bases: tuple[StateDependency, ...]

    def for_caller(self, if_none_match: str) -> Response:
        """The answer, or that it is what the caller has: RFC 9110, section 13.1.2."""
        if if_none_match and (self.etag in if_none_match or if_none_match.strip() == "*"):
            headers = tuple(one for one in self.answer.headers if one[0] not in _OF_THE_BODY)
            return Response(304, headers, b"", self.answer.route)
        return self.answer


class ResponseCache:
    """Keeps answers, the oldest first to go; safe from any thread."""

    def __init__(self, registry: Registry, capacity_bytes: int = CAPACITY_BYTES) -> None:
        self._registry = registry
        self._capacity_bytes = capacity_bytes
        self._size_bytes = 0
        self._kept: OrderedDict[tuple[str, str], CachedResponse] = OrderedDict()
        self._lock = threading.Lock()

    def find(self, request: Request) -> Response | None:
        """The kept answer to *asked*, if there is one and it is right now."""
        if request.method != "GET":
            return None
        headers = request.headers
        kept = self._kept.get((request.target, headers.get("accept", "")))
        if kept is None or self._registry.is_behind or "moorings-position" in headers:
            return None
        state = self._registry.known
        for basis in kept.bases:
            if not basis.holds(state):
                return None
        return kept.for_caller(headers.get("if-none-match", ""))

    def keep(self, request: Request, kept: CachedResponse) -> None:
        """Remember an answer for requests like *asked*."""
        key = (request.target, request.headers.get("accept", ""))
        if len(key[0]) + len(key[1]) > 2_000:
            return
        with self._lock:
            replaced = self._kept.pop(key, None)
            self._size_bytes += _size_bytes(key, kept) - (_size_bytes(key, replaced) if replaced else 0)
            self._kept[key] = kept
            while self._size_bytes > self._capacity_bytes:
                oldest, dropped = self._kept.popitem(last=False)
                self._size_bytes -= _size_bytes(oldest, dropped)


def _size_bytes(key: tuple[str, str], kept: CachedResponse) -> int:
    return len(kept.answer.body) + len(key[0]) + len(key[1]) + 1_000
