"""What every request passes before the framework, whichever server calls: correlation id, authentication, cached
answers, log and metrics."""

import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

from moorings_registry import tracing
from moorings_registry.errors import BodyTooLarge, Refusal, SessionEnded
from moorings_registry.http.access_log import KEPT, REFUSALS, RequestObserver
from moorings_registry.http.authentication import Authentication
from moorings_registry.http.error_answers import error_answer
from moorings_registry.http.messages import Request, Response
from moorings_registry.http.paths import path_info
from moorings_registry.http.request_spans import begin_span, end_span, past_span
from moorings_registry.http.requests import LARGEST_BODY_BYTES
from moorings_registry.http.response_cache import ResponseCache
from moorings_registry.http.waiting import again, wait_asked, wait_on_thread
from moorings_registry.log_ids import LogIds, new_correlation_id
from moorings_registry.principals import ANONYMOUS, Principal

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


@dataclass(frozen=True, slots=True)
class Entered:
    """A request after authentication: whose it is, and the answer if there is one already."""

    request: Request
    correlation_id: str
    principal: Principal
    answer: Response | None
    began: float
    session_ended: bool = False
    """Whether a page was asked for in a session that does not hold: nobody's, but not an anonymous caller's either."""
    refused: str = ""
    """The code of the refusal that is the answer, if it is one."""
    span: tracing.Span | None = None
    """Of a request that the framework answers, where its trace is collected."""


class Middleware:
    """A WSGI application around the framework's own; `enter` and `leave` serve other kinds of servers as well."""

    def __init__(
        self,
        framework: Wsgi,
        response_cache: ResponseCache,
        authentication: Authentication,
        observer: RequestObserver,
        position: Callable[[], int] = lambda: 0,
    ) -> None:
        """*position* is the newest one of the ledger that this node knows of, for those who wait for news."""
        self._framework = framework
        self._response_cache = response_cache
        self._authentication = authentication
        self._observer = observer
        self.position = position

    def enter(self, request: Request) -> Entered:
        """Authenticate a request, and answer it here if it is refused or its answer is cached.

        May wait for the keys of an issuer.
        """
        entered = self._enter(request, self._authentication.principal)
        assert entered is not None  # who calls is always told in the end
        return entered

    def enter_known(self, request: Request) -> Entered | None:
        """Do the same without waiting; None if the caller's credential has to be verified first, on a thread."""
        return self._enter(request, self._authentication.known)

    def _enter(self, request: Request, identify: Callable[[Request], Principal | None]) -> Entered | None:
        began = time.perf_counter()
        correlation = correlation_id(request.headers)
        try:
            with LogIds(correlation):
                principal = identify(request)
            if principal is None:
                return None
            require_small_body(request)
        except SessionEnded:
            # The pages lead to sign-in and back, with what a form held: they answer.
            return Entered(request, correlation, ANONYMOUS, None, began, session_ended=True)
        except Refusal as refusal:
            REFUSALS.labels(refusal.code).inc()
            early = refused_early(refusal, request, correlation)
            return Entered(request, correlation, ANONYMOUS, early, began, refused=refusal.code)
        answer = self._response_cache.find(request, principal)
        if answer is not None:
            KEPT.inc()
        return Entered(request, correlation, principal, answer, began)

    def begun(self, entered: Entered) -> Entered:
        """The request with its span, right before the framework is asked; the same one where none is collected."""
        if tracing.tracer() is None:
            return entered
        return replace(entered, span=begin_span(entered.request, entered.correlation_id, entered.began))

    def leave(self, entered: Entered, status: int, size_bytes: int, route: str) -> None:
        """Log and count a request that was answered."""
        seconds = time.perf_counter() - entered.began
        trace_id = ""
        if tracing.tracer() is not None:
            trace_id = self._end_span(entered, status, route, seconds)
        self._observer.answered(
            entered.request,
            route,
            status,
            size_bytes,
            seconds,
            entered.correlation_id,
            entered.principal.name,
            trace_id,
        )

    def _end_span(self, entered: Entered, status: int, route: str, seconds: float) -> str:
        span = entered.span
        if entered.answer is not None:
            span = past_span(entered.request, entered.correlation_id, seconds, entered.refused)
        if span is None:
            return ""
        end_span(span, entered.request, status, route)
        return span.trace_id

    def gone(self, entered: Entered) -> None:
        """End the span of a request whose caller went away before the answer."""
        if entered.span is not None:
            entered.span.failed("caller_gone")
            entered.span.end()

    def environ(self, environ: dict[str, Any], entered: Entered) -> dict[str, Any]:
        """Pass what was found out here on to the framework."""
        environ["moorings.entered"] = entered
        if "%" in entered.request.target and entered.request.target.startswith("/"):
            environ["PATH_INFO"] = path_info(entered.request.target)
        return environ

    @property
    def framework(self) -> Wsgi:
        return self._framework

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        entered = self.enter(_request_from_environ(environ))
        answer = entered.answer
        if answer is not None:
            start_response(status_line(answer.status), [*answer.headers, *correlation_headers(entered)])
            self.leave(entered, answer.status, len(answer.body), answer.route)
            return [answer.body]
        entered = self.begun(entered)
        with working_for(entered):
            line, answer = self._ask(environ, entered)
        start_response(line, [*answer.headers, *correlation_headers(entered)])
        self.leave(entered, answer.status, len(answer.body), answer.route)
        return [answer.body]

    def _ask(self, environ: dict[str, Any], entered: Entered) -> tuple[str, Response]:
        """The framework's answer; where it has nothing to tell yet, this thread waits."""
        line, answer = answer_of(self._framework, self.environ(environ, entered))
        wait = wait_asked(environ)
        until = time.monotonic() + wait.seconds if wait is not None else 0.0
        while wait is not None and wait_on_thread(self.position, wait, until):
            fresh = {name: value for name, value in environ.items() if not name.startswith(_OURS)}
            again(fresh, wait)
            line, answer = answer_of(self._framework, self.environ(fresh, entered))
            wait = wait_asked(fresh)
        return line, answer


def working_for(entered: Entered) -> AbstractContextManager[object]:
    """Do something for a request: its ids are on each line that is logged meanwhile, its span above those of it."""
    return LogIds(entered.correlation_id) if entered.span is None else _traced(entered.correlation_id, entered.span)


@contextmanager
def _traced(correlation: str, span: tracing.Span) -> Iterator[None]:
    with LogIds(correlation, span.trace_id), tracing.under(span):
        yield


def correlation_id(headers: Mapping[str, str]) -> str:
    """The id that the caller sent in either header, if it is safe to log and to store; else a new one."""
    for name in ("x-correlation-id", "x-request-id"):
        sent = headers.get(name)
        if sent and _USABLE_ID.fullmatch(sent):
            return sent
    return new_correlation_id()


def correlation_headers(entered: Entered) -> tuple[tuple[str, str], ...]:
    """The headers that tell the caller its correlation id."""
    return (("X-Correlation-ID", entered.correlation_id), ("X-Request-ID", entered.correlation_id))


def status_line(status: int) -> str:
    """A status with its reason phrase, as WSGI wants it: ``404 Not Found``."""
    return _STATUS_LINES.get(status) or f"{status} Unknown"


def refused_early(refusal: Refusal, request: Request, correlation: str) -> Response:
    """Render a refusal that does not reach the framework; an answer to HEAD has no body."""
    answer = error_answer(refusal, request, correlation)
    return replace(answer, body=b"") if request.method == "HEAD" else answer


def require_small_body(request: Request) -> None:
    """Pass, or refuse a body that says beforehand how large it is.

    Raises:
        BodyTooLarge
    """
    length = request.headers.get("content-length", "").lstrip("0")
    # As text first: a number of thousands of digits is nothing to convert.
    if length.isdecimal() and (len(length) > _LENGTH_DIGITS or int(length) > LARGEST_BODY_BYTES):
        raise BodyTooLarge(LARGEST_BODY_BYTES)


def answer_of(framework: Wsgi, environ: dict[str, Any]) -> tuple[str, Response]:
    """Call *framework*; its status line, and its whole answer."""
    line = "500 Internal Server Error"
    headers: tuple[tuple[str, str], ...] = ()

    def start(status: str, given: list[tuple[str, str]], *_rest: Any) -> None:
        nonlocal line, headers
        line, headers = status, tuple(given)

    chunks = framework(environ, start)
    try:
        content = b"".join(chunks)
    finally:
        close = getattr(chunks, "close", None)
        if close is not None:
            close()
    return line, Response(int(line[:3]), headers, content, environ.get("moorings.route", ""))


def _request_from_environ(environ: dict[str, Any]) -> Request:
    target = environ.get("RAW_URI") or environ.get("REQUEST_URI")
    if not target:
        path = quote(environ.get("PATH_INFO", "").encode("latin-1"), safe="/:;=@,!$&'()*+~")
        query = environ.get("QUERY_STRING", "")
        target = f"{path}?{query}" if query else path
    headers = {key[5:].replace("_", "-").lower(): value for key, value in environ.items() if key.startswith("HTTP_")}
    for key in ("CONTENT_TYPE", "CONTENT_LENGTH"):
        if environ.get(key):
            headers[key.replace("_", "-").lower()] = environ[key]
    return Request(
        environ["REQUEST_METHOD"],
        target,
        headers,
        environ.get("REMOTE_ADDR", ""),
        scheme=environ.get("wsgi.url_scheme", "http"),
    )


_OURS = "moorings."
_LENGTH_DIGITS = len(str(LARGEST_BODY_BYTES))
_STATUS_LINES = {
    200: "200 OK",
    304: "304 Not Modified",
    401: "401 Unauthorized",
    403: "403 Forbidden",
    413: "413 Content Too Large",
    429: "429 Too Many Requests",
    503: "503 Service Unavailable",
}
_USABLE_ID = re.compile(r"[A-Za-z0-9_.:/+=-]{1,128}")
