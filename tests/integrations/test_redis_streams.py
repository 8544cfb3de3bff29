"""Redis Streams against a real server: groups, entries that were left behind, poison, and asyncio."""

import asyncio
import uuid
from collections.abc import Iterator
from operator import attrgetter
from typing import Any

import pytest
import redis
import redis.asyncio

import moorings
from moorings.asynchronous import AsyncRegistry
from moorings.integrations.dead_letters import DeadLetter, read_dead_letter
from moorings.integrations.redis_streams import (
    RedisStreamSink,
    add,
    consume_group,
    consume_group_async,
    stream_fields,
    stream_record,
)
from tests.integrations.shop import CAPTURED, CARRIED, PLACED, ShopEvent
from tests.integrations.sinks import AsyncList, never
from tests.servers import RedisServer

pytestmark = pytest.mark.redis


@pytest.fixture(params=[2, 3], ids=["RESP2", "RESP3"])
def client(redis_server: RedisServer, request: pytest.FixtureRequest) -> Iterator[redis.Redis]:
    connected = redis.Redis(port=redis_server.port, protocol=request.param)
    yield connected
    connected.close()


@pytest.fixture
def stream(client: redis.Redis) -> str:
    name = f"orders-{uuid.uuid4().hex[:8]}"
    client.xgroup_create(name, "billing", id="0", mkstream=True)
    return name


def consume(client: redis.Redis, stream: str, contract: Any, handle: Any, set_aside: Any, **more: Any) -> Any:
    return consume_group(client, stream, "billing", "one", contract, handle, set_aside, block_ms=10, **more)


@pytest.mark.parametrize("event", CARRIED, ids=attrgetter("format"))
def test_events_are_added_and_read_over_redis_streams(
    shop: moorings.Registry, client: redis.Redis, stream: str, event: ShopEvent
) -> None:
    contract = shop.event(event.subject)
    add(client, stream, contract, event.value, headers={"trace": "t"})
    handled: list[Any] = []
    outcome = consume(client, stream, contract, handled.append, never)
    assert (outcome.handled, outcome.set_aside, handled) == (1, 0, [event.value])
    assert client.xpending(stream, "billing")["pending"] == 0


def test_the_fields_of_an_entry_name_the_schema(shop: moorings.Registry) -> None:
    contract = shop.event(CAPTURED.subject)
    fields = stream_fields(contract, CAPTURED.value, {"trace": "t"})
    assert {name: value for name, value in fields.items() if name != "payload"} == {
        "trace": "t",
        "content-type": "application/protobuf",
        "moorings-schema-guid": str(contract.latest.guid),
        "moorings-message-indexes": "1",
    }


def test_an_invalid_event_is_not_added(shop: moorings.Registry, client: redis.Redis, stream: str) -> None:
    with pytest.raises(moorings.EventInvalid):
        add(client, stream, shop.event(PLACED.subject), PLACED.wrong)
    assert client.xlen(stream) == 0


def test_poison_is_set_aside_and_acknowledged(shop: moorings.Registry, client: redis.Redis, stream: str) -> None:
    contract = shop.event(PLACED.subject)
    client.xadd(stream, {"payload": b"\xff", "trace": "t"})
    client.xadd(stream, {"payload": b"x", "moorings-schema-guid": str(uuid.uuid4())})
    client.xadd(stream, {"payload": b"x", "moorings-schema-guid": b"\xfenone"})
    client.xadd(stream, {"somebody": "else's"})
    add(client, stream, contract, PLACED.value)
    handled: list[Any] = []
    sink = RedisStreamSink(client, f"{stream}-dead", maxlen=1000)
    outcome = consume(client, stream, contract, handled.append, sink)
    assert (outcome.handled, outcome.set_aside, handled) == (1, 4, [PLACED.value])
    assert client.xpending(stream, "billing")["pending"] == 0
    letters = [read_dead_letter(stream_record(stream, *entry)) for entry in client.xrange(f"{stream}-dead")]
    assert [one.reason.code for one in letters] == ["FRAMING_INVALID", "WRITER_UNKNOWN"] + ["FRAMING_INVALID"] * 2
    assert letters[0].record.value == b"\xff"
    assert letters[0].record.headers == (("trace", b"t"),)
    assert (letters[0].record.place, letters[0].record.position) == (stream, client.xrange(stream)[0][0].decode())


def test_an_entry_whose_handler_failed_is_read_again(shop: moorings.Registry, client: redis.Redis, stream: str) -> None:
    contract = shop.event(PLACED.subject)
    add(client, stream, contract, PLACED.value)
    with pytest.raises(ZeroDivisionError):
        consume(client, stream, contract, lambda _: 1 // 0, never)
    assert client.xpending(stream, "billing")["pending"] == 1
    handled: list[Any] = []
    consume(client, stream, contract, handled.append, never, claim_idle_ms=0)
    assert handled == [PLACED.value]
    assert client.xpending(stream, "billing")["pending"] == 0


def test_an_empty_stream_is_waited_for_and_yields_nothing(
    shop: moorings.Registry, client: redis.Redis, stream: str
) -> None:
    outcome = consume(client, stream, shop.event(PLACED.subject), never, never)
    assert (outcome.handled, outcome.set_aside) == (0, 0)


def test_a_client_that_decodes_is_refused(shop: moorings.Registry, redis_server: RedisServer, stream: str) -> None:
    decoding = redis.Redis(port=redis_server.port, decode_responses=True)
    add(decoding, stream, shop.event("shop.orders.OrderShipped"), {"order_id": "o", "to": {"city": "Ghent"}})
    letters: list[DeadLetter] = []
    with pytest.raises(moorings.SettingInvalid, match="decode_responses=False"):
        consume(decoding, stream, shop.event(PLACED.subject), never, letters.append)
    decoding.close()
    assert letters == []


def test_an_asyncio_client_does_the_same(shop: moorings.Registry, redis_server: RedisServer, stream: str) -> None:
    handled = AsyncList()

    async def run() -> Any:
        async with AsyncRegistry(shop) as registry, redis.asyncio.Redis(port=redis_server.port) as connected:
            contract = await registry.event(PLACED.subject)
            await connected.xadd(stream, {"payload": b"poison"})
            await add(connected, stream, contract, PLACED.value, maxlen=1000)
            sink = RedisStreamSink(connected, f"{stream}-dead")
            outcome = await consume_group_async(connected, stream, "billing", "one", contract, handled, sink)
            assert (outcome.handled, outcome.set_aside) == (1, 1)
            assert (await connected.xpending(stream, "billing"))["pending"] == 0
            return [
                read_dead_letter(stream_record(stream, *entry)) for entry in await connected.xrange(f"{stream}-dead")
            ]

    (letter,) = asyncio.run(run())
    assert (letter.reason.code, letter.record.value, handled.got) == ("FRAMING_INVALID", b"poison", [PLACED.value])
