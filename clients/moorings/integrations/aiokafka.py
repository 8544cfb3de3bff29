"""Contracts for `aiokafka`.

Writing never waits, so `event_serializer` goes into the producer. Reading may have to ask the registry for a writer's
schema, which a `value_deserializer` cannot await: let the consumer return bytes, and iterate `events`.
"""

from collections.abc import AsyncIterable, AsyncIterator, Callable
from typing import Any, Protocol

from moorings.integrations.consuming import AsyncReadingContract, read_record_async
from moorings.integrations.dead_letters import AsyncSetAside, DeadLetter
from moorings.integrations.kafka import encode_value
from moorings.integrations.records import TransportRecord, WritingContract, header_pairs

__all__ = ["AioKafkaSink", "aiokafka_record", "encode_value", "event_serializer", "events"]


def event_serializer(contract: WritingContract) -> Callable[[Any], bytes | None]:
    """Return a `value_serializer` or `key_serializer` for an `AIOKafkaProducer`; the prefix framing.

    For the header framing, take value and headers from `encode_value` and give both to `send`.
    """

    def serialize(event: Any) -> bytes | None:
        return None if event is None else contract.encode(event)

    return serialize


def aiokafka_record(message: Any) -> TransportRecord:
    """Return an `aiokafka.ConsumerRecord` as a record."""
    return TransportRecord(
        value=message.value,
        key=message.key,
        headers=header_pairs(message.headers),
        place=message.topic,
        partition=message.partition,
        position=str(message.offset),
    )


async def events(
    messages: AsyncIterable[Any],
    contract: AsyncReadingContract,
    set_aside: AsyncSetAside,
    *,
    patience_s: float = 30.0,
) -> AsyncIterator[tuple[Any, Any]]:
    """Yield each message of a consumer with its event; a message that cannot be read is set aside and skipped."""
    async for message in messages:
        outcome = await read_record_async(contract, aiokafka_record(message), patience_s=patience_s)
        if isinstance(outcome, DeadLetter):
            await set_aside(outcome)
        else:
            yield message, outcome.event


class AioKafkaProducer(Protocol):
    """The methods of an `aiokafka.AIOKafkaProducer` that are used."""

    async def send_and_wait(self, topic: str, value: bytes | None, **rest: Any) -> Any: ...


class AioKafkaSink:
    """Sets dead letters aside in a topic. Its producer must have no serialisers: letters are bytes already."""

    def __init__(self, producer: AioKafkaProducer, topic: str) -> None:
        self._producer = producer
        self._topic = topic

    async def __call__(self, letter: DeadLetter) -> None:
        """Write *letter*, and wait until the broker has it; raises as `send_and_wait`."""
        record = letter.record
        await self._producer.send_and_wait(self._topic, record.value, key=record.key, headers=letter.headers())
