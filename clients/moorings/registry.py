"""The way in: `connect` to a registry, and ask it for contracts."""

import os
import threading
from collections.abc import Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Self

from moorings.api import Api
from moorings.contract import EventContract
from moorings.errors import SettingInvalid
from moorings.retries import RetryPolicy
from moorings.schemas import Schemas
from moorings.transport import Settings, Transport

if TYPE_CHECKING:
    import httpx2

DEFAULT_URL = "http://127.0.0.1:8081"


class Registry:
    """One registry; safe from any thread. Close it, or use it in a `with` statement, to let its connections go."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self.api = Api(transport)
        """The native API itself: domains, events, versions, checks."""
        self._schemas = Schemas(self.api)
        self._contracts: dict[tuple[str, int, bool], EventContract] = {}
        self._lock = threading.Lock()

    def event(self, subject: str, major: int = 1, *, framing: str = "id") -> EventContract:
        """Return the handle of one major of an event, the same one on every call.

        *framing* says what `encode` puts before an event: the schema's ``id`` in this registry (5 bytes, what
        Confluent's clients read), or its ``guid`` (17 bytes, the same in every registry). `decode` reads both.

        Raises:
            ContractUnknown: the registry has no such event, or no such major of it.
        """
        if framing not in ("id", "guid"):
            raise SettingInvalid(f"a framing is 'id' or 'guid', not {framing!r}")
        key = (subject, major, framing == "guid")
        with self._lock:
            if key not in self._contracts:
                self._contracts[key] = EventContract(self.api, self._schemas, subject, major, by_guid=framing == "guid")
            return self._contracts[key]

    def close(self) -> None:
        """Let the connections go. Contracts keep working for the schemas they know."""
        self._transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


def connect(
    url: str | None = None,
    *,
    timeout_s: float = 5.0,
    retries: int = 3,
    headers: Mapping[str, str] | None = None,
    http: "httpx2.BaseTransport | None" = None,
) -> Registry:
    """Make a client of the registry at *url*, by default `MOORINGS_URL`; nothing is sent yet.

    *timeout_s* bounds connecting, and every wait for a piece of an answer; *retries* is how often a call is repeated
    when no answer came, or one that says "later". *headers* go with every request. *http* replaces the way requests
    are sent (`httpx2.WSGITransport` in tests).
    """
    if retries < 0:
        raise SettingInvalid("retries is 0 or more")
    settings = Settings(
        (url or os.environ.get("MOORINGS_URL") or DEFAULT_URL).rstrip("/"),
        timeout_s=timeout_s,
        retries=RetryPolicy(retries=retries),
        headers=headers,
    )
    return Registry(Transport(settings, http))
