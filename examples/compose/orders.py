"""The producer: three orders, and one that its own client refuses to send."""

import os

import redis
from shop import ORDER_PLACED, broken_order, order_placed

import moorings
from moorings.integrations.redis_streams import add


def main() -> None:
    client = redis.Redis.from_url(os.environ["REDIS_URL"])
    with moorings.connect() as registry:
        placed = registry.event(ORDER_PLACED)
        for number in (1, 2, 3):
            add(client, "orders", placed, order_placed(f"o-{number}"))
            print(f"sent: o-{number}", flush=True)
        try:
            add(client, "orders", placed, broken_order())
        except moorings.EventInvalid as error:
            print("refused:", error, flush=True)
    client.close()


if __name__ == "__main__":
    main()
