"""The blocking client of a registry: ask it for contracts."""

import weakref
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from moorings.api.api import Api
from moorings.client_state import ClientState, HandleKey, upcasts_of
from moorings.contracts.contract import EventContract
from moorings.contracts.reader_choice import ReaderOption
from moorings.contracts.refresher import Refresher
from moorings.notices import CacheCounts

if TYPE_CHECKING:
    from moorings.upcasting import Upcastable


class Registry:
    """One registry; safe from any thread. `close`, or the end of a `with` block, closes its connections."""

    def __init__(self, client_state: ClientState) -> None:
        self.client_state = client_state
        """What this registry shares with an `AsyncRegistry` made from it."""
        self.api = Api(client_state.requests, client_state.runner.run)
        """The native API itself: domains, events, versions, checks."""
        self._refresher = (
            Refresher(self.refresh, client_state.refresh_s) if client_state.refresh_s is not None else None
        )
        if self._refresher is not None:
            weakref.finalize(self, self._refresher.stop)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.client_state.address}>"

    def event(
        self,
        subject: str,
        major: int = 1,
        *,
        framing: str = "id",
        reader: ReaderOption = None,
        into: Callable[[Any], Any] | None = None,
        out_of: Callable[[Any], Any] | None = None,
        upcasts: "Upcastable | None" = None,
    ) -> EventContract:
        """Return the handle of one major of an event, the same handle on every call.

        *framing* is what `encode` puts before an event: the schema's ``id`` in this registry (5 bytes, what
        Confluent's clients read), or its ``guid`` (17 bytes, the same in every registry). `decode` reads both.

        *reader* is what events are read as, in place of the newest revision: a version's number, a revision's label
        (``"1.2"``), a schema file, or a class made by `moorings generate`, whose revision is written with too. *into*
        makes a value of each event that is read, and *out_of* an event of each value that is written. *upcasts*
        are mappings from earlier majors (`moorings.upcasting`), whose events are then read as this major, too.

        Raises:
            ContractUnknown: the registry has no such event, or no such major or revision of it.
            SettingInvalid: the framing or the reader cannot be used.
        """
        if self._refresher is not None:
            self._refresher.start()
        handle = HandleKey(subject, major, framing, reader, into, out_of, upcasts_of(upcasts))
        return self.client_state.runner.run(self.client_state.event(handle))

    @property
    def cache(self) -> Mapping[str, CacheCounts]:
        """How often schemas were found in ``memory`` and on ``disk``; messages of known schemas need no look-up."""
        return self.client_state.cache

    def refresh(self) -> None:
        """Move every contract to its major's newest revision; `connect(refresh_s=...)` does so in the background.

        A contract that cannot be refreshed keeps its revision.
        """
        self.client_state.runner.run(self.client_state.refresh())

    def close(self) -> None:
        """Close the connections. Contracts keep working for the schemas that they know."""
        if self._refresher is not None:
            self._refresher.stop()
        self.client_state.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()
