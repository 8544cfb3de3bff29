"""Contracts on NATS with JetStream: acknowledged once an event was handled or set aside."""

import asyncio
import os
from typing import Any

import nats
from shop import ORDER_PLACED, broken_order, order_placed

import moorings
from moorings.asynchronous import AsyncRegistry
from moorings.integrations.dead_letters import read_dead_letter
from moorings.integrations.nats import NatsSink, nats_record, on_message, publish

SUBJECT = "orders"


async def main() -> None:
    connection = await nats.connect(os.environ.get("NATS_URL", "nats://127.0.0.1:4222"))
    async with AsyncRegistry(moorings.connect()) as registry:
        placed = await registry.event(ORDER_PLACED)
        stream = connection.jetstream()
        await stream.add_stream(name="orders", subjects=[SUBJECT, f"{SUBJECT}.dead"])

        await publish(stream, SUBJECT, placed, order_placed("o-1"))
        try:
            await publish(stream, SUBJECT, placed, broken_order())
        except moorings.EventInvalid as error:
            print("refused:", error)
        await stream.publish(SUBJECT, b"not an event")  # somebody else's mistake

        # A service would subscribe: stream.subscribe(SUBJECT, durable="billing", cb=consume, manual_ack=True)
        consume = on_message(placed, handle, NatsSink(stream, f"{SUBJECT}.dead"), acknowledge=True)
        billing = await stream.pull_subscribe(SUBJECT, durable="billing")
        for message in await billing.fetch(2):
            await consume(message)
        dead = await stream.pull_subscribe(f"{SUBJECT}.dead", durable="dead")
        for message in await dead.fetch(1):
            letter = read_dead_letter(nats_record(message))
            print("dead letter:", letter.reason.code, "from", letter.record.place, "-", letter.reason.text)
            await message.ack()
    await connection.close()


async def handle(order: dict[str, Any]) -> None:
    print("handled:", order["order_id"], order["total"])


if __name__ == "__main__":
    asyncio.run(main())
