"""Keeps a token while it is valid, and renews it before it expires: once, for all threads and tasks."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from moorings.errors import SignInFailed
from moorings.notices import SILENT, Notices, TokenFailed, TokenRenewed
from moorings.signin.tokens import Token, TokenSource
from moorings.transport.effects import Effects, SingleFlight

_MARGIN_S = 60.0
"""How long before its expiry a token is renewed; a fifth of its life if that is shorter."""
_FAILED_FOR_S = 5.0
"""After a failure, the source is not asked again for so long."""
_FRESH_S = 5.0
"""A refused token younger than this is not replaced: the next one would be refused as well."""


@dataclass(frozen=True, slots=True)
class _Held:
    token: Token
    since_s: float

    def is_due(self, now_s: float) -> bool:
        expires_s = self.token.expires_s
        return expires_s is None or now_s >= expires_s - min(_MARGIN_S, 0.2 * (expires_s - self.since_s))

    def holds(self, now_s: float) -> bool:
        return self.token.expires_s is not None and now_s < self.token.expires_s


class TokenCache:
    """Hands out the token of a source; safe from any thread and any task."""

    def __init__(
        self, source: TokenSource, *, notices: Notices = SILENT, clock: Callable[[], float] = time.time
    ) -> None:
        self._source = source
        self._notices = notices
        self._clock = clock
        self._lock = threading.Lock()
        self._flights = SingleFlight()
        self._held: _Held | None = None
        self._failed: tuple[SignInFailed, float] | None = None

    def token(self) -> Effects[str]:
        """Return a valid token.

        Raises:
            SignInFailed: there is none, and none could be fetched, now or a moment ago.
        """
        held, now_s = self._held, self._clock()
        if held is not None and not held.is_due(now_s):
            return held.token.value
        try:
            token = yield from self._flights.once("token", self._renew)
        except SignInFailed as failed:
            if held is None or not held.holds(now_s):
                raise
            self._notices.tell(TokenFailed(failed.source, failed.reason))
            return held.token.value
        return token.value

    def refused(self, token: str) -> None:
        """Discard a refused token, unless it is so fresh that another would be refused as well."""
        with self._lock:
            held = self._held
            if held is not None and held.token.value == token and self._clock() - held.since_s >= _FRESH_S:
                self._held = None

    def _renew(self) -> Effects[Token]:
        now_s = self._clock()
        held, failed = self._held, self._failed
        if held is not None and not held.is_due(now_s):
            return held.token  # another thread renewed it in the meantime
        if failed is not None and now_s < failed[1]:
            raise SignInFailed(failed[0].source, failed[0].reason)
        try:
            token = yield from self._source.fetch()
        except SignInFailed as error:
            self._failed = error, self._clock() + _FAILED_FOR_S
            raise
        since_s = self._clock()
        self._failed = None
        if token.expires_s is not None:
            self._held = _Held(token, since_s)
            self._notices.tell(TokenRenewed(self._source.name, token.expires_s - since_s))
        return token
