"""Starting up: reading 100,000 registrations from the ledger into a state, and what that state takes.

Each entry registers an Avro schema of about 1.5 kB (2.4 kB as an entry) that is unlike every other, under a subject of
its own or, in the second row, as the next version of one of a thousand subjects.
"""

import argparse
import json
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from bench._history import entry_after, registration
from moorings_registry.engines import open_ledger
from moorings_registry.entries import START, Entry, Head
from moorings_registry.server.loading import without_collection
from moorings_registry.service import Registry

Place = Callable[[int], tuple[str, int]]
PLACES: dict[str, Place] = {
    "a subject each": lambda number: (f"shop.domain{number % 50}.Event{number}Happened", 1),
    "1,000 subjects": lambda number: (f"shop.domain{number % 50}.Event{number % 1_000}Happened", number // 1_000 + 1),
}


def main() -> int:
    """Fill a ledger for each row, and read it in a process of its own, whose memory is then only the state's."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=100_000)
    parser.add_argument("--read", metavar="URL", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.read:
        print(json.dumps(replay(chosen.read)))
        return 0
    columns = "".join(f" {name:>10}" for name in ("entries/s", "seconds", "state MiB", "peak MiB", "file MiB"))
    print(f"{f'{chosen.entries} entries':16}{columns}")
    for name, place in PLACES.items():
        with tempfile.TemporaryDirectory(prefix="moorings-bench-") as folder:
            path = Path(folder) / "ledger.db"
            fill(path, chosen.entries, place)
            command = [sys.executable, "-m", "bench.replay", "--read", f"sqlite:///{path}"]
            told = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
            figures = (told["entries"] / told["seconds"], *(told[one] for one in ("seconds", "state", "peak")))
            row = "".join(f" {one:10.1f}" for one in (*figures, path.stat().st_size / 2**20))
            print(f"{name:16}{row}", flush=True)
    return 0


def replay(url: str) -> dict[str, float]:
    """Catch up as a starting service does: entries, seconds, and MiB of the state and at the peak."""
    registry = Registry(open_ledger(url))
    before = resident_mib()
    began = time.perf_counter()
    with without_collection():  # as a service starts
        state = registry.catch_up()
    seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"entries": state.position, "seconds": seconds, "state": resident_mib() - before, "peak": peak}


def resident_mib() -> float:
    """What this process holds in memory."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20


def fill(path: Path, count: int, place: Place) -> None:
    """Write *count* entries in one transaction, straight into the file: this is not what is measured."""
    open_ledger(f"sqlite:///{path}").close()
    head = START
    with closing(sqlite3.connect(path)) as connection:
        for number in range(count):
            entry = registered(head, number, place)
            row = (entry.position, entry.digest, entry.to_line().decode())
            connection.execute("INSERT INTO entries (position, digest, line) VALUES (?, ?, ?)", row)
            head = entry.head
        connection.commit()


def registered(head: Head, number: int, place: Place) -> Entry:
    """The entry of one registration."""
    fields = [
        {"name": f"field_{one}", "type": "string", "doc": f"What field {one} of {number} says"} for one in range(20)
    ]
    text = json.dumps({"type": "record", "name": f"Event{number}", "namespace": "shop", "fields": fields})
    return entry_after(head, registration(number, place(number), text, "BACKWARD"), f"c-{number}")


if __name__ == "__main__":
    sys.exit(main())
