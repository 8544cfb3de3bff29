"""Contracts in FastStream: one middleware, and handlers and publishers deal in events."""

import asyncio
import os
from typing import Any

from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from shop import ORDER_PLACED, broken_order, order_placed

import moorings
from moorings.asynchronous import AsyncRegistry
from moorings.integrations.dead_letters import DeadLetter
from moorings.integrations.faststream import ContractMiddleware

BROKER = os.environ.get("KAFKA_BOOTSTRAP", "127.0.0.1:9092")
TOPIC = "orders-faststream"


async def main() -> None:
    async with AsyncRegistry(moorings.connect()) as registry:
        placed = await registry.event(ORDER_PLACED)
        broker = KafkaBroker(BROKER, middlewares=[ContractMiddleware({TOPIC: placed}, set_aside=set_aside)])
        done = asyncio.Event()

        # Not the default ACK_FIRST: a message is acknowledged once it was handled or set aside.
        @broker.subscriber(
            TOPIC, group_id="billing-faststream", auto_offset_reset="earliest", ack_policy=AckPolicy.NACK_ON_ERROR
        )
        async def handle(order: dict[str, Any]) -> None:
            print("handled:", order["order_id"], order["total"])
            done.set()

        async with KafkaBroker(BROKER) as plain:
            await plain.start()
            await plain.publish(b"not an event", TOPIC, partition=0)  # somebody else's mistake
        async with broker:
            await broker.start()
            try:
                await broker.publish(broken_order(), TOPIC)
            except moorings.EventInvalid as error:
                print("refused:", error)
            await broker.publish(order_placed("o-1"), TOPIC, partition=0)
            await done.wait()


async def set_aside(letter: DeadLetter) -> None:
    """A service would take `moorings.integrations.aiokafka.AioKafkaSink`."""
    print("dead letter:", letter.reason.code, "from", letter.record.place, "-", letter.reason.text)


if __name__ == "__main__":
    asyncio.run(main())
