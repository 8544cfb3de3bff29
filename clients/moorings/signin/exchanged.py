"""A token of the registry in exchange for another one: it lives for minutes, and carries no more than its scope."""

import time
from collections.abc import Callable
from urllib.parse import urlsplit

from moorings.signin.exchange import exchange, form_request, refuse_plain_http, require_bearer
from moorings.signin.tokens import Token, TokenSource, make_token
from moorings.transport.effects import Effects

_UNSAID_S = 300.0
_LONGEST_S = 3_600.0


class Exchanged:
    """Exchanges each token of *source* at the registry at *url* (RFC 8693).

    *scope* is a list such as ``"register:shop.orders read:*"``; without it, the token carries all that is granted. A
    registry exchanges a token once, so *source* has to hand out another one each time: a CI job or client credentials,
    not a file that stays the same for an hour.
    """

    def __init__(
        self,
        source: TokenSource,
        url: str,
        *,
        scope: str = "",
        timeout_s: float = 5.0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        refuse_plain_http(url, "the registry's URL")
        self.name = f"{urlsplit(url).netloc.rpartition('@')[2]}/v1/token, for a token of {source.name}"
        self._source = source
        self._url = f"{url.rstrip('/')}/v1/token"
        self._scope = scope
        self._timeout_s = timeout_s
        self._clock = clock

    def fetch(self) -> Effects[Token]:
        subject = yield from self._source.fetch()
        form = {
            "grant_type": "urn:ietf:params:oauth:grant-type:token-exchange",
            "subject_token": subject.value,
            "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
            **({"scope": self._scope} if self._scope else {}),
        }
        found = yield from exchange(self.name, form_request(self._url, form, self._timeout_s))
        require_bearer(self.name, found)
        lasts = found.get("expires_in")
        lasts_s = min(float(lasts), _LONGEST_S) if isinstance(lasts, int | float) and lasts > 0 else _UNSAID_S
        return make_token(self.name, found.get("access_token"), self._clock() + lasts_s)
