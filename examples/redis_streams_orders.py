"""Contracts on Redis Streams: a consumer group that acknowledges what was handled or set aside."""

import os
from typing import Any

import redis
from shop import ORDER_PLACED, broken_order, order_placed

import moorings
from moorings.integrations.dead_letters import read_dead_letter
from moorings.integrations.redis_streams import RedisStreamSink, add, consume_group, stream_record

STREAM, GROUP = "orders", "billing"


def main() -> None:
    client = redis.Redis.from_url(os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/0"))
    with moorings.connect() as registry:
        placed = registry.event(ORDER_PLACED)
        add(client, STREAM, placed, order_placed("o-1"), headers={"trace": "t-1"}, maxlen=100_000)
        try:
            add(client, STREAM, placed, broken_order())
        except moorings.EventInvalid as error:
            print("refused:", error)
        client.xadd(STREAM, {"payload": b"not an event"})  # somebody else's mistake

        make_group(client)
        sink = RedisStreamSink(client, f"{STREAM}-dead", maxlen=10_000)
        outcome = consume_group(client, STREAM, GROUP, "billing-1", placed, handle, sink)
        print("consumed:", outcome.handled, "handled,", outcome.set_aside, "set aside")
    for entry in client.xrevrange(f"{STREAM}-dead", count=1):
        letter = read_dead_letter(stream_record(STREAM, *entry))
        print("dead letter:", letter.reason.code, "from", letter.record.place, "-", letter.reason.text)
    client.close()


def make_group(client: "redis.Redis") -> None:
    try:
        client.xgroup_create(STREAM, GROUP, id="0", mkstream=True)
    except redis.ResponseError as error:
        if "BUSYGROUP" not in str(error):  # it is there already
            raise


def handle(order: dict[str, Any]) -> None:
    print("handled:", order["order_id"], order["total"])


if __name__ == "__main__":
    main()
