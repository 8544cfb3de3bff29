"""The way in: `connect` to a registry, and ask it for contracts."""

import logging
import os
import threading
import weakref
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from moorings.answer_store import AnswerStore
from moorings.api import Api
from moorings.contract import EventContract
from moorings.errors import MooringsError, SettingInvalid
from moorings.refresher import Refresher
from moorings.retries import RetryPolicy
from moorings.schemas import Schemas
from moorings.transport import Settings, Transport

if TYPE_CHECKING:
    import httpx2

_log = logging.getLogger("moorings")

DEFAULT_URL = "http://127.0.0.1:8081"


class Registry:
    """One registry; safe from any thread. Close it, or use it in a `with` statement, to let its connections go."""

    def __init__(self, transport: Transport, refresh_s: float | None = None) -> None:
        self._transport = transport
        self._refresher = Refresher(self.refresh, refresh_s) if refresh_s is not None else None
        if self._refresher is not None:
            weakref.finalize(self, self._refresher.stop)
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
        if self._refresher is not None:
            self._refresher.start()
        with self._lock:
            if key not in self._contracts:
                self._contracts[key] = EventContract(self.api, self._schemas, subject, major, by_guid=framing == "guid")
            return self._contracts[key]

    def refresh(self) -> None:
        """Bring every contract up to its major's newest revision; done in the background where `connect` was told so.

        A contract that cannot be refreshed stays as it is.
        """
        with self._lock:
            contracts = list(self._contracts.values())
        for contract in contracts:
            try:
                if contract.refresh():
                    _log.info("moved to %s: %s", contract.latest.label, contract.subject)
            except MooringsError as error:
                _log.warning("%s stays at %s: %s", contract.subject, contract.latest.label, error)

    def close(self) -> None:
        """Let the connections go. Contracts keep working for the schemas they know."""
        if self._refresher is not None:
            self._refresher.stop()
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
    cache: Path | str | None = None,
    refresh_s: float | None = 300.0,
    http: "httpx2.BaseTransport | None" = None,
) -> Registry:
    """Make a client of the registry at *url*, by default `MOORINGS_URL`; nothing is sent yet.

    *timeout_s* bounds connecting, and every wait for a piece of an answer; *retries* is how often a call is repeated
    when no answer came, or one that says "later". *headers* go with every request.

    *cache*, by default `MOORINGS_CACHE`, is a folder that keeps answers: a service that finds there what it needs
    starts and runs while the registry is away. *refresh_s* is how often, more or less, contracts move to the newest
    revision of their major, in the background; None: never. *http* replaces the way requests are sent
    (`httpx2.WSGITransport` in tests).
    """
    if retries < 0:
        raise SettingInvalid("retries is 0 or more")
    if refresh_s is not None and not refresh_s > 0:
        raise SettingInvalid("refresh_s is greater than 0, or None")
    settings = Settings(
        (url or os.environ.get("MOORINGS_URL") or DEFAULT_URL).rstrip("/"),
        timeout_s=timeout_s,
        retries=RetryPolicy(retries=retries),
        headers=headers,
    )
    folder = cache or os.environ.get("MOORINGS_CACHE")
    store = AnswerStore(Path(folder)) if folder else None
    return Registry(Transport(settings, http, store=store), refresh_s)
