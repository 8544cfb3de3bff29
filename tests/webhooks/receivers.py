"""Receivers of webhooks for tests: a real server on the loopback that answers as a test says."""

import contextlib
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import orjson

from moorings.integrations.cloudevents import from_http


@dataclass(frozen=True, slots=True)
class Received:
    """One request."""

    headers: Mapping[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return from_http(self.headers, self.body)[0]["id"]

    @property
    def kind(self) -> str:
        return from_http(self.headers, self.body)[0]["type"].removeprefix("moorings.registry.").removesuffix(".v1")

    @property
    def data(self) -> Any:
        return orjson.loads(from_http(self.headers, self.body)[0].data or b"null")


@dataclass(frozen=True, slots=True)
class Reply:
    """How a request is answered: late, large, cut in the middle, or not at all."""

    status: int = 204
    delay_s: float = 0.0
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    cut: bool = False
    """The connection is reset after half of the body."""
    dead: bool = False
    """The connection is reset before any answer."""


@dataclass
class Receiver:
    """A receiver; *answers* says how each request is answered, given how many came before it."""

    answers: Callable[[int, Received], Reply] = lambda _count, _received: Reply()
    received: list[Received] = field(default_factory=list)
    port: int = 0
    _server: ThreadingHTTPServer | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/events"

    @property
    def ids(self) -> list[str]:
        return [one.id for one in self.received]

    def start(self) -> None:
        """Listen, on the port that it had before, if it had one."""
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                received = Received(dict(self.headers.items()), self.rfile.read(int(self.headers["Content-Length"])))
                count = len(receiver.received)
                receiver.received.append(received)
                receiver._answer(self, receiver.answers(count, received))

            def log_message(self, *_told: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self.port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def encrypt(self, context: ssl.SSLContext) -> None:
        """Speak TLS from the next connection on."""
        assert self._server is not None
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)

    def stop(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def _answer(self, handler: BaseHTTPRequestHandler, reply: Reply) -> None:
        time.sleep(reply.delay_s)
        with contextlib.suppress(OSError):
            if reply.dead:
                _reset(handler)
                return
            handler.send_response(reply.status)
            for name, value in reply.headers:
                handler.send_header(name, value)
            handler.send_header("Content-Length", str(len(reply.body)))
            handler.end_headers()
            if reply.cut:
                handler.wfile.write(reply.body[: len(reply.body) // 2])
                handler.wfile.flush()
                _reset(handler)
                return
            handler.wfile.write(reply.body)


def _reset(handler: BaseHTTPRequestHandler) -> None:
    handler.close_connection = True
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.connection.close()


@contextlib.contextmanager
def listening(answers: Callable[[int, Received], Reply] = lambda _count, _received: Reply()) -> Iterator[Receiver]:
    """A receiver that listens."""
    receiver = Receiver(answers)
    receiver.start()
    try:
        yield receiver
    finally:
        receiver.stop()
