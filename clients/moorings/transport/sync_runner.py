"""The blocking runner: carries effects out on the calling thread."""

import os
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from moorings.errors import SettingInvalid
from moorings.transport.body_reader import BodyReader
from moorings.transport.effects import Ask, Effect, Effects, Flight, Lost, Received, Send, Sleep

if TYPE_CHECKING:
    import httpx2

T = TypeVar("T")


class SyncRunner:
    """Keeps one pool of connections; safe from any thread, and a forked process opens its own."""

    def __init__(self, http: "httpx2.BaseTransport | None" = None, sleep: Callable[[float], None] = time.sleep) -> None:
        self._http = http
        self._sleep = sleep
        self._lock = threading.Lock()
        self._client: httpx2.Client | None = None
        self._process = 0

    def run(self, effects: Effects[T]) -> T:
        """Carry effects out to their end; an error of one is thrown into the generator first."""
        try:
            effect = next(effects)
            while True:
                try:
                    answer = self._perform(effect)
                except BaseException as error:  # noqa: BLE001 - thrown into the generator, which cleans up
                    effect = effects.throw(error)
                else:
                    effect = effects.send(answer)
        except StopIteration as stop:
            return stop.value  # type: ignore[no-any-return]  # what the generator returns

    def close(self) -> None:
        """Close the connections; a later request opens new ones."""
        with self._lock:
            client, self._client = self._client, None
        if client is not None:
            client.close()

    def _perform(self, effect: Effect) -> Any:
        if isinstance(effect, Send):
            return self._send(effect)
        if isinstance(effect, Sleep):
            return self._sleep(effect.seconds)
        if isinstance(effect, Ask):
            return effect.function()
        return _wait_for_flight(effect.flight, effect.longest_s)

    def _send(self, send: Send) -> Received | Lost:
        import httpx2  # 0.04 CPU-seconds: paid by the first request, not by the import of a service that never asks

        body = BodyReader(send.timeout_s)
        try:
            with self._connected().stream(
                send.method,
                send.url,
                headers=dict(send.headers),
                content=send.content,
                params=send.query,
                timeout=send.timeout_s,
            ) as response:
                for piece in response.iter_bytes():
                    if not body.take(piece):
                        break
                return body.answer(response.status_code, response.headers)
        except httpx2.RequestError as error:
            return Lost(type(error).__name__)
        except httpx2.InvalidURL:
            pass  # raised below, without the URL: it may hold a password
        raise SettingInvalid("the registry's URL cannot be used")

    def _connected(self) -> "httpx2.Client":
        import httpx2  # as above

        with self._lock:
            if self._client is None or self._process != os.getpid():
                self._process = os.getpid()
                self._client = httpx2.Client(transport=self._http, headers={"User-Agent": "moorings-python"})
            return self._client


def _wait_for_flight(flight: Flight, longest_s: float) -> bool:
    """Wait for another thread; False if the flight is this thread's own, which waiting would block."""
    if flight.thread == threading.get_ident():
        return False
    landed = threading.Event()
    flight.when_landed(landed.set)
    return landed.wait(longest_s)
