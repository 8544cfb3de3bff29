"""Kafka through `aiokafka`, against a real broker: writers that were never met are awaited, poison is passed over."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from operator import attrgetter
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

import moorings
from moorings.asynchronous import AsyncRegistry
from moorings.codecs.framing import id_prefix
from moorings.integrations.aiokafka import AioKafkaSink, aiokafka_record, encode_value, event_serializer, events
from moorings.integrations.dead_letters import read_dead_letter
from tests.brokers import KafkaBroker
from tests.integrations.shop import CARRIED, PLACED, ShopEvent
from tests.integrations.sinks import AsyncList

WAIT_S = 60.0


@pytest.fixture
def topic(kafka: KafkaBroker) -> str:
    name = f"orders-{uuid.uuid4().hex[:8]}"
    kafka.make_topics(name, f"{name}-dead")
    return name


@asynccontextmanager
async def producing(kafka: KafkaBroker, **settings: Any) -> AsyncIterator[AIOKafkaProducer]:
    producer = AIOKafkaProducer(bootstrap_servers=kafka.address, **settings)
    await producer.start()
    try:
        yield producer
    finally:
        await producer.stop()


@asynccontextmanager
async def consuming(kafka: KafkaBroker, *topics: str) -> AsyncIterator[AIOKafkaConsumer]:
    consumer = AIOKafkaConsumer(*topics, bootstrap_servers=kafka.address, auto_offset_reset="earliest")
    await consumer.start()
    try:
        yield consumer
    finally:
        await consumer.stop()


@pytest.mark.parametrize("event", CARRIED, ids=attrgetter("format"))
def test_events_are_produced_and_read_over_aiokafka(
    shop: moorings.Registry, kafka: KafkaBroker, topic: str, event: ShopEvent
) -> None:
    async def run() -> list[Any]:
        async with AsyncRegistry(shop) as registry, asyncio.timeout(WAIT_S):
            contract = await registry.event(event.subject)
            write = event_serializer(contract)
            async with producing(kafka, value_serializer=write, key_serializer=write) as producer:
                await producer.send_and_wait(topic, event.value, key=event.value)
            async with producing(kafka) as producer:
                value, headers = encode_value(contract, event.value, framing="header")
                await producer.send_and_wait(topic, value, headers=headers)
                await producer.send_and_wait(topic, None, key=b"gone")
            async with consuming(kafka, topic) as consumer:
                read = events(consumer, contract, AsyncList())
                return [(await anext(read))[1] for _ in range(3)]

    assert asyncio.run(run()) == [event.value, event.value, None]


def test_poison_is_skipped_and_set_aside(shop: moorings.Registry, kafka: KafkaBroker, topic: str) -> None:
    async def run() -> tuple[Any, list[Any]]:
        async with AsyncRegistry(shop) as registry, producing(kafka) as producer, asyncio.timeout(WAIT_S):
            contract = await registry.event(PLACED.subject)
            for value in (b"poison", id_prefix(1_888_888) + b"x", contract.encode(PLACED.value)):
                await producer.send_and_wait(topic, value, key=b"k", headers=[("trace", b"\xff")])
            async with consuming(kafka, topic) as consumer:
                message, event = await anext(events(consumer, contract, AioKafkaSink(producer, f"{topic}-dead")))
            assert (message.offset, event) == (2, PLACED.value)
            async with consuming(kafka, f"{topic}-dead") as consumer:
                return message, [read_dead_letter(aiokafka_record(await anext(consumer))) for _ in range(2)]

    _, letters = asyncio.run(run())
    assert [letter.reason.code for letter in letters] == ["FRAMING_INVALID", "WRITER_UNKNOWN"]
    assert [letter.record.position for letter in letters] == ["0", "1"]
    assert {(letter.record.key, letter.record.headers) for letter in letters} == {(b"k", (("trace", b"\xff"),))}


def test_an_invalid_event_is_refused_by_the_producer(shop: moorings.Registry, kafka: KafkaBroker, topic: str) -> None:
    async def run() -> None:
        async with AsyncRegistry(shop) as registry:
            write = event_serializer(await registry.event(PLACED.subject))
            async with producing(kafka, value_serializer=write) as producer:
                await producer.send_and_wait(topic, PLACED.wrong)

    with pytest.raises(moorings.EventInvalid, match="/total/cents"):
        asyncio.run(run())
