"""The shell that blocks: carries steps out on the thread that asks for them."""

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
    """One pool of connections; safe from any thread, and opened anew in a forked process."""

    def __init__(self, http: "httpx2.BaseTransport | None" = None, sleep: Callable[[float], None] = time.sleep) -> None:
        self._http = http
        self._sleep = sleep
        self._lock = threading.Lock()
        self._client: httpx2.Client | None = None
        self._process = 0

    def run(self, steps: Effects[T]) -> T:
        """Carry steps out to their end; an error of an effect goes into the steps first."""
        try:
            effect = next(steps)
            while True:
                try:
                    answer = self._perform(effect)
                except BaseException as error:  # noqa: BLE001 - goes on inside the steps, which clean up
                    effect = steps.throw(error)
                else:
                    effect = steps.send(answer)
        except StopIteration as stop:
            return stop.value  # type: ignore[no-any-return]  # what the steps return

    def close(self) -> None:
        """Let the connections go; a later request opens new ones."""
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

        intake = BodyReader(send.timeout_s)
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
                    if not intake.take(piece):
                        break
                return intake.answer(response.status_code, response.headers)
        except httpx2.RequestError as error:
            return Lost(type(error).__name__)
        except httpx2.InvalidURL:
            pass  # told below, without what it says of the URL: a password may be in there
        raise SettingInvalid("the registry's URL cannot be used")

    def _connected(self) -> "httpx2.Client":
        import httpx2  # as above

        with self._lock:
            if self._client is None or self._process != os.getpid():
                self._process = os.getpid()
                self._client = httpx2.Client(transport=self._http, headers={"User-Agent": "moorings-python"})
            return self._client


def _wait_for_flight(flight: Flight, longest_s: float) -> bool:
    """Wait for another thread; this very thread can only be waited for by going on."""
    if flight.thread == threading.get_ident():
        return False
    landed = threading.Event()
    flight.when_landed(landed.set)
    return landed.wait(longest_s)
