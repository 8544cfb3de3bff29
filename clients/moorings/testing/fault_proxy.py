"""A proxy in front of an HTTP server that misbehaves on demand: real TCP, on the loopback, in a thread of its own.

Each connection carries one request, so that a change of fault applies from the next request on.
"""

import asyncio
import contextlib
import socket
import struct
import threading
from collections.abc import Iterator
from http import HTTPStatus
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from moorings.testing.faults import Answer, BlackHole, Fault, Latency, Pass, Reset, Truncate

_LONGEST_HEAD = 1024 * 1024
_AT_ONCE = struct.pack("ii", 1, 0)
_NO_LINGER = (socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)


class FaultProxy:
    """A proxy in front of the server at *target* (``http://127.0.0.1:8081``); a context manager.

    Set `fault` at any time, or use `once` for some requests and `during` for a block. Clients connect to `url`.
    """

    def __init__(self, target: str, fault: Fault | None = None) -> None:
        parts = urlsplit(target)
        if parts.scheme != "http" or parts.hostname is None:
            raise ValueError("not an http:// address, which a fault proxy needs")
        self._target = (parts.hostname, parts.port or 80)
        self._path = parts.path.rstrip("/")
        self._lock = threading.Lock()
        self._fault: Fault = fault or Pass()
        self._next: list[Fault] = []
        self._port = 0
        self._requests = 0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._stopping: asyncio.Event | None = None

    @property
    def url(self) -> str:
        """The URL that clients connect to."""
        return f"http://127.0.0.1:{self._port}{self._path}"

    @property
    def requests(self) -> int:
        """How many requests arrived, whatever their outcome."""
        return self._requests

    @property
    def fault(self) -> Fault:
        """The fault of every request, except those of `once`."""
        return self._fault

    @fault.setter
    def fault(self, fault: Fault) -> None:
        with self._lock:
            self._fault = fault
            self._next.clear()

    def once(self, fault: Fault, times: int = 1) -> None:
        """Apply *fault* to the next requests, instead of the fault of every request."""
        with self._lock:
            self._next += [fault] * times

    @contextlib.contextmanager
    def during(self, fault: Fault) -> Iterator[None]:
        """Apply *fault* to every request of a with-block."""
        before = self._fault
        self.fault = fault
        try:
            yield
        finally:
            self.fault = before

    def start(self) -> Self:
        """Listen on a free port of the loopback."""
        ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve(ready)), daemon=True)
        self._thread.start()
        ready.wait()
        return self

    def stop(self) -> None:
        """Close everything, requests in black holes included."""
        if self._loop is not None and self._stopping is not None and self._thread is not None:
            self._loop.call_soon_threadsafe(self._stopping.set)
            self._thread.join()
            self._loop = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    async def _serve(self, ready: threading.Event) -> None:
        self._loop, self._stopping = asyncio.get_running_loop(), asyncio.Event()
        server = await asyncio.start_server(self._connected, "127.0.0.1", 0, limit=_LONGEST_HEAD)
        self._port = server.sockets[0].getsockname()[1]
        ready.set()
        await self._stopping.wait()
        server.close()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            request = await _read_request(reader)
            await self._handle(request, writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError):
            _reset(writer)  # one side closed the connection, or does not speak HTTP
        finally:
            writer.close()

    async def _handle(self, request: bytes, writer: asyncio.StreamWriter) -> None:
        fault = self._take()
        if isinstance(fault, Latency):
            await asyncio.sleep(fault.seconds)
        elif isinstance(fault, BlackHole):
            assert self._stopping is not None
            await self._stopping.wait()
            return
        elif isinstance(fault, Reset):
            _reset(writer)
            return
        answer = _made_up(fault) if isinstance(fault, Answer) else await self._forward(request)
        if isinstance(fault, Truncate):
            answer = _cut(answer, fault.after_bytes)
        writer.write(answer)
        await writer.drain()

    def _take(self) -> Fault:
        with self._lock:
            self._requests += 1
            return self._next.pop(0) if self._next else self._fault

    async def _forward(self, request: bytes) -> bytes:
        reader, writer = await asyncio.open_connection(*self._target)
        try:
            writer.write(request)
            await writer.drain()
            return _closing(await reader.read(-1))
        finally:
            writer.close()


async def _read_request(reader: asyncio.StreamReader) -> bytes:
    """Read one request, and ask the server to close its connection after the response."""
    head = await reader.readuntil(b"\r\n\r\n")
    fields = _header_fields(head)
    if "chunked" in fields.get("transfer-encoding", ""):
        body = await _read_chunks(reader)
    else:
        body = await reader.readexactly(int(fields.get("content-length", "0")))
    return _closing(head) + body


async def _read_chunks(reader: asyncio.StreamReader) -> bytes:
    parts = []
    while True:
        line = await reader.readuntil(b"\r\n")
        size = int(line.partition(b";")[0], 16)
        parts += [line, await reader.readexactly(size + 2)]
        if not size:
            return b"".join(parts)


def _header_fields(head: bytes) -> dict[str, str]:
    lines = head.decode("latin-1").split("\r\n")[1:]
    pairs = (line.partition(":") for line in lines if line)
    return {name.strip().lower(): value.strip().lower() for name, _, value in pairs}


def _closing(message: bytes) -> bytes:
    """Mark a request or response as the last one of its connection."""
    head, end, body = message.partition(b"\r\n\r\n")
    lines = [line for line in head.split(b"\r\n") if not line.lower().startswith((b"connection:", b"keep-alive:"))]
    return b"\r\n".join([*lines, b"Connection: close"]) + end + body


def _made_up(answer: Answer) -> bytes:
    known = {one.value: one.phrase for one in HTTPStatus}
    fields = [("Content-Length", str(len(answer.body))), ("Connection", "close"), *answer.headers]
    if answer.retry_after_s is not None:
        fields.append(("Retry-After", str(answer.retry_after_s)))
    lines = [f"HTTP/1.1 {answer.status} {known.get(answer.status, '')}", *(f"{name}: {one}" for name, one in fields)]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + answer.body


def _cut(answer: bytes, after_bytes: int | None) -> bytes:
    head, end, body = answer.partition(b"\r\n\r\n")
    kept = len(body) // 2 if after_bytes is None else min(after_bytes, len(body))
    return head + end + body[:kept]


def _reset(writer: asyncio.StreamWriter) -> None:
    connection = writer.get_extra_info("socket")
    if connection is not None:
        with contextlib.suppress(OSError):
            connection.setsockopt(*_NO_LINGER)
    writer.transport.abort()
