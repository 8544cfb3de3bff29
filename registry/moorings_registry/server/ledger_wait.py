"""A start whose ledger cannot be reached yet: it waits, says so in the log, and answers health checks meanwhile.

A registry that has not read its ledger knows nothing, and must not answer as an empty one would. So nothing of the
application runs before: `/healthz` says that the process is alive, and everything else gets 503.
"""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

import structlog

from moorings_registry.engines import open_ledger
from moorings_registry.errors import LedgerUnavailable
from moorings_registry.http.error_answers import error_answer
from moorings_registry.http.messages import Request, Response
from moorings_registry.http.middleware import correlation_id
from moorings_registry.http.requests import LARGEST_BODY_BYTES
from moorings_registry.ledger import Ledger, errors
from moorings_registry.log_ids import background_pass
from moorings_registry.server.options import Options
from moorings_registry.server.tls import TlsFiles, make_context

_PAUSE_S = 0.5
_LOGGED_EVERY_S = 60.0
_CALLER_S = 5.0
_MOST_CALLERS = 64
_LENGTH_DIGITS = 12
_PIECE_BYTES = 65_536
_CORRELATION = ("x-correlation-id", "x-request-id")

log = structlog.get_logger("moorings.server")


@contextmanager
def reached_ledger(options: Options, *, answering: bool = True) -> Iterator[Ledger]:
    """Open the ledger of *options* as soon as it answers; *answering* health checks until the block is left.

    Nobody is answered where the ledger is there at the first try. Not waited for is what only a person changes: a
    mistyped URL, a refused user, a damaged ledger.

    Raises:
        LedgerError: it was not there for as long as *options* say, or waiting does not help.
    """
    with ExitStack() as answers, background_pass("start"):
        try:
            ledger = _open(options.ledger)
        except errors.LedgerUnavailable as error:
            if not error.retryable or not options.ledger_wait_s:
                raise
            waiting = _Waiting(options, error)
            if answering:
                answers.callback(waiting.stop_answering)
            ledger = waiting.open(answering=answering)
        yield ledger


def _open(url: str) -> Ledger:
    """Open the ledger, and ask it something: a server may take connections while it still loads its data."""
    ledger = open_ledger(url)
    try:
        ledger.head()
    except BaseException:
        ledger.close()
        raise
    return ledger


class _Waiting:
    """Tries again and again, and remembers why it could not be opened last."""

    def __init__(self, options: Options, error: errors.LedgerUnavailable) -> None:
        self._options = options
        self._error = error
        self._began = time.monotonic()
        self._logged = self._began
        self._reached = False
        self._server: _Server | None = None
        log.warning("ledger_awaited", cause=str(error), at_most_s=options.ledger_wait_s)

    def open(self, *, answering: bool) -> Ledger:
        """The ledger, once it answers.

        Raises:
            LedgerError
        """
        while True:
            if answering and self._server is None:
                self._answer()
            time.sleep(_PAUSE_S)
            try:
                ledger = _open(self._options.ledger)
            except errors.LedgerUnavailable as error:
                self._error = error
                if not error.retryable or self._waited_s > self._options.ledger_wait_s:
                    raise
                self._log()
                continue
            self._reached = True
            log.info("ledger_reached", waited_s=round(self._waited_s, 1))
            return ledger

    def stop_answering(self) -> None:
        """Close the port, for the server that is to listen there."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()

    @property
    def _waited_s(self) -> float:
        return time.monotonic() - self._began

    def _reason(self) -> str:
        """Why nothing is answered yet, without paths and addresses."""
        return "reading the ledger" if self._reached else f"waiting for the ledger: {self._error.public}"

    def _log(self) -> None:
        if time.monotonic() - self._logged >= _LOGGED_EVERY_S:
            self._logged = time.monotonic()
            log.warning("ledger_awaited_still", cause=str(self._error), waited_s=round(self._waited_s, 1))

    def _answer(self) -> None:
        """Listen where the service will; tried again later while somebody else still does."""
        try:
            self._server = _Server(self._options.host, self._options.port, self._options.tls, self._reason)
        except OSError:
            return
        threading.Thread(target=self._server.serve_forever, args=(0.1,), name="waiting", daemon=True).start()


def _answer_to(path: str, reason: str, correlation: str) -> Response:
    if path == "/healthz":
        return _text(200, "ok")
    if path == "/readyz":
        return _text(503, reason)
    refusal = LedgerUnavailable("The registry is starting and has not read its ledger yet")
    return error_answer(refusal, Request("GET", path, {}, ""), correlation)


def _text(status: int, text: str) -> Response:
    body = f"{text}\n".encode()
    return Response(status, (("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(body)))), body)


class _Handler(BaseHTTPRequestHandler):
    """Waits for no caller for long, and logs no requests: all of them end in the same way."""

    timeout = _CALLER_S
    server_version, sys_version = "moorings-registry", ""
    server: "_Server"

    def _answer(self) -> None:
        with suppress(TimeoutError):
            self._skip_body()
        path = unquote(urlsplit(self.path).path)
        correlation = correlation_id({name: self.headers.get(name, "") for name in _CORRELATION})
        answer = _answer_to(path, self.server.reason(), correlation)
        self.send_response(answer.status)
        for name, value in (*answer.headers, *((name, correlation) for name in _CORRELATION)):
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)

    def _skip_body(self) -> None:
        """Read the body that is announced: who still sends when the connection is closed may not read the answer."""
        length = self.headers.get("Content-Length", "")
        if "Expect" in self.headers or not length.isdecimal() or len(length) > _LENGTH_DIGITS:
            return
        left = min(int(length), LARGEST_BODY_BYTES)
        while left > 0 and (piece := self.rfile.read(min(left, _PIECE_BYTES))):
            left -= len(piece)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _answer  # noqa: N815 - names of the library

    def log_message(self, _format: str, *_arguments: Any) -> None:
        return


class _Server(ThreadingHTTPServer):
    """A small server until the real one runs. It identifies no caller, and says nothing but that the registry waits."""

    block_on_close = False
    request_queue_size = 128
    """Callers that the system lets wait: with five, those of a short rush try again only after a second."""

    def __init__(self, host: str, port: int, tls: TlsFiles | None, reason: Callable[[], str]) -> None:
        """Listen there; without *tls*, in plain text. *reason* says why it waits, without paths and addresses.

        Raises:
            OSError
        """
        self.address_family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        self.reason = reason
        self._tls = tls
        self._lock = threading.Lock()
        self._callers: dict[socket.socket, socket.socket] = {}
        """Those that are being answered, the one that came first at the beginning; with TLS, what it speaks through."""
        super().__init__((host, port), _Handler)

    def server_bind(self) -> None:
        """Bind without asking for the name of this machine, which may take as long as its name server likes."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Answer in a thread. Where callers that send slowly have taken every place, the first of them is sent away."""
        with self._lock:
            self._callers[request] = request
            if len(self._callers) > _MOST_CALLERS:
                first = self._callers.pop(next(iter(self._callers)))
                with suppress(OSError):  # it has left
                    first.shutdown(socket.SHUT_RDWR)
        super().process_request(request, client_address)

    def finish_request(self, request: Any, client_address: Any) -> None:
        """Shake hands in the thread of the caller, so that nobody waits for a slow one."""
        request.settimeout(_CALLER_S)
        if self._tls is not None:
            context = make_context(self._tls)
            with self._lock:
                secure = context.wrap_socket(request, server_side=True, do_handshake_on_connect=False)
                if request in self._callers:
                    self._callers[request] = secure
            secure.do_handshake()
            request = secure
        super().finish_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Close the connection, and give its place to another caller."""
        with self._lock:
            request = self._callers.pop(request, request)
        super().shutdown_request(request)

    def handle_error(self, _request: Any, _client_address: Any) -> None:
        """Say nothing of callers that leave."""
