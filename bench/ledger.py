"""The ledger: durable appends a second by engine, and replay of 100,000 entries, beside what the disk itself allows.

An entry's line has about 1.6 kB, as one registered schema gives. Writers race for the head: who loses reads the head
again and builds a new entry. The floor appends the same bytes to a file with fdatasync. The last column compares a row
with that of SQLite for as many writers, measured in the same run. An engine more is a row more in `engines_for`.

Kafka is the one that `MOORINGS_TEST_KAFKA` names; without it, a broker that speaks its protocol and keeps everything in
memory, so that its rows of appends say what the engine costs, and nothing of a disk. `bench/kafka.py` has its starts.
"""

import argparse
import os
import sqlite3
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass
from itertools import islice
from multiprocessing import get_context
from multiprocessing.context import ForkServerContext
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier as ProcessBarrier
from pathlib import Path

import psycopg
from redis import Redis

from moorings_registry.engines import open_ledger
from moorings_registry.entries import START, Entry, Head
from moorings_registry.ledger import HeadMoved, Ledger, verify
from tests.brokers import KafkaItself, kafka_for_ledgers
from tests.engines.places import kafka_ledger
from tests.servers import PostgresServer, RedisServer, made_ledger

FACT = {
    "fact": "SchemaRegistered",
    "subject": "shop.orders.OrderPlaced",
    "text": '{"type":"record","name":"OrderPlaced","fields":[{"name":"order_id","type":"string"}]}' * 12,
}

AnyBarrier = threading.Barrier | ProcessBarrier


@dataclass(frozen=True, slots=True)
class Run:
    """What one writer did."""

    seconds: list[float]
    """For each acknowledged entry, how long it took with all its lost races."""
    races_lost: int


def next_entry(head: Head, name: str = "") -> Entry:
    """Build what a registration appends."""
    return Entry.following(
        head, recorded_at="2026-11-22T10:00:00.000000Z", actor="bench", correlation_id=name, facts=[FACT]
    )


def append_for(seconds_each: float, ledger: Ledger, name: str, together: AnyBarrier) -> Run:
    """Append for *seconds_each*, from when all writers are there."""
    seconds: list[float] = []
    races_lost = 0
    together.wait()
    end = time.perf_counter() + seconds_each
    while (began := time.perf_counter()) < end:
        while not append_once(ledger, f"{name}-{len(seconds)}"):
            races_lost += 1
        seconds.append(time.perf_counter() - began)
    return Run(seconds, races_lost)


def append_once(ledger: Ledger, name: str) -> bool:
    """Try to append at the head of this moment; False when another writer was first."""
    head = ledger.head()
    try:
        ledger.append(next_entry(head, name), after=head)
    except HeadMoved:
        return False
    return True


def append_at(url: str, seconds_each: float, name: str, together: AnyBarrier, results: "Queue[Run]") -> None:
    """The same as `append_for`, in a process of its own."""
    with closing(open_ledger(url)) as ledger:
        results.put(append_for(seconds_each, ledger, name, together))


def sync_floor(folder: Path, seconds_each: float) -> Run:
    """Append lines to a plain file, each one synced."""
    line = next_entry(START).to_line() + b"\n"
    seconds: list[float] = []
    file = os.open(folder / "floor", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    end = time.time() + seconds_each
    while time.time() < end:
        began = time.perf_counter()
        os.write(file, line)
        os.fdatasync(file)
        seconds.append(time.perf_counter() - began)
    os.close(file)
    return Run(seconds, 0)


def clean_processes() -> ForkServerContext:
    """Processes as clean as spawned ones, whose modules are imported once for all."""
    context = get_context("forkserver")
    context.set_forkserver_preload(
        ["tests.servers", "moorings_registry.ledger.postgres", "moorings_registry.ledger.redis_client"]
    )
    return context


def race(url: str, writers: int, seconds_each: float) -> list[Run]:
    """Let *writers* append side by side: processes, or threads where the engine lives in one process."""
    names = [f"{os.urandom(3).hex()}{writer}" for writer in range(writers)]
    if url == "memory:":
        ledger, together = open_ledger(url), threading.Barrier(writers)
        with ThreadPoolExecutor(writers) as threads:
            return list(threads.map(lambda name: append_for(seconds_each, ledger, name, together), names))
    context = clean_processes()
    barrier, results = context.Barrier(writers), context.Queue()
    for name in names:
        context.Process(target=append_at, args=(url, seconds_each, name, barrier, results)).start()
    return [results.get() for _ in names]


@dataclass(frozen=True, slots=True)
class Measured:
    """One row of the tables: an engine, and what the others are compared with."""

    name: str
    url: str
    fill: Callable[[int], str] | None = None
    """Stores a history of so many entries past the ledger, which would sync each; its URL. None: it is not replayed."""


BASELINE = "sqlite"
WRITERS = (1, 8)


def print_appends(name: str, writers: int, runs: list[Run], seconds_each: float, baseline: float) -> float:
    """Print one row of the table of appends; entries a second."""
    taken = sorted(second for run in runs for second in run.seconds)
    p50, p99 = (1000 * taken[int(len(taken) * share)] for share in (0.5, 0.99))
    lost = sum(run.races_lost for run in runs) / len(taken)
    rate = len(taken) / seconds_each
    ratio = f"{rate / baseline:10.2f}" if baseline else ""
    print(f"{name:34} {writers:>7} {rate:>10.0f} {p50:>9.2f} {p99:>9.2f} {lost:>10.1f} {ratio}", flush=True)
    return rate


def entries(number: int) -> Iterator[Entry]:
    """A history of *number* entries."""
    head = START
    for position in range(number):
        one = next_entry(head, str(position))
        head = one.head
        yield one


def fill_sqlite(file: Path, number: int) -> str:
    """Store a history in one transaction, past the ledger, which would sync each entry."""
    url = f"sqlite:///{file}"
    open_ledger(url).close()
    with closing(sqlite3.connect(file)) as connection:
        rows = ((one.position, one.digest, one.to_line().decode()) for one in entries(number))
        connection.executemany("INSERT INTO entries VALUES (?, ?, ?)", rows)
        connection.commit()
    return url


def fill_redis(server: RedisServer, number: int) -> str:
    """Store a history in batches, past the ledger."""
    with Redis(port=server.port) as client:
        pipeline = client.pipeline(transaction=False)
        for one in entries(number):
            pipeline.xadd("{replay}:entries", {"digest": one.digest, "line": one.to_line()}, id=f"{one.position}-0")
            if one.position % 1000 == 0 or one.position == number:
                pipeline.hset("{replay}:head", mapping={"position": one.position, "digest": one.digest})
                pipeline.execute()
    return f"{server.url}?prefix=replay"


def fill_postgres(server: PostgresServer, number: int) -> str:
    """Store a history by COPY, past the ledger."""
    url = made_ledger(server, "replay")
    with psycopg.connect(server.owner_url) as connection, connection.cursor() as cursor:
        into = "COPY replay.entries (position, previous, digest, line) FROM STDIN"
        with cursor.copy(into) as copy:
            for one in entries(number):
                copy.write_row((one.position, bytes.fromhex(one.previous), bytes.fromhex(one.digest), one.to_line()))
    return url


TOGETHER = 200
"""Entries of one record, where a history is stored."""


def new_topic(brokers: str, folder: Path) -> str:
    """Make a topic for a ledger, with a folder of its own for what is beside it; its URL."""
    topic = f"moorings-bench-{os.urandom(6).hex()}"
    (folder / topic).mkdir()
    url = kafka_ledger(brokers, topic, folder / topic)
    open_ledger(url).close()
    return url


def fill_kafka(brokers: str, folder: Path, number: int) -> str:
    """Store a history in groups, through the ledger."""
    url = new_topic(brokers, folder)
    with closing(open_ledger(url)) as ledger:
        append_history(ledger, number)
    return url


def append_history(ledger: Ledger, number: int) -> None:
    """Append a history of *number* entries in groups."""
    head, history = START, entries(number)
    while group := list(islice(history, TOGETHER)):
        ledger.append(*group, after=head)
        head = group[-1].head


def replay(url: str, consume: Callable[[Iterator[Entry]], object]) -> tuple[float, float]:
    """Read a whole history; return the seconds it took and by how many MiB it raised the peak of memory."""
    with closing(open_ledger(url)) as ledger:
        before = peak_mib()
        began = time.perf_counter()
        consume(ledger.read(0))
        return time.perf_counter() - began, peak_mib() - before


def drain(history: Iterator[Entry]) -> None:
    """Take every entry and keep none."""
    for _ in history:
        pass


def peak_mib() -> float:
    """The highest resident size of this process so far; Linux only."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def print_replay(name: str, url: str, number: int, baseline: float) -> float:
    """Print the rows of one engine in the table of replays, each measured in a fresh process; entries read a second."""
    rates = []
    for what, consume in (("read, digests checked", drain), ("read and verify", verify)):
        with ProcessPoolExecutor(1, clean_processes()) as process:
            seconds, mib = process.submit(replay, url, consume).result()
        rates.append(number / seconds)
        ratio = f"{rates[0] / baseline:10.2f}" if baseline and len(rates) == 1 else ""
        print(f"{name:26} {what:24} {rates[-1]:>10.0f} {seconds:>8.2f} {mib:>10.1f} {ratio}", flush=True)
    return rates[0]


def print_all_appends(folder: Path, engines: list[Measured], seconds_each: float) -> None:
    """Print the table of appends; *folder* is on the disk that counts."""
    print(
        f"{'durable appends':34} {'writers':>7} {'entries/s':>10} {'p50 ms':>9} {'p99 ms':>9} {'lost/entry':>10} "
        f"{'x SQLite':>10}"
    )
    print_appends("floor: file and fdatasync", 1, [sync_floor(folder, seconds_each)], seconds_each, 0)
    baseline: dict[int, float] = {}
    for engine in engines:
        for writers in WRITERS:
            runs = race(engine.url, writers, seconds_each)
            rate = print_appends(engine.name, writers, runs, seconds_each, baseline.get(writers, 0))
            if engine.name == BASELINE:
                baseline[writers] = rate


def print_all_replays(engines: list[Measured], number: int) -> None:
    """Print the table of replays."""
    print(f"\n{'replay':26} {'':24} {'entries/s':>10} {'seconds':>8} {'peak MiB +':>10} {'x SQLite':>10}")
    baseline = 0.0
    for engine in engines:
        if engine.fill is not None:
            rate = print_replay(engine.name, engine.fill(number), number, baseline)
            baseline = rate if engine.name == BASELINE else baseline


def engines_for(folder: Path, stack: ExitStack) -> list[Measured]:
    """All rows, SQLite first, with servers that *stack* stops; their data is on the disk of temporary files."""
    syncing, every_second, postgres = RedisServer(), RedisServer("--appendfsync", "everysec"), PostgresServer()
    for server in (syncing, every_second, postgres):
        stack.callback(server.stop)
    kafka = kafka_for_ledgers()
    stack.callback(kafka.stop)
    broker = "Kafka" if isinstance(kafka, KafkaItself) else "broker in memory"
    return [
        Measured(BASELINE, f"sqlite:///{folder}/ledger.db", lambda number: fill_sqlite(folder / "replay.db", number)),
        Measured("postgresql", made_ledger(postgres, "moorings"), lambda number: fill_postgres(postgres, number)),
        Measured("redis, appendfsync always", syncing.url, lambda number: fill_redis(syncing, number)),
        Measured("redis, everysec, WAITAOF", every_second.url),
        Measured("redis, everysec, durability=any", f"{every_second.url}?durability=any&prefix=any"),
        Measured(
            f"kafka ({broker})",
            new_topic(kafka.address, folder),
            lambda number: fill_kafka(kafka.address, folder, number),
        ),
        Measured("memory (durable: no)", "memory:"),
    ]


def main() -> None:
    """Measure and print two tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=3.0, help="for each row of appends (default: 3)")
    parser.add_argument("--entries", type=int, default=100_000, help="to replay (default: 100000)")
    chosen = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="moorings-bench-", dir=Path.cwd())))
        engines = engines_for(folder, stack)
        print_all_appends(folder, engines, chosen.seconds)
        print_all_replays(engines, chosen.entries)


if __name__ == "__main__":
    main()
