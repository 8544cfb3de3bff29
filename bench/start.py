"""Starting at scale: with a base and without one, for each engine and size, in seconds and in memory.

The ledger is written past the registry: an entry a version, five versions a subject, each compared with those before
it, texts of about 500 bytes. What is measured is a process that loads the state, what two workers of `serve` take
together (PSS: shared memory counts once), how long a base takes to write, whole and after 10,000 more entries, and
what one access costs that nobody has made before.
"""

import argparse
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import psycopg

from bench._history import entry_after, guid_of, registration
from bench.replay import resident_mib
from moorings_registry.bases import BaseFolder, fold_version
from moorings_registry.engines import open_ledger
from moorings_registry.entries import START, Entry, Head
from moorings_registry.names import Subject
from moorings_registry.server.loading import without_collection
from moorings_registry.service import Registry
from moorings_registry.state import State
from tests.ports import free_port
from tests.servers import PostgresServer, RedisServer, made_ledger

PROGRAM = Path(sys.executable).with_name("moorings-registry")
PATHS = os.pathsep.join((str(Path(__file__).parents[1] / "tests" / "as_installed"), *sys.path))
"""Where a registry is imported from: as installed, without what tools of development bring."""
VERSIONS_EACH = 5
MORE = 10_000
ACCESSES = 2_000
SERVING_S = 1_800


def main() -> int:
    """Fill a ledger of each size on each engine, and measure every start in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--versions", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--engines", nargs="+", choices=list(ENGINES), default=list(ENGINES))
    parser.add_argument("--only-with-base", action="store_true", help="leave out the starts that take long")
    parser.add_argument("--load", nargs=2, metavar=("URL", "FOLDER"), help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.load:
        print(json.dumps(load(chosen.load[0], Path(chosen.load[1]))))
        return 0
    print_floor()
    for name in chosen.engines:
        for versions in chosen.versions:
            with tempfile.TemporaryDirectory(prefix="moorings-bench-") as folder:
                measure(name, versions, Path(folder), only_with_base=chosen.only_with_base)
    return 0


def measure(name: str, versions: int, folder: Path, *, only_with_base: bool) -> None:
    """Print one row of each table."""
    with ENGINES[name](folder) as engine:
        engine.fill(entries(START, 0, versions))
        bases, none = folder / "bases", folder / "none"
        print(f"\n{name}, {versions:,} versions", flush=True)
        whole = None if only_with_base else loaded(engine.url, none)
        seconds, size = write(engine.url, bases)
        print(f"  write a base, whole           {seconds:8.1f} s   {size / 2**20:8.0f} MiB", flush=True)
        with_base = loaded(engine.url, bases)
        print_load("load", whole, with_base)
        print("  one access, first time, us   " + "".join(f" {k} {v:.1f}" for k, v in with_base["access"].items()))
        served_whole = None if only_with_base else served(engine.url, none, "--base-entries", "0")
        print_served(served_whole, served(engine.url, bases))
        head = open_ledger(engine.url).head()
        engine.fill(entries(head, versions, MORE))
        seconds, size = write(engine.url, bases)
        print(f"  write {MORE:,} entries more      {seconds:8.1f} s   {size / 2**20:8.0f} MiB", flush=True)


def print_floor() -> None:
    """Print what a service of an empty ledger takes: its imports, its processes."""
    with tempfile.TemporaryDirectory(prefix="moorings-bench-") as folder, Sqlite(Path(folder)) as engine:
        started = served(engine.url, Path(folder) / "bases")
    print(f"empty: served by 2 workers   {started.told()}", flush=True)


def print_load(what: str, whole: "dict | None", based: "dict") -> None:  # type: ignore[type-arg]
    """Print seconds and memory of a process without a base and with one, and their ratio."""
    for key, unit in (("seconds", "s"), ("cpu", "s CPU"), ("state", "MiB")):
        before = f"{whole[key]:10.2f}" if whole else f"{'-':>10}"
        ratio = f"   1 : {whole[key] / based[key]:.0f}" if whole and based[key] >= 0.001 else ""
        print(f"  {what}, {unit:5}  folded {before}   from a base {based[key]:10.3f}{ratio}", flush=True)


@dataclass(frozen=True, slots=True)
class Started:
    """What it took a service until it was ready, and all of its processes after some questions."""

    seconds: float
    cpu_s: float
    pss_mib: float
    rss_mib: float
    """Of the largest process."""

    def told(self) -> str:
        return (
            f"{self.seconds:8.1f} s {self.cpu_s:8.1f} s CPU   {self.pss_mib:7.0f} MiB together,"
            f" {self.rss_mib:7.0f} MiB the largest"
        )


def print_served(whole: "Started | None", based: Started) -> None:
    """Print what a start took without a base and with one."""
    for name, started in (("folded", whole), ("from a base", based)):
        print(f"  served by 2 workers, {name:12} {started.told() if started else '-'}", flush=True)


# In processes of their own


def loaded(url: str, folder: Path) -> dict:  # type: ignore[type-arg]  # JSON
    command = [sys.executable, "-m", "bench.start", "--load", url, str(folder)]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return dict(json.loads(told.splitlines()[-1]))  # the log comes before


def load(url: str, folder: Path) -> dict:  # type: ignore[type-arg]  # JSON
    """Load the state as a starting service does: seconds, MiB, and microseconds of accesses."""
    ledger = open_ledger(url)
    fold_version()
    registry = Registry(ledger, bases=BaseFolder(folder, ledger, fold_version()))
    before = resident_mib()
    began, cpu = time.perf_counter(), time.process_time()
    with without_collection():
        registry.begin_from_base()
        state = registry.catch_up()
    seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    return {"seconds": seconds, "cpu": cpu, "state": resident_mib() - before, "access": accesses(state)}


def accesses(state: State) -> dict[str, float]:
    """Microseconds of one look-up of each kind, each of something that nobody has asked for before."""
    versions = len(state.checks)
    chosen = random.Random(7).sample(range(versions), min(ACCESSES, versions // VERSIONS_EACH))
    looked: dict[str, Callable[[int], object]] = {
        "subject": lambda number: state.subjects[Subject.parse(placed(number)[0])],
        "id": lambda number: state.ids[".", number + 1],
        "guid": lambda number: state.uses[".", guid_of(number)],
        "text": lambda number: state.definitions[guid_of(number)].text,
        "check": lambda number: state.check_at(number + 1),
    }
    taken = {}
    for name, look in looked.items():
        began = time.perf_counter()
        for number in chosen:
            look(number)
        taken[name] = (time.perf_counter() - began) / len(chosen) * 1e6
    began = time.perf_counter()
    sum(1 for _ in state.active_subjects())
    return {**taken, "every subject": (time.perf_counter() - began) * 1e6}


def write(url: str, folder: Path) -> tuple[float, int]:
    """Write a base by the command: seconds with the start of its process, and bytes."""
    began = time.perf_counter()
    command = [str(PROGRAM), "ledger", "base", "--ledger", url, "--folder", str(folder)]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return time.perf_counter() - began, int(told.split(",")[1].split()[0])


def served(url: str, folder: Path, *options: str) -> Started:
    """Start a service of two workers, and ask it some questions once it is ready."""
    port = free_port()
    command = [str(PROGRAM), "serve", "--port", str(port), "--ledger", url, "--workers", "2", "--no-access-log"]
    began = time.perf_counter()
    with subprocess.Popen(
        [*command, "--base-folder", str(folder), *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        start_new_session=True, env={**os.environ, "PYTHONPATH": PATHS},
    ) as process:  # fmt: skip
        try:
            while not answers(port, "/readyz"):
                if process.poll() is not None or time.perf_counter() - began > SERVING_S:
                    raise RuntimeError("the registry did not start")
                time.sleep(0.02)
            seconds, cpu_s = time.perf_counter() - began, sum(map(cpu_of, family(process.pid)))
            for number in range(200):
                answers(port, f"/subjects/{placed(number * VERSIONS_EACH)[0]}/versions/latest")
            pss, rss = (sizes_mib(process.pid, kind) for kind in ("Pss", "Rss"))
            return Started(seconds, cpu_s, sum(pss), max(rss))
        finally:
            os.killpg(process.pid, signal.SIGTERM)


def answers(port: int, path: str) -> bool:
    with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=60) as answer:
        return bool(answer.status == 200)
    return False


def family(master: int) -> list[int]:
    """A process and its children."""
    return [master, *map(int, Path(f"/proc/{master}/task/{master}/children").read_text().split())]


def sizes_mib(master: int, kind: str) -> list[float]:
    """Of a process and each of its children: ``Rss``, or ``Pss``, in which shared memory counts once."""
    told = (Path(f"/proc/{one}/smaps_rollup").read_text() for one in family(master))
    return [int(one.split(f"\n{kind}:")[1].split()[0]) / 1024 for one in told]


def cpu_of(process: int) -> float:
    """Seconds of CPU that a process has taken; of its children those alone that have ended."""
    members = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, members[11:15])) / os.sysconf("SC_CLK_TCK")


# Ledgers


def placed(number: int) -> tuple[str, int]:
    """The subject and the version of the registration *number*, from 0."""
    subject = number // VERSIONS_EACH
    return f"shop.domain{subject % 500}.Event{subject}Happened", number % VERSIONS_EACH + 1


def entries(head: Head, begun: int, count: int) -> Iterator[Entry]:
    """The entries of *count* registrations from number *begun* on, that follow *head*."""
    for number in range(begun, begun + count):
        entry = registered(head, number)
        head = entry.head
        yield entry


def registered(head: Head, number: int) -> Entry:
    """The entry of one registration, as `commands` makes it."""
    place = placed(number)
    fields = [{"name": f"field_{one}", "type": "string", "doc": f"Of {number}"} for one in range(8)]
    text = json.dumps({"type": "record", "name": f"Event{number}", "namespace": "shop", "fields": fields})
    told = registration(number, place, text, "BACKWARD_TRANSITIVE", range(place[1] - 1, 0, -1))
    return entry_after(head, told, f"c-{number}")


class Sqlite:
    """A file."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "ledger.db"
        self.url = f"sqlite:///{self._path}"
        open_ledger(self.url).close()

    def fill(self, history: Iterator[Entry]) -> None:
        """Write in one transaction, past the ledger, which would sync each entry."""
        with closing(sqlite3.connect(self._path)) as connection:
            rows = ((one.position, one.digest, one.to_line().decode()) for one in history)
            connection.executemany("INSERT INTO entries VALUES (?, ?, ?)", rows)
            connection.commit()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing: its folder goes."""


class Redis:
    """A server of its own, which syncs every second."""

    def __init__(self, _folder: Path) -> None:
        self._server = RedisServer("--appendfsync", "everysec")
        self.url = f"{self._server.url}?durability=everysec"

    def fill(self, history: Iterator[Entry]) -> None:
        """Append in groups of a hundred, each one script: its bulk way, as `ledger import` takes it."""
        append_in_groups(self.url, history)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._server.stop()


class Postgres:
    """A server of its own."""

    def __init__(self, _folder: Path) -> None:
        self._server = PostgresServer()
        self.url = made_ledger(self._server, "bench")

    def fill(self, history: Iterator[Entry]) -> None:
        """Write by one COPY, as the owner of the table."""
        with (
            psycopg.connect(self._server.owner_url, autocommit=True) as connection,
            connection.cursor().copy("COPY bench.entries FROM STDIN (FORMAT BINARY)") as rows,
        ):
            rows.set_types(["int8", "bytea", "bytea", "bytea"])
            for one in history:
                digests = bytes.fromhex(one.previous), bytes.fromhex(one.digest)
                rows.write_row((one.position, *digests, one.to_line()))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._server.stop()


def append_in_groups(url: str, history: Iterator[Entry]) -> None:
    ledger = open_ledger(url)
    head = ledger.head()
    group: list[Entry] = []
    for entry in history:
        group.append(entry)
        if len(group) == 100:
            ledger.append(*group, after=head)
            head, group = entry.head, []
    if group:
        ledger.append(*group, after=head)
    ledger.close()


ENGINES: dict[str, Callable[[Path], "Sqlite | Redis | Postgres"]] = {
    "sqlite": Sqlite,
    "redis": Redis,
    "postgresql": Postgres,
}


if __name__ == "__main__":
    sys.exit(main())
