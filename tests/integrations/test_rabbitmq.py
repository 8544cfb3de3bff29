"""RabbitMQ through `pika`, against a real broker."""

import uuid
from collections.abc import Iterator
from operator import attrgetter
from typing import Any

import pika
import pytest
from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import UnroutableError

import moorings
from moorings.integrations.dead_letters import DeadLetter, read_dead_letter
from moorings.integrations.rabbitmq import RabbitSink, encode, on_message, publish, rabbit_record
from tests.brokers import RabbitBroker
from tests.integrations.shop import CAPTURED, CARRIED, PLACED, ShopEvent
from tests.integrations.sinks import never

pytestmark = pytest.mark.timeout(600)  # the broker may have to be installed


@pytest.fixture(scope="module")
def connection(rabbitmq: RabbitBroker) -> Iterator[pika.BlockingConnection]:
    connected = pika.BlockingConnection(pika.URLParameters(rabbitmq.url))
    yield connected
    connected.close()


@pytest.fixture
def channel(connection: pika.BlockingConnection) -> Iterator[BlockingChannel]:
    opened = connection.channel()
    yield opened
    if opened.is_open:
        opened.close()


@pytest.fixture
def queue(channel: BlockingChannel) -> str:
    name = f"orders-{uuid.uuid4().hex[:8]}"
    channel.queue_declare(name)
    channel.queue_declare(f"{name}-dead")
    return name


def consume(channel: BlockingChannel, queue: str, count: int, on_each: Any) -> None:
    """Give *count* messages to a callback."""
    for method, properties, body in channel.consume(queue, inactivity_timeout=5):
        assert method is not None, "no message came"
        on_each(channel, method, properties, body)
        count -= 1
        if not count:
            break
    channel.cancel()


@pytest.mark.parametrize("event", CARRIED, ids=attrgetter("format"))
def test_events_are_published_and_read_over_rabbitmq(
    shop: moorings.Registry, channel: BlockingChannel, queue: str, event: ShopEvent
) -> None:
    contract = shop.event(event.subject)
    publish(channel, queue, contract, event.value)
    handled: list[Any] = []
    consume(channel, queue, 1, on_message(contract, handled.append, never))
    assert handled == [event.value]
    assert channel.queue_declare(queue, passive=True).method.message_count == 0


def test_properties_name_the_schema_of_the_body(shop: moorings.Registry) -> None:
    contract = shop.event(CAPTURED.subject)
    _, properties = encode(contract, CAPTURED.value, {"trace": "t"})
    assert (properties.content_type, properties.type, properties.delivery_mode) == (
        "application/protobuf",
        CAPTURED.subject,
        2,
    )
    assert properties.headers == {
        "trace": "t",
        "moorings-schema-guid": str(contract.latest.guid),
        "moorings-message-indexes": "1",
    }


def test_an_invalid_event_is_not_published(shop: moorings.Registry, channel: BlockingChannel, queue: str) -> None:
    with pytest.raises(moorings.EventInvalid):
        publish(channel, queue, shop.event(PLACED.subject), PLACED.wrong)
    assert channel.queue_declare(queue, passive=True).method.message_count == 0


def test_poison_is_set_aside_and_acknowledged(
    shop: moorings.Registry, connection: pika.BlockingConnection, channel: BlockingChannel, queue: str
) -> None:
    contract = shop.event(PLACED.subject)
    channel.basic_publish("", queue, b"\xff", pika.BasicProperties(headers={"trace": "t", "hops": 3}, message_id="m-1"))
    channel.basic_publish("", queue, b"x", pika.BasicProperties(headers={"moorings-schema-guid": str(uuid.uuid4())}))
    publish(channel, queue, contract, PLACED.value)
    handled: list[Any] = []
    sink = RabbitSink(connection.channel(), f"{queue}-dead")
    consume(channel, queue, 3, on_message(contract, handled.append, sink))
    assert handled == [PLACED.value]
    letters: list[DeadLetter] = []
    consume(channel, f"{queue}-dead", 2, lambda _, *parts: letters.append(read_dead_letter(rabbit_record(*parts))))
    assert [one.reason.code for one in letters] == ["FRAMING_INVALID", "WRITER_UNKNOWN"]
    assert (letters[0].record.value, letters[0].record.place) == (b"\xff", queue)
    assert dict(letters[0].record.headers) == {"trace": b"t", "hops": b"3", "amqp-message-id": b"m-1"}


def test_a_letter_without_a_queue_keeps_its_message_unacknowledged(
    shop: moorings.Registry, connection: pika.BlockingConnection, channel: BlockingChannel, queue: str
) -> None:
    channel.basic_publish("", queue, b"\xff")
    on_each = on_message(shop.event(PLACED.subject), never, RabbitSink(connection.channel(), "no-such-queue"))
    with pytest.raises(UnroutableError):
        consume(channel, queue, 1, on_each)
    channel.close()  # what was not acknowledged goes back
    assert connection.channel().queue_declare(queue, passive=True).method.message_count == 1
