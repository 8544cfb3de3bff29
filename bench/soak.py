"""A client that is fed unknown schema ids: its memory has to stay flat (`python -m bench.soak --ids 1000000`).

The registry is a function that answers 404, so the time is the client's own; each id is new, so each is asked for.
"""

import argparse
import resource
import time

import httpx2

from moorings.api.requests import Requests
from moorings.contracts.schema_cache import SchemaCache
from moorings.transport.sync_runner import SyncRunner
from moorings.transport.transport import Settings, Transport

STEPS = 10


class Empty(httpx2.BaseTransport):
    """A registry that has nothing."""

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(404, content=b'{"code": "SCHEMA_NOT_FOUND"}')


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--ids", type=int, default=100_000, help="how many distinct ids")
    ids = arguments.parse_args().ids
    source, runner = SchemaCache(Requests(Transport(Settings(("http://127.0.0.1:8081",))))), SyncRunner(Empty())
    print(f"{'ids':>10} {'µs an id':>9} {'MiB at most':>12}")
    for step in range(STEPS):
        first, last = ids * step // STEPS, ids * (step + 1) // STEPS
        began = time.perf_counter()
        for number in range(first, last):
            runner.run(source.get(number))
        spent_us = (time.perf_counter() - began) / max(1, last - first) * 1e6
        print(f"{last:10} {spent_us:9.1f} {_most_mib():12.1f}", flush=True)


def _most_mib() -> float:
    """Return the most memory that this process ever had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
