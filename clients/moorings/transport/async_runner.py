"""The asyncio runner: carries effects out as part of an asyncio task, without a thread."""

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
    """Keeps one pool of connections for each event loop."""

    def __init__(self, http: httpx2.AsyncBaseTransport | None = None) -> None:
        self._http = http
        self._clients: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, httpx2.AsyncClient] = (
            weakref.WeakKeyDictionary()
        )

    async def run(self, effects: Effects[T]) -> T:
        """Carry effects out to the end; an error of one, cancellation included, is thrown into the generator."""
        try:
            effect = next(effects)
            while True:
                try:
                    answer = await self._perform(effect)
                except BaseException as error:  # noqa: BLE001 - thrown into the generator, which cleans up
                    effect = effects.throw(error)
                else:
                    effect = effects.send(answer)
        except StopIteration as stop:
            return stop.value  # type: ignore[no-any-return]  # what the generator returns

    async def close(self) -> None:
        """Close this loop's connections; a later request opens new ones."""
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
        body = BodyReader(send.timeout_s)
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
                    if not body.take(piece):
                        break
                return body.answer(response.status_code, response.headers)
        except httpx2.RequestError as error:
            return Lost(type(error).__name__)
        except httpx2.InvalidURL:
            pass  # raised below, without the URL: it may hold a password
        raise SettingInvalid("the registry's URL cannot be used")

    def _connected(self) -> httpx2.AsyncClient:
        loop = asyncio.get_running_loop()
        client = self._clients.get(loop)
        if client is None:
            client = httpx2.AsyncClient(transport=self._http, headers={"User-Agent": "moorings-python"})
            self._clients[loop] = client
        return client


async def _ask(function: Callable[[], Any]) -> Any:
    """Await a coroutine function; anything else is a user's code that may block, and runs in a thread."""
    if iscoroutinefunction(function):
        return await function()
    answer = await asyncio.to_thread(function)
    return await answer if isawaitable(answer) else answer


async def _wait_for_flight(flight: Flight, longest_s: float) -> bool:
    """Wait for another task of this loop or of another one, or for a thread."""
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
