"""Who may do what: the one question that is asked before a request is answered, and what a caller may see."""

import math
import time
from collections.abc import Callable, Hashable
from typing import Protocol

from moorings_registry.access import UNLIMITED, Access, Verb, access_of, is_operator, visible
from moorings_registry.principals import Principal
from moorings_registry.state import Grant, State

_REMEMBERED = 10_000
"""Callers whose access is kept. Those with tokens come again within seconds, or not at all."""
_LOOK_S = 1.0
"""Seconds after which it is looked whether a grant has ended: reading the clock costs as much as all else."""


class Authorization(Protocol):
    """Decides for each principal; asked on every request, so it answers from memory."""

    def allows(self, principal: Principal, verb: Verb, node: str) -> bool:
        """Whether *principal* may do *verb* to *node*: a subject, a domain, or `ANYWHERE`."""

    def view_of(self, principal: Principal) -> Hashable:
        """What *principal* may see, as a key: two principals with the same key get the same answers."""

    def visible(self, state: State, principal: Principal) -> State:
        """*state* as *principal* may see it."""

    def ends(self, principal: Principal) -> str:
        """The moment at which *principal* may do less without anybody writing so; empty where there is none."""

    def reason(self, principal: Principal, verb: Verb, node: str) -> Grant | None:
        """The grant that lets *principal* do *verb* to *node*; None for the operator, and where there is none."""


class GrantedAuthorization:
    """Decides by the grants of the state. Callers for whom no issuer vouches are the operator's, and may do everything.

    What a caller may do is worked out once for each principal that authentication made, and again when a grant was
    added, revoked or ended. Safe from any thread.
    """

    def __init__(self, state: Callable[[], State], now: Callable[[], str]) -> None:
        """*state* is the newest one known; *now* is the moment as entries have it."""
        self._state = state
        self._now = now
        self._kept: tuple[object, dict[int, tuple[Principal, Access, float]]] = (None, {})
        """What was worked out from which grants; replaced whole when those change."""

    def access(self, principal: Principal) -> Access:
        """What *principal* may do now."""
        if is_operator(principal):
            return UNLIMITED
        grants = self._state().grants
        kept = self._kept
        if kept[0] is not grants:
            self._kept = kept = (grants, {})
        # The same token makes the same object; an equal one may have come with other claims.
        known = kept[1].get(id(principal))
        if known is not None and known[0] is principal and time.monotonic() < known[2]:
            return known[1]
        now = self._now()
        access = known[1] if known is not None and known[0] is principal and now < known[1].ends else None
        access = access or access_of(grants, principal, now)
        if len(kept[1]) >= _REMEMBERED:
            kept[1].clear()
        kept[1][id(principal)] = (principal, access, time.monotonic() + _LOOK_S if access.ends else math.inf)
        return access

    def allows(self, principal: Principal, verb: Verb, node: str) -> bool:
        return self.access(principal).allows(verb, node)

    def view_of(self, principal: Principal) -> Hashable:
        return self.access(principal).view

    def visible(self, state: State, principal: Principal) -> State:
        return visible(state, self.access(principal).view)

    def ends(self, principal: Principal) -> str:
        return self.access(principal).ends

    def reason(self, principal: Principal, verb: Verb, node: str) -> Grant | None:
        return self.access(principal).reason(verb, node)
