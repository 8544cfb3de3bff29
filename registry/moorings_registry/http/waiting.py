"""Waiting for news of the ledger: between two looks at it, a request is no more than a connection.

A view that has nothing to tell says so with `wait_beyond`. Whoever called the framework then waits until the ledger has
come further, and calls it again, which asks for the permission again. Under the server that happens on the event loop:
no thread is held, and reads are answered meanwhile.
"""

import asyncio
import time
from collections.abc import Callable, MutableMapping
from dataclasses import dataclass
from typing import Any

MOST_WAITING = 200
"""Requests of one worker that wait at a time."""
LOOK_S = 0.05
"""Seconds between two looks at the position of the node, by one task for all who wait."""
_ASKED, _WAITED = "moorings.wait_beyond", "moorings.waited_until"


@dataclass(frozen=True, slots=True)
class Wait:
    """What a view waits for."""

    position: int
    seconds: float


def wait_beyond(environ: MutableMapping[str, Any], position: int, seconds: float) -> None:
    """Have the view called again when the ledger has come beyond *position*, within *seconds* of its first call."""
    environ[_ASKED] = Wait(position, seconds)


def waited_until(environ: MutableMapping[str, Any]) -> int:
    """The position up to which a view that is called again has looked already; 0 when it is called first."""
    return int(environ.get(_WAITED, 0))


def wait_asked(environ: MutableMapping[str, Any]) -> Wait | None:
    """What the view asked for, if it has nothing to tell yet."""
    return environ.get(_ASKED)


def again(environ: MutableMapping[str, Any], wait: Wait) -> None:
    """Note in a fresh *environ* how far the view has looked."""
    environ[_WAITED] = wait.position


def wait_on_thread(position: Callable[[], int], wait: Wait, until: float) -> bool:
    """Wait on this thread, for what serves one request at a time; whether there is news before *until*."""
    while position() <= wait.position:
        if time.monotonic() >= until:
            return False
        time.sleep(LOOK_S)
    return True


class NewsWatch:
    """Wakes the requests of one event loop when the ledger has come further."""

    def __init__(self, position: Callable[[], int]) -> None:
        """*position* is the newest one that this node knows of, which costs nothing to ask."""
        self._position = position
        self._waiting = 0
        self._moved = asyncio.Event()
        self._stopped = False
        self._looking: asyncio.Task[None] | None = None

    def enter(self) -> bool:
        """Take a place, to be left with `leave`; False where as many wait as may.

        Taken before anything is awaited: of those that arrive together, no more than there is room for get one.
        """
        if self._waiting >= MOST_WAITING:
            return False
        self._waiting += 1
        return True

    def leave(self) -> None:
        """Give the place back."""
        self._waiting -= 1

    def stop(self) -> None:
        """Let all who wait go: the worker ends."""
        self._stopped = True
        self._moved.set()

    async def beyond(self, position: int, until: float) -> bool:
        """Whether there is news before *until*, on the clock of `time.monotonic`, for one who has a place."""
        if self._looking is None or self._looking.done():
            self._looking = asyncio.ensure_future(self._look())
        while self._position() <= position and not self._stopped:
            left = until - time.monotonic()
            if left <= 0:
                return False
            try:
                await asyncio.wait_for(self._moved.wait(), left)
            except TimeoutError:
                return False
        return not self._stopped

    async def _look(self) -> None:
        seen = self._position()
        while self._waiting and not self._stopped:
            now = self._position()
            if now != seen:
                seen, moved = now, self._moved
                self._moved = asyncio.Event()
                moved.set()
            await asyncio.sleep(LOOK_S)
