"""NATS against a real server, with and without JetStream."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from operator import attrgetter
from typing import Any

import nats
import pytest
from nats.aio.client import Client

import moorings
from moorings.asynchronous import AsyncRegistry
from moorings.integrations.dead_letters import dead_letter, read_dead_letter
from moorings.integrations.nats import NatsSink, encode, nats_record, on_message, publish
from moorings.integrations.records import TransportRecord
from tests.brokers import NatsBroker
from tests.integrations.shop import CAPTURED, CARRIED, PLACED, ShopEvent
from tests.integrations.sinks import AsyncList

pytestmark = pytest.mark.timeout(600)  # the broker may have to be installed

WAIT_S = 30.0


@pytest.fixture
def place() -> str:
    return f"orders-{uuid.uuid4().hex[:8]}"


@asynccontextmanager
async def connected(broker: NatsBroker) -> AsyncIterator[Client]:
    connection = await nats.connect(broker.url, max_reconnect_attempts=0)
    try:
        async with asyncio.timeout(WAIT_S):
            yield connection
    finally:
        await connection.close()


@pytest.mark.parametrize("event", CARRIED, ids=attrgetter("format"))
def test_events_are_published_and_read_over_nats(
    shop: moorings.Registry, nats: NatsBroker, place: str, event: ShopEvent
) -> None:
    handled, aside = AsyncList(), AsyncList()

    async def run() -> None:
        async with AsyncRegistry(shop) as registry, connected(nats) as connection:
            contract = await registry.event(event.subject)
            subscription = await connection.subscribe(place, cb=on_message(contract, handled, aside))
            await publish(connection, place, contract, event.value)
            await connection.publish(place, b"poison", headers={"trace": "t"})
            await publish(connection, place, contract, event.value)
            await connection.flush()
            await subscription.drain()

    asyncio.run(run())
    assert handled.got == [event.value, event.value]
    assert aside.codes == ["FRAMING_INVALID"]
    assert aside.got[0].record == TransportRecord(b"poison", headers=(("trace", b"t"),), place=place)


def test_nats_headers_name_the_schema(shop: moorings.Registry) -> None:
    contract = shop.event(CAPTURED.subject)
    _, headers = encode(contract, CAPTURED.value, {"trace": "t"})
    assert headers == {
        "trace": "t",
        "Content-Type": "application/protobuf",
        "moorings-schema-guid": str(contract.latest.guid),
        "moorings-message-indexes": "1",
    }


def test_an_invalid_event_is_not_published(shop: moorings.Registry, nats: NatsBroker, place: str) -> None:
    async def run() -> None:
        async with connected(nats) as connection:
            await publish(connection, place, shop.event(PLACED.subject), PLACED.wrong)

    with pytest.raises(moorings.EventInvalid):
        asyncio.run(run())


def test_jetstream_acknowledges_what_was_handled_or_set_aside(
    shop: moorings.Registry, nats: NatsBroker, place: str
) -> None:
    handled = AsyncList()

    async def run() -> tuple[int, list[Any]]:
        async with AsyncRegistry(shop) as registry, connected(nats) as connection:
            contract = await registry.event(PLACED.subject)
            stream = connection.jetstream()
            await stream.add_stream(name=place, subjects=[place, f"{place}-dead"])
            stored = await publish(stream, place, contract, PLACED.value)
            assert stored.seq == 1
            await stream.publish(place, b"\xff", headers={"trace": "t"})
            read = on_message(contract, handled, NatsSink(stream, f"{place}-dead"), acknowledge=True)
            consumer = await stream.pull_subscribe(place, durable="billing")
            for message in await consumer.fetch(2, timeout=5):
                await read(message)
            dead = await stream.pull_subscribe(f"{place}-dead", durable="dead")
            letters = [read_dead_letter(nats_record(message)) for message in await dead.fetch(1, timeout=5)]
            await connection.flush()
            return (await consumer.consumer_info()).num_ack_pending, letters

    pending, letters = asyncio.run(run())
    assert (pending, handled.got) == (0, [PLACED.value])
    assert letters[0].reason.code == "FRAMING_INVALID"
    assert letters[0].record == TransportRecord(b"\xff", headers=(("trace", b"t"),), place=place)


def test_a_reason_with_line_breaks_stays_one_header(nats: NatsBroker, place: str) -> None:
    async def run() -> Any:
        async with connected(nats) as connection:
            subscription = await connection.subscribe(place)
            letter = dead_letter(
                TransportRecord(b"x", place=place), moorings.FramingInvalid("one\r\nmoorings-forged: é")
            )
            await NatsSink(connection, place)(letter)
            return await subscription.next_msg(timeout=5)

    letter = read_dead_letter(nats_record(asyncio.run(run())))
    assert letter.reason.text == "one  moorings-forged: \\xe9"
    assert letter.record.headers == ()
