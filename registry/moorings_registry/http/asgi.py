"""The middleware for ASGI servers: cached answers on the event loop, the framework on threads.

The bridge reads the whole request and sends the whole answer: bodies are bounded, and no route streams. What is
answered without its body is answered first, and the body thrown away then.
"""

import asyncio
import io
import os
import time
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from moorings_registry.errors import BodyTooLarge, TooManyWaiting
from moorings_registry.http.messages import CONNECTION, Connection, Request, Response, header_lines
from moorings_registry.http.middleware import Entered, Middleware, answer_of, refused_early, working_for
from moorings_registry.http.paths import unquoted
from moorings_registry.http.request_body import Discarding, Receive, RequestBody
from moorings_registry.http.requests import WHOLE_BODY
from moorings_registry.http.waiting import NewsWatch, Wait, again, wait_asked

Scope = MutableMapping[str, Any]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

_PLAIN = Connection()
_ENTERED = "moorings.entered"
"""The member of an ASGI scope with the request, and who calls, once these were looked for."""
THREADS = 8
"""Requests that a worker answers at a time, besides those answered from the cache."""


class AsgiMiddleware:
    """An ASGI application around a `Middleware`."""

    def __init__(self, middleware: Middleware, threads: int = THREADS) -> None:
        self._middleware = middleware
        self._threads = threads
        self._pool: ThreadPoolExecutor | None = None
        self._pool_of = 0
        self._news: NewsWatch | None = None
        self._discarding = Discarding()

    def stop_waiting(self) -> None:
        """Answer the requests that wait for news now, and wait for no body that nobody reads: the worker ends."""
        if self._news is not None:
            self._news.stop()
        self._discarding.stop()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise NotImplementedError("only HTTP is served")
        request, entered = self._entered(scope)
        if entered is None:
            loop = asyncio.get_running_loop()
            entered = await loop.run_in_executor(self._executor(), self._middleware.enter, request)
        answer = entered.answer
        body = RequestBody(receive, request.headers)
        if answer is None:
            entered = self._middleware.begun(entered)
            answer = await self._ask_framework(entered, scope, receive, body)
        if answer is None:
            self._middleware.gone(entered)
            return
        await _send(send, answer, entered)
        self.leave(entered, answer)
        if body.is_coming:
            await self._discarding.rest_of(body)

    def enter_kept(self, scope: Scope) -> Entered | None:
        """A request whose answer is there already, for a server that sends it by itself and says so with `leave`.

        Otherwise None, and the application is called with the same *scope*, which then knows who calls.
        """
        _, entered = scope[_ENTERED] = self._entered(scope)
        return entered if entered is not None and entered.answer is not None else None

    def leave(self, entered: Entered, answer: Response) -> None:
        """Log and count a request that was answered."""
        self._middleware.leave(entered, answer.status, len(answer.body), answer.route)

    def _entered(self, scope: Scope) -> tuple[Request, Entered | None]:
        known: tuple[Request, Entered | None] | None = scope.get(_ENTERED)
        if known is not None:
            return known
        request = _request_from_scope(scope)
        return request, self._middleware.enter_known(request)

    async def _ask_framework(
        self, entered: Entered, scope: Scope, receive: Receive, sent: RequestBody
    ) -> Response | None:
        """The framework's answer; None where the caller has gone before its request was whole."""
        try:
            body = await sent.read()
        except BodyTooLarge as refusal:
            return refused_early(refusal, entered.request, entered.correlation_id)
        if body is None:
            return None
        loop = asyncio.get_running_loop()
        answer, wait = await loop.run_in_executor(self._executor(), self._run, entered, scope, body, None)
        if wait is None:
            return answer
        return await self._ask_with_news(answer, wait, entered, scope, body, receive)

    async def _ask_with_news(
        self, answer: Response, wait: Wait, entered: Entered, scope: Scope, body: bytes, receive: Receive
    ) -> Response | None:
        """The answer when there is news, or the last one when the time is over; None where the caller has gone."""
        news = self._news = self._news or NewsWatch(self._middleware.position)
        if not news.enter():
            return refused_early(TooManyWaiting(), entered.request, entered.correlation_id)
        until, asked = time.monotonic() + wait.seconds, wait
        loop = asyncio.get_running_loop()
        gone = asyncio.ensure_future(receive())  # the body was read: what comes now is that the caller goes
        try:
            while await _before(gone, news.beyond(asked.position, until)):
                answer, more = await loop.run_in_executor(self._executor(), self._run, entered, scope, body, asked)
                if more is None:
                    return answer
                asked = more
            return None if gone.done() else answer
        finally:
            news.leave()
            gone.cancel()

    def _executor(self) -> ThreadPoolExecutor:
        """This process's threads; those of a master process do not survive its fork."""
        if self._pool is None or self._pool_of != os.getpid():
            self._pool = ThreadPoolExecutor(self._threads, thread_name_prefix="moorings")
            self._pool_of = os.getpid()
        return self._pool

    def _run(self, entered: Entered, scope: Scope, body: bytes, waited: Wait | None) -> tuple[Response, Wait | None]:
        """The framework's answer, and what it waits for, if it has nothing to tell yet."""
        environ = self._middleware.environ(_environ(scope, entered.request, body), entered)
        if waited is not None:
            again(environ, waited)
        with working_for(entered):
            _, answer = answer_of(self._middleware.framework, environ)
        return answer, wait_asked(environ)


async def _before(gone: "asyncio.Future[Any]", news: Awaitable[bool]) -> bool:
    """Whether there is news before the caller goes, and before it gives up."""
    waiting = asyncio.ensure_future(news)
    try:
        await asyncio.wait((gone, waiting), return_when=asyncio.FIRST_COMPLETED)
        return not gone.done() and waiting.result()
    finally:
        waiting.cancel()


async def _send(send: Send, answer: Response, entered: Entered) -> None:
    headers = lines_of(answer, entered)
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})


def lines_of(answer: Response, entered: Entered) -> list[tuple[bytes, bytes]]:
    """All headers of an answer, as ASGI has them."""
    correlation = entered.correlation_id.encode("latin-1")
    return [
        *(answer.lines or header_lines(answer.headers)),
        (b"x-correlation-id", correlation),
        (b"x-request-id", correlation),
    ]


def _request_from_scope(scope: Scope) -> Request:
    headers: dict[str, str] = {}
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1"), raw_value.decode("latin-1")
        headers[name] = f"{headers[name]},{value}" if name in headers else value
    path = scope.get("raw_path") or scope["path"].encode()
    query = scope["query_string"]
    target = (path + b"?" + query if query else path).decode("latin-1")
    peer, peer_port = _address(scope.get("client"))
    server, server_port = _address(scope.get("server"))
    connection = scope.get(CONNECTION, _PLAIN)
    return Request(
        scope["method"],
        target,
        headers,
        peer,
        peer_port,
        (server, server_port) if server and server_port else None,
        scope.get("scheme", "http"),
        connection.peer_user,
        connection.certificate,
    )


def _address(told: Any) -> tuple[str, int]:
    """An address as a server tells it: granian sends ports as text, and a local socket has none."""
    address, port = told or ("", 0)
    return address, int(port or 0)


def _environ(scope: Scope, request: Request, body: bytes) -> dict[str, Any]:
    path, _, query = request.target.partition("?")
    server = scope.get("server") or ("localhost", 80)
    environ: dict[str, Any] = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquoted(path),
        "QUERY_STRING": query,
        "RAW_URI": request.target,
        "REQUEST_URI": request.target,
        "SERVER_NAME": server[0],
        "SERVER_PORT": str(server[1] or 0),
        "SERVER_PROTOCOL": f"HTTP/{scope.get('http_version', '1.1')}",
        "REMOTE_ADDR": request.peer,
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.get("scheme", "http"),
        "wsgi.input": io.BytesIO(body),
        WHOLE_BODY: body,
        "wsgi.input_terminated": True,
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for name, value in request.headers.items():
        key = name.upper().replace("-", "_")
        environ[key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"] = value
    environ["CONTENT_LENGTH"] = str(len(body))
    return environ
