"""Contracts for NATS, with and without JetStream: labels in the message's headers, an unframed payload."""

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

from moorings.integrations.consuming import AsyncReadingContract, consume_or_set_aside_async
from moorings.integrations.dead_letters import AsyncSetAside, DeadLetter
from moorings.integrations.records import TransportRecord, WritingContract, encode_unframed, header_pairs

CONTENT_TYPE = "Content-Type"

_NO_NAME = re.compile(r"[^!-9;-~]")  # a header's name is printable ASCII without a colon


class Publisher(Protocol):
    """The method of a `nats.NATS` connection, or of its JetStream context, that is used."""

    async def publish(self, subject: str, payload: bytes, *, headers: dict[str, str] | None) -> Any: ...


def encode(
    contract: WritingContract, event: Any, headers: Mapping[str, str] | None = None
) -> tuple[bytes, dict[str, str]]:
    """Validate *event* and return payload and headers.

    Raises:
        EventInvalid: with every violation.
    """
    bare = encode_unframed(contract, event)
    return bare.payload, {**(headers or {}), CONTENT_TYPE: bare.content_type, **bare.labels}


async def publish(publisher: Publisher, subject: str, contract: WritingContract, event: Any) -> Any:
    """Validate *event* and publish it; return the result of *publisher*: JetStream's acknowledgement, else None."""
    payload, headers = encode(contract, event)
    return await publisher.publish(subject, payload, headers=headers)


def nats_record(message: Any) -> TransportRecord:
    """Return a `nats.aio.msg.Msg` as a record."""
    return TransportRecord(value=message.data, headers=header_pairs(message.headers), place=message.subject)


def on_message(
    contract: AsyncReadingContract,
    handle: Callable[[Any], Awaitable[object]],
    set_aside: AsyncSetAside,
    *,
    acknowledge: bool = False,
    patience_s: float = 30.0,
) -> Callable[[Any], Awaitable[None]]:
    """Return a `cb` for `subscribe`. *acknowledge* is for JetStream, with ``manual_ack=True``."""

    async def consume(message: Any) -> None:
        await consume_or_set_aside_async(contract, nats_record(message), handle, set_aside, patience_s=patience_s)
        if acknowledge:
            await message.ack()

    return consume


class NatsSink:
    """Sets dead letters aside under a subject; with a JetStream context it waits until they are stored."""

    def __init__(self, publisher: Publisher, subject: str) -> None:
        self._publisher = publisher
        self._subject = subject

    async def __call__(self, letter: DeadLetter) -> None:
        """Publish *letter*. Headers of NATS are lines of ASCII text, so other characters of the reason are escaped."""
        headers = {_NO_NAME.sub("_", name): _line(value) for name, value in letter.headers()}
        await self._publisher.publish(self._subject, letter.record.value or b"", headers=headers)


def _line(value: bytes) -> str:
    """Return text as one line of ASCII, as headers of NATS must be."""
    return (
        value.decode("utf-8", "replace")
        .encode("ascii", "backslashreplace")
        .decode("ascii")
        .replace("\r", " ")
        .replace("\n", " ")
    )
