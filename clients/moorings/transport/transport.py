"""Requests to the registry: safe retries, a breaker for each URL, and problems turned into the errors of the catalogue.

Every call of the native API may be repeated: reads by nature, writes because they carry an `Idempotency-Key`. While the
registry is away breakers keep requests from piling up, and reads are answered from the store, if there is one. All of
it is decided in steps, which a shell carries out.
"""

import json
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar
from urllib.parse import urlsplit

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
from moorings.transport.endpoints import Endpoint, Endpoints
from moorings.transport.error_mapping import error_of, json_of
from moorings.transport.retries import DEFAULT_RETRIES, RETRYABLE_STATUS, RetryBudget, RetryPolicy, retry_after_s

T = TypeVar("T")
POSITION_HEADER = "Moorings-Position"
_AWAY = (502, 503, 504)
"""What stands before a registry that is away, or the registry itself when it cannot answer."""

HeaderSource = Mapping[str, str] | Callable[[], Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Settings:
    """How to reach a registry."""

    urls: tuple[str, ...]
    """Its addresses, the first to be tried first; all of one registry."""
    timeout_s: float = 5.0
    """For each attempt: to connect, to send, and between two pieces of an answer; a whole answer may take ten times."""
    retries: RetryPolicy = DEFAULT_RETRIES
    headers: HeaderSource | None = None
    """Sent with every request; a function is asked before each call."""

    def __post_init__(self) -> None:
        if not self.urls:
            raise SettingInvalid("the registry needs a URL")
        for url in self.urls:
            if not url.startswith(("http://", "https://")) or not _has_host(url):
                raise SettingInvalid(
                    f"the registry's URL begins with http:// or https:// and a host, not as {url.split('@')[-1][:40]!r}"
                )
        if not self.timeout_s > 0:
            raise SettingInvalid("timeout_s is greater than 0")


@dataclass(frozen=True, slots=True)
class Response:
    """A 2xx answer; `body` is its JSON, None for 204."""

    status: int
    body: Any


@dataclass(frozen=True, slots=True)
class _Call:
    """One request, wherever it is sent to, and however often."""

    method: str
    path: str
    headers: Mapping[str, str]
    content: bytes | None
    query: Mapping[str, str | int] | None
    aside: bool = False


@dataclass(frozen=True, slots=True)
class _Attempt:
    """What came of sending a call once."""

    received: Received | None
    reason: str

    @property
    def settled(self) -> bool:
        """Asking again would lead nowhere else."""
        return self.received is not None and self.received.status not in RETRYABLE_STATUS

    @property
    def wanted_s(self) -> float | None:
        """How long the registry asks to be left alone."""
        if self.received is None:
            return None
        return retry_after_s(self.received.headers.get("retry-after"), self.received.headers.get("date"))


class SignIn(Protocol):
    """Hands out the token that requests carry (`moorings.signin`)."""

    def token(self) -> Effects[str]:
        """Return a token that holds, fetched anew where it has to be; raises `SignInFailed`."""

    def refused(self, token: str) -> None:
        """Note that the registry did not take *token*."""


class Transport:
    """Decides about requests; safe from any thread and any task.

    Writes are seen by later reads of the same transport: the position that a write answered is sent along.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        store: DiskCache | None = None,
        sign_in: SignIn | None = None,
        notices: Notices = SILENT,
        breaker: Callable[[], Breaker] = Breaker,
    ) -> None:
        self._settings = settings
        self._store = store
        self._sign_in = sign_in
        self._notices = notices
        self.places = Endpoints([Endpoint(url.rstrip("/"), breaker()) for url in settings.urls])
        self._budget = RetryBudget()
        self._position = 0
        self.disk = CacheCounter("disk", notices)
        """How often the store held what lasts."""

    def get(self, path: str, query: Mapping[str, str | int] | None = None) -> Effects[Any]:
        """Read *path* and return the JSON; nothing is kept, and nothing comes from the store.

        Raises:
            As `request`.
        """
        return (yield from self.request("GET", path, query=query)).body

    def read(self, path: str, read: Callable[[Any], Effects[T]]) -> Effects[T]:
        """Return what *read* makes of the JSON at *path*.

        What lasts comes from the store, and everything does while the registry is away. An answer that *read* refuses,
        with `AnswerInvalid`, is not kept, and one of the store that it refuses is asked for again.

        Raises:
            As `request`, and what *read* raises.
        """
        if self._store is None:
            return (yield from read((yield from self.get(path))))
        if is_lasting(path):
            kept = self._store.get(path)
            self.disk.note(hit=kept is not None)
            if kept is not None:
                with suppress(AnswerInvalid):
                    return (yield from read(kept))
        try:
            body = yield from self.get(path)
            value = yield from read(body)
        except (RegistryUnavailable, SignInFailed, AnswerInvalid, RegistryRefused) as error:
            kept = self._store.get(path) if _is_of_a_fault(error) else None
            if kept is None:
                raise
            reason = str(error)
        else:
            self._store.put(path, body)
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
    ) -> Effects[Response]:
        """Send one request, repeat it where that may help, and return its 2xx answer.

        *key* names a write that may be sent again by another call; each gets one of its own where none is given.
        *aside* is for what nobody waits for: it is sent once, only while the circuit is closed, and what becomes of it
        moves no breaker and costs no retry of others.

        Raises:
            RegistryUnavailable: no answer, or none but 5xx and 429, after all attempts.
            RegistryRefused: any other answer, as the class that fits its status.
            AnswerInvalid: a 2xx that is not JSON.
            SignInFailed: no token was to be had.
        """
        content = None if body is None else json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
        headers = self._headers(method, content)
        if key is not None:
            headers["Idempotency-Key"] = key
        call = _Call(method, path, headers, content, query, aside)
        if aside and self.places.preferred.breaker.circuit is not Circuit.CLOSED:
            raise RegistryUnavailable("it did not answer lately", 0)
        self._budget.called()
        turn = sent = 0
        while True:
            turn += 1
            attempts = yield from self._round(call)
            sent += len(attempts)
            if not attempts:
                raise RegistryUnavailable("it did not answer lately, and is not asked for a while", sent)
            last = attempts[-1]
            if last.settled:
                return self._read(last)
            wait_s = None if aside else self._settings.retries.wait_s(turn, last.wanted_s)
            if wait_s is None or not self._budget.spend():
                raise _gave_up(last, sent)
            self._notices.tell(RequestRetried(method, path, last.reason, sent, wait_s))
            yield Sleep(wait_s)

    def _round(self, call: _Call) -> Effects[Sequence[_Attempt]]:
        """Send a call to each place that is asked at present, until one settles it; return what came of it."""
        token = (yield from self._sign_in.token()) if self._sign_in is not None else None
        attempts = []
        for place in self.places.in_turn():
            attempt = yield from self._send(place, call, token)
            if token is not None and _is_unauthorized(attempt):
                renewed = yield from self._renewed(token)
                attempt = (yield from self._send(place, call, renewed)) if renewed != token else attempt
            attempts.append(attempt)
            if attempt.settled:
                self._stay_with(place)
            if attempt.settled or call.aside:
                break
        return attempts

    def _renewed(self, token: str) -> Effects[str]:
        assert self._sign_in is not None
        self._sign_in.refused(token)
        return (yield from self._sign_in.token())

    def _send(self, place: Endpoint, call: _Call, token: str | None) -> Effects[_Attempt]:
        headers = dict(call.headers)
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        began_s, began = time.time(), time.perf_counter()
        outcome = yield Send(
            call.method, place.url + call.path, headers, call.content, call.query, self._settings.timeout_s
        )
        status = None if isinstance(outcome, Lost) else outcome.status
        reason = f"{outcome.reason if isinstance(outcome, Lost) else f'status {status}'} from {place.name}"
        if not call.aside:
            self._note(place, away=status is None or status in _AWAY)
        self._notices.tell(
            RequestEnded(call.method, call.path, place.name, status, reason, began_s, time.perf_counter() - began)
        )
        return _Attempt(None if isinstance(outcome, Lost) else outcome, reason)

    def _note(self, place: Endpoint, *, away: bool) -> None:
        """Tell the breaker what became of a request, and everybody what became of the breaker."""
        before = place.breaker.circuit
        after = place.breaker.failed() if away else place.breaker.succeeded()
        if after is not before:
            self._notices.tell(CircuitChanged(place.name, str(before), str(after)))

    def _stay_with(self, place: Endpoint) -> None:
        before = self.places.preferred
        if place is not before:
            self.places.prefer(place)
            self._notices.tell(EndpointChanged(before.name, place.name))

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
            raise AnswerInvalid(f"{self.places.preferred.name} answered {received.status} without JSON")
        return Response(received.status, body)


def _is_of_a_fault(error: MooringsError) -> bool:
    """Say whether an answer of before serves better than this one: the registry is away, or not itself."""
    return not isinstance(error, RegistryRefused) or error.status >= 500


def _gave_up(last: _Attempt, sent: int) -> MooringsError:
    """Make the error of a call that was repeated in vain."""
    if last.received is not None and last.received.status == 500:
        return error_of(last.received)
    return RegistryUnavailable(last.reason, sent, last.wanted_s)


def _is_unauthorized(attempt: _Attempt) -> bool:
    return attempt.received is not None and attempt.received.status == 401


def _has_host(url: str) -> bool:
    try:
        return bool(urlsplit(url).hostname)
    except ValueError:
        return False
