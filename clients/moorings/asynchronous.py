"""The client for asyncio: the same contracts and decisions, behind calls that never block the event loop.

Writing and reading take microseconds and happen in place. What may have to ask the registry is awaited.
"""

import asyncio
import logging
import weakref
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import httpx2

from moorings.api.api import AsyncApi
from moorings.api.responses import Version
from moorings.client_state import ClientState, HandleKey, upcasts_of
from moorings.codecs.framing import Headers, framed
from moorings.contracts.contract import EventContract
from moorings.contracts.reader_choice import ReaderOption
from moorings.contracts.refresher import wait_s
from moorings.notices import CacheCounts
from moorings.registry import Registry
from moorings.transport.async_runner import AsyncRunner
from moorings.violations import Violation
from moorings_compat import Schema

if TYPE_CHECKING:
    from moorings.upcasting import Upcastable

_log = logging.getLogger("moorings")


class AsyncEventContract:
    """One major of one event; made by `AsyncRegistry.event`. What is raised: as `EventContract`."""

    def __init__(self, contract: EventContract, runner: AsyncRunner) -> None:
        self.contract = contract
        """The handle itself: a message of a known schema may be decoded with it directly."""
        self.encode = contract.encode
        """Validate an event and write it, framed; never waits."""
        self._runner = runner

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self.contract!r}>"

    @property
    def subject(self) -> str:
        return self.contract.subject

    @property
    def major(self) -> int:
        return self.contract.major

    @property
    def latest(self) -> Version:
        """The revision that events are written with, and read as unless a reader was chosen."""
        return self.contract.latest

    @property
    def reads_as(self) -> str:
        """What events are read as: a revision's label, or the name of the file or class that was chosen."""
        return self.contract.reads_as

    @property
    def deprecated(self) -> bool:
        """Whether the owner has deprecated this major; `sunset` is the date until which it is maintained."""
        return self.contract.deprecated

    @property
    def sunset(self) -> str | None:
        """The date (ISO 8601) that was given with the deprecation."""
        return self.contract.sunset

    @property
    def schema(self) -> Schema:
        """The parsed schema of `latest`."""
        return self.contract.schema

    def validate(self, value: Any) -> list[Violation]:
        """Return everything that `encode` would refuse."""
        return self.contract.validate(value)

    def knows(self, data: bytes, headers: Headers | None = None) -> bool:
        """Say whether *data* can be read without asking the registry."""
        return self.contract.knows(data, headers)

    async def decode(self, data: bytes, headers: Headers | None = None) -> Any:
        """Read a framed event as a dict; waits only for a writer's schema that is not known yet."""
        if data.__class__ is not bytes or headers is not None:
            data = framed(data, headers)
        if not self.contract.knows(data):
            await self._runner.run(self.contract.reader_effects(data))
        return self.contract.decode(data)

    async def decode_message(self, data: bytes, headers: Headers | None = None) -> Any:
        """Read a framed Protobuf event as a message."""
        if data.__class__ is not bytes or headers is not None:
            data = framed(data, headers)
        if not self.contract.knows(data):
            await self._runner.run(self.contract.reader_effects(data))
        return self.contract.decode_message(data)

    async def refresh(self) -> bool:
        """Ask the registry for the major's newest revision and state; True if this handle moved to another revision."""
        return await self._runner.run(self.contract.refresh_effects())


class AsyncRegistry:
    """One registry, for asyncio; best in an ``async with``.

    ``AsyncRegistry(registry)`` shares schemas, handles, breakers and the cache with a `Registry`;
    `moorings.connect_async` makes one of its own.
    """

    def __init__(self, registry: Registry | ClientState, http: httpx2.AsyncBaseTransport | None = None) -> None:
        self.client_state = registry.client_state if isinstance(registry, Registry) else registry
        self._owns_core = not isinstance(registry, Registry)
        self.runner = AsyncRunner(http)
        self.api = AsyncApi(self.client_state.requests, self.runner)
        """The native API itself: domains, events, versions, checks."""
        self._refreshing: asyncio.Task[None] | None = None
        self._closed = False

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.client_state.address}>"

    async def event(
        self,
        subject: str,
        major: int = 1,
        *,
        framing: str = "id",
        reader: ReaderOption = None,
        into: Callable[[Any], Any] | None = None,
        out_of: Callable[[Any], Any] | None = None,
        upcasts: "Upcastable | None" = None,
    ) -> AsyncEventContract:
        """Return the handle of one major of an event, looked up once; parameters as `Registry.event`."""
        self._start_refreshing()
        handle = HandleKey(subject, major, framing, reader, into, out_of, upcasts_of(upcasts))
        return AsyncEventContract(await self.runner.run(self.client_state.event(handle)), self.runner)

    @property
    def cache(self) -> Mapping[str, CacheCounts]:
        """How often schemas were found in ``memory`` and on ``disk``."""
        return self.client_state.cache

    async def refresh(self) -> None:
        """Move every contract to its major's newest revision; a task does so in the background, too."""
        await self.runner.run(self.client_state.refresh())

    async def close(self) -> None:
        """End the refreshing task, and close this loop's connections."""
        self._closed = True
        task, self._refreshing = self._refreshing, None
        if task is not None and task.get_loop() is asyncio.get_running_loop():
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        await self.runner.close()
        if self._owns_core:
            await asyncio.to_thread(self.client_state.close)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    def _start_refreshing(self) -> None:
        """Start the task where this loop has none yet."""
        if self.client_state.refresh_s is None or self._closed:
            return
        running = self._refreshing
        if running is None or running.done() or running.get_loop() is not asyncio.get_running_loop():
            name = "moorings-refresh"
            self._refreshing = asyncio.create_task(
                _keep_refreshed(weakref.ref(self), self.client_state.refresh_s), name=name
            )


async def _keep_refreshed(registry: "weakref.ref[AsyncRegistry]", interval_s: float) -> None:
    """Refresh until the registry is garbage-collected; this task does not keep it alive."""
    while True:
        await asyncio.sleep(wait_s(interval_s))
        alive = registry()
        if alive is None:
            return
        try:
            await alive.refresh()
        except Exception:  # noqa: BLE001 - a task that dies would leave its contracts behind unnoticed
            _log.warning("contracts could not be refreshed", exc_info=True)
        del alive
