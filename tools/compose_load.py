"""Asks or writes to a registry for some seconds with the client's own retries, and prints what came of it as JSON.

Runs in a container of `prove_three.py`. Arguments: `read` or `write`, and seconds.
"""

import json
import sys
import time
from typing import Any

import moorings
from moorings_compat import Format

EVENT = "shop.orders.OrderPlaced"
WRITTEN = "shop.load.LoadTested"


def main(kind: str, seconds: float) -> dict[str, Any]:
    """How many requests were answered, which failed, and how long the slowest took, its retries included."""
    answered, slowest_s, failed, written = 0, 0.0, [], []
    with moorings.connect(drift=False, refresh_s=None) as registry:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            began = time.monotonic()
            try:
                if kind == "write":
                    version = registry.api.register(WRITTEN, _schema(answered), Format.AVRO).version
                    written.append([version.id, str(version.guid)])
                else:
                    registry.api.event(EVENT)
            except moorings.MooringsError as error:
                failed.append(f"{type(error).__name__}: {error}")
            answered += 1
            slowest_s = max(slowest_s, time.monotonic() - began)
    return {"answered": answered, "failed": failed[:20], "slowest_s": round(slowest_s, 2), "written": written}


def _schema(number: int) -> str:
    """Each revision has a default of its own, so that each is a new definition."""
    one = {"name": "a", "type": "long", "default": time.time_ns() + number}
    return json.dumps({"type": "record", "name": "LoadTested", "fields": [one]})


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], float(sys.argv[2]))))
