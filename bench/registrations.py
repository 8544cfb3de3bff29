"""Registrations over HTTP: new subjects, and revisions of subjects that exist, with what each costs the service.

Two workers, a SQLite ledger with full durability, the access log on, 16 connections. In turns, each request registers a
schema under a subject of its own, or adds a revision that is checked against those before it; both without sign-in, and
with a token in each request. Processor time is that of the service's processes, all threads, for one request.
"""

import argparse
import itertools
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

from bench._load import CONNECTIONS, Load, each
from bench.http import BARE, PROGRAMS, service
from bench.tokens import Service, cpu_s
from tests.sign_in.forging_issuer import AUDIENCE, ForgingIssuer

MOST_CPU_MS, LEAST_RATE, MOST_P99_MS = 2.0, 500.0, 60.0
REVISIONS = 8
"""Of a subject, before the next one is begun."""
KINDS = ("new", "revisions")
TOKEN_S = 3_600


@dataclass(frozen=True, slots=True)
class Turn:
    """A stretch of load, and the processor time of one request."""

    load: Load
    cpu_s: float


def requests(kind: str, header: str = "") -> Iterator[bytes]:
    """Whole requests: `new` subjects, or `revisions` of subjects, each a field longer than the last."""
    for number in itertools.count(os.getpid() * 1_000_000 + time.monotonic_ns() % 1_000_000):
        subject, revision = (number, 0) if kind == "new" else next_revision(number)
        body = json.dumps({"schema": schema(subject, revision)}).encode()
        head = (
            f"POST /v1/events/bench.s{subject}/versions HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n"
        )
        yield f"{head}{header}Content-Type: application/json\r\n\r\n".encode() + body


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
    print(f"{'request':20} {'req/s':>7} {'p50 ms':>7} {'p99 ms':>7} {'cpu ms':>7} {'least':>6}")
    failed = False
    with without_sign_in(chosen.server) as plain, with_sign_in(chosen.server) as signed_in:
        rows = {
            f"{kind}{label}": (one, kind) for label, one in (("", plain), (", signed in", signed_in)) for kind in KINDS
        }
        turns: dict[str, list[Turn]] = {name: [] for name in rows}
        for name, (asked, kind) in list(rows.items()) * chosen.rounds:
            turns[name].append(turn(asked, kind, chosen.seconds))
        for name, every in turns.items():
            failed |= report(name, every)
    wanted = f"at most {MOST_CPU_MS} ms, above {LEAST_RATE:.0f}/s, p99 below {MOST_P99_MS:.0f} ms"
    print(f"{wanted}: {'no' if failed else 'yes'}")
    return 1 if failed else 0


@contextmanager
def without_sign_in(server: str) -> Iterator[Service]:
    with tempfile.TemporaryDirectory(prefix="moorings-bench-") as name, service(server, Path(name), {}) as found:
        yield Service(*found)


@contextmanager
def with_sign_in(server: str) -> Iterator[Service]:
    """A registry whose callers show an issuer's token, which may register everywhere."""
    issuer = ForgingIssuer()
    with tempfile.TemporaryDirectory(prefix="moorings-bench-") as name:
        folder = Path(name)
        issuers = folder / "issuers.toml"
        issuers.write_text(f'[issuers.people]\nkind = "oidc"\nissuer = "{issuer.url}"\naudience = "{AUDIENCE}"\n')
        words = ("--verb", "register", "--node", "*", "--to", "people:ann", "--because", "a measurement")
        ledger = f"sqlite:///{folder}/ledger.db"
        with service(server, folder, {}):
            """Begin the ledger, before anybody has to sign in."""
        subprocess.run(
            [str(PROGRAMS / "moorings-registry"), "grant", "--ledger", ledger, *words],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        token = issuer.token(exp=int(time.time()) + TOKEN_S)
        try:
            with service(server, folder, {}, "--issuers", str(issuers), "--public-url", AUDIENCE) as found:
                await_keys(found[0], token)
                yield Service(*found, f"Authorization: Bearer {token}\r\n")
        finally:
            issuer.stop()


def await_keys(port: int, token: str) -> None:
    """Wait until each worker has the issuer's keys: it answers 503 before, and they share connections."""
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/v1/principal", None, {"Authorization": f"Bearer {token}"}
    )
    answered = 0
    while answered < CONNECTIONS:
        try:
            urllib.request.urlopen(request).read()
            answered += 1
        except urllib.error.HTTPError as error:
            if error.code != HTTPStatus.SERVICE_UNAVAILABLE:
                raise
            answered = 0
            time.sleep(0.1)


def turn(asked: Service, kind: str, seconds: int) -> Turn:
    """Load the service with one kind of request."""
    before = cpu_s(asked.process)
    load = each(asked.port, requests(kind, asked.header), seconds)
    return Turn(load, (cpu_s(asked.process) - before) / (load.per_second * seconds))


def report(kind: str, turns: list[Turn]) -> bool:
    """Print one row, medians of the turns; whether a figure is worse than it should be."""
    rate = statistics.median(one.load.per_second for one in turns)
    p50, p99 = (statistics.median(getattr(one.load, name) for one in turns) * 1e3 for name in ("p50_s", "p99_s"))
    cpu_ms = statistics.median(one.cpu_s for one in turns) * 1e3
    least = min(one.cpu_s for one in turns) * 1e3
    refused = sum(one.load.refused for one in turns)
    print(
        f"{kind:20} {rate:7.0f} {p50:7.1f} {p99:7.1f} {cpu_ms:7.2f} {least:6.2f}"
        + (f"  {refused} refused" * bool(refused))
    )
    return bool(refused) or cpu_ms > MOST_CPU_MS or rate < LEAST_RATE or p99 > MOST_P99_MS


if __name__ == "__main__":
    sys.exit(main())
