"""OAuth client credentials, with a private key in place of a shared secret.

The client signs a short-lived assertion about itself (RFC 7523 §2.2, `private_key_jwt` in OpenID Connect Core §9) and
is given an access token for it (RFC 6749 §4.4).
"""

import json
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from moorings.errors import ExtraMissing, SignInFailed
from moorings.signin.exchange import exchange, expires_in_s, form_request, refuse_plain_http, require_bearer
from moorings.signin.tokens import Token, make_token
from moorings.transport.effects import Effects

_ASSERTION_S = 60
_UNSAID_S = 300.0
"""How long a token is kept if the response does not say (RFC 6749 §5.1 recommends that it does)."""
_ALGORITHMS = {"P-256": "ES256", "P-384": "ES384", "P-521": "ES512", "Ed25519": "Ed25519", "Ed448": "Ed448"}
"""By curve; *algorithm* chooses another, such as the older name ``EdDSA``, or ``PS256`` for an RSA key."""
_LARGEST_KEY_BYTES = 65_536


class ClientCredentials:
    """Fetches access tokens from *token_url* for *client_id*, whose private key is in the file *key*: PEM, or a JWK.

    The file is read again for each token, so that a key can be replaced while the service runs. *audience* is whom
    the assertion is for, by default the token endpoint; *resource* names the registry, where the server asks for that.
    """

    def __init__(
        self,
        token_url: str,
        client_id: str,
        key: Path | str,
        *,
        scope: str = "",
        audience: str | None = None,
        resource: str | None = None,
        key_id: str | None = None,
        algorithm: str | None = None,
        timeout_s: float = 5.0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        refuse_plain_http(token_url, "the token endpoint")
        self.name = token_url.partition("?")[0].rpartition("@")[2].removeprefix("https://").removeprefix("http://")
        self._token_url = token_url
        self._client_id = client_id
        self._key = Path(key)
        self._scope = scope
        self._audience = audience or token_url
        self._resource = resource
        self._key_id = key_id
        self._algorithm = algorithm
        self._timeout_s = timeout_s
        self._clock = clock

    def fetch(self) -> Effects[Token]:
        form = {
            "grant_type": "client_credentials",
            "client_id": self._client_id,
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion": self._assertion(),
        }
        if self._scope:
            form["scope"] = self._scope
        if self._resource:
            form["resource"] = self._resource
        found = yield from exchange(self.name, form_request(self._token_url, form, self._timeout_s))
        require_bearer(self.name, found)
        return make_token(
            self.name, found.get("access_token"), self._clock() + (expires_in_s(found.get("expires_in")) or _UNSAID_S)
        )

    def _assertion(self) -> str:
        """Sign who we are, for this one request."""
        try:
            from joserfc import jwt  # an extra, for those alone who sign in this way
            from joserfc.errors import JoseError
        except ModuleNotFoundError:
            raise ExtraMissing("sign-in", "signing in with a private key") from None
        now = int(self._clock())
        claims = {
            "iss": self._client_id,
            "sub": self._client_id,
            "aud": self._audience,
            "jti": uuid.uuid4().hex,
            "iat": now,
            "exp": now + _ASSERTION_S,
        }
        try:
            key = _read_private_key(self._key)
            header = {"alg": self._algorithm or _algorithm_of(key), "typ": "JWT"}
            key_id = self._key_id or key.kid
            if key_id:
                header["kid"] = key_id
            return jwt.encode(header, claims, key, algorithms=[header["alg"]])
        except OSError as error:
            reason = f"the key {self._key} cannot be read: {error.strerror}"
        except (JoseError, ValueError, TypeError, KeyError):
            reason = f"{self._key} has no private key (PEM or JWK) for the algorithm"
        raise SignInFailed(self.name, reason)


def _read_private_key(path: Path) -> Any:
    """Read a private key, never a shared secret; the caller catches what is raised."""
    from joserfc.errors import JoseError  # as above
    from joserfc.jwk import JWKRegistry

    with path.open("rb") as file:
        text = file.read(_LARGEST_KEY_BYTES)
    if text.lstrip().startswith(b"{"):
        key = JWKRegistry.import_key(json.loads(text))
        if key.key_type == "oct":
            raise ValueError
        return key
    for kind in ("EC", "RSA", "OKP"):
        try:
            return JWKRegistry.import_key(text, kind)
        except (JoseError, ValueError, TypeError):
            continue  # of another kind
    raise ValueError


def _algorithm_of(key: Any) -> str:
    return "RS256" if key.key_type == "RSA" else _ALGORITHMS[key.curve_name]
