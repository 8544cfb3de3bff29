"""Signing an exporter in at its target: with an assertion that this registry signs, and no secret.

A target that trusts this registry as an issuer of kind `registry` answers it with an access token (RFC 7523); one that
has no token endpoint is asked without a credential, as it always was.
"""

import time
from collections.abc import Callable
from urllib.parse import urlencode

import httpx2
import orjson

from moorings_registry.issuers import require_https
from moorings_registry.migration.peer import read_bounded
from moorings_registry.own_keys import ASSERTION, OwnKeys
from moorings_registry.token_exchange import ASSERTION_TYPE, CLIENT_CREDENTIALS

_ASSERTION_LIFE_S = 60
_RENEWED_AT = 0.8
_ASKED_AGAIN_S = 600.0
"""After so many seconds, a target without a token endpoint is asked whether it has one now."""
_LARGEST_ANSWER_BYTES = 64 * 1024
_ABSENT = (404, 405, 501)


class SignInRefused(Exception):
    """The target does not sign this exporter in; the text says why."""


class ExporterSignIn:
    """The access token of one exporter; used by one thread."""

    def __init__(self, own_keys: OwnKeys, name: str, url: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        """*name* of the exporter, whose target is at *url*."""
        self._own_keys = own_keys
        self._name = name
        self._url = url
        self._clock = clock
        self._token = ""
        self._renew_at = float("-inf")

    def authorize(self, client: httpx2.Client) -> dict[str, str]:
        """The headers that sign a request in; none where the target takes no tokens. May ask the target.

        Raises:
            SignInRefused, SigningUnavailable
            httpx2.HTTPError: no answer.
        """
        if self._clock() >= self._renew_at:
            self._token, lasts_s = self._fetch(client)
            self._renew_at = self._clock() + lasts_s
        return {"Authorization": f"Bearer {self._token}"} if self._token else {}

    @property
    def has_token(self) -> bool:
        return bool(self._token)

    def forget(self) -> None:
        """Sign in again before the next request: the target does not accept the token any more."""
        self._token, self._renew_at = "", float("-inf")

    def _fetch(self, client: httpx2.Client) -> tuple[str, float]:
        """A token, empty where the target has no token endpoint, and after how many seconds to ask again."""
        form = {
            "grant_type": CLIENT_CREDENTIALS,
            "client_assertion_type": ASSERTION_TYPE,
            # For this target alone: it cannot show the assertion to another one.
            "client_assertion": self._own_keys.sign(
                ASSERTION, {"sub": self._name, "aud": self._url}, _ASSERTION_LIFE_S
            ),
        }
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        status, found = _asked(client, headers, urlencode(form).encode())
        error = found.get("error")
        if status == 200 and str(found.get("token_type", "")).lower() == "bearer":
            token, lasts_s = found.get("access_token"), found.get("expires_in", 0)
            if isinstance(token, str) and token.isascii() and token.isprintable() and isinstance(lasts_s, int | float):
                return token, max(0.0, min(lasts_s, 86_400)) * _RENEWED_AT
        if isinstance(error, str):
            told = found.get("error_description")
            reason = f"{error[:40]}: {told[:300]}" if isinstance(told, str) else error[:40]
            raise SignInRefused(reason)
        if status in _ABSENT or status in (400, 401, 403):
            return "", _ASKED_AGAIN_S
        raise SignInRefused(f"its token endpoint answered {status}")


def sign_in_of(own_keys: OwnKeys | None, name: str, url: str) -> ExporterSignIn | None:
    """How exporter *name* signs in at *url*; None without keys, and where a token could be read on its way."""
    if own_keys is None:
        return None
    try:
        require_https(url)
    except ValueError:
        return None
    return ExporterSignIn(own_keys, name, url)


def _asked(client: httpx2.Client, headers: dict[str, str], content: bytes) -> tuple[int, dict[str, object]]:
    with client.stream("POST", "/v1/token", content=content, headers=headers) as response:
        body = read_bounded(response, _LARGEST_ANSWER_BYTES)
        try:
            found = None if body is None else orjson.loads(body)
        except orjson.JSONDecodeError:
            found = None
        return response.status_code, found if isinstance(found, dict) else {}
