"""The consumer: it ends when it has handled three orders."""

import os
import time
from typing import Any

import redis
from shop import ORDER_PLACED

import moorings
from moorings.integrations.redis_streams import RedisStreamSink, consume_group

WANTED = 3
WAIT_S = 60


def main() -> None:
    client = redis.Redis.from_url(os.environ["REDIS_URL"])
    client.xgroup_create("orders", "billing", id="0", mkstream=True)
    sink, handled, deadline = RedisStreamSink(client, "orders-dead", maxlen=10_000), 0, time.monotonic() + WAIT_S
    with moorings.connect() as registry:
        placed = registry.event(ORDER_PLACED)
        while handled < WANTED:
            if time.monotonic() > deadline:
                raise SystemExit(f"only {handled} orders came within {WAIT_S} s")
            handled += consume_group(client, "orders", "billing", "billing-1", placed, handle, sink).handled
    client.close()


def handle(order: dict[str, Any]) -> None:
    print("handled:", order["order_id"], order["total"], flush=True)


if __name__ == "__main__":
    main()
