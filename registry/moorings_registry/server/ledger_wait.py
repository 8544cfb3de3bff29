"""A start whose ledger cannot be reached: it waits, says so in the log, and answers health checks meanwhile.

A registry that has not read its ledger knows nothing, and must not answer as an empty one would. So nothing of the
application runs before: `/healthz` says that the process is alive, and everything else gets 503.
"""

import socket
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypeVar
from urllib.parse import unquote, urlsplit

import structlog

from moorings_registry.engines import open_ledger
from moorings_registry.errors import LedgerUnavailable
from moorings_registry.http.error_answers import error_answer
from moorings_registry.http.messages import Request, Response
from moorings_registry.http.middleware import correlation_id
from moorings_registry.http.request_body import MOST_DISCARDED_BYTES
from moorings_registry.ledger import Ledger, errors
from moorings_registry.log_ids import background_pass
from moorings_registry.server.options import Options
from moorings_registry.server.tls import TlsFiles, make_context

_PAUSE_S = 0.5
_LONGEST_PAUSE_S = 8.0
_LOGGED_EVERY_S = 60.0
_CALLER_S = 5.0
_MOST_CALLERS = 64
_LENGTH_DIGITS = 12
_PIECE_BYTES = 65_536
_CORRELATION = ("x-correlation-id", "x-request-id")

Loaded = TypeVar("Loaded")

log = structlog.get_logger("moorings.server")


def loaded_from_ledger(options: Options, load: Callable[[Ledger], Loaded], *, answering: bool = True) -> Loaded:
    """What *load* makes of the ledger of *options*, as soon as that answers; *answering* health checks meanwhile.

    A ledger that goes away while it is loaded is waited for too, and loaded again. Nobody is answered where it is
    there all the time. Not waited for is what only a person changes: a mistyped URL, a refused user, a damaged ledger.

    Raises:
        LedgerError: it was not there for as long as *options* say, or waiting does not help.
    """
    with ExitStack() as answers, background_pass("start"):
        start = _Start(options, answering=answering)
        answers.callback(start.stop_answering)
        while True:
            try:
                ledger = _open(options.ledger)
                start.note_reached()
                return _loaded(ledger, load)
            except errors.LedgerUnavailable as error:
                start.wait(error)


def _open(url: str) -> Ledger:
    """Open the ledger, and ask it something: a server may take connections while it still loads its data."""
    ledger = open_ledger(url)
    try:
        ledger.head()
    except BaseException:
        ledger.close()
        raise
    return ledger


def _loaded(ledger: Ledger, load: Callable[[Ledger], Loaded]) -> Loaded:
    """What *load* makes of *ledger*.

    Raises:
        LedgerError: why the ledger could not be read, where the registry says only that it could not.
    """
    try:
        return load(ledger)
    except (LedgerUnavailable, errors.LedgerError) as error:
        ledger.close()
        cause = error.__cause__ if isinstance(error, LedgerUnavailable) else error
        if not isinstance(cause, errors.LedgerUnavailable):
            raise
    raise cause


class _Start:
    """One start: since when its ledger has been away, and why it could not be opened or read last."""

    def __init__(self, options: Options, *, answering: bool) -> None:
        self._options = options
        self._answering = answering
        self._error: errors.LedgerUnavailable | None = None
        self._began = self._logged = 0.0
        self._pause_s = _PAUSE_S
        self._reached = False
        self._server: _Server | None = None

    def wait(self, error: errors.LedgerUnavailable) -> None:
        """Return when the ledger should be tried again after *error*.

        Raises:
            LedgerUnavailable: *error*, where waiting does not help, or took long enough.
        """
        if not error.retryable or not self._options.ledger_wait_s:
            raise error
        if self._error is None:
            self._began = self._logged = time.monotonic()
            log.warning("ledger_awaited", cause=str(error), at_most_s=self._options.ledger_wait_s)
        elif self._waited_s > self._options.ledger_wait_s:
            raise error
        self._error = error
        if self._reached:  # and lost again: each time costs the ledger a load
            self._reached = False
            self._pause_s = min(2 * self._pause_s, _LONGEST_PAUSE_S)
        self._log()
        if self._answering and self._server is None:
            self._answer()
        time.sleep(self._pause_s)

    def note_reached(self) -> None:
        """The ledger is open, and is loaded next."""
        self._reached = True
        if self._error is not None:
            log.info("ledger_reached", waited_s=round(self._waited_s, 1))

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
        if self._reached or self._error is None:
            return "reading the ledger"
        return f"waiting for the ledger: {self._error.public}"

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
        left = min(int(length), MOST_DISCARDED_BYTES)
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
