"""The body of a request, from an ASGI server: read whole, or read and thrown away once the request is answered.

A request may be refused before its body is there. Most clients send all of it before they look for an answer, and a
connection that is closed meanwhile is reset: they report a broken pipe, and nobody sees why. So what still comes is
read within bounds, as RFC 9112 §9.6 asks.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

from moorings_registry.errors import BodyTooLarge
from moorings_registry.http.requests import LARGEST_BODY_BYTES

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]

MOST_DISCARDED_BYTES = 64 * 1024 * 1024
DISCARDING_S = 15.0
"""Seconds for which a connection is kept for what is thrown away: less than a graceful stop takes."""


class RequestBody:
    """One body; *headers* are those of its request, in lower case."""

    def __init__(self, receive: Receive, headers: Mapping[str, str]) -> None:
        self._receive = receive
        self._headers = headers
        self._is_begun = False
        self._has_ended = False

    async def read(self) -> bytes | None:
        """All of it; None when the caller went away before its end.

        Raises:
            BodyTooLarge: the rest was not read.
        """
        chunks: list[bytes] = []
        size_bytes = 0
        while not self._has_ended:
            chunk = await self._next()
            if chunk is None:
                return None
            size_bytes += len(chunk)
            if size_bytes > LARGEST_BODY_BYTES:
                raise BodyTooLarge(LARGEST_BODY_BYTES)
            chunks.append(chunk)
        return chunks[0] if len(chunks) == 1 else b"".join(chunks)

    @property
    def is_coming(self) -> bool:
        """Whether the caller may be sending, to whom the answer was sent.

        Who asked whether to continue (RFC 9110 §10.1.1) has the answer instead, and sends nothing.
        """
        announced = "transfer-encoding" in self._headers or self._headers.get("content-length", "0") != "0"
        return not self._has_ended and (self._is_begun or (announced and "expect" not in self._headers))

    async def discard(self) -> None:
        """Throw away what comes until the end, or until it was too much."""
        size_bytes = 0
        while not self._has_ended and size_bytes <= MOST_DISCARDED_BYTES:
            size_bytes += len(await self._next() or b"")

    async def _next(self) -> bytes | None:
        """The next piece; None when the caller is gone."""
        self._is_begun = True
        message = await self._receive()
        gone = message["type"] == "http.disconnect"
        self._has_ended = gone or not message.get("more_body")
        return None if gone else message.get("body", b"")


class Discarding:
    """The bodies that are thrown away now, each for at most *seconds*."""

    def __init__(self, seconds: float = DISCARDING_S) -> None:
        self._seconds = seconds
        self._tasks: set[asyncio.Future[None]] = set()

    async def rest_of(self, body: RequestBody) -> None:
        """Return once *body* has ended, was too much, or took too long."""
        task = asyncio.ensure_future(body.discard())
        self._tasks.add(task)
        try:
            await asyncio.wait((task,), timeout=self._seconds)
        finally:
            self._tasks.discard(task)
            task.cancel()

    def stop(self) -> None:
        """Wait for none of them any longer: the worker ends."""
        for task in self._tasks:
            task.cancel()
