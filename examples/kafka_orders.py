"""Contracts on Kafka with `confluent-kafka`: a serialising producer, a plain consumer, dead letters in a topic."""

import os
from typing import Any

from confluent_kafka import Consumer, Producer, SerializingProducer
from confluent_kafka.error import ValueSerializationError
from shop import ORDER_PLACED, broken_order, order_placed

import moorings
from moorings.integrations.consuming import consume_or_set_aside
from moorings.integrations.dead_letters import read_dead_letter
from moorings.integrations.kafka import EventSerializer, KafkaSink, kafka_record

BROKER = {"bootstrap.servers": os.environ.get("KAFKA_BOOTSTRAP", "127.0.0.1:9092")}
TOPIC = "orders"


def main() -> None:
    with moorings.connect() as registry:
        placed = registry.event(ORDER_PLACED)
        produce(placed)
        consume(placed)
    print_dead_letters()


def produce(placed: moorings.EventContract) -> None:
    # framing="header" would put the schema's guid into a record header instead of before the payload.
    producer = SerializingProducer({**BROKER, "value.serializer": EventSerializer(placed, framing="prefix")})
    producer.produce(TOPIC, value=order_placed("o-1"), headers=[("trace", b"t-1")])
    try:
        producer.produce(TOPIC, value=broken_order())
    except ValueSerializationError as error:
        print("refused:", error.exception)
    producer.flush(10)
    plain = Producer(BROKER)
    plain.produce(TOPIC, b"not an event")  # somebody else's mistake
    plain.flush(10)


def consume(placed: moorings.EventContract) -> None:
    sink = KafkaSink(Producer(BROKER), f"{TOPIC}-dead")
    with subscribed(TOPIC) as consumer:
        for message in received(consumer, 2):
            handled = consume_or_set_aside(placed, kafka_record(message), handle, sink)
            consumer.commit(message, asynchronous=False)  # only now: it was handled, or is kept
            if not handled:
                print("set aside: offset", message.offset(), "of partition", message.partition())


def handle(order: dict[str, Any]) -> None:
    print("handled:", order["order_id"], order["total"])


def print_dead_letters() -> None:
    with subscribed(f"{TOPIC}-dead") as consumer:
        for message in received(consumer, 1):
            letter = read_dead_letter(kafka_record(message))
            print("dead letter:", letter.reason.code, "from", letter.record.place, "-", letter.reason.text)


class subscribed:  # noqa: N801 - read as a statement: `with subscribed(topic) as consumer`
    """A consumer of one topic, from its beginning."""

    def __init__(self, topic: str) -> None:
        group = {"group.id": "billing", "auto.offset.reset": "earliest", "enable.auto.commit": False}
        self._consumer = Consumer({**BROKER, **group, "session.timeout.ms": 6000, "heartbeat.interval.ms": 500})
        self._consumer.subscribe([topic])

    def __enter__(self) -> Consumer:
        return self._consumer

    def __exit__(self, *_: object) -> None:
        self._consumer.close()


def received(consumer: Consumer, count: int) -> Any:
    """Yield that many messages; a service would go on for ever."""
    while count:
        message = consumer.poll(30)
        if message is None:
            raise TimeoutError("no message came")
        if message.error() is None:
            count -= 1
            yield message


if __name__ == "__main__":
    main()
