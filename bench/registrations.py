"""Registrations over HTTP: new subjects, and revisions of subjects that exist, with what each costs the service.

Two workers, a SQLite ledger with full durability, the access log on, 16 connections. In turns, each request registers a
schema under a subject of its own, or adds a revision that is checked against those before it. Processor time is that
of the service's processes, all threads, for one request.
"""

import argparse
import itertools
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bench._load import CONNECTIONS, Load, each
from bench.http import BARE, service
from bench.tokens import cpu_s

MOST_CPU_MS, LEAST_RATE, MOST_P99_MS = 2.0, 500.0, 60.0
REVISIONS = 8
"""Of a subject, before the next one is begun."""


@dataclass(frozen=True, slots=True)
class Turn:
    """A stretch of load, and the processor time of one request."""

    load: Load
    cpu_s: float


def requests(kind: str) -> Iterator[bytes]:
    """Whole requests: `new` subjects, or `revisions` of subjects, each a field longer than the last."""
    for number in itertools.count(os.getpid() * 1_000_000 + time.monotonic_ns() % 1_000_000):
        subject, revision = (number, 0) if kind == "new" else next_revision(number)
        body = json.dumps({"schema": schema(subject, revision)}).encode()
        head = (
            f"POST /v1/events/bench.s{subject}/versions HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n"
        )
        yield head.encode() + b"Content-Type: application/json\r\n\r\n" + body


def next_revision(number: int) -> tuple[int, int]:
    """A subject and its revision; neighbours are of different subjects, so that what is under way is independent."""
    block, place = divmod(number, CONNECTIONS * REVISIONS)
    return block * CONNECTIONS + place % CONNECTIONS, place // CONNECTIONS


def schema(subject: int, revision: int) -> str:
    """An Avro record of twenty fields, about 1.5 kB, and one more with a default for each revision."""
    fields = [{"name": f"field_{one}", "type": "string", "doc": f"What field {one} says"} for one in range(20)]
    added = [{"name": f"more_{one}", "type": "string", "default": ""} for one in range(revision)]
    return json.dumps(
        {"type": "record", "name": f"OrderPlaced{subject}", "namespace": "shop", "fields": fields + added}
    )


def main() -> int:
    """Print the table; 1 when a request was refused, or a figure is worse than it should be."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=4, help="of each turn")
    parser.add_argument("--rounds", type=int, default=3, help="turns of each kind")
    parser.add_argument("--server", choices=sorted(BARE), default="gunicorn")
    chosen = parser.parse_args()
    print(f"{chosen.server}, 2 workers, {CONNECTIONS} connections, {chosen.rounds} turns of {chosen.seconds} s")
    print(f"{'request':10} {'req/s':>7} {'p50 ms':>7} {'p99 ms':>7} {'cpu ms':>7} {'least':>6}")
    failed = False
    folder = tempfile.TemporaryDirectory(prefix="moorings-bench-")
    with folder as name, service(chosen.server, Path(name), {}) as started:
        turns: dict[str, list[Turn]] = {"new": [], "revisions": []}
        for kind in list(turns) * chosen.rounds:
            turns[kind].append(turn(*started, kind, chosen.seconds))
        for kind, every in turns.items():
            failed |= report(kind, every)
    wanted = f"at most {MOST_CPU_MS} ms, above {LEAST_RATE:.0f}/s, p99 below {MOST_P99_MS:.0f} ms"
    print(f"{wanted}: {'no' if failed else 'yes'}")
    return 1 if failed else 0


def turn(port: int, process: int, kind: str, seconds: int) -> Turn:
    """Load the service with one kind of request."""
    before = cpu_s(process)
    load = each(port, requests(kind), seconds)
    return Turn(load, (cpu_s(process) - before) / (load.per_second * seconds))


def report(kind: str, turns: list[Turn]) -> bool:
    """Print one row, medians of the turns; whether a figure is worse than it should be."""
    rate = statistics.median(one.load.per_second for one in turns)
    p50, p99 = (statistics.median(getattr(one.load, name) for one in turns) * 1e3 for name in ("p50_s", "p99_s"))
    cpu_ms = statistics.median(one.cpu_s for one in turns) * 1e3
    least = min(one.cpu_s for one in turns) * 1e3
    refused = sum(one.load.refused for one in turns)
    print(
        f"{kind:10} {rate:7.0f} {p50:7.1f} {p99:7.1f} {cpu_ms:7.2f} {least:6.2f}"
        + (f"  {refused} refused" * bool(refused))
    )
    return bool(refused) or cpu_ms > MOST_CPU_MS or rate < LEAST_RATE or p99 > MOST_P99_MS


if __name__ == "__main__":
    sys.exit(main())
