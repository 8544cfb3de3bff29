"""The service over HTTP: reads by id and of latest, and registrations of new schemas, under both servers.

Two workers, a SQLite ledger with full durability, the access log on. Beside each figure is that of a bare ASGI
application which answers the same bytes under the same server with the same number of workers, measured in turns: the
ratio says what the registry itself costs. The processor time that the service's processes took for one request is
steadier than the rates where other work shares the machine.

With ``--traced SHARE``, the service sends that share of its traces, and its metrics, to a collector, and what it is
compared with is not the bare application, but the same service without a collector.
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
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench._load import Load, each, reads
from tests.ports import free_port

WORKERS = "2"
PROGRAMS = Path(sys.executable).parent
ROOT = Path(__file__).resolve().parents[1]
EVENT = "shop.orders.OrderPlaced"
BARE = {
    "gunicorn": (
        "-m",
        "gunicorn",
        "-k",
        "asgi",
        "--preload",
        "--keep-alive",
        "30",
        "--no-control-socket",
        "-w",
        WORKERS,
    ),
    "granian": ("-m", "granian", "--interface", "asginl", "--no-ws", "--no-log", "--workers", WORKERS),
}


@dataclass(frozen=True, slots=True)
class Turn:
    """One measurement of the service, and of the bare application right after it."""

    own: Load
    cpu_s: float
    """Processor time of the service's processes per request."""
    bare: Load
    bare_cpu_s: float


@dataclass(frozen=True, slots=True)
class Case:
    """One row of the table."""

    name: str
    path: str
    status: int
    ask: Callable[[int, int], Load]
    """From a port and a number of seconds."""


def schema(number: int) -> str:
    """An Avro record of thirty fields, about 1.5 kB, each one distinct."""
    fields = [{"name": f"field_{one}", "type": "string", "doc": f"What field {one} says"} for one in range(20)]
    return json.dumps({"type": "record", "name": f"OrderPlaced{number}", "namespace": "shop", "fields": fields})


def registrations() -> Iterator[bytes]:
    """Whole requests, each registering a schema that the registry has never seen under a subject of its own."""
    for number in itertools.count(os.getpid() * 1_000_000 + time.monotonic_ns() % 1_000_000):
        body = json.dumps({"schema": schema(number)}).encode()
        head = (
            f"POST /v1/events/bench.s{number}/versions HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n"
        )
        yield head.encode() + b"Content-Type: application/json\r\n\r\n" + body


CASES = (
    Case("by id, native", "/v1/schemas/ids/1", 200, lambda port, s: reads(port, "/v1/schemas/ids/1", s)),
    Case("by id, Confluent", "/schemas/ids/1", 200, lambda port, s: reads(port, "/schemas/ids/1", s)),
    Case(
        "latest, Confluent",
        f"/subjects/{EVENT}/versions/latest",
        200,
        lambda port, s: reads(port, f"/subjects/{EVENT}/versions/latest", s),
    ),
    Case("register", f"/v1/events/{EVENT}/versions/1", 201, lambda port, s: each(port, registrations(), s)),
)


def main() -> int:
    """Print the table; 1 when any request was refused."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=4, help="of each turn")
    parser.add_argument("--rounds", type=int, default=3, help="turns of each case")
    parser.add_argument("--server", choices=sorted(BARE), help="only this one")
    parser.add_argument("--traced", type=float, help="compare with and without spans of this share of the requests")
    chosen = parser.parse_args()
    print(f"{WORKERS} workers, 16 connections, {chosen.rounds} turns of {chosen.seconds} s; p50 and p99 in ms")
    figures = f"{'req/s':>8} {'p50':>7} {'p99':>7} {'cpu us':>7} {'bare/s':>8} {'bare us':>7} {'ratio':>6}"
    print(f"{'server':9} {'request':18} {figures}")
    refused = 0
    for server in [chosen.server] if chosen.server else BARE:
        for case, turns in measure(server, chosen.seconds, chosen.rounds, chosen.traced):
            refused += sum(one.own.refused + one.bare.refused for one in turns)
            print(row(server, case, turns), flush=True)
    print(f"refused: {refused}")
    return 1 if refused else 0


def row(server: str, case: Case, turns: list[Turn]) -> str:
    """One line: medians over the turns."""

    def median(figure: Callable[[Turn], float]) -> float:
        return statistics.median(figure(turn) for turn in turns)

    return (
        f"{server:9} {case.name:18} {median(lambda turn: turn.own.per_second):8.0f} "
        f"{median(lambda turn: turn.own.p50_s) * 1e3:7.2f} {median(lambda turn: turn.own.p99_s) * 1e3:7.2f} "
        f"{median(lambda turn: turn.cpu_s) * 1e6:7.0f} {median(lambda turn: turn.bare.per_second):8.0f} "
        f"{median(lambda turn: turn.bare_cpu_s) * 1e6:7.0f} "
        f"{median(lambda turn: turn.own.per_second / turn.bare.per_second):6.2f}"
    )


def measure(server: str, seconds: int, rounds: int, traced: float | None) -> Iterator[tuple[Case, list[Turn]]]:
    """Each case with its turns."""
    with (
        tempfile.TemporaryDirectory(prefix="moorings-bench-") as name,
        telemetry(traced) as environment,
        service(server, Path(name), environment) as (port, process),
    ):
        prepare(port)
        for case in CASES:
            beside = untraced(server) if traced is not None else bare_application(server, Path(name), port, case)
            with beside as other:
                yield case, [turn(case, port, process, *other, seconds) for _ in range(rounds)]


@contextmanager
def telemetry(share: float | None) -> Iterator[dict[str, str]]:
    """The variables that turn telemetry on, and a collector that takes everything; none without a *share*."""
    if share is None:
        yield {}
        return
    command, port = [sys.executable, "-m", "bench._collector"], free_port()
    with (
        tempfile.TemporaryDirectory(prefix="moorings-bench-") as name,
        running([*command, str(port)], Path(name), {}),
    ):
        await_answer(port, "/")
        yield {
            "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{port}",
            "OTEL_TRACES_SAMPLER": "parentbased_traceidratio",
            "OTEL_TRACES_SAMPLER_ARG": str(share),
        }


@contextmanager
def untraced(server: str) -> Iterator[tuple[int, int]]:
    """The same service without a collector, on a ledger of its own."""
    with tempfile.TemporaryDirectory(prefix="moorings-bench-") as name, service(server, Path(name), {}) as found:
        prepare(found[0])
        yield found


def turn(case: Case, port: int, process: int, bare_port: int, bare_process: int, seconds: int) -> Turn:
    """Ask the service, then the bare application."""
    before = cpu_s(process)
    own = case.ask(port, seconds)
    spent = cpu_s(process) - before
    before = cpu_s(bare_process)
    bare = case.ask(bare_port, seconds)
    bare_spent = cpu_s(bare_process) - before
    return Turn(own, spent / (own.per_second * seconds), bare, bare_spent / (bare.per_second * seconds))


def cpu_s(process: int) -> float:
    """Processor time that a process and its children have taken so far."""
    children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    ticks = 0
    for one in (process, *children):
        fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def prepare(port: int) -> None:
    """Register what is read."""
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/v1/events/{EVENT}/versions", json.dumps({"schema": schema(0)}).encode()
    )
    urllib.request.urlopen(request).read()


@contextmanager
def service(server: str, folder: Path, environment: dict[str, str], *options: str) -> Iterator[tuple[int, int]]:
    """The registry as an operator starts it, with more *options*: its port, and the process id of its master."""
    port = free_port()
    ledger = f"sqlite:///{folder}/ledger.db"
    words = ["serve", "--port", str(port), "--ledger", ledger, "--workers", WORKERS, "--server", server, *options]
    with running([str(PROGRAMS / "moorings-registry"), *words], folder, environment) as process:
        yield await_answer(port, "/readyz"), process


@contextmanager
def bare_application(server: str, folder: Path, service_port: int, case: Case) -> Iterator[tuple[int, int]]:
    """The bare application, with the answer that the service gives: its port, and the process id of its master."""
    port, body, status = free_port(), folder / "body", case.status
    body.write_bytes(urllib.request.urlopen(f"http://127.0.0.1:{service_port}{case.path}").read())
    address = ["--bind", f"127.0.0.1:{port}"] if server == "gunicorn" else ["--port", str(port)]
    environment = {"MOORINGS_BENCH_BODY": str(body), "MOORINGS_BENCH_STATUS": str(status)}
    with running([sys.executable, *BARE[server], *address, "bench._bare:app"], folder, environment) as process:
        yield await_answer(port, "/"), process


@contextmanager
def running(command: list[str], folder: Path, environment: dict[str, str]) -> Iterator[int]:
    """A program for as long as it is needed, its output in *folder*; its process id."""
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, cwd=ROOT, env={**os.environ, **environment})
    try:
        yield process.pid
    finally:
        process.terminate()
        process.wait()


def await_answer(port: int, path: str) -> int:
    """Return *port* once it answers."""
    deadline = time.monotonic() + 60
    while True:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5).read()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            return port


if __name__ == "__main__":
    sys.exit(main())
