"""The way in: `connect` to a registry, and ask it for contracts."""

import weakref
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, Unpack

from moorings.api.api import Api
from moorings.client_state import ClientState, Handle, upcasts_of
from moorings.connecting import Options, SignInChoice, Urls, make_client_state
from moorings.contracts.contract import EventContract
from moorings.contracts.reader_choice import Reader
from moorings.contracts.refresher import Refresher
from moorings.notices import CacheCounts, Listener
from moorings.transport.transport import HeaderSource

if TYPE_CHECKING:
    import httpx2

    from moorings.asynchronous import AsyncRegistry
    from moorings.rules import RuleBook
    from moorings.upcasting import Upcastable


class Registry:
    """One registry; safe from any thread. Close it, or use it in a `with` statement, to let its connections go."""

    def __init__(self, client_state: ClientState) -> None:
        self.client_state = client_state
        """What this shares with an `AsyncRegistry` made of it."""
        self.api = Api(client_state.requests, client_state.runner.run)
        """The native API itself: domains, events, versions, checks."""
        self._refresher = (
            Refresher(self.refresh, client_state.refresh_s) if client_state.refresh_s is not None else None
        )
        if self._refresher is not None:
            weakref.finalize(self, self._refresher.stop)

    def event(
        self,
        subject: str,
        major: int = 1,
        *,
        framing: str = "id",
        reader: Reader = None,
        into: Callable[[Any], Any] | None = None,
        out_of: Callable[[Any], Any] | None = None,
        upcasts: "Upcastable | None" = None,
    ) -> EventContract:
        """Return the handle of one major of an event, the same one on every call.

        *framing* says what `encode` puts before an event: the schema's ``id`` in this registry (5 bytes, what
        Confluent's clients read), or its ``guid`` (17 bytes, the same in every registry). `decode` reads both.

        *reader* is what events are read as, in place of the newest revision: a version's number, a revision's label
        (``"1.2"``), a schema file, or a class made by `moorings generate`, whose revision is written with too. *into*
        makes a value of each event that was read, and *out_of* an event of each value that is to be written. *upcasts*
        are mappings from earlier majors (`moorings.upcasting`): what those wrote is read as this one, too.

        Raises:
            ContractUnknown: the registry has no such event, or no such major or revision of it.
            SettingInvalid: the framing or the reader is none.
        """
        if self._refresher is not None:
            self._refresher.start()
        handle = Handle(subject, major, framing, reader, into, out_of, upcasts_of(upcasts))
        return self.client_state.runner.run(self.client_state.event(handle))

    @property
    def cache(self) -> Mapping[str, CacheCounts]:
        """How often schemas were found in ``memory`` and on ``disk``; messages of known schemas look for nothing."""
        return self.client_state.cache

    def refresh(self) -> None:
        """Bring every contract up to its major's newest revision; done in the background where `connect` was told so.

        A contract that cannot be refreshed stays as it is.
        """
        self.client_state.runner.run(self.client_state.refresh())

    def close(self) -> None:
        """Let the connections go. Contracts keep working for the schemas they know."""
        if self._refresher is not None:
            self._refresher.stop()
        self.client_state.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


def connect(
    url: Urls = None,
    *,
    timeout_s: float = 5.0,
    retries: int = 3,
    headers: HeaderSource | None = None,
    cache: Path | str | None = None,
    refresh_s: float | None = 300.0,
    sign_in: SignInChoice = None,
    notices: Listener | Iterable[Listener] | None = None,
    rules: "RuleBook | None" = None,
    drift: bool | None = None,
    http: "httpx2.BaseTransport | None" = None,
) -> Registry:
    """Make a client of the registry at *url*, by default `MOORINGS_URL`; nothing is sent yet.

    *url* may be several addresses of one registry, in a sequence or with commas between them: they are tried in turn,
    and the one that answers is stayed with.

    *timeout_s* bounds connecting, and every wait for a piece of an answer; *retries* is how often a call is repeated
    when no answer came, or one that says "later". *headers* go with every request; a function is asked each time.

    *cache*, by default `MOORINGS_CACHE`, is a folder that keeps answers: a service that finds there what it needs
    starts and runs while the registry is away. *refresh_s* is how often, more or less, contracts move to the newest
    revision of their major, in the background; None: never. *sign_in*, by default `MOORINGS_SIGN_IN`, is where tokens
    come from (`moorings.signin`). *notices* is told what happens (`moorings.notices`). *rules* are executors and
    actions of your own for the rules of contracts (`moorings.rules`). *drift*, by default unless `MOORINGS_DRIFT` is
    ``off``, says whether events that break their contract are counted, and the registry is told (`moorings.drift`).
    *http* replaces the way requests are sent (`httpx2.WSGITransport` in tests).

    Raises:
        SettingInvalid: a setting cannot be used.
    """
    client_state = make_client_state(
        url,
        timeout_s=timeout_s,
        retries=retries,
        headers=headers,
        cache=cache,
        refresh_s=refresh_s,
        sign_in=sign_in,
        notices=notices,
        rules=rules,
        drift=drift,
        http=http,
    )
    return Registry(client_state)


def connect_async(
    url: Urls = None, *, http: "httpx2.AsyncBaseTransport | None" = None, **options: Unpack[Options]
) -> "AsyncRegistry":
    """Make a client for asyncio; nothing is sent yet. The parameters are those of `connect`.

    Raises:
        SettingInvalid: a setting cannot be used.
    """
    from moorings.asynchronous import AsyncRegistry  # asyncio is start-up cost for everybody else

    return AsyncRegistry(make_client_state(url, **options), http)
