"""A small OAuth token endpoint on loopback: it checks what it is sent, and misbehaves on demand."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from socketserver import ThreadingMixIn
from typing import Any
from urllib.parse import parse_qs
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
Reply = tuple[int, Any]


class TokenServer:
    """Gives ``t-1``, ``t-2``, ... to whoever signs with *key*; `misbehave` answers in its place."""

    def __init__(self, key: ECKey) -> None:
        self.key = key
        self.url = ""
        self.given = 0
        self.begins = "t-"
        self.asked: list[dict[str, str]] = []
        self.headers: list[dict[str, str]] = []
        self.expires_in: Any = 3600
        self.slow_s = 0.0
        self.misbehave: Callable[[], tuple[int, bytes]] | None = None
        self._lock = threading.Lock()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        length = int(environ.get("CONTENT_LENGTH") or 0)
        form = {name: values[0] for name, values in parse_qs(environ["wsgi.input"].read(length).decode()).items()}
        form |= {name: values[0] for name, values in parse_qs(environ.get("QUERY_STRING", "")).items()}
        with self._lock:
            self.asked.append(form)
            self.headers.append({name: value for name, value in environ.items() if name.startswith("HTTP_")})
        time.sleep(self.slow_s)
        status, content = self.misbehave() if self.misbehave is not None else self._answer(environ, form)
        start_response(f"{status} said", [("Content-Type", "application/json"), ("Content-Length", str(len(content)))])
        return [content]

    def _answer(self, environ: dict[str, Any], form: dict[str, str]) -> tuple[int, bytes]:
        if environ["REQUEST_METHOD"] == "GET":  # a job's identity
            return 200, json.dumps({"value": self._job_token(form.get("audience", ""))}).encode()
        if not self._is_signed(form):
            return 401, b'{"error": "invalid_client", "error_description": "hunter2"}'
        with self._lock:
            self.given += 1
            body = {"access_token": f"{self.begins}{self.given}", "token_type": "Bearer", "expires_in": self.expires_in}
        return 200, json.dumps(body).encode()

    def _is_signed(self, form: dict[str, str]) -> bool:
        try:
            token = jwt.decode(form["client_assertion"], self.key, algorithms=["ES256"])
        except (JoseError, KeyError, ValueError):
            return False
        claims = token.claims
        mine = claims["iss"] == claims["sub"] == form["client_id"] and claims["aud"] == self.url
        return (
            mine and claims["exp"] > time.time() and form["client_assertion_type"] == ASSERTION and bool(claims["jti"])
        )

    def _job_token(self, audience: str) -> str:
        with self._lock:
            self.given += 1
        return jwt.encode({"alg": "ES256"}, {"aud": audience, "exp": int(time.time()) + 300, "n": self.given}, self.key)


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@contextmanager
def served(server: TokenServer) -> Iterator[TokenServer]:
    """Serve over a socket of loopback."""
    with make_server("127.0.0.1", 0, server, _Server, _Quiet) as httpd:
        server.url = f"http://127.0.0.1:{httpd.server_port}/token"
        thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            httpd.shutdown()
            thread.join()
