"""An idle node: the share of a core that each worker takes, and how soon another process's entry is seen.

The floor of the second figure is a process that asks the ledger for its head every 5 ms.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.queues import Queue
from os import sysconf
from pathlib import Path

from bench.ledger import next_entry
from moorings_registry.engines import open_ledger
from moorings_registry.entries import START
from moorings_registry.ledger import Ledger
from tests.ports import free_port

POLL_S = 0.005
Wait = Callable[[Ledger, int, float], bool]


def main() -> int:
    """Measure both, one after the other."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--entries", type=int, default=200)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="moorings-bench-") as folder:
        with served(f"sqlite:///{folder}/idle.db") as processes:
            before = [cpu_s(one) for one in processes]
            time.sleep(chosen.seconds)
            shares = [(cpu_s(one) - was) / chosen.seconds * 100 for one, was in zip(processes, before, strict=True)]
        print(f"{'% of a core, idle':24}" + "".join(f" {share:8.2f}" for share in shares) + "   (each worker)")
        for name, how in {"waits": wait, "asks every 5 ms": ask}.items():
            took = latencies(f"sqlite:///{folder}/{name[0]}.db", how, chosen.entries)
            p95 = statistics.quantiles(took, n=20)[-1]
            print(
                f"{name:24} {statistics.median(took):8.2f} {p95:8.2f}   ms until another's entry is seen, p50 and p95"
            )
    return 0


@contextmanager
def served(url: str) -> Iterator[list[int]]:
    """A service with two workers; the processes of the workers."""
    program = Path(sys.executable).with_name("moorings-registry")
    command = [program, "serve", "--port", str(free_port()), "--workers", "2", "--ledger", url]
    served = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        children = Path(f"/proc/{served.pid}/task/{served.pid}/children")
        while len(workers := children.read_text().split()) < 2:
            time.sleep(0.1)
        time.sleep(2)  # they have begun to wait
        yield [int(one) for one in workers]
    finally:
        served.terminate()
        served.wait()


def cpu_s(process: int) -> float:
    """The seconds of processor time that a process has used."""
    ticks = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(ticks[11]) + int(ticks[12])) / sysconf("SC_CLK_TCK")


def wait(ledger: Ledger, after: int, timeout_s: float) -> bool:
    """Wait as a worker does."""
    return ledger.wait(after, timeout_s)


def ask(ledger: Ledger, after: int, timeout_s: float) -> bool:
    """Wait as one would without help."""
    deadline = time.monotonic() + timeout_s
    while ledger.head().position <= after:
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_S)
    return True


def latencies(url: str, how: Wait, count: int) -> list[float]:
    """Milliseconds from the acknowledgment of each of *count* entries until another process sees it."""
    ledger = open_ledger(url)
    spawn = get_context("spawn")
    seen: Queue[tuple[int, float]] = spawn.Queue()
    other = spawn.Process(target=see, args=(url, how, count, seen))
    other.start()
    seen.get()
    acknowledged: dict[int, float] = {}
    head = START
    for _ in range(count):
        time.sleep(0.02)
        entry = next_entry(head)
        ledger.append(entry, after=head)
        acknowledged[entry.position] = time.monotonic()
        head = entry.head
    found: list[float] = []
    position = 0
    while position < count:
        position, at = seen.get()
        found.append((at - acknowledged[position]) * 1_000)
    other.join()
    return found


def see(url: str, how: Wait, count: int, seen: "Queue[tuple[int, float]]") -> None:
    """Tell when each entry was seen."""
    ledger, position = open_ledger(url), 0
    seen.put((0, 0.0))
    while position < count:
        if how(ledger, position, 1.0):
            now = time.monotonic()
            position = ledger.head().position
            seen.put((position, now))


if __name__ == "__main__":
    sys.exit(main())
