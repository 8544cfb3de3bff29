"""Hands tokens to programs of this machine, in the form of a cloud's metadata service.

Clients of other makers cannot read a token file, but most of them can ask such a service at any address: Azure's
"managed identities, get a token using HTTP". Whoever reaches the port gets the token, as with every metadata service;
the checks here keep browsers and proxies from reaching it for somebody else.
"""

import json
import re
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from typing import Any

from moorings.errors import SignInFailed
from moorings.signin import TokenCache
from moorings.signin.tokens import expiry_of
from moorings.transport.sync_runner import SyncRunner

PATH = "/metadata/identity/oauth2/token"
_UNSAID_S = 60
"""How long a caller may keep a token that does not say when it expires."""
_IDLE_S = 10.0
_HOST = re.compile(r"(\[[0-9a-fA-F:.]+\]|[^:]*)(:\d+)?")


class AgentServer:
    """Listens from the moment that it is made; `serve` answers until `close`."""

    def __init__(self, host: str, port: int, tokens: TokenCache, told: Callable[[str], None]) -> None:
        """Listen on a loopback address; *told* gets a sentence when no token is available.

        Raises:
            OSError: the address cannot be used.
        """
        agent = self
        self._tokens = tokens
        self._told = told
        self._runner = SyncRunner()

        class Handler(BaseHTTPRequestHandler):
            timeout = _IDLE_S
            server_version = "moorings-agent"
            sys_version = ""

            def do_GET(self) -> None:
                agent._answer(self)

            def log_message(self, *_args: Any) -> None:
                """Log nothing: each line would say when somebody fetched a token, and nothing else."""

        class Server(ThreadingHTTPServer):
            daemon_threads = True

        self._server = Server((host, port), Handler)

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def serve(self) -> None:
        """Answer until `close` is called from another thread."""
        self._server.serve_forever()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._runner.close()

    def _answer(self, request: BaseHTTPRequestHandler) -> None:
        fault = fault_of(request.path, request.headers)
        if fault:
            _write(request, 400, {"error": "invalid_request", "error_description": fault})
            return
        try:
            token = self._runner.run(self._tokens.token())
        except SignInFailed as failed:
            self._told(str(failed))
            _write(request, 503, {"error": "temporarily_unavailable", "error_description": "no token is available now"})
            return
        now = time.time()
        expires_s = expiry_of(token) or now + _UNSAID_S
        told = {
            "access_token": token,
            "token_type": "Bearer",
            "expires_in": str(max(0, int(expires_s - now))),
            "expires_on": str(int(expires_s)),
        }
        _write(request, 200, told)


def fault_of(path: str, headers: Any) -> str:
    """Why a request is refused; empty if it is not.

    A page in a browser cannot set ``Metadata`` without asking first, and is not allowed to; a proxy says that it is
    one; a name that was made to lead here (DNS rebinding) is in ``Host``.
    """
    if path.partition("?")[0] != PATH:
        return f"the only path is {PATH}"
    if str(headers.get("Metadata", "")).lower() != "true":
        return "the header `Metadata: true` is missing"
    if any(name.lower().startswith("x-forwarded-") or name.lower() in ("forwarded", "via") for name in headers):
        return "the request came through a proxy"
    if "Origin" in headers or "Sec-Fetch-Site" in headers:
        return "the request came from a browser"
    if not _is_this_machine(headers.get_all("Host") or []):
        return "the Host header names another machine"
    return ""


def is_loopback(host: str) -> bool:
    """Whether *host*, a name or an address, is of this machine."""
    if host == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _is_this_machine(hosts: list[str]) -> bool:
    matched = _HOST.fullmatch(hosts[0]) if len(hosts) == 1 else None
    return matched is not None and is_loopback(matched[1].lower())


def _write(request: BaseHTTPRequestHandler, status: int, content: dict[str, str]) -> None:
    body = json.dumps(content).encode()
    request.send_response(status)
    request.send_header("Content-Type", "application/json")
    request.send_header("Cache-Control", "no-store")
    request.send_header("Content-Length", str(len(body)))
    request.end_headers()
    request.wfile.write(body)
