"""The registry that is exported to, asked one request at a time; bounded in time and in size."""

import ssl
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import httpx2
import orjson

from moorings_registry.errors import SigningUnavailable
from moorings_registry.exporting.leases import Lease
from moorings_registry.exporting.signing_in import ExporterSignIn, SignInRefused
from moorings_registry.migration.peer import read_bounded, segment
from moorings_registry.tracing import Span, client_span, headers

TIMEOUT_S = 10.0
LARGEST_ANSWER_BYTES = 64 * 1024 * 1024
_ABSENT = (404,)
_LATER = (408, 429)
_UNKNOWN_THERE = 501


class TargetAway(Exception):
    """The target does not answer or denies access; it is retried later."""


class LeaseLost(Exception):
    """Another worker exports now, so this one stops."""


class TargetRefuses(Exception):
    """The target answers, and will not do it."""

    def __init__(self, message: str, code: int) -> None:
        super().__init__(message)
        self.code = code


class Target:
    """One registry at a base URL."""

    def __init__(
        self,
        url: str,
        lease: Lease,
        transport: httpx2.BaseTransport | None = None,
        sign_in: ExporterSignIn | None = None,
        trust: Callable[[], ssl.SSLContext] | None = None,
    ) -> None:
        """Ask at *url* as long as *lease* is held, signed in by *sign_in*; a *transport* replaces the network.

        *trust* reads what certificates are verified by, where those of the machine are not; `OSError` where it cannot.

        No netrc, no proxy: a name and a password that lie on this machine are not handed to whatever the URL names.
        """
        self._name = urlsplit(url).netloc
        self._lease = lease
        self._sign_in = sign_in
        self._url = url
        self._transport = transport
        self._trust = trust
        self._opened: httpx2.Client | None = None

    def close(self) -> None:
        if self._opened is not None:
            self._opened.close()
            self._opened = None

    @property
    def _client(self) -> httpx2.Client:
        """Connections to the target; made again after a failure, since its authority may have been replaced."""
        if self._opened is None:
            try:
                self._opened = self._open(self._trust() if self._trust is not None else True)
            except OSError as error:  # of which `ssl.SSLError` is one
                why = f"the certificate authority of {self._name} cannot be read on this node"
                raise TargetAway(f"{why}: {type(error).__name__}") from None
        return self._opened

    def _open(self, verify: ssl.SSLContext | bool) -> httpx2.Client:
        return httpx2.Client(
            base_url=self._url,
            timeout=TIMEOUT_S,
            transport=self._transport,
            verify=verify,
            trust_env=False,
            follow_redirects=False,
            event_hooks={"request": [_trace]},
            headers={
                "Accept": "application/vnd.schemaregistry.v1+json, application/json",
                "Content-Type": "application/vnd.schemaregistry.v1+json",
            },
        )

    def find(self, path: str) -> Any:
        """The JSON at *path*; None where the target has none.

        Raises:
            TargetAway, TargetRefuses, LeaseLost
        """
        try:
            return self.ask("GET", path)
        except TargetRefuses as error:
            if error.code // 100 in _ABSENT or error.code in _ABSENT:
                return None
            raise

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """Do one request; the JSON of its answer, None where that has no body.

        Raises:
            TargetAway, TargetRefuses, LeaseLost
        """
        if not self._lease.held():
            raise LeaseLost
        try:
            with client_span(method) as span:
                status, answered = self._signed_in(method, path, None if body is None else orjson.dumps(body))
                if span is not None:
                    self._tell(span, method, status)
        except httpx2.HTTPError as error:
            if self._trust is not None:
                self.close()
            raise TargetAway(f"{self._name} does not answer: {type(error).__name__}") from None
        if status in (401, 403):
            raise TargetAway(f"{self._name} denied access (status {status}){_told(answered)}")
        if status in _LATER or (status >= 500 and status != _UNKNOWN_THERE):
            raise TargetAway(f"{self._name} cannot answer now (status {status}) at {method} {path}")
        try:
            content = orjson.loads(answered) if answered else None
        except orjson.JSONDecodeError:
            raise TargetAway(f"{self._name} does not answer in JSON: is it a registry?") from None
        if status >= 300:
            code, message = _error_of(content, status)
            raise TargetRefuses(f"{self._name} refuses {method} {path} ({code}): {message}", code)
        return content

    def _tell(self, span: Span, method: str, status: int) -> None:
        parts = urlsplit(self._url)
        span.set("http.request.method", method)
        span.set("server.address", parts.hostname or "")
        span.set("server.port", parts.port or (443 if parts.scheme == "https" else 80))
        span.set("http.response.status_code", status)
        if status >= 400 and status not in _ABSENT:
            span.failed(str(status))

    def _signed_in(self, method: str, path: str, content: bytes | None) -> tuple[int, bytes]:
        """Do one request; where the token is not accepted any more, once again with a new one."""
        if self._sign_in is None:
            return self._exchange(method, path, content, {})
        try:
            status, answered = self._exchange(method, path, content, self._sign_in.authorize(self._client))
            if status == 401 and self._sign_in.has_token:
                self._sign_in.forget()
                status, answered = self._exchange(method, path, content, self._sign_in.authorize(self._client))
        except SignInRefused as refused:
            raise TargetAway(f"{self._name} does not sign this exporter in ({refused})") from None
        except SigningUnavailable as error:
            raise TargetAway(str(error)) from None
        return status, answered

    def _exchange(self, method: str, path: str, content: bytes | None, headers: dict[str, str]) -> tuple[int, bytes]:
        with self._client.stream(method, path, content=content, headers=headers) as response:
            body = read_bounded(response, LARGEST_ANSWER_BYTES)
            if body is None:
                raise TargetAway(f"{self._name} answers with more than {LARGEST_ANSWER_BYTES} bytes at {path}")
            return response.status_code, body


def _trace(request: httpx2.Request) -> None:
    request.headers.update(headers())


def _told(answered: bytes) -> str:
    """What a registry says of a denial, cut; nothing of a page of something else."""
    try:
        found = orjson.loads(answered)
    except orjson.JSONDecodeError:
        return ""
    message = found.get("message") if isinstance(found, dict) else None
    return f": {message[:300]}" if isinstance(message, str) else ""


def versions_path(subject: str) -> str:
    """Where the versions of *subject* stand."""
    return f"/subjects/{segment(subject)}/versions"


def _error_of(content: Any, status: int) -> tuple[int, str]:
    """The code and the message of a refusal, cut; a page of something else is not repeated."""
    if not isinstance(content, dict):
        return status, "no reason given"
    code, message = content.get("error_code"), content.get("message")
    text = message[:300] if isinstance(message, str) else "no reason given"
    return (code if isinstance(code, int) else status), text
