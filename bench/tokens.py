"""Reading by id over HTTP with a token, against the same without sign-in; and how often a token had to be verified.

Two workers each, a SQLite ledger, in turns. Figures are the processor time of the service's processes for one request,
as the scheduler counts it: the least of the turns, which other work on the machine disturbed least, and their median.
What a token adds is the difference of the least. The token is an issuer's own, or one that it was exchanged for.
"""

import argparse
import json
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from bench._load import reads
from bench.http import PROGRAMS, WORKERS, await_answer, prepare, running
from tests.ports import free_port
from tests.sign_in.exchanging import ACCESS_TOKEN, EXCHANGE
from tests.sign_in.forging_issuer import AUDIENCE, ForgingIssuer
from tests.sign_in.signed_in import exchange

PATH = "/schemas/ids/1"
MOST_ADDED_US, LEAST_HITS = 15.0, 0.99


@dataclass(frozen=True, slots=True)
class Service:
    """A served registry, and the header that a caller sends."""

    port: int
    process: int
    header: str = ""


@dataclass(frozen=True, slots=True)
class Turn:
    """Processor time for a request, how many there were, and how many were refused."""

    cpu_s: float
    requests: float
    refused: int


def main() -> int:
    """Print the table; 1 when a request was refused, or a figure is worse than it should be."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=1, help="of each turn")
    parser.add_argument("--rounds", type=int, default=12, help="turns of each service")
    chosen = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="moorings-bench-")))
        for name in ("plain", "signed-in"):
            (folder / name).mkdir()
        plain = stack.enter_context(without_sign_in(folder / "plain"))
        signed_in = stack.enter_context(with_sign_in(folder / "signed-in"))
        return report(plain, signed_in, folder / "signed-in" / "socket", chosen.seconds, chosen.rounds)


def report(plain: Service, signed_in: dict[str, Service], operator: Path, seconds: int, rounds: int) -> int:
    before = verified(operator)
    turns: dict[str, list[Turn]] = {"no sign-in": [], **{name: [] for name in signed_in}}
    for _ in range(rounds):
        for name, service in {"no sign-in": plain, **signed_in}.items():
            turns[name].append(turn(service, seconds))
    print(f"{WORKERS} workers, 16 connections, {rounds} turns of {seconds} s of GET {PATH}")
    print(f"{'caller':18} {'cpu us':>7} {'median':>7} {'added us':>9} {'req/s':>8}")
    least = {name: min(one.cpu_s for one in every) * 1e6 for name, every in turns.items()}
    failed = any(one.refused for every in turns.values() for one in every)
    for name, every in turns.items():
        added_us = least[name] - least["no sign-in"]
        cpu_us = statistics.median(one.cpu_s for one in every) * 1e6
        rate = statistics.median(one.requests for one in every) / seconds
        print(f"{name:18} {least[name]:7.1f} {cpu_us:7.1f} {added_us:9.1f} {rate:8.0f}")
        failed |= added_us > MOST_ADDED_US
    asked = sum(one.requests for name, every in turns.items() if name in signed_in for one in every)
    hits = 1 - (verified(operator) - before) / asked
    print(f"tokens known already: {hits:.4%} of {asked:.0f} requests")
    print(f"at most {MOST_ADDED_US:.0f} us added, at least {LEAST_HITS:.0%} known: {'no' if failed else 'yes'}")
    return 1 if failed or hits < LEAST_HITS else 0


def turn(service: Service, seconds: int) -> Turn:
    before = cpu_s(service.process)
    load = reads(service.port, PATH, seconds, service.header)
    requests = load.per_second * seconds
    return Turn((cpu_s(service.process) - before) / requests, requests, load.refused)


def cpu_s(process: int) -> float:
    """Processor time that a process and its children have taken so far, all their threads."""
    children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    threads = [one for each in (process, *children) for one in Path(f"/proc/{each}/task").iterdir()]
    return sum(int((one / "schedstat").read_text().split()[0]) for one in threads) / 1e9


@contextmanager
def without_sign_in(folder: Path) -> Iterator[Service]:
    with served(folder) as (port, process):
        prepare(port)
        yield Service(port, process)


@contextmanager
def with_sign_in(folder: Path) -> Iterator[dict[str, Service]]:
    """The same registry, asked with an issuer's token and with one of its own."""
    issuer = ForgingIssuer()
    issuers = folder / "issuers.toml"
    issuers.write_text(f'[issuers.people]\nkind = "oidc"\nissuer = "{issuer.url}"\naudience = "{AUDIENCE}"\n')
    with served(folder) as (port, _):
        prepare(port)  # before anybody has to sign in
    options = ("--issuers", str(issuers), "--public-url", AUDIENCE, "--socket", str(folder / "socket"))
    ledger = f"sqlite:///{folder}/ledger.db"
    words = ("--verb", "read", "--node", "*", "--to", "people:ann", "--because", "a measurement")
    subprocess.run([str(PROGRAMS / "moorings-registry"), "grant", "--ledger", ledger, *words], check=True)
    try:
        with served(folder, *options) as (port, process):
            headers = {"issuer's token": issuer.token(), "exchanged token": exchanged(port, issuer.token())}
            yield {name: Service(port, process, f"Authorization: Bearer {one}") for name, one in headers.items()}
    finally:
        issuer.stop()


@contextmanager
def served(folder: Path, *options: str) -> Iterator[tuple[int, int]]:
    port = free_port()
    ledger = f"sqlite:///{folder}/ledger.db"
    command = ["serve", "--port", str(port), "--ledger", ledger, "--workers", WORKERS, *options]
    with running([str(PROGRAMS / "moorings-registry"), *command], folder, {}) as process:
        yield await_answer(port, "/readyz"), process


def exchanged(port: int, token: str) -> str:
    """The registry's own token for *token*."""
    form = {"grant_type": EXCHANGE, "subject_token": token, "subject_token_type": ACCESS_TOKEN}
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/v1/token", urlencode(form).encode()) as answer:
        return str(json.load(answer)["access_token"])


def verified(operator: Path) -> float:
    """How many credentials were verified so far, by the metrics that the operator reads over the local socket."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(operator))
        metrics = exchange(connection, path="/metrics").body.decode()
    found = re.search(r"^moorings_credentials_verified_total ([\d.e+]+)$", metrics, re.MULTILINE)
    return float(found[1]) if found else 0.0


if __name__ == "__main__":
    sys.exit(main())
