"""Contracts on Kafka with `aiokafka`: a writer that was never met is awaited, and nothing blocks the event loop."""

import asyncio
import os

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from shop import ORDER_PLACED, broken_order, order_placed

import moorings
from moorings.asynchronous import AsyncRegistry
from moorings.integrations.aiokafka import AioKafkaSink, aiokafka_record, event_serializer, events
from moorings.integrations.dead_letters import read_dead_letter

BROKER = os.environ.get("KAFKA_BOOTSTRAP", "127.0.0.1:9092")
TOPIC = "orders-async"


async def main() -> None:
    async with AsyncRegistry(moorings.connect()) as registry:
        placed = await registry.event(ORDER_PLACED)
        plain = AIOKafkaProducer(bootstrap_servers=BROKER)
        producer = AIOKafkaProducer(bootstrap_servers=BROKER, value_serializer=event_serializer(placed))
        async with plain, producer:
            await plain.send_and_wait(TOPIC, b"not an event", partition=0)  # somebody else's mistake
            try:
                await producer.send_and_wait(TOPIC, broken_order())
            except moorings.EventInvalid as error:
                print("refused:", error)
            await producer.send_and_wait(TOPIC, order_placed("o-1"), partition=0)

            async with consumer_of(TOPIC, group_id="billing-async") as consumer:
                async for message, order in events(consumer, placed, AioKafkaSink(plain, f"{TOPIC}-dead")):
                    print("handled:", order["order_id"], "at offset", message.offset)
                    await consumer.commit()  # of a group: what came before was handled, or is kept
                    break

        async with consumer_of(f"{TOPIC}-dead") as consumer:
            letter = read_dead_letter(aiokafka_record(await anext(consumer)))
            print("dead letter:", letter.reason.code, "from", letter.record.place, "-", letter.reason.text)


def consumer_of(topic: str, group_id: str | None = None) -> AIOKafkaConsumer:
    return AIOKafkaConsumer(
        topic, bootstrap_servers=BROKER, group_id=group_id, auto_offset_reset="earliest", enable_auto_commit=False
    )


if __name__ == "__main__":
    asyncio.run(main())
