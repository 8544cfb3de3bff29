"""The shell that awaits: carries steps out as part of an asyncio task, with no thread on the way."""

import asyncio
import weakref
from collections.abc import Callable
from inspect import isawaitable, iscoroutinefunction
from typing import Any, TypeVar

import httpx2

from moorings.errors import SettingInvalid
from moorings.transport.body_reader import BodyReader
from moorings.transport.effects import Ask, Effect, Effects, Flight, Lost, Received, Send, Sleep

T = TypeVar("T")


class AsyncRunner:
    """One pool of connections for each event loop that asks."""

    def __init__(self, http: httpx2.AsyncBaseTransport | None = None) -> None:
        self._http = http
        self._clients: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, httpx2.AsyncClient] = (
            weakref.WeakKeyDictionary()
        )

    async def run(self, steps: Effects[T]) -> T:
        """Carry steps out to their end; an error of an effect, cancellation too, goes into the steps first."""
        try:
            effect = next(steps)
            while True:
                try:
                    answer = await self._perform(effect)
                except BaseException as error:  # noqa: BLE001 - goes on inside the steps, which clean up
                    effect = steps.throw(error)
                else:
                    effect = steps.send(answer)
        except StopIteration as stop:
            return stop.value  # type: ignore[no-any-return]  # what the steps return

    async def close(self) -> None:
        """Let this loop's connections go; a later request opens new ones."""
        client = self._clients.pop(asyncio.get_running_loop(), None)
        if client is not None:
            await client.aclose()

    async def _perform(self, effect: Effect) -> Any:
        if isinstance(effect, Send):
            return await self._send(effect)
        if isinstance(effect, Sleep):
            return await asyncio.sleep(effect.seconds)
        if isinstance(effect, Ask):
            return await _ask(effect.function)
        return await _wait_for_flight(effect.flight, effect.longest_s)

    async def _send(self, send: Send) -> Received | Lost:
        intake = BodyReader(send.timeout_s)
        try:
            async with self._connected().stream(
                send.method,
                send.url,
                headers=dict(send.headers),
                content=send.content,
                params=send.query,
                timeout=send.timeout_s,
            ) as response:
                async for piece in response.aiter_bytes():
                    if not intake.take(piece):
                        break
                return intake.answer(response.status_code, response.headers)
        except httpx2.RequestError as error:
            return Lost(type(error).__name__)
        except httpx2.InvalidURL:
            pass  # told below, without what it says of the URL: a password may be in there
        raise SettingInvalid("the registry's URL cannot be used")

    def _connected(self) -> httpx2.AsyncClient:
        loop = asyncio.get_running_loop()
        client = self._clients.get(loop)
        if client is None:
            client = httpx2.AsyncClient(transport=self._http, headers={"User-Agent": "moorings-python"})
            self._clients[loop] = client
        return client


async def _ask(function: Callable[[], Any]) -> Any:
    """Await a coroutine function; anything else is a user's own code that may block, and gets a thread."""
    if iscoroutinefunction(function):
        return await function()
    answer = await asyncio.to_thread(function)
    return await answer if isawaitable(answer) else answer


async def _wait_for_flight(flight: Flight, longest_s: float) -> bool:
    """Wait for another task of this loop, of another loop, or for a thread."""
    loop = asyncio.get_running_loop()
    landed = asyncio.Event()

    def tell() -> None:
        if not loop.is_closed():
            loop.call_soon_threadsafe(landed.set)

    flight.when_landed(tell)
    try:
        await asyncio.wait_for(landed.wait(), longest_s)
    except TimeoutError:
        return False
    return True
