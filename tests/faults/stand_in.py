"""A registry on a loopback socket that misbehaves on demand; real underneath, on the memory engine."""

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from moorings_registry.testing import in_memory

Start = Callable[..., Any]


class Fault(StrEnum):
    """How a registry may fail its clients."""

    NONE = "it is well"
    HUNG = "it takes requests and says nothing"
    SLOW = "it answers a byte at a time"
    BROKEN = "it answers 500"
    BUSY = "it answers 429"
    BEHIND = "a proxy in front of it answers 503"
    LYING = "it hands out other content"
    NONSENSE = "it answers no JSON"


_STATUS = {Fault.BROKEN: "500 Broken", Fault.BUSY: "429 Busy", Fault.BEHIND: "503 Away"}


class StandIn:
    """A registry that can be made to fail, killed and started again; `asked` holds the paths of its requests."""

    def __init__(self) -> None:
        self.fault = Fault.NONE
        self.asked: list[str] = []
        self._door: Any = in_memory()
        self._ended = threading.Event()
        self.port = 0
        self.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Serve, on the same port as before."""
        self._server = make_server("127.0.0.1", self.port, self, _Server, _Quiet)
        self.port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def kill(self) -> None:
        """Stop immediately: nobody listens any more."""
        self._server.shutdown()
        self._server.server_close()

    def close(self) -> None:
        self._ended.set()
        self.kill()

    def __call__(self, environ: dict[str, Any], start_response: Start) -> Iterable[bytes]:
        self.asked.append(environ["PATH_INFO"])
        if self.fault is Fault.HUNG:
            self._ended.wait(20)
        if self.fault in _STATUS:
            start_response(_STATUS[self.fault], [("Content-Length", "0"), ("Retry-After", "0")])
            return [b""]
        answer = self._answer(environ, start_response)
        return self._in_drops(answer) if self.fault is Fault.SLOW else [answer]

    def _answer(self, environ: dict[str, Any], start_response: Start) -> bytes:
        told: list[Any] = []
        body = b"".join(self._door(environ, lambda *args: told.extend(args)))
        if self.fault is Fault.LYING:
            body = body.replace(b"order_id", b"other_id")
        if self.fault is Fault.NONSENSE:
            body = b"<html>welcome</html>"
        headers = [(name, value) for name, value in told[1] if name.lower() != "content-length"]
        start_response(told[0], [*headers, ("Content-Length", str(len(body)))])
        return body

    def _in_drops(self, body: bytes) -> Iterator[bytes]:
        for place in range(len(body)):
            if self._ended.is_set():
                return
            yield body[place : place + 1]
            time.sleep(0.02)


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True
    allow_reuse_address = True


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""
