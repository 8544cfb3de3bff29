"""An issuer that signs whatever a test asks for, and serves its keys however the test likes."""

import base64
import json
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl

from joserfc import jws, jwt
from joserfc.jwk import ECKey, Key

from moorings_registry.issuers import Issuer
from moorings_registry.issuers.fetching import FetchedKeys
from moorings_registry.issuers.key_sets import read_key_set

AUDIENCE = "https://registry.example"
Page = tuple[int, str, bytes]
"""A status, a media type and a body."""


class ForgingIssuer:
    """One key unless told otherwise; discovery and key set on a loopback port."""

    def __init__(self) -> None:
        self.key = ECKey.generate_key("P-256", auto_kid=True)
        self.published: list[Mapping[str, Any]] = [self.key.as_dict(private=False)]
        self.fetches = 0
        self.seen: list[str] = []
        """Every path that was asked for."""
        self.answer_keys: Callable[[], Page] = self._keys
        """What the key set's address answers with."""
        self.ahead_s = 0.0
        """By how much its clock is ahead."""
        self.says: dict[str, Any]
        self.redeemed: list[dict[str, str]] = []
        """The forms that its token endpoint was sent."""
        self.answer_code: Callable[[], Page] = lambda: (400, "application/json", b'{"error":"invalid_grant"}')
        """What the token endpoint answers with."""
        self.answer_userinfo: Callable[[str], Page] = lambda _shown: (404, "text/plain", b"")
        """What its userinfo endpoint answers to what `Authorization` says; its metadata names none by itself."""
        issuer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                issuer.seen.append(self.path)
                shown = self.headers.get("Authorization", "")
                status, media_type, body = (
                    issuer.answer_userinfo(shown) if self.path == "/me" else issuer._page(self.path)
                )
                self.send_response(status)
                self.send_header("Content-Type", media_type)
                self.send_header("Location", f"{issuer.url}/elsewhere")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def date_time_string(self, timestamp: float | None = None) -> str:
                return super().date_time_string((timestamp or time.time()) + issuer.ahead_s)

            def do_POST(self) -> None:
                form = self.rfile.read(int(self.headers["Content-Length"])).decode()
                issuer.redeemed.append(dict(parse_qsl(form)))
                status, media_type, body = issuer.answer_code()
                self.send_response(status)
                self.send_header("Content-Type", media_type)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_args: Any) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.says = {
            "issuer": self.url,
            "jwks_uri": f"{self.url}/jwks",
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "end_session_endpoint": f"{self.url}/end",
            "authorization_response_iss_parameter_supported": True,
        }
        """Its metadata."""
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def known_keys(self, _issuer: Issuer) -> FetchedKeys:
        """The published keys without the network, for a `Trust` in the test's own process."""
        return FetchedKeys(read_key_set(self._keys()[2]), None)

    def publish(self, *keys: Key) -> None:
        """Publish these keys alone."""
        self.published = [one.as_dict(private=False) for one in keys]

    def claims(self, **changed: Any) -> dict[str, Any]:
        """The claims of a good access token with some changed; `...` leaves one out."""
        now = int(time.time())
        good = {
            "iss": self.url,
            "aud": AUDIENCE,
            "sub": "ann",
            "client_id": "orders",
            "jti": uuid.uuid4().hex,
            "iat": now,
            "exp": now + 300,
        }
        return {name: value for name, value in {**good, **changed}.items() if value is not ...}

    def token(self, *, header: Mapping[str, Any] | None = None, key: Key | None = None, **changed: Any) -> str:
        """A token that is good but for what is changed in header and claims."""
        whole = {"alg": "ES256", "typ": "at+jwt", "kid": self.key.kid, **(header or {})}
        whole = {name: value for name, value in whole.items() if value is not ...}
        return jwt.encode(whole, self.claims(**changed), key or self.key, algorithms=[whole["alg"]])

    def sign(self, header: bytes | Mapping[str, Any], payload: bytes | Mapping[str, Any]) -> str:
        """Sign any two texts, whatever they say of themselves, with the key and ES256."""
        parts = [one if isinstance(one, bytes) else json.dumps(one).encode() for one in (header, payload)]
        text = b".".join(map(base64url, parts))
        algorithm = jws.JWSRegistry.algorithms["ES256"]
        return b".".join((text, base64url(algorithm.sign(text, self.key)))).decode()  # type: ignore[arg-type]

    def header(self, **changed: Any) -> dict[str, Any]:
        return {"alg": "ES256", "typ": "at+jwt", "kid": self.key.kid, **changed}

    def _page(self, path: str) -> Page:
        if path == "/.well-known/openid-configuration":
            return 200, "application/json", json.dumps(self.says).encode()
        if path == "/jwks":
            self.fetches += 1
            return self.answer_keys()
        return 404, "text/plain", b""

    def _keys(self) -> Page:
        return 200, "application/json", json.dumps({"keys": self.published}).encode()


def base64url(content: bytes) -> bytes:
    return base64.urlsafe_b64encode(content).rstrip(b"=")
