"""Effects: what the client decides, apart from how it is carried out.

Whatever may have to wait is written once, as a generator of *effects*: send a request, sleep, wait until another
thread or task has fetched something. A runner carries them out and sends back each result: `SyncRunner` blocks the
thread, `AsyncRunner` awaits. The code in between does not know which runner it has.

    def domain(name) -> Effects[Domain]:
        answer = yield from transport.request("GET", f"/v1/domains/{name}")
        return read_domain(answer.body)
"""

import copy
import threading
from collections.abc import Callable, Generator, Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from moorings.errors import MooringsError

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Send:
    """Send one HTTP request; results in `Received` or `Lost`."""

    method: str
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    content: bytes | None = field(default=None, repr=False)
    query: Mapping[str, str | int] | None = None
    timeout_s: float = 5.0


@dataclass(frozen=True, slots=True)
class Received:
    """A whole response; the names of its headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Lost:
    """No response, or not all of it; `reason` names the fault."""

    reason: str


@dataclass(frozen=True, slots=True)
class Sleep:
    """Wait for so many seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Ask:
    """Call a function that may block, or a coroutine function; results in what it returns."""

    function: Callable[[], Any]


@dataclass(frozen=True, slots=True)
class Wait:
    """Wait for a flight; results in False if waiting longer is pointless."""

    flight: "Flight"
    longest_s: float


Effect = Send | Sleep | Ask | Wait
Effects = Generator[Effect, Any, T]


class RunEffects(Protocol):
    """Carries effects out, and returns what their generator returns."""

    def __call__(self, effects: Effects[T]) -> T: ...


class Flight:
    """A fetch by one thread or task that others wait for; safe from any of them."""

    def __init__(self) -> None:
        self.thread = threading.get_ident()
        self.outcome: tuple[Any] | None = None
        self.error: MooringsError | None = None
        self._lock = threading.Lock()
        self._landed = False
        self._waiting: list[Callable[[], None]] = []

    def when_landed(self, call: Callable[[], None]) -> None:
        """Call *call* when the flight has ended, in any thread; immediately if it has ended already."""
        with self._lock:
            if not self._landed:
                self._waiting.append(call)
                return
        call()

    def land(self) -> None:
        """Wake everybody who waits."""
        with self._lock:
            self._landed = True
            waiting, self._waiting = self._waiting, []
        for call in waiting:
            call()


class SingleFlight:
    """Ensures that nothing is fetched twice at the same time.

    A caller that has waited for *longest_s* fetches by itself.
    """

    def __init__(self, longest_s: float = 60.0) -> None:
        self._longest_s = longest_s
        self._lock = threading.Lock()
        self._flights: dict[Hashable, Flight] = {}

    def once(self, key: Hashable, fetch: Callable[[], Effects[T]]) -> Effects[T]:
        """Fetch, or wait for a fetch of the same key and share its outcome, an error included.

        If that fetch was interrupted, one of the waiting callers takes over.
        """
        while True:
            flight, ours = self._board(key)
            if ours:
                return (yield from self._fly(key, flight, fetch))
            if not (yield Wait(flight, self._longest_s)):
                return (yield from fetch())
            if flight.error is not None:
                raise copy.copy(flight.error)
            if flight.outcome is not None:
                return flight.outcome[0]  # type: ignore[no-any-return]  # of this key's own kind

    def _board(self, key: Hashable) -> tuple[Flight, bool]:
        """Return the flight of a key, and whether this caller has to fetch."""
        with self._lock:
            flight = self._flights.get(key)
            if flight is not None:
                return flight, False
            flight = self._flights[key] = Flight()
            return flight, True

    def _fly(self, key: Hashable, flight: Flight, fetch: Callable[[], Effects[T]]) -> Effects[T]:
        try:
            outcome = yield from fetch()
            flight.outcome = (outcome,)
            return outcome
        except MooringsError as error:
            flight.error = error
            raise
        finally:
            with self._lock:
                del self._flights[key]
            flight.land()
