"""Waits on a loopback port for the answer that a browser brings from an issuer (RFC 8252 §7.3)."""

import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from moorings.cli.agent_server import is_loopback

PATH = "/callback"
_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Moorings</title>
<h1>{title}</h1><p>{text}</p>"""


class LoopbackListener:
    """Listens from the moment that it is made, until `close`."""

    def __init__(self, state: str) -> None:
        """Wait for the answer to the sign-in with *state*; others are refused, and change nothing."""
        listener = self
        self._answered = threading.Event()
        self._answer: Mapping[str, str] = {}

        class Handler(BaseHTTPRequestHandler):
            timeout = 10.0
            server_version = "moorings"
            sys_version = ""

            def do_GET(self) -> None:
                listener._take(self, state)

            def log_message(self, *_args: Any) -> None:
                """Log nothing: each line would hold a code."""

        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, name="login", daemon=True).start()

    @property
    def redirect_uri(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}{PATH}"

    def wait(self, seconds: float) -> Mapping[str, str] | None:
        """The parameters of the answer; None if none came in time."""
        return self._answer if self._answered.wait(seconds) else None

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _take(self, request: BaseHTTPRequestHandler, state: str) -> None:
        parts = urlsplit(request.path)
        host = (request.headers.get("Host") or "").rpartition(":")[0]
        asked = parse_qs(parts.query, keep_blank_values=True)
        if parts.path != PATH or not is_loopback(host) or any(len(one) != 1 for one in asked.values()):
            _write(request, 404, "Not found", "This address waits for the answer of a sign-in.")
        elif asked.get("state") != [state]:
            _write(request, 400, "Not signed in", "The answer belongs to another sign-in. Close this window.")
        else:
            self._answer = {name: values[0] for name, values in asked.items()}
            _write(request, 200, "Back to the terminal", "Moorings has the answer. You can close this window.")
            self._answered.set()


def _write(request: BaseHTTPRequestHandler, status: int, title: str, text: str) -> None:
    body = _PAGE.format(title=title, text=text).encode()
    request.send_response(status)
    request.send_header("Content-Type", "text/html; charset=utf-8")
    request.send_header("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
    request.send_header("Referrer-Policy", "no-referrer")
    request.send_header("Cache-Control", "no-store")
    request.send_header("Content-Length", str(len(body)))
    request.end_headers()
    request.wfile.write(body)
