"""Sending one event to one receiver: signed, once, bounded in time and in what is read of the answer."""

import contextlib
import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from enum import StrEnum
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import httpcore2

from moorings_registry import tracing
from moorings_registry.receiver_addresses import AllowedAddresses
from moorings_registry.webhooks.cloud_events import HttpEvent
from moorings_registry.webhooks.connecting import AddressRefused, CheckedBackend, Deadline, Resolve
from moorings_registry.webhooks.signing import Signer, signed_headers

TIMEOUT_S = 10.0
"""For a whole request: name, connection, answer."""
LARGEST_ANSWER_BYTES = 64 * 1024
"""More of an answer is not read: nothing in it is used, and the connection is closed."""
_REST_S = 1.0
"""For the rest of an answer, once its status is known."""
_RETRIED = frozenset((408, 425, 429))


class Fate(StrEnum):
    """What became of an event."""

    DELIVERED = "delivered"
    REFUSED = "refused"
    """The receiver answers that it does not take it."""
    FAILED = "failed"
    """The receiver was reached, and could not take it now."""
    UNREACHED = "unreached"
    """The receiver was not reached, so it knows nothing of the event."""
    GONE = "gone"
    """The receiver answers that it does not want any events from now on."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of an event, and why."""

    fate: Fate
    reason: str = ""
    status: int = 0
    """The HTTP status; 0 where there was no answer."""
    retry_after_s: float = 0.0
    """How long the receiver asks to wait."""


class Sender:
    """Sends events to one URL, one at a time."""

    def __init__(
        self,
        url: str,
        signer: Signer,
        *,
        wall_clock: Callable[[], float] = time.time,
        timeout_s: float = TIMEOUT_S,
        resolve: Resolve = socket.getaddrinfo,
        trust: ssl.SSLContext | None = None,
    ) -> None:
        """*resolve* and *trust* replace the names and the authorities of this machine."""
        self._url = url
        self._signer = signer
        self._wall_clock = wall_clock
        self._timeout_s = timeout_s
        self._deadline = Deadline()
        self._backend = CheckedBackend(self._deadline, resolve)
        self._pool = httpcore2.ConnectionPool(
            ssl_context=trust or _trust(), max_connections=1, keepalive_expiry=5.0, network_backend=self._backend
        )

    def close(self) -> None:
        self._pool.close()

    def send(self, event: HttpEvent, allowed: AllowedAddresses) -> Answer:
        """Post *event*, if the URL leads to an address that is *allowed*; redirects are not followed."""
        self._deadline.at = time.monotonic() + self._timeout_s
        self._backend.allowed = allowed
        self._backend.only_loopback = urlsplit(self._url).scheme == "http"
        headers = {**event.headers, "User-Agent": "moorings-registry", **tracing.headers()}
        headers |= signed_headers(self._signer, "POST", self._url, headers, event.body, int(self._wall_clock()))
        try:
            return self._post(headers, event.body)
        except AddressRefused as error:
            return Answer(Fate.UNREACHED, str(error))
        except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
            return Answer(Fate.UNREACHED, f"cannot connect: {_why(error)}")
        except (httpcore2.TimeoutException, httpcore2.NetworkError, httpcore2.ProtocolError) as error:
            late = time.monotonic() >= self._deadline.at
            return Answer(Fate.FAILED, f"no answer in {self._timeout_s:g} s" if late else f"no answer: {_why(error)}")

    def _post(self, headers: dict[str, str], body: bytes) -> Answer:
        extensions = {"timeout": dict.fromkeys(("connect", "read", "write", "pool"), self._timeout_s)}
        listed = [(name.encode(), value.encode()) for name, value in headers.items()]
        with self._pool.stream("POST", self._url, headers=listed, content=body, extensions=extensions) as response:
            answer = _answer(response)
            # The status is the whole answer. The rest is read so that the connection can be used again, if it is short.
            self._deadline.at = min(self._deadline.at, time.monotonic() + _REST_S)
            with contextlib.suppress(httpcore2.TimeoutException, httpcore2.NetworkError, httpcore2.ProtocolError):
                _read_some(response)
        return answer


def _read_some(response: httpcore2.Response) -> None:
    size_bytes = 0
    for chunk in response.iter_stream():
        size_bytes += len(chunk)
        if size_bytes > LARGEST_ANSWER_BYTES:
            return  # leaving the response closes its connection


def _answer(response: httpcore2.Response) -> Answer:
    status = response.status
    if 200 <= status < 300:
        return Answer(Fate.DELIVERED, status=status)
    reason = f"the receiver answered {status}"
    if status == 410:
        return Answer(Fate.GONE, reason, status)
    if 300 <= status < 400:
        return Answer(Fate.REFUSED, f"{reason}, and redirects are not followed", status)
    if status in _RETRIED or status >= 500:
        return Answer(Fate.FAILED, reason, status, _retry_after_s(response))
    return Answer(Fate.REFUSED, reason, status)


def _retry_after_s(response: httpcore2.Response) -> float:
    """What `Retry-After` asks for, in seconds (RFC 9110, section 10.2.3); 0 where it does not, or cannot be read."""
    sent = next((value.decode("latin-1") for name, value in response.headers if name.lower() == b"retry-after"), "")
    if sent.isascii() and sent.isdigit() and len(sent) < 10:
        return float(sent)
    try:
        return max(0.0, parsedate_to_datetime(sent).timestamp() - time.time())
    except (TypeError, ValueError):
        return 0.0


def _why(error: Exception) -> str:
    """The kind of an error, and what TLS says of a certificate; nothing that the receiver chose."""
    cause: Any = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"its certificate is not valid ({cause.verify_message})"
        cause = cause.__cause__ or cause.__context__
    return type(error).__name__


@cache
def _trust() -> ssl.SSLContext:
    """The authorities of this machine, and of `SSL_CERT_FILE`."""
    return ssl.create_default_context()
