"""Cached answers, sent as bytes before the framework is entered.

An answer belongs to the view that its caller has of the registry: whoever sees something else never gets it. It is kept
together with the value of the state that it was rendered from. States are immutable, so as long as
the current state holds that very value, the answer is still right, and one identity test decides: no expiry, no
invalidation, nothing stale.
"""

import threading
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, replace
from typing import Any

from moorings_registry.access import Verb, is_operator
from moorings_registry.http.messages import Request, Response, header_lines
from moorings_registry.http.older_clients import is_older
from moorings_registry.names import Subject
from moorings_registry.principals import Principal
from moorings_registry.service import Registry
from moorings_registry.state import State

CAPACITY_BYTES = 64 * 1024 * 1024
Key = tuple[str, str, bool, Hashable]
"""The target as sent, what is accepted, whether the client is an older one, and the caller's view."""

WHOLE = object()
"""In place of a key: the map as a whole."""
_OF_THE_BODY = frozenset(("Content-Length", "Content-Type"))


@dataclass(frozen=True, slots=True)
class StateDependency:
    """A value that an answer depends on: under *key* in the map named *map* of the state, or the `WHOLE` map."""

    map: str
    key: Any
    value: Any

    def holds(self, state: State) -> bool:
        """Whether *state* holds the very same value: identity, since states share what did not change."""
        found = getattr(state, self.map)
        return (found if self.key is WHOLE else found.get(self.key)) is self.value


def topics_behind(state: State, subject: Subject) -> tuple[StateDependency, ...]:
    """What else an answer about *subject* depends on: its name is that of a topic, once an event is bound to one."""
    return (StateDependency("topics", WHOLE, state.topics),) if "-" in subject.name else ()


@dataclass(frozen=True, slots=True)
class CachedResponse:
    """An answer, the values that must be unchanged for it to be right, and the permission that it needs."""

    answer: Response
    unchanged: Response
    """The answer to callers who have it already: 304."""
    etag: str
    bases: tuple[StateDependency, ...]
    verb: Verb
    node: str

    def for_caller(self, if_none_match: str) -> Response:
        """The answer, or 304 if the caller has it already: RFC 9110, section 13.1.2."""
        if if_none_match and (self.etag in if_none_match or if_none_match.strip() == "*"):
            return self.unchanged
        return self.answer


def cached_response(
    answer: Response, etag: str, bases: tuple[StateDependency, ...], verb: Verb, node: str
) -> CachedResponse:
    """Return *answer* as it is kept: its headers are written once."""
    headers = tuple(one for one in answer.headers if one[0] not in _OF_THE_BODY)
    unchanged = Response(304, headers, b"", answer.route, header_lines(headers))
    return CachedResponse(replace(answer, lines=header_lines(answer.headers)), unchanged, etag, bases, verb, node)


class ResponseCache:
    """Answers by what was requested and what the caller may see; the oldest are dropped first. Safe from any thread."""

    def __init__(self, registry: Registry, capacity_bytes: int = CAPACITY_BYTES) -> None:
        self._registry = registry
        self._authorization = registry.authorization
        self._capacity_bytes = capacity_bytes
        self._size_bytes = 0
        self._kept: OrderedDict[Key, CachedResponse] = OrderedDict()
        self._lock = threading.Lock()

    def find(self, request: Request, principal: Principal) -> Response | None:
        """The cached answer to *request*, if there is one, *principal* may have it, and it is still right."""
        if request.method != "GET":
            return None
        headers = request.headers
        kept = self._kept.get(_key(request, self._authorization.view_of(principal)))
        # Permission comes before anything cached, a 304 included; the framework refuses whoever lacks it.
        if kept is None or not self._authorization.allows(principal, kept.verb, kept.node):
            return None
        if self._registry.is_behind or "moorings-position" in headers:
            return None
        state = self._registry.known
        for basis in kept.bases:
            if not basis.holds(state):
                return None
        if not is_operator(principal):
            self._registry.access_counts.note(principal.name, kept.verb, kept.node, ok=True)
        return kept.for_caller(headers.get("if-none-match", ""))

    def keep(self, request: Request, principal: Principal, kept: CachedResponse) -> None:
        """Remember an answer for requests like *request* by callers with the view of *principal*."""
        key = _key(request, self._authorization.view_of(principal))
        if len(key[0]) + len(key[1]) > 2_000:
            return
        with self._lock:
            replaced = self._kept.pop(key, None)
            self._size_bytes += _size_bytes(key, kept) - (_size_bytes(key, replaced) if replaced else 0)
            self._kept[key] = kept
            while self._size_bytes > self._capacity_bytes:
                oldest, dropped = self._kept.popitem(last=False)
                self._size_bytes -= _size_bytes(oldest, dropped)


def _key(request: Request, view: Hashable) -> Key:
    headers = request.headers
    return request.target, headers.get("accept", ""), is_older(headers), view


def _size_bytes(key: Key, kept: CachedResponse) -> int:
    return len(kept.answer.body) + len(key[0]) + len(key[1]) + 1_000
