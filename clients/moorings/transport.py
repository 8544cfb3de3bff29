"""Requests to the registry: time-outs on every one, safe retries, and problems turned into the errors of the catalogue.

Every call of the native API may be repeated: reads by nature, writes because they carry an `Idempotency-Key`. While the
registry is away a breaker keeps requests from piling up, and reads are answered from the store, if there is one.
"""

import json
import logging
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from moorings.answer_store import AnswerStore, is_lasting
from moorings.breaker import Breaker
from moorings.errors import (
    AnswerInvalid,
    NotAllowed,
    NotFound,
    RegistryRefused,
    RegistryUnavailable,
    SchemaIncompatible,
    SettingInvalid,
)
from moorings.retries import DEFAULT_RETRIES, RETRYABLE_STATUS, RetryPolicy, retry_after_s

if TYPE_CHECKING:
    import httpx2

_log = logging.getLogger("moorings")

POSITION_HEADER = "Moorings-Position"
_AWAY = (502, 503, 504)
"""What stands before a registry that is away, or the registry itself when it cannot answer."""
_LARGEST_ANSWER_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Settings:
    """How to reach a registry."""

    url: str
    timeout_s: float = 5.0
    """For each attempt: to connect, to send, and between two pieces of an answer."""
    retries: RetryPolicy = DEFAULT_RETRIES
    headers: Mapping[str, str] | None = None
    """Sent with every request."""

    def __post_init__(self) -> None:
        if not self.url.startswith(("http://", "https://")):
            raise SettingInvalid(f"the registry's URL begins with http:// or https://, not as {self.url[:40]!r}")
        if not self.timeout_s > 0:
            raise SettingInvalid("timeout_s is greater than 0")


@dataclass(frozen=True, slots=True)
class Answer:
    """A 2xx answer; `body` is its JSON, None for 204."""

    status: int
    body: Any


class Transport:
    """Sends requests over one pool of connections; safe from any thread.

    Writes are seen by later reads of the same transport: the position that a write answered is sent along.
    """

    def __init__(
        self,
        settings: Settings,
        http: "httpx2.BaseTransport | None" = None,
        sleep: Callable[[float], None] = time.sleep,
        store: AnswerStore | None = None,
        breaker: Breaker | None = None,
    ) -> None:
        self._settings = settings
        self._http = http
        self._sleep = sleep
        self._store = store
        self._breaker = breaker or Breaker()
        self._client: httpx2.Client | None = None
        self._position = 0

    def close(self) -> None:
        """Let the connections go; a later request opens new ones."""
        client, self._client = self._client, None
        if client is not None:
            client.close()

    def get(self, path: str, query: Mapping[str, str | int] | None = None) -> Any:
        """Read *path* and return the JSON; what lasts comes from the store, and everything when the registry is away.

        Raises:
            As `request`.
        """
        if self._store is None or query:
            return self.request("GET", path, query=query).body
        kept = self._store.get(path) if is_lasting(path) else None
        if kept is not None:
            return kept
        try:
            body = self.request("GET", path).body
        except RegistryUnavailable as error:
            kept = self._store.get(path)
            if kept is None:
                raise
            _log.warning("served from the store, the registry is away: %s", path, extra={"reason": error.reason})
            return kept
        self._store.put(path, body)
        return body

    def request(
        self,
        method: str,
        path: str,
        *,
        body: Mapping[str, Any] | None = None,
        query: Mapping[str, str | int] | None = None,
    ) -> Answer:
        """Send one request, repeat it where that may help, and return its 2xx answer.

        Raises:
            RegistryUnavailable: no answer, or none but 5xx and 429, after all attempts.
            RegistryRefused: any other answer, as the class that fits its status.
            AnswerInvalid: a 2xx that is not JSON.
        """
        headers = self._headers(method)
        attempt = 0
        while True:
            attempt += 1
            if not self._breaker.allows():
                raise RegistryUnavailable("it did not answer lately, and is not asked for a while", attempt - 1)
            response, reason = self._attempt(method, path, headers, body, query)
            self._note(response, path)
            if response is not None and response.status_code not in RETRYABLE_STATUS:
                return self._read(response)
            wanted_s = retry_after_s(response.headers.get("Retry-After")) if response is not None else None
            wait_s = self._settings.retries.wait_s(attempt, wanted_s)
            if wait_s is None:
                if response is not None and response.status_code == 500:
                    raise _refusal(response)
                raise RegistryUnavailable(reason, attempt, wanted_s)
            _log.info("asking again: %s", path, extra={"reason": reason, "attempt": attempt, "wait_s": wait_s})
            self._sleep(wait_s)

    def _note(self, response: "httpx2.Response | None", path: str) -> None:
        """Tell the breaker what became of a request, and the log what became of the breaker."""
        before = self._breaker.circuit
        if response is None or response.status_code in _AWAY:
            self._breaker.failed()
        else:
            self._breaker.succeeded()
        after = self._breaker.circuit
        if after is not before:
            _log.warning("circuit %s: %s", after, _place(self._settings.url), extra={"path": path})

    def _headers(self, method: str) -> dict[str, str]:
        headers = {"Accept": "application/json", "X-Correlation-ID": uuid.uuid4().hex}
        headers.update(self._settings.headers or {})
        if method != "GET":
            headers["Idempotency-Key"] = uuid.uuid4().hex
        if self._position:
            headers[POSITION_HEADER] = str(self._position)
        return headers

    def _attempt(
        self,
        method: str,
        path: str,
        headers: dict[str, str],
        body: Mapping[str, Any] | None,
        query: Mapping[str, str | int] | None,
    ) -> "tuple[httpx2.Response | None, str]":
        """Return the answer, or None and what went wrong."""
        import httpx2  # 0.13 CPU-seconds: paid by the first request, not by the import of a service that never asks

        try:
            response = self._connected().request(method, path, headers=headers, json=body, params=query)
        except httpx2.TransportError as error:
            return None, f"{type(error).__name__} from {_place(self._settings.url)}"
        return response, f"status {response.status_code} from {_place(self._settings.url)}"

    def _connected(self) -> "httpx2.Client":
        import httpx2  # as above

        if self._client is None:
            self._client = httpx2.Client(
                base_url=self._settings.url,
                timeout=self._settings.timeout_s,
                transport=self._http,
                headers={"User-Agent": "moorings-python"},
            )
        return self._client

    def _read(self, response: "httpx2.Response") -> Answer:
        if not response.is_success:
            raise _refusal(response)
        position = response.headers.get(POSITION_HEADER, "")
        if position.isdecimal():
            self._position = max(self._position, int(position[:18]))
        if response.status_code == 204:
            return Answer(204, None)
        body = _json_of(response)
        if body is None:
            raise AnswerInvalid(f"{_place(self._settings.url)} answered {response.status_code} without JSON")
        return Answer(response.status_code, body)


_REFUSALS: dict[int, type[RegistryRefused]] = {401: NotAllowed, 403: NotAllowed, 404: NotFound}


def _refusal(response: "httpx2.Response") -> RegistryRefused:
    problem = _json_of(response)
    facts: Mapping[str, Any] = problem if isinstance(problem, Mapping) else {}
    kind = _REFUSALS.get(response.status_code, RegistryRefused)
    if facts.get("code") == SchemaIncompatible.code or "report" in facts:
        kind = SchemaIncompatible
    return kind(response.status_code, facts)


def _json_of(response: "httpx2.Response") -> Any:
    if len(response.content) > _LARGEST_ANSWER_BYTES:
        return None
    try:
        return json.loads(response.content)
    except (ValueError, RecursionError):
        return None


def _place(url: str) -> str:
    """Name the registry without user or password."""
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}"
