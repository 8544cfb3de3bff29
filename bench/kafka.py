"""The ledger in Kafka: appends a second, starts without an index and with one, and one entry by position.

On the Kafka that `MOORINGS_TEST_KAFKA` names; without it, on a broker that speaks its protocol and keeps everything in
memory. `bench/ledger.py` has the other engines: compare within a table only, and appends with their durability in mind.
"""

import argparse
import random
import tempfile
import time
from contextlib import closing
from pathlib import Path

from bench.ledger import TOGETHER, append_history, new_topic, race
from moorings_registry.engines import open_ledger
from moorings_registry.ledger import Ledger, verify
from tests.brokers import KafkaItself, kafka_for_ledgers


def print_appends(brokers: str, folder: Path, seconds_each: float) -> None:
    """Print the table of appends."""
    print(f"{'appends':24} {'writers':>7} {'entries/s':>10} {'p50 ms':>9} {'p99 ms':>9} {'lost/entry':>10}")
    for writers in (1, 2, 8):
        runs = race(new_topic(brokers, folder), writers, seconds_each)
        taken = sorted(second for run in runs for second in run.seconds)
        p50, p99 = (1000 * taken[int(len(taken) * share)] for share in (0.5, 0.99))
        lost = sum(run.races_lost for run in runs) / len(taken)
        print(
            f"{'':24} {writers:>7} {len(taken) / seconds_each:>10.0f} {p50:>9.2f} {p99:>9.2f} {lost:>10.1f}", flush=True
        )


def print_starts(brokers: str, folder: Path, number: int) -> None:
    """Print what a start takes, without an index and with one, and what is past."""
    url = new_topic(brokers, folder)
    began = time.perf_counter()
    with closing(open_ledger(url)) as ledger:
        append_history(ledger, number)
    print(f"\n{number} entries, {TOGETHER} together: {number / (time.perf_counter() - began):.0f} appended a second")
    fresh = f"{url}&index={folder / 'fresh.index'}"
    for what in ("without an index", "with one"):
        began = time.perf_counter()
        with closing(open_ledger(fresh)) as ledger:
            ledger.head()
            seconds = time.perf_counter() - began
            print(f"opened and read up to the end, {what}: {seconds:.2f} s, {number / seconds:.0f} entries a second")
            if what == "with one":
                print_past(ledger, number)


def print_past(ledger: Ledger, number: int) -> None:
    """Print what reading all of it takes, and one entry at a time."""
    began = time.perf_counter()
    verify(ledger.read(0))
    print(f"read and verified: {number / (time.perf_counter() - began):.0f} entries a second")
    chance, taken = random.Random(1), []
    for _ in range(20):
        position = chance.randrange(number // 2)
        began = time.perf_counter()
        next(ledger.read(position))
        taken.append(1000 * (time.perf_counter() - began))
    print(f"one entry by position: p50 {sorted(taken)[10]:.1f} ms")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=3.0, help="for each row of appends (default: 3)")
    parser.add_argument("--entries", type=int, default=30_000, help="to read (default: 30000)")
    chosen = parser.parse_args()
    broker = kafka_for_ledgers()
    print("Kafka itself" if isinstance(broker, KafkaItself) else "tansu, which keeps everything in memory")
    try:
        with tempfile.TemporaryDirectory(prefix="moorings-bench-") as folder:
            print_appends(broker.address, Path(folder), chosen.seconds)
            print_starts(broker.address, Path(folder), chosen.entries)
    finally:
        broker.stop()


if __name__ == "__main__":
    main()
