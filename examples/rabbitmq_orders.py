"""Contracts on RabbitMQ with `pika`: confirmed publishing, and a queue for dead letters."""

import os
from typing import Any

import pika
from shop import ORDER_PLACED, broken_order, order_placed

import moorings
from moorings.integrations.dead_letters import read_dead_letter
from moorings.integrations.rabbitmq import RabbitSink, on_message, publish, rabbit_record

QUEUE = "orders"


def main() -> None:
    address = pika.URLParameters(os.environ.get("RABBITMQ_URL", "amqp://guest:guest@127.0.0.1/"))
    with moorings.connect() as registry, pika.BlockingConnection(address) as connection:
        placed = registry.event(ORDER_PLACED)
        channel = connection.channel()
        channel.confirm_delivery()
        for name in (QUEUE, f"{QUEUE}-dead"):
            channel.queue_declare(name, durable=True)

        publish(channel, QUEUE, placed, order_placed("o-1"))
        try:
            publish(channel, QUEUE, placed, broken_order())
        except moorings.EventInvalid as error:
            print("refused:", error)
        channel.basic_publish("", QUEUE, b"not an event")  # somebody else's mistake

        # A service would give it to `channel.basic_consume(QUEUE, consume)` and start consuming.
        consume = on_message(placed, handle, RabbitSink(connection.channel(), f"{QUEUE}-dead"))
        for _ in range(2):
            consume(channel, *channel.basic_get(QUEUE))
        method, properties, body = channel.basic_get(f"{QUEUE}-dead", auto_ack=True)
        letter = read_dead_letter(rabbit_record(method, properties, body))
        print("dead letter:", letter.reason.code, "from", letter.record.place, "-", letter.reason.text)


def handle(order: dict[str, Any]) -> None:
    print("handled:", order["order_id"], order["total"])


if __name__ == "__main__":
    main()
