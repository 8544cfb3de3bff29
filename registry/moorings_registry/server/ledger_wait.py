"""A start whose ledger cannot be reached yet: it waits, says so in the log, and answers health checks meanwhile.

A registry that has not read its ledger knows nothing, and must not answer as an empty one would. So nothing of the
application runs before: `/healthz` says that the process is alive, and everything else gets 503.
"""

import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

import structlog

from moorings_registry.engines import open_ledger
from moorings_registry.errors import LedgerUnavailable
from moorings_registry.http.error_answers import error_answer
from moorings_registry.http.messages import Request, Response
from moorings_registry.http.middleware import correlation_id, status_line
from moorings_registry.ledger import Ledger, errors
from moorings_registry.log_ids import background_pass
from moorings_registry.server.options import Options
from moorings_registry.server.tls import TlsFiles, make_context

_PAUSE_S = 0.5
_LOGGED_EVERY_S = 60.0
_CALLER_S = 5.0
_CORRELATION = {"x-correlation-id": "HTTP_X_CORRELATION_ID", "x-request-id": "HTTP_X_REQUEST_ID"}
_TEXT = ("Content-Type", "text/plain; charset=utf-8")

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

    def _log(self) -> None:
        if time.monotonic() - self._logged >= _LOGGED_EVERY_S:
            self._logged = time.monotonic()
            log.warning("ledger_awaited_still", cause=str(self._error), waited_s=round(self._waited_s, 1))

    def _answer(self) -> None:
        """Listen where the service will; tried again later while somebody else still does."""
        try:
            self._server = _Server(self._options.host, self._options.port, self._options.tls)
        except OSError:
            return
        self._server.set_app(_application(lambda: self._error.public))
        threading.Thread(target=self._server.serve_forever, args=(0.1,), name="waiting", daemon=True).start()


def _application(reason: Callable[[], str]) -> Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]:
    """A WSGI application for a registry without its ledger; *reason* says why, without paths and addresses."""

    def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        correlation = correlation_id({name: environ.get(variable, "") for name, variable in _CORRELATION.items()})
        answer = _answer_to(environ.get("PATH_INFO", ""), reason(), correlation)
        told = [*answer.headers, *((name, correlation) for name in _CORRELATION)]
        start_response(status_line(answer.status), told)
        return [answer.body]

    return application


def _answer_to(path: str, reason: str, correlation: str) -> Response:
    if path == "/healthz":
        return Response(200, (_TEXT,), b"ok\n")
    if path == "/readyz":
        return Response(503, (_TEXT,), f"waiting for the ledger: {reason}\n".encode())
    refusal = LedgerUnavailable("The registry is starting and waits for its ledger")
    return error_answer(refusal, Request("GET", path, {}, ""), correlation)


class _Handler(WSGIRequestHandler):
    """Waits for no caller for long, and logs no requests: all of them end in the same way."""

    timeout = _CALLER_S

    def log_message(self, _format: str, *_arguments: Any) -> None:
        return


class _Server(ThreadingMixIn, WSGIServer):
    """A small server until the real one runs. It identifies no caller, and says nothing but that the registry waits."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, host: str, port: int, tls: TlsFiles | None) -> None:
        """Listen there; without *tls*, in plain text.

        Raises:
            OSError
        """
        self.address_family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        self._tls = tls
        super().__init__((host, port), _Handler)

    def server_bind(self) -> None:
        """Bind without asking for the name of this machine, which may take as long as its name server likes."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_name, self.server_port = str(self.server_address[0]), self.server_address[1]
        self.setup_environ()

    def finish_request(self, request: Any, client_address: Any) -> None:
        """Shake hands in the thread of the caller, so that nobody waits for a slow one."""
        request.settimeout(_CALLER_S)
        if self._tls is not None:
            request = make_context(self._tls).wrap_socket(request, server_side=True)
        super().finish_request(request, client_address)

    def handle_error(self, _request: Any, _client_address: Any) -> None:
        """Say nothing of callers that leave."""
