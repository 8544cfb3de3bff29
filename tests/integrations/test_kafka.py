"""Kafka through `confluent-kafka`, against a real broker: there and back, breaks, and dead letters."""

import uuid
from collections.abc import Callable, Iterator
from operator import attrgetter
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import Consumer, DeserializingConsumer, Producer, SerializingProducer, TopicPartition
from confluent_kafka.error import ValueSerializationError

import moorings
from moorings.codecs.framing import id_prefix
from moorings.errors import SetAsideFailed
from moorings.integrations.consuming import consume_or_set_aside, replay
from moorings.integrations.dead_letters import DeadLetter, JsonLinesSink, read_dead_letter, read_json_lines
from moorings.integrations.kafka import EventDeserializer, EventSerializer, KafkaSink, encode_value, kafka_record
from tests.brokers import KafkaBroker
from tests.integrations.shop import CARRIED, PLACED, ShopEvent
from tests.integrations.sinks import never

UNKNOWN = id_prefix(1_999_999)
WAIT_S = 30.0


@pytest.fixture
def topic(kafka: KafkaBroker) -> str:
    """A topic of one partition, and one for its dead letters."""
    name = f"orders-{uuid.uuid4().hex[:8]}"
    kafka.make_topics(name, f"{name}-dead")
    return name


@pytest.fixture(scope="module")
def producer(kafka: KafkaBroker) -> Producer:
    return Producer({"bootstrap.servers": kafka.address})


Open = Callable[..., Any]


@pytest.fixture
def consumer(kafka: KafkaBroker) -> Iterator[Open]:
    """Open a consumer at the beginning of a topic."""
    opened: list[Any] = []

    def open_one(topic: str, kind: Any = Consumer, **more: Any) -> Any:
        settings = {"bootstrap.servers": kafka.address, "group.id": uuid.uuid4().hex, "auto.offset.reset": "earliest"}
        one = kind({**settings, **more})
        one.assign([TopicPartition(topic, 0, 0)])
        opened.append(one)
        return one

    yield open_one
    for one in opened:
        one.close()


@pytest.mark.parametrize("event", CARRIED, ids=attrgetter("format"))
@pytest.mark.parametrize("framing", ["prefix", "header"])
def test_serialising_producers_and_deserialising_consumers(
    shop: moorings.Registry, kafka: KafkaBroker, consumer: Open, topic: str, event: ShopEvent, framing: str
) -> None:
    contract = shop.event(event.subject)
    write = EventSerializer(contract, framing=framing)
    producing = SerializingProducer(
        {"bootstrap.servers": kafka.address, "key.serializer": write, "value.serializer": write}
    )
    producing.produce(topic, key=event.value, value=event.value, headers=[("trace", b"t")])
    assert producing.flush(WAIT_S) == 0
    read = EventDeserializer(contract)
    consuming = consumer(topic, DeserializingConsumer, **{"key.deserializer": read, "value.deserializer": read})
    message = consuming.poll(WAIT_S)
    assert (message.key(), message.value()) == (event.value, event.value)
    assert message.headers()[0] == ("trace", b"t")


@pytest.mark.parametrize("event", CARRIED, ids=attrgetter("format"))
@pytest.mark.parametrize("framing", ["prefix", "header"])
def test_plain_producers_and_consumers(
    shop: moorings.Registry, producer: Producer, consumer: Open, topic: str, event: ShopEvent, framing: str
) -> None:
    contract = shop.event(event.subject)
    value, headers = encode_value(contract, event.value, framing=framing)
    producer.produce(topic, value, headers=headers)
    producer.flush(WAIT_S)
    handled: list[Any] = []
    record = kafka_record(consumer(topic).poll(WAIT_S))
    assert consume_or_set_aside(contract, record, handled.append, never)
    assert handled == [event.value]


def test_an_invalid_event_never_reaches_the_broker(shop: moorings.Registry, kafka: KafkaBroker, topic: str) -> None:
    write = EventSerializer(shop.event(PLACED.subject))
    producing = SerializingProducer({"bootstrap.servers": kafka.address, "value.serializer": write})
    with pytest.raises(ValueSerializationError) as caught:
        producing.produce(topic, value=PLACED.wrong)
    assert isinstance(caught.value.exception, moorings.EventInvalid)
    assert caught.value.exception.violations[0].pointer == "/total/cents"
    assert len(producing) == 0


def test_poison_is_set_aside_and_what_follows_is_handled(
    shop: moorings.Registry, producer: Producer, consumer: Open, topic: str
) -> None:
    contract = shop.event(PLACED.subject)
    good = contract.encode(PLACED.value)
    foreign = shop.event("shop.orders.OrderShipped").encode({"order_id": "o", "to": {"city": "Ghent"}})
    poison = [b"", b"{}", UNKNOWN + b"x", good[:6], foreign]
    for value in [*poison, None, good]:
        producer.produce(topic, value, key=b"k", headers=[("trace", b"\xff\x00"), ("trace", b"2")])
    producer.flush(WAIT_S)
    sink = KafkaSink(producer, f"{topic}-dead")
    consuming, handled = consumer(topic), list[Any]()
    outcomes = [
        consume_or_set_aside(contract, kafka_record(consuming.poll(WAIT_S)), handled.append, sink)
        for _ in range(len(poison) + 2)
    ]
    assert outcomes == [False] * len(poison) + [True, True]
    assert handled == [None, PLACED.value]

    dead = consumer(f"{topic}-dead")
    letters = [read_dead_letter(kafka_record(dead.poll(WAIT_S))) for _ in poison]
    assert [letter.record.value for letter in letters] == poison
    assert [letter.record.position for letter in letters] == ["0", "1", "2", "3", "4"]
    assert {(letter.record.place, letter.record.partition, letter.record.key) for letter in letters} == {
        (topic, 0, b"k")
    }
    assert {letter.record.headers for letter in letters} == {(("trace", b"\xff\x00"), ("trace", b"2"))}
    codes = ["FRAMING_INVALID", "FRAMING_INVALID", "WRITER_UNKNOWN", "EVENT_UNREADABLE", "EVENT_UNREADABLE"]
    assert [letter.reason.code for letter in letters] == codes
    assert {letter.reason.subject for letter in letters} == {PLACED.subject}
    assert {letter.reason.reader for letter in letters} == {"1.0"}
    assert (letters[2].reason.writer, letters[3].reason.writer) == ("1999999", "1.0")


def test_an_unreadable_event_names_its_path_and_no_value(
    shop: moorings.Registry, producer: Producer, consumer: Open, topic: str
) -> None:
    contract = shop.event("shop.orders.OrderShipped")
    value = id_prefix(contract.latest.id) + b'{"order_id":"o-1","to":{"city":771199}}'
    producer.produce(topic, value)
    producer.flush(WAIT_S)
    letters: list[DeadLetter] = []
    assert not consume_or_set_aside(contract, kafka_record(consumer(topic).poll(WAIT_S)), never, letters.append)
    assert letters[0].reason.path == "/to/city"
    assert "771199" not in str(letters[0].headers())


def test_dead_letters_are_handled_once_the_schema_is_there(
    shop: moorings.Registry, producer: Producer, consumer: Open, topic: str, tmp_path: Path
) -> None:
    contract = shop.event(PLACED.subject)
    good = contract.encode(PLACED.value)
    sink = JsonLinesSink(tmp_path / "dead.jsonl")
    producer.produce(topic, b"\x00\x00" + good[2:3] + good[3:], headers={"n": b"1"})
    producer.produce(topic, UNKNOWN + good[5:])
    producer.flush(WAIT_S)
    consuming = consumer(topic)
    records = [kafka_record(consuming.poll(WAIT_S)) for _ in range(2)]
    other = shop.event("shop.orders.OrderShipped")
    assert not any(consume_or_set_aside(other, record, never, sink) for record in records)
    handled: list[Any] = []
    again = JsonLinesSink(tmp_path / "still-dead.jsonl")
    outcome = replay(read_json_lines(tmp_path / "dead.jsonl"), contract, handled.append, again)
    assert (outcome.handled, outcome.set_aside) == (1, 1)
    assert handled == [PLACED.value]
    assert [letter.reason.code for letter in read_json_lines(tmp_path / "still-dead.jsonl")] == ["WRITER_UNKNOWN"]


def test_a_letter_that_the_broker_did_not_take_is_not_lost_silently() -> None:
    nowhere = Producer({"bootstrap.servers": "127.0.0.1:1", "message.timeout.ms": 300, "log_level": 0})
    letters: list[DeadLetter] = []
    record = kafka_record(FakeMessage())
    with pytest.raises(SetAsideFailed, match="not acknowledged"):
        consume_or_set_aside(Unreadable(), record, letters.append, KafkaSink(nowhere, "dead", timeout_s=3))
    assert letters == []


class FakeMessage:
    """A message of no broker."""

    def value(self) -> bytes:
        return b"?"

    def key(self) -> None:
        return None

    def headers(self) -> None:
        return None

    def topic(self) -> str:
        return "t"

    def partition(self) -> int:
        return 0

    def offset(self) -> int:
        return 0


class Unreadable:
    """A contract that reads nothing."""

    latest: Any = type("Version", (), {"subject": "shop.orders.OrderPlaced", "label": "1.0"})()

    def knows(self, data: bytes) -> bool:
        return True

    def decode(self, data: bytes) -> Any:
        raise moorings.FramingInvalid("nothing here")
