"""Requests to the registry: safe retries, a breaker for each URL, and problems mapped to the errors of the catalogue.

Every call of the native API may be retried: reads by nature, writes because they carry an `Idempotency-Key`. While the
registry is unavailable, breakers keep requests from piling up, and reads use cached responses, if any. All of it is
decided as effects, which a runner carries out.
"""

import json
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from moorings.errors import (
    AnswerInvalid,
    MooringsError,
    RegistryRefused,
    RegistryUnavailable,
    SettingInvalid,
    SignInFailed,
)
from moorings.notices import (
    SILENT,
    CacheCounter,
    CircuitChanged,
    EndpointChanged,
    Notices,
    RequestEnded,
    RequestRetried,
    StaleAnswerServed,
)
from moorings.transport.breaker import Breaker, Circuit
from moorings.transport.disk_cache import DiskCache, is_lasting
from moorings.transport.effects import Effects, Lost, Received, Send, Sleep
from moorings.transport.endpoints import Endpoint, Endpoints, is_registry_url
from moorings.transport.error_mapping import error_of, json_of
from moorings.transport.retries import DEFAULT_RETRIES, RETRYABLE_STATUS, RetryBudget, RetryPolicy, retry_after_s

T = TypeVar("T")
POSITION_HEADER = "Moorings-Position"
_UNAVAILABLE = (502, 503, 504)
"""Statuses of a gateway whose registry is unavailable, or of a registry that cannot respond."""

HeaderSource = Mapping[str, str] | Callable[[], Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Settings:
    """How to reach a registry."""

    urls: tuple[str, ...]
    """The addresses of one registry, in the order in which they are tried."""
    timeout_s: float = 5.0
    """For each attempt: to connect, to send, and between pieces of a response; all of it may take ten times as long."""
    retries: RetryPolicy = DEFAULT_RETRIES
    headers: HeaderSource | None = None
    """Sent with every request; a function is asked before each call."""

    def __post_init__(self) -> None:
        if not self.urls:
            raise SettingInvalid("the registry needs a URL")
        for url in self.urls:
            if not is_registry_url(url):
                raise SettingInvalid(
                    f"not a registry URL, which begins with http:// or https:// and a host: {url.split('@')[-1][:40]!r}"
                )
        if not self.timeout_s > 0:
            raise SettingInvalid("timeout_s must be greater than 0")


@dataclass(frozen=True, slots=True)
class Response:
    """A 2xx response; `body` is its JSON, None for 204."""

    status: int
    body: Any


@dataclass(frozen=True, slots=True)
class _Call:
    """One request, to whichever endpoint and however often it is sent."""

    method: str
    path: str
    headers: Mapping[str, str]
    content: bytes | None
    query: Mapping[str, str | int] | None
    aside: bool = False


@dataclass(frozen=True, slots=True)
class _Attempt:
    """The outcome of sending a call once."""

    received: Received | None
    reason: str

    @property
    def settled(self) -> bool:
        """Whether a retry would give the same result."""
        return self.received is not None and self.received.status not in RETRYABLE_STATUS

    @property
    def wanted_s(self) -> float | None:
        """How long the registry asks to wait."""
        if self.received is None:
            return None
        return retry_after_s(self.received.headers.get("retry-after"), self.received.headers.get("date"))


class SignIn(Protocol):
    """Hands out the token that requests carry (`moorings.signin`)."""

    def token(self) -> Effects[str]:
        """Return a valid token, a new one if necessary; raises `SignInFailed`."""

    def refused(self, token: str) -> None:
        """Note that the registry refused *token*."""


class Transport:
    """Decides how requests are sent; safe from any thread and any task.

    Later reads of the same transport see its writes: the position in the response to a write is sent with them.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        disk_cache: DiskCache | None = None,
        sign_in: SignIn | None = None,
        notices: Notices = SILENT,
        breaker: Callable[[], Breaker] = Breaker,
    ) -> None:
        self._settings = settings
        self._disk_cache = disk_cache
        self._sign_in = sign_in
        self._notices = notices
        self.endpoints = Endpoints([Endpoint(url.rstrip("/"), breaker()) for url in settings.urls])
        self._budget = RetryBudget()
        self._position = 0
        self.disk = CacheCounter("disk", notices)
        """How often the disk cache held a response that never changes."""

    def get(self, path: str, query: Mapping[str, str | int] | None = None) -> Effects[Any]:
        """Read *path* and return the JSON; the disk cache is not used.

        Raises:
            As `request`.
        """
        return (yield from self.request("GET", path, query=query)).body

    def read(self, path: str, read: Callable[[Any], Effects[T]]) -> Effects[T]:
        """Return what *read* makes of the JSON at *path*.

        What never changes comes from the disk cache; while the registry is unavailable, all does. A response that
        *read* refuses with `AnswerInvalid` is not cached, and a cached one that it refuses is requested again.

        Raises:
            As `request`, and what *read* raises.
        """
        if self._disk_cache is None:
            return (yield from read((yield from self.get(path))))
        if is_lasting(path):
            kept = self._disk_cache.get(path)
            self.disk.note(hit=kept is not None)
            if kept is not None:
                with suppress(AnswerInvalid):
                    return (yield from read(kept))
        try:
            body = yield from self.get(path)
            value = yield from read(body)
        except (RegistryUnavailable, SignInFailed, AnswerInvalid, RegistryRefused) as error:
            kept = self._disk_cache.get(path) if _is_of_a_fault(error) else None
            if kept is None:
                raise
            reason = str(error)
        else:
            self._disk_cache.put(path, body)
            return value
        value = yield from read(kept)
        self._notices.tell(StaleAnswerServed(path, reason))
        return value

    def request(
        self,
        method: str,
        path: str,
        *,
        body: Mapping[str, Any] | None = None,
        query: Mapping[str, str | int] | None = None,
        key: str | None = None,
        aside: bool = False,
        if_match: str = "",
    ) -> Effects[Response]:
        """Send one request, retry it where that may help, and return its 2xx response.

        *key* identifies a write that another call may send again; by default each write gets a key of its own.
        *if_match* is the ETag that the resource must still have. *aside* is for requests that nobody waits for: sent
        once, only while the circuit is closed, and their outcome changes neither a breaker nor the retry budget.

        Raises:
            RegistryUnavailable: no response, or only 5xx and 429, after all attempts.
            RegistryRefused: any other response, as the class for its status.
            AnswerInvalid: a 2xx that is not JSON.
            SignInFailed: no token could be fetched.
        """
        content = None if body is None else json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
        headers = self._headers(method, content)
        if key is not None:
            headers["Idempotency-Key"] = key
        if if_match:
            headers["If-Match"] = f'"{if_match}"'
        call = _Call(method, path, headers, content, query, aside)
        if aside and self.endpoints.preferred.breaker.circuit is not Circuit.CLOSED:
            raise self._circuit_open(0)
        self._budget.called()
        turn = sent = 0
        while True:
            turn += 1
            attempts = yield from self._round(call)
            sent += len(attempts)
            if not attempts:
                raise self._circuit_open(sent)
            last = attempts[-1]
            if last.settled:
                return self._read(last)
            wait_s = None if aside else self._settings.retries.wait_s(turn, last.wanted_s)
            if wait_s is None or not self._budget.spend():
                raise _gave_up(last, sent)
            self._notices.tell(RequestRetried(method, path, last.reason, sent, wait_s))
            yield Sleep(wait_s)

    def _round(self, call: _Call) -> Effects[Sequence[_Attempt]]:
        """Send a call to each endpoint whose breaker allows it, until one settles it; return the attempts."""
        token = (yield from self._sign_in.token()) if self._sign_in is not None else None
        attempts = []
        for endpoint in self.endpoints.in_turn():
            attempt = yield from self._send(endpoint, call, token)
            if token is not None and _is_unauthorized(attempt):
                renewed = yield from self._renewed(token)
                attempt = (yield from self._send(endpoint, call, renewed)) if renewed != token else attempt
            attempts.append(attempt)
            if attempt.settled:
                self._stay_with(endpoint)
            if attempt.settled or call.aside:
                break
        return attempts

    def _circuit_open(self, sent: int) -> RegistryUnavailable:
        """Make the error of a call that no endpoint was asked for, or no longer."""
        endpoint = self.endpoints.preferred
        wait_s = endpoint.breaker.open_for_s()
        reason = f"circuit open after {endpoint.breaker.failures} failures, next try in {wait_s:.0f} s"
        return RegistryUnavailable(f"{reason} ({endpoint.last_failure})", sent, wait_s)

    @property
    def signs_in(self) -> bool:
        """Whether requests carry tokens, so that not everybody sees everything."""
        return self._sign_in is not None

    def _renewed(self, token: str) -> Effects[str]:
        assert self._sign_in is not None
        self._sign_in.refused(token)
        return (yield from self._sign_in.token())

    def _send(self, endpoint: Endpoint, call: _Call, token: str | None) -> Effects[_Attempt]:
        headers = dict(call.headers)
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        began_s, began = time.time(), time.perf_counter()
        outcome = yield Send(
            call.method, endpoint.url + call.path, headers, call.content, call.query, self._settings.timeout_s
        )
        status = None if isinstance(outcome, Lost) else outcome.status
        reason = f"{outcome.reason if isinstance(outcome, Lost) else f'status {status}'} from {endpoint.name}"
        if not call.aside:
            self._note(endpoint, reason if status is None or status in _UNAVAILABLE else None)
        self._notices.tell(
            RequestEnded(call.method, call.path, endpoint.name, status, reason, began_s, time.perf_counter() - began)
        )
        return _Attempt(None if isinstance(outcome, Lost) else outcome, reason)

    def _note(self, endpoint: Endpoint, failure: str | None) -> None:
        """Report the outcome of a request to the breaker, and a change of the breaker to the listeners."""
        before = endpoint.breaker.circuit
        if failure is None:
            after = endpoint.breaker.succeeded()
        else:
            after, endpoint.last_failure = endpoint.breaker.failed(), failure
        if after is not before:
            self._notices.tell(CircuitChanged(endpoint.name, str(before), str(after)))

    def _stay_with(self, endpoint: Endpoint) -> None:
        before = self.endpoints.preferred
        if endpoint is not before:
            self.endpoints.prefer(endpoint)
            self._notices.tell(EndpointChanged(before.name, endpoint.name))

    def _headers(self, method: str, content: bytes | None) -> dict[str, str]:
        headers = {"Accept": "application/json", "X-Correlation-ID": uuid.uuid4().hex}
        given = self._settings.headers
        headers.update(given() if callable(given) else given or {})
        if content is not None:
            headers["Content-Type"] = "application/json"
        if method != "GET":
            headers["Idempotency-Key"] = uuid.uuid4().hex
        if self._position:
            headers[POSITION_HEADER] = str(self._position)
        return headers

    def _read(self, attempt: _Attempt) -> Response:
        received = attempt.received
        assert received is not None
        if not 200 <= received.status < 300:
            raise error_of(received)
        position = received.headers.get(POSITION_HEADER.lower(), "")
        if position.isdecimal():
            self._position = max(self._position, int(position[:18]))
        if received.status == 204:
            return Response(204, None)
        body = json_of(received)
        if body is None:
            raise AnswerInvalid(f"{self.endpoints.preferred.name} answered {received.status} without JSON")
        return Response(received.status, body)


def _is_of_a_fault(error: MooringsError) -> bool:
    """Say whether a cached response is better than this error: the registry is unavailable, or faulty."""
    return not isinstance(error, RegistryRefused) or error.status >= 500


def _gave_up(last: _Attempt, sent: int) -> MooringsError:
    """Make the error of a call whose retries failed, too."""
    if last.received is not None and last.received.status == 500:
        return error_of(last.received)
    return RegistryUnavailable(last.reason, sent, last.wanted_s)


def _is_unauthorized(attempt: _Attempt) -> bool:
    return attempt.received is not None and attempt.received.status == 401
