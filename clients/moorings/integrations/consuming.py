"""Reading a stream of messages without ever being stopped by one of them.

A message that cannot be read is set aside with its reason, and the next one is taken. While the registry is away, a
message whose writer was never met is waited for, then set aside too: nothing is lost, and it can be read again later.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from moorings.answers import Version
from moorings.errors import MooringsError, RegistryUnavailable
from moorings.integrations.dead_letters import DeadLetter, SetAside, dead_letter
from moorings.integrations.records import Record, framed

_FIRST_PAUSE_S = 0.25
_LONGEST_PAUSE_S = 5.0


class ReadingContract(Protocol):
    """The side of a contract handle that reads; `EventContract` is one."""

    @property
    def latest(self) -> Version: ...

    def decode(self, data: bytes) -> Any: ...


class AsyncReadingContract(Protocol):
    """The same for asyncio; `AsyncEventContract` is one."""

    @property
    def latest(self) -> Version: ...

    def decode(self, data: bytes) -> Awaitable[Any]: ...


@dataclass(frozen=True, slots=True)
class Replayed:
    """How many dead letters were handled this time, and how many were set aside again."""

    handled: int
    set_aside: int


def decode_record(contract: ReadingContract, record: Record) -> Any:
    """Return the event in *record*, framed in whichever way; None for a tombstone. Raises as `EventContract.decode`."""
    return None if record.value is None else contract.decode(framed(record))


async def decode_record_async(contract: AsyncReadingContract, record: Record) -> Any:
    """Return the event in *record* without blocking the event loop."""
    return None if record.value is None else await contract.decode(framed(record))


def consume_or_set_aside(
    contract: ReadingContract,
    record: Record,
    handle: Callable[[Any], object],
    set_aside: SetAside,
    *,
    patience_s: float = 30.0,
    sleep: Callable[[float], object] = time.sleep,
) -> bool:
    """Decode *record* and *handle* the event; what cannot be decoded goes to *set_aside*. True when it was handled.

    While the registry is away, a writer that was never met is asked for again for *patience_s*. What *handle* and
    *set_aside* raise goes on to the caller: the message is neither handled nor kept then, so do not acknowledge it.
    """
    pauses = _Pauses(patience_s)
    while True:
        try:
            event = decode_record(contract, record)
            break
        except MooringsError as error:
            letter = _letter(contract, record, error)
            pause = pauses.after(error)
        if pause is None:
            set_aside(letter)
            return False
        sleep(pause)
    handle(event)
    return True


async def consume_or_set_aside_async(
    contract: AsyncReadingContract,
    record: Record,
    handle: Callable[[Any], Awaitable[object]],
    set_aside: Callable[[DeadLetter], Awaitable[object]],
    *,
    patience_s: float = 30.0,
) -> bool:
    """Do the same for asyncio."""
    pauses = _Pauses(patience_s)
    while True:
        try:
            event = await decode_record_async(contract, record)
            break
        except MooringsError as error:
            letter = _letter(contract, record, error)
            pause = pauses.after(error)
        if pause is None:
            await set_aside(letter)
            return False
        await asyncio.sleep(pause)
    await handle(event)
    return True


def replay(
    letters: Iterable[DeadLetter],
    contract: ReadingContract,
    handle: Callable[[Any], object],
    set_aside: SetAside,
) -> Replayed:
    """Read dead letters again, after the contract or the registry was mended; what still fails is set aside anew."""
    handled = again = 0
    for letter in letters:
        if consume_or_set_aside(contract, letter.record, handle, set_aside):
            handled += 1
        else:
            again += 1
    return Replayed(handled, again)


class _Pauses:
    """How long to wait before a message is tried again, until patience ends."""

    def __init__(self, patience_s: float) -> None:
        self._left_s = patience_s
        self._next_s = _FIRST_PAUSE_S

    def after(self, error: MooringsError) -> float | None:
        """Return the pause before the next try; None when the message is to be set aside."""
        if not isinstance(error, RegistryUnavailable) or self._left_s <= 0:
            return None
        pause = min(self._next_s, self._left_s)
        self._left_s -= pause
        self._next_s = min(2 * self._next_s, _LONGEST_PAUSE_S)
        return pause


def _letter(contract: ReadingContract | AsyncReadingContract, record: Record, error: MooringsError) -> DeadLetter:
    version = contract.latest
    return dead_letter(record, error, subject=version.subject, reader=version.label)
