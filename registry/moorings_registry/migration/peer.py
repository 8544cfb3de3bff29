"""Another registry that speaks the Confluent API, asked by plain GETs: bounded in time, in size and in tries."""

import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote, urlsplit

import httpx2
import orjson

from moorings_registry.migration.imported import SourceAway, SourceDenied, SourceUnreadable
from moorings_registry.migration.source_sign_in import SourceSignIn

TRIES = 5
FIRST_PAUSE_S = 0.2
TIMEOUT_S = 30.0
LARGEST_ANSWER_BYTES = 64 * 1024 * 1024
PAGE = 1_000
_AGAIN = (408, 429, 500, 502, 503, 504)
_UNSERVED = (404, 405, 422, 501)
"""How registries say that they have no such thing, or never heard of such a path."""


def segment(name: str) -> str:
    """Write *name*, a subject or a scope, as one segment of a path.

    Names of dots alone are escaped too: `.` and `..` would be taken for folders and removed (RFC 3986, 5.2.4).
    """
    return quote(name, safe="") if name.strip(".") else name.replace(".", "%2E")


def read_bounded(response: httpx2.Response, most_bytes: int) -> bytes | None:
    """Read the body of a streamed *response*, decompressed; None where it is longer than *most_bytes*.

    Raises:
        httpx2.TransportError, httpx2.DecodingError
    """
    body = bytearray()
    for chunk in response.iter_bytes():
        body += chunk
        if len(body) > most_bytes:
            return None
    return bytes(body)


class Peer:
    """One registry at a base URL; it may contain user and password, and never appear in a message."""

    def __init__(
        self,
        url: str,
        *,
        sign_in: SourceSignIn | None = None,
        transport: httpx2.BaseTransport | None = None,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        """Ask at *url*, signed in by *sign_in*; a *transport* replaces the network, *pause* waits between tries.

        Raises:
            SourceUnreadable: no URL of a registry.
        """
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            raise SourceUnreadable("the URL of the other registry cannot be read") from None
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise SourceUnreadable(
                "the URL of the other registry is not of the form http://host:port or https://host:port"
            )
        host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
        self.name = f"{parts.scheme}://{host}{f':{port}' if port else ''}{parts.path.rstrip('/')}"
        self._pause = pause
        self._sign_in = sign_in
        self._client = httpx2.Client(
            base_url=url.rstrip("/"),
            timeout=TIMEOUT_S,
            transport=transport,
            headers={"Accept": "application/vnd.schemaregistry.v1+json, application/json"},
        )

    def close(self) -> None:
        """Let the connections go."""
        self._client.close()

    def get(self, path: str) -> Any:
        """The JSON at *path*.

        Raises:
            SourceAway, SourceUnreadable: there is none.
        """
        status, content = self._ask(path)
        if status != 200:
            raise SourceUnreadable(f"{self.name}{path} answered {status}: is this a registry?")
        return content

    def find(self, path: str) -> Any:
        """Like `get`, and None where the registry has no such thing."""
        status, content = self._ask(path)
        if status in _UNSERVED:
            return None
        if status != 200:
            raise SourceUnreadable(f"{self.name}{path} answered {status}")
        return content

    def is_ours(self) -> bool:
        """Whether it is a Moorings registry, which computes guids as this one does."""
        try:
            head = self.find("/v1/ledger/head")
        except SourceUnreadable:
            return False  # a page, or a registry that knows no such path and says so in its own way
        return isinstance(head, dict) and {"position", "digest"} <= head.keys()

    def pages(self, path: str) -> Iterator[Any]:
        """Yield the members of the list at *path*, page by page; none where the registry has no such thing.

        A page may be shorter than asked for, so the list ends with an empty one; a registry that knows nothing of pages
        answers with the same list again, which ends it too.

        Raises:
            SourceAway, SourceUnreadable
        """
        joint, offset, before = "&" if "?" in path else "?", 0, None
        while True:
            page = self.find(f"{path}{joint}offset={offset}&limit={PAGE}")
            if not page or page == before:
                return
            if not isinstance(page, list):
                raise SourceUnreadable(f"{self.name}{path}: not a list")
            yield from page
            offset, before = offset + len(page), page

    def _ask(self, path: str) -> tuple[int, Any]:
        """The status and, for 200, the JSON; what may pass is tried again.

        Raises:
            SourceAway, SourceUnreadable
        """
        cause = ""
        for tried in range(TRIES):
            if tried:
                self._pause(FIRST_PAUSE_S * 2**tried)
            try:
                status, body = self._signed_in(path)
            except httpx2.TransportError as error:
                cause = type(error).__name__
                continue
            if status in (401, 403):
                raise SourceDenied(f"{self.name}{path} denied access ({status}){self._how_to_sign_in()}")
            if status not in _AGAIN:
                return status, self._json(path, body) if status == 200 else None
            cause = f"status {status}"
        raise SourceAway(f"{self.name} does not answer ({cause}, {TRIES} tries at {path})")

    def _how_to_sign_in(self) -> str:
        return "" if self._sign_in is not None else ": sign in with --sign-in"

    def _signed_in(self, path: str) -> tuple[int, bytes]:
        """Ask once; where what signs in is not accepted any more, once again with a new one."""
        if self._sign_in is None:
            return self._exchange(path)
        header = self._sign_in.header()
        status, body = self._exchange(path, header)
        if status == 401 and (again := self._sign_in.header(instead_of=header)) != header:
            status, body = self._exchange(path, again)
        return status, body

    def _exchange(self, path: str, authorization: str = "") -> tuple[int, bytes]:
        headers = {"Authorization": authorization} if authorization else {}
        with self._client.stream("GET", path, headers=headers) as response:
            body = read_bounded(response, LARGEST_ANSWER_BYTES)
            if body is None:
                raise SourceUnreadable(f"{self.name}{path}: an answer of more than {LARGEST_ANSWER_BYTES} bytes")
            return response.status_code, body

    def _json(self, path: str, body: bytes) -> Any:
        try:
            return orjson.loads(body)
        except orjson.JSONDecodeError:
            raise SourceUnreadable(f"{self.name}{path}: the answer is not JSON; is this a registry?") from None
