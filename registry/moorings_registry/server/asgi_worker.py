"""gunicorn's asgi worker, with four changes: the application learns who is at the other end of a connection, a socket
that cannot be served ends the worker instead of being left out, the bytes of a header are checked all together, and a
request that names its host in its target is understood.

gunicorn keeps client certificates and the users of local sockets to itself, and where a key does not load it would
serve plain http on the port of TLS. Its parser looks at each byte of a header by itself, which took longer for a token
than all else that is done with it.
"""

import asyncio
import contextlib
import mmap
import os
import re
import signal
import socket
import ssl
import struct
from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import unquote

import structlog
from gunicorn.asgi.parser import PythonProtocol
from gunicorn.asgi.protocol import ASGIProtocol
from gunicorn.workers.gasgi import ASGIWorker

from moorings_registry.http.asgi import lines_of
from moorings_registry.http.certificate_metrics import note_certificate
from moorings_registry.http.messages import CONNECTION, Connection
from moorings_registry.http.middleware import Entered
from moorings_registry.server.tls import TlsFiles, make_rotating_context

HANDSHAKE_S = 10.0
ENDING = (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT)
"""The signals that a worker ends by."""
_MOST_WORKERS = 256
_LEAVES_S = 0.001
"""Seconds for which a worker leaves a connection to those that have fewer."""
_REST_S = 1.0
"""Seconds without taking connections, after one could not be taken."""
_FULL_REST_S = 0.05
"""The same, where as many are open as may be."""
log = structlog.get_logger("moorings.server")

_CREDENTIALS = struct.Struct("3i")
"""Of a local socket's peer: its process, user and group (socket(7), SO_PEERCRED)."""


_IN_VALUES = bytes(one for one in range(256) if one == 0x09 or (one >= 0x20 and one != 0x7F))
"""Visible characters, space, tab and obs-text (RFC 9110 §5.5)."""
_IN_NAMES = bytes(one for one in range(0x21, 0x7F) if chr(one) not in '"(),/:;<=>?@[\\]{}')
"""The characters of a token (RFC 9110 §5.6.2)."""


_ABSOLUTE_FORM = re.compile(rb"https?://(?P<host>[^/?#@]+)(?P<path>/.*)?", re.IGNORECASE | re.DOTALL)


class Parser(PythonProtocol):  # type: ignore[misc]  # gunicorn carries no types
    """The same parser; of what these two ask, the answers are the same for every text."""

    __slots__ = ()

    def _has_invalid_header_chars(self, value: bytes) -> bool:
        return bool(value.translate(None, _IN_VALUES))

    def _is_valid_token(self, data: bytes) -> bool:
        return bool(data) and not data.translate(None, _IN_NAMES)


class Protocol(ASGIProtocol):  # type: ignore[misc]  # gunicorn carries no types
    """One connection; what is known of it is put into the scope of each of its requests."""

    _known: Connection | None = None
    _scope: dict[str, Any] | None = None
    """Of the request that is served next, if it was built already."""
    _answered = 0
    """Kept answers since bytes were read last."""

    def data_received(self, data: bytes) -> None:
        self._answered = 0
        super().data_received(data)

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self.worker.note_connections()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self.worker.note_connections()

    def _setup_callback_parser(self) -> None:
        super()._setup_callback_parser()
        if type(self._callback_parser) is PythonProtocol:  # not the one in C, where that is installed
            self._callback_parser.__class__ = Parser

    def _is_websocket_upgrade(self, request: Any) -> bool:
        """Never: a request that also offers WebSocket is answered by http (RFC 9110 §7.8)."""
        return False

    async def _serve_http_request(self, request: Any, sockname: Any, peername: Any) -> Any:
        """Send an answer that is kept from here: a task and messages of its own cost as much as all else of it."""
        receiver = self._body_receiver
        if request.method == "GET" and receiver._complete and not receiver.buffered:  # noqa: SLF001 - of one piece
            self._scope = self._build_http_scope(request, sockname, peername)
            entered = None
            with contextlib.suppress(Exception):  # the application's call meets it again, and answers
                entered = self.app.enter_kept(self._scope)
            if entered is not None:
                self._scope = None
                return await self._send_kept(request, entered)
        return await super()._serve_http_request(request, sockname, peername)

    async def _send_kept(self, request: Any, entered: Entered) -> bool:
        """Send a whole answer; whether the connection is kept, as the ancestor decides it."""
        answer = entered.answer
        assert answer is not None
        close = self._will_close(request, False)
        self._send_response_start(answer.status, lines_of(answer, entered), request, close=close)
        self._send_body(answer.body)
        if self._flow_control.write_paused:
            await self._flow_control.drain()
        self.app.leave(entered, answer)
        self._answered += 1
        if self._answered > 1:  # of requests that came together: other connections have their turn between them
            await asyncio.sleep(0)
        return not close

    def _build_http_scope(self, request: Any, sockname: Any, peername: Any) -> dict[str, Any]:
        built, self._scope = self._scope, None
        if built is not None:
            return built
        scope: dict[str, Any] = super()._build_http_scope(request, sockname, peername)
        encrypted = self.transport.get_extra_info("ssl_object")
        if self._known is None:
            self._known = Connection(_peer_user(self.transport), _certificate(encrypted))
        scope[CONNECTION] = self._known
        # What a header says of the scheme is not believed.
        scope["scheme"] = "https" if encrypted else "http"
        if not scope["raw_path"].startswith(b"/"):
            _read_absolute_form(scope)
        if isinstance(sockname, str):  # the path of a local socket, of which gunicorn makes an address
            scope["server"] = scope["client"] = None
        return scope


def _read_absolute_form(scope: dict[str, Any]) -> None:
    """Read a target such as ``http://host/path``: its path is asked for, and its host holds (RFC 9112 §3.2.2)."""
    target = _ABSOLUTE_FORM.fullmatch(scope["raw_path"])
    if target is not None:
        host, path = target["host"], target["path"] or b"/"
        scope["raw_path"], scope["path"] = path, unquote(path)
        scope["headers"] = [(b"host", host), *(one for one in scope["headers"] if one[0] != b"host")]


class ConnectionCounts:
    """How many connections each worker has, in memory that the master and all workers share."""

    def __init__(self) -> None:
        """Made in the master, before it forks."""
        self._counts = memoryview(mmap.mmap(-1, 8 * _MOST_WORKERS)).cast("Q")

    def note(self, worker: int, connections: int) -> None:
        """Say how many the worker of this number has."""
        self._counts[worker % _MOST_WORKERS] = connections + 1  # 0 is nobody's

    def forget(self, worker: int) -> None:
        """The worker takes no more, or is gone."""
        self._counts[worker % _MOST_WORKERS] = 0

    def another_has_fewer(self, worker: int) -> bool:
        own = self._counts[worker % _MOST_WORKERS]
        return any(0 < other < own for other in self._counts.tolist())


class Listener:
    """Takes one connection at a time from a socket that several workers listen on, so that they share what comes.

    A server of the event loop takes every connection that waits, so a client's pool could be one worker's. Here a
    worker leaves a connection to those with fewer, for a moment: who does not take it then is stuck, or was gone.
    """

    def __init__(
        self,
        worker: "Worker",
        listening: socket.socket,
        context: ssl.SSLContext | None,
    ) -> None:
        """Serve TLS with *context*, but for local sockets."""
        self._worker = worker
        self._loop: asyncio.AbstractEventLoop = worker.loop
        self._listening = listening
        self._is_local = listening.family == socket.AF_UNIX
        encrypted = context is not None and not self._is_local
        self._tls: dict[str, Any] = {"ssl": context, "ssl_handshake_timeout": HANDSHAKE_S} if encrypted else {}
        self._resting: asyncio.TimerHandle | None = None
        listening.setblocking(False)
        self._look()

    def close(self) -> None:
        """Take no more."""
        if self._resting is not None:
            self._resting.cancel()
        self._loop.remove_reader(self._listening)
        self._worker.counts.forget(self._worker.age)

    async def wait_closed(self) -> None:
        """Return: what was taken is waited for by the worker."""

    def _look(self) -> None:
        self._loop.add_reader(self._listening, self._share)

    def _share(self) -> None:
        if self._worker.counts.another_has_fewer(self._worker.age):
            self._rest(_LEAVES_S, self._take_and_look)
        else:
            self._accept()

    def _take_and_look(self) -> None:
        self._look()
        self._accept()

    def _accept(self) -> None:
        if self._worker.is_full():
            self._rest(_FULL_REST_S, self._look)
            return
        try:
            accepted, _ = self._listening.accept()
        except (BlockingIOError, InterruptedError, ConnectionAbortedError):
            return  # another worker was first, or the caller has gone
        except OSError as error:
            self._worker.note_full(str(error))
            self._rest(_REST_S, self._look)  # no file descriptor or no memory is left
            return
        if not self._is_local:
            accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        task = self._loop.create_task(self._begin(accepted))
        self._worker.beginning.add(task)
        self._worker.note_connections()

    def _rest(self, seconds: float, then: Callable[[], None]) -> None:
        self._loop.remove_reader(self._listening)
        self._resting = self._loop.call_later(seconds, then)

    async def _begin(self, accepted: socket.socket) -> None:
        try:
            await self._loop.connect_accepted_socket(partial(Protocol, self._worker), accepted, **self._tls)
        except (OSError, TimeoutError):  # ssl.SSLError among them: no TLS, another version, a certificate of nobody
            accepted.close()
        finally:
            self._worker.beginning.discard(asyncio.current_task())
            self._worker.note_connections()


class Worker(ASGIWorker):  # type: ignore[misc]  # as above
    """Serves TLS on the ports, and plain http on local sockets."""

    tls: TlsFiles | None = None
    counts: ConnectionCounts
    """Made by the master."""

    most: int
    """Connections that it may have at a time, set by the master."""
    beginning: set[asyncio.Task[None]]
    """Connections whose TLS is not there yet."""
    _said_full = False

    def init_process(self) -> None:
        self.beginning = set()
        super().init_process()

    def is_full(self) -> bool:
        """Whether it may take no more connections now; further ones wait for it, or for another worker."""
        has: int = self.nr_conns + len(self.beginning)
        if has >= self.most:
            self.note_full(
                f"{has} are open, which leaves the files that this process may open to the ledger and to pages"
            )
        elif self._said_full and has < self.most // 2:
            self._said_full = False
            log.info("connections_accepted_again", open=has)
        return has >= self.most

    def note_full(self, cause: str) -> None:
        """Log why connections wait, once until it is over."""
        if not self._said_full:
            self._said_full = True
            log.error("connections_not_accepted", cause=cause, fix="raise the limit of open files, or run more workers")

    def init_signals(self) -> None:
        """Let signals wait for the loop: what comes before it runs would be lost."""
        signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
        super().init_signals()

    def note_connections(self) -> None:
        """Tell the other workers how many connections this one has; one that ends takes no more."""
        if self.alive:
            self.counts.note(self.age, self.nr_conns + len(self.beginning))

    async def _serve(self) -> None:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)
        self.note_connections()
        context = make_rotating_context(self.tls, note_certificate) if self.tls else None
        for listener in self.sockets:
            self.servers.append(Listener(self, listener.sock, context))
            self.log.info("Listening on %s", listener)
        while self.alive and self.ppid == os.getppid():
            self.notify()
            await asyncio.sleep(1.0)
        self.asgi.stop_waiting()
        await self._shutdown()


def _certificate(encrypted: ssl.SSLObject | None) -> bytes:
    return (encrypted.getpeercert(binary_form=True) or b"") if encrypted else b""


def _peer_user(transport: Any) -> int | None:
    connected = transport.get_extra_info("socket")
    if connected is None or connected.family != socket.AF_UNIX or not hasattr(socket, "SO_PEERCRED"):
        return None
    found = connected.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    return int(_CREDENTIALS.unpack(found)[1])
