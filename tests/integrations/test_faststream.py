"""FastStream: its in-memory brokers, and Kafka and Redis for real."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

import pytest
from confluent_kafka import Producer
from faststream import AckPolicy
from faststream.confluent import KafkaBroker as FastConfluent
from faststream.confluent import TestKafkaBroker as TestConfluentBroker
from faststream.kafka import KafkaBroker as FastKafka
from faststream.kafka import KafkaMessage, TestKafkaBroker
from faststream.nats import NatsBroker as FastNats
from faststream.nats import TestNatsBroker
from faststream.rabbit import RabbitBroker as FastRabbit
from faststream.rabbit import TestRabbitBroker
from faststream.redis import RedisBroker, TestRedisBroker

import moorings
from moorings.asynchronous import AsyncEventContract, AsyncRegistry
from moorings.integrations.faststream import ContractMiddleware, kafka_parser
from moorings.integrations.kafka import encode_value
from tests.brokers import KafkaBroker
from tests.integrations.shop import CARRIED, PLACED, SHIPPED, ShopEvent
from tests.integrations.sinks import AsyncList
from tests.servers import RedisServer

WAIT_S = 60.0
IN_MEMORY: list[tuple[str, Any, Any]] = [
    ("kafka", FastKafka, TestKafkaBroker),
    ("redis", RedisBroker, TestRedisBroker),
    ("nats", FastNats, TestNatsBroker),
    ("rabbit", FastRabbit, TestRabbitBroker),
    ("confluent", FastConfluent, TestConfluentBroker),
]


@asynccontextmanager
async def contract_of(shop: moorings.Registry, event: ShopEvent) -> AsyncIterator[AsyncEventContract]:
    async with AsyncRegistry(shop) as registry, asyncio.timeout(WAIT_S):
        yield await registry.event(event.subject)


@pytest.mark.parametrize("event", CARRIED, ids=attrgetter("format"))
@pytest.mark.parametrize("framing", ["prefix", "labels"])
@pytest.mark.parametrize(("name", "kind", "in_memory"), IN_MEMORY, ids=[one[0] for one in IN_MEMORY])
def test_handlers_get_events_and_publishers_take_them(
    shop: moorings.Registry, name: str, kind: Any, in_memory: Any, event: ShopEvent, framing: str
) -> None:
    handled, other = AsyncList(), AsyncList()

    async def run() -> None:
        async with contract_of(shop, event) as contract:
            broker = kind(middlewares=[ContractMiddleware({"orders": contract}, framing=framing)])

            @broker.subscriber("orders")
            async def handle(body: dict[str, Any]) -> None:
                await handled(body)

            @broker.subscriber("elsewhere")
            async def handle_other(body: dict[str, Any]) -> None:
                await other(body)

            async with in_memory(broker):
                await broker.publish(event.value, "orders")
                await broker.publish({"no": "contract"}, "elsewhere")

    asyncio.run(run())
    assert handled.got == [event.value]
    assert other.got == [{"no": "contract"}]


@pytest.mark.parametrize(("name", "kind", "in_memory"), IN_MEMORY, ids=[one[0] for one in IN_MEMORY])
def test_an_invalid_event_is_not_published(shop: moorings.Registry, name: str, kind: Any, in_memory: Any) -> None:
    async def run() -> None:
        async with contract_of(shop, PLACED) as contract:
            broker = kind(middlewares=[ContractMiddleware({"orders": contract})])
            async with in_memory(broker):
                await broker.publish(PLACED.wrong, "orders")

    with pytest.raises(moorings.EventInvalid, match="/total/cents"):
        asyncio.run(run())


@dataclass
class Address:
    city: str


@dataclass
class Shipped:
    order_id: str
    to: Address


def test_a_handler_may_name_a_class_of_its_own(shop: moorings.Registry) -> None:
    handled = AsyncList()

    async def run() -> None:
        async with contract_of(shop, SHIPPED) as contract:
            broker = FastKafka(middlewares=[ContractMiddleware({"orders": contract})])

            @broker.subscriber("orders")
            async def handle(body: Shipped) -> None:
                await handled(body)

            async with TestKafkaBroker(broker):
                await broker.publish(SHIPPED.value, "orders")

    asyncio.run(run())
    assert handled.got == [Shipped("o-1", Address("Ghent"))]


def test_a_handlers_result_is_validated_for_its_destination(shop: moorings.Registry) -> None:
    handled = AsyncList()

    async def run() -> None:
        async with contract_of(shop, PLACED) as placed:
            broker = FastKafka(middlewares=[ContractMiddleware({"out": placed})])

            @broker.subscriber("in")
            @broker.publisher("out")
            async def turn(body: dict[str, Any]) -> Any:
                return body

            @broker.subscriber("out")
            async def handle(body: dict[str, Any]) -> None:
                await handled(body)

            async with TestKafkaBroker(broker):
                await broker.publish(PLACED.value, "in")
                with pytest.raises(moorings.EventInvalid):
                    await broker.publish(PLACED.wrong, "in")

    asyncio.run(run())
    assert handled.got == [PLACED.value]


def test_without_a_dead_letter_sink_the_error_is_raised(shop: moorings.Registry) -> None:
    async def run() -> None:
        async with contract_of(shop, PLACED) as contract:
            broker = FastKafka(middlewares=[ContractMiddleware({"orders": contract})])

            @broker.subscriber("orders")
            async def handle(body: dict[str, Any]) -> None:
                pytest.fail("it cannot be read")

            async with TestKafkaBroker(broker):
                await broker.publish(None, "orders")

    with pytest.raises(moorings.FramingInvalid):
        asyncio.run(run())


async def until(condition: Callable[[], bool]) -> None:
    while not condition():
        await asyncio.sleep(0.02)


def tombstone(kafka: KafkaBroker, topic: str) -> None:
    producer = Producer({"bootstrap.servers": kafka.address})
    producer.produce(topic, None, key=b"gone")
    producer.flush(WAIT_S)


@pytest.mark.parametrize("batch", [False, True])
def test_kafka_continues_after_poison(shop: moorings.Registry, kafka: KafkaBroker, batch: bool) -> None:
    topic = f"orders-{uuid.uuid4().hex[:8]}"
    kafka.make_topics(topic)
    handled, aside = AsyncList(), AsyncList()

    async def run() -> None:
        async with contract_of(shop, PLACED) as contract:
            middleware = ContractMiddleware({topic: contract}, set_aside=aside)
            plain = FastKafka(kafka.address)
            broker = FastKafka(kafka.address, middlewares=[middleware])
            settings = {"auto_offset_reset": "earliest", "group_id": topic, "ack_policy": AckPolicy.NACK_ON_ERROR}

            @broker.subscriber(topic, batch=batch, **settings)
            async def handle(body: Any) -> None:
                for one in body if batch else [body]:
                    await handled(one)

            async with plain:
                await plain.start()
                await plain.publish(b"poison", topic, key=b"k", headers={"trace": "t"})
            async with broker:
                await broker.start()
                await broker.publish(PLACED.value, topic)
                await broker.publish_batch(PLACED.value, PLACED.value, topic=topic)
                await until(lambda: len(handled.got) == 3)
                tombstone(kafka, topic)
                await until(lambda: len(handled.got) == 4)

    asyncio.run(run())
    assert handled.got == [PLACED.value] * 3 + [None]
    assert aside.codes == ["FRAMING_INVALID"]
    record = aside.got[0].record
    assert (record.value, record.key, record.place, record.partition, record.position) == (
        b"poison",
        b"k",
        topic,
        0,
        "0",
    )
    assert ("trace", b"t") in record.headers


def test_a_tombstone_is_none_without_a_dead_letter_sink(shop: moorings.Registry, kafka: KafkaBroker) -> None:
    topic = f"orders-{uuid.uuid4().hex[:8]}"
    kafka.make_topics(topic)
    tombstone(kafka, topic)
    handled = AsyncList()

    async def run() -> None:
        async with contract_of(shop, PLACED) as contract:
            broker = FastKafka(kafka.address, middlewares=[ContractMiddleware({topic: contract})])

            @broker.subscriber(topic, auto_offset_reset="earliest")
            async def handle(body: Any) -> None:
                await handled(body)

            async with broker:
                await broker.start()
                await until(lambda: bool(handled.got))

    asyncio.run(run())
    assert handled.got == [None]


@pytest.mark.parametrize("batch", [False, True])
@pytest.mark.parametrize("event", CARRIED, ids=attrgetter("format"))
def test_the_header_framing_of_others_is_read(
    shop: moorings.Registry, kafka: KafkaBroker, event: ShopEvent, batch: bool
) -> None:
    topic = f"orders-{uuid.uuid4().hex[:8]}"
    kafka.make_topics(topic)
    value, headers = encode_value(shop.event(event.subject), event.value, framing="header")
    producer = Producer({"bootstrap.servers": kafka.address})
    producer.produce(topic, value, headers=[("trace", "t"), ("none", None), *headers])
    producer.flush(WAIT_S)
    handled, said = AsyncList(), AsyncList()

    async def run() -> None:
        async with contract_of(shop, event) as contract:
            rules = ContractMiddleware({topic: contract})
            broker = FastKafka(kafka.address, middlewares=[rules], parser=kafka_parser)

            @broker.subscriber(topic, auto_offset_reset="earliest", batch=batch)
            async def handle(body: Any, message: KafkaMessage) -> None:
                await said(message.headers)
                await handled(body)

            async with broker:
                await broker.start()
                await until(lambda: bool(handled.got))

    asyncio.run(run())
    assert handled.got == [[event.value] if batch else event.value]
    assert said.got == [{"trace": "t"}]


@pytest.mark.redis
def test_redis_streams_continue_after_poison(shop: moorings.Registry, redis_server: RedisServer) -> None:
    stream = f"orders-{uuid.uuid4().hex[:8]}"
    handled, aside = AsyncList(), AsyncList()

    async def run() -> None:
        async with contract_of(shop, PLACED) as contract:
            middleware = ContractMiddleware({stream: contract}, framing="labels", set_aside=aside)
            broker = RedisBroker(f"redis://127.0.0.1:{redis_server.port}", middlewares=[middleware])

            @broker.subscriber(stream=stream)
            async def handle(body: dict[str, Any]) -> None:
                await handled(body)

            async with broker:
                await broker.start()
                plain = RedisBroker(f"redis://127.0.0.1:{redis_server.port}")
                async with plain:
                    await plain.connect()
                    await plain.publish(b"poison", stream=stream)
                await broker.publish(PLACED.value, stream=stream)
                await until(lambda: bool(handled.got))

    asyncio.run(run())
    assert handled.got == [PLACED.value]
    assert aside.codes == ["FRAMING_INVALID"]


def test_an_unknown_framing_is_refused() -> None:
    with pytest.raises(moorings.SettingInvalid, match="neither 'prefix' nor 'labels'"):
        ContractMiddleware({}, framing="header")
