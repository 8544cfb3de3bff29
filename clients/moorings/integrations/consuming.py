"""Reads a stream of messages that no single message can stop.

A message that cannot be read is set aside with its reason, and the next one is read. While the registry is unavailable,
a message with an unknown writer is retried, then set aside, too: nothing is lost, and it can be read again later.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from moorings.api.responses import Version
from moorings.codecs.framing import split_prefix
from moorings.errors import (
    EventUnreadable,
    ExtraMissing,
    FramingInvalid,
    MooringsError,
    SettingInvalid,
    WriterNotAskedFor,
    WriterUnknown,
)
from moorings.integrations.dead_letters import AsyncSetAside, DeadLetter, SetAside, dead_letter
from moorings.integrations.records import TransportRecord, framed_value
from moorings.integrations.unknown_schema_budget import UnknownSchemaBudget

PROCESS_BUDGET = UnknownSchemaBudget()
"""The budget of this process."""

_OF_THE_MESSAGE = (EventUnreadable, FramingInvalid, WriterUnknown)
"""Errors that waiting does not fix. All others are the registry's: unavailable, refusing, or not a registry."""
_OF_THE_SERVICE = (ExtraMissing, SettingInvalid)
"""Errors that no message causes; setting all messages aside would hide them."""

_FIRST_PAUSE_S = 0.25
_LONGEST_PAUSE_S = 5.0


class ReadingContract(Protocol):
    """The side of a contract handle that reads; `EventContract` is one."""

    @property
    def latest(self) -> Version: ...

    def knows(self, data: bytes) -> bool: ...

    def decode(self, data: bytes) -> Any: ...


class AsyncReadingContract(Protocol):
    """The same for asyncio; `AsyncEventContract` is one."""

    @property
    def latest(self) -> Version: ...

    def knows(self, data: bytes) -> bool: ...

    def decode(self, data: bytes) -> Awaitable[Any]: ...


@dataclass(frozen=True, slots=True)
class Decoded:
    """An event that was read; None for a tombstone."""

    event: Any


@dataclass(frozen=True, slots=True)
class DeadLettersReplayed:
    """How many dead letters were handled, and how many were set aside again."""

    handled: int
    set_aside: int


def read_record(
    contract: ReadingContract,
    record: TransportRecord,
    *,
    patience_s: float = 30.0,
    sleep: Callable[[float], object] = time.sleep,
    misses: UnknownSchemaBudget = PROCESS_BUDGET,
) -> Decoded | DeadLetter:
    """Return the event in *record*, or a dead letter.

    While the registry is unavailable, or refuses, an unknown writer is looked up again for *patience_s*. *misses*
    bounds the look-ups of unknown writers, by default a burst of sixty and one a second for the whole process.

    Raises:
        ExtraMissing, SettingInvalid: the service cannot read any message of this kind.
    """
    pauses = _RetryPauses(patience_s)
    while True:
        try:
            return Decoded(None if record.value is None else contract.decode(_admitted(contract, record, misses)))
        except _OF_THE_SERVICE:
            raise
        except MooringsError as error:
            letter = _letter(contract, record, error, misses)
            pause = pauses.after(error)
        if pause is None:
            return letter
        sleep(pause)


async def read_record_async(
    contract: AsyncReadingContract,
    record: TransportRecord,
    *,
    patience_s: float = 30.0,
    misses: UnknownSchemaBudget = PROCESS_BUDGET,
) -> Decoded | DeadLetter:
    """Do the same without blocking the event loop."""
    pauses = _RetryPauses(patience_s)
    while True:
        try:
            return Decoded(None if record.value is None else await contract.decode(_admitted(contract, record, misses)))
        except _OF_THE_SERVICE:
            raise
        except MooringsError as error:
            letter = _letter(contract, record, error, misses)
            pause = pauses.after(error)
        if pause is None:
            return letter
        await asyncio.sleep(pause)


def consume_or_set_aside(
    contract: ReadingContract,
    record: TransportRecord,
    handle: Callable[[Any], object],
    set_aside: SetAside,
    *,
    patience_s: float = 30.0,
    sleep: Callable[[float], object] = time.sleep,
) -> bool:
    """Read *record* and *handle* the event, or *set_aside* the record if it cannot be read. True if it was handled.

    What *handle* and *set_aside* raise reaches the caller: the message is then neither handled nor stored, so it must
    not be acknowledged.
    """
    outcome = read_record(contract, record, patience_s=patience_s, sleep=sleep)
    if isinstance(outcome, DeadLetter):
        set_aside(outcome)
        return False
    handle(outcome.event)
    return True


async def consume_or_set_aside_async(
    contract: AsyncReadingContract,
    record: TransportRecord,
    handle: Callable[[Any], Awaitable[object]],
    set_aside: AsyncSetAside,
    *,
    patience_s: float = 30.0,
) -> bool:
    """Do the same for asyncio."""
    outcome = await read_record_async(contract, record, patience_s=patience_s)
    if isinstance(outcome, DeadLetter):
        await set_aside(outcome)
        return False
    await handle(outcome.event)
    return True


def replay(
    letters: Iterable[DeadLetter],
    contract: ReadingContract,
    handle: Callable[[Any], object],
    set_aside: SetAside,
) -> DeadLettersReplayed:
    """Read dead letters again, after the contract or the registry was fixed; what still fails is set aside again."""
    handled = again = 0
    for letter in letters:
        if consume_or_set_aside(contract, letter.record, handle, set_aside):
            handled += 1
        else:
            again += 1
    return DeadLettersReplayed(handled, again)


class _RetryPauses:
    """The pauses between attempts to read a message, until patience ends."""

    def __init__(self, patience_s: float) -> None:
        self._left_s = patience_s
        self._next_s = _FIRST_PAUSE_S

    def after(self, error: MooringsError) -> float | None:
        """Return the pause before the next attempt; None to set the message aside."""
        if isinstance(error, _OF_THE_MESSAGE) or self._left_s <= 0:
            return None
        pause = min(self._next_s, self._left_s)
        self._left_s -= pause
        self._next_s = min(2 * self._next_s, _LONGEST_PAUSE_S)
        return pause


def _admitted(
    contract: ReadingContract | AsyncReadingContract, record: TransportRecord, misses: UnknownSchemaBudget
) -> bytes:
    """Return the framed value; raises `WriterNotAskedFor` if its writer must not be looked up now."""
    data = framed_value(record)
    if misses.is_spent and not contract.knows(data):
        version, writer = contract.latest, _writer_of(data)
        if writer not in (str(version.id), str(version.guid)):
            raise WriterNotAskedFor(version.subject, writer)
    return data


def _letter(
    contract: ReadingContract | AsyncReadingContract,
    record: TransportRecord,
    error: MooringsError,
    misses: UnknownSchemaBudget,
) -> DeadLetter:
    if isinstance(error, WriterUnknown) and not isinstance(error, WriterNotAskedFor):
        misses.note_miss(framed_value(record))
    version = contract.latest
    return dead_letter(record, error, subject=version.subject, reader=version.label)


def _writer_of(data: bytes) -> str:
    try:
        return str(split_prefix(data)[1])
    except FramingInvalid:
        return ""
