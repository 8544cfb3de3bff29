"""The client for asyncio: the same contracts behind calls that never block the event loop.

Writing and reading are work of microseconds and stay where they are. What may wait for the registry (the first look at
a contract, a writer's schema that is met for the first time) runs in a thread, through the very code that everybody
else uses.
"""

import asyncio
from types import TracebackType
from typing import Any, Self

from moorings.answers import Version
from moorings.contract import EventContract, Headers
from moorings.registry import Registry
from moorings.violations import Violation


class AsyncEventContract:
    """One major of one event; made by `AsyncRegistry.event`. What is raised: as `EventContract`."""

    def __init__(self, contract: EventContract) -> None:
        self._contract = contract

    @property
    def latest(self) -> Version:
        """The revision that is written with, and that events are read as."""
        return self._contract.latest

    def encode(self, value: Any) -> bytes:
        """Validate an event and write it, framed; it never waits for anything."""
        return self._contract.encode(value)

    def validate(self, value: Any) -> list[Violation]:
        """Return everything that `encode` would refuse."""
        return self._contract.validate(value)

    async def decode(self, data: bytes, headers: Headers | None = None) -> Any:
        """Read a framed event as a dict; waits only where its writer's schema was never met."""
        if self._contract.knows(data, headers):
            return self._contract.decode(data, headers)
        return await asyncio.to_thread(self._contract.decode, data, headers)

    async def decode_message(self, data: bytes, headers: Headers | None = None) -> Any:
        """Read a framed Protobuf event as a message."""
        if self._contract.knows(data, headers):
            return self._contract.decode_message(data, headers)
        return await asyncio.to_thread(self._contract.decode_message, data, headers)


class AsyncRegistry:
    """One registry, for asyncio: ``AsyncRegistry(moorings.connect())``, best in an ``async with``."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    async def event(self, subject: str, major: int = 1, *, framing: str = "id") -> AsyncEventContract:
        """Return the handle of one major of an event; asks the registry the first time."""
        return AsyncEventContract(await asyncio.to_thread(self._registry.event, subject, major, framing=framing))

    async def close(self) -> None:
        """Let the connections go."""
        await asyncio.to_thread(self._registry.close)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()
