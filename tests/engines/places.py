"""Where the conformance suite keeps its entries: one place for every engine, fresh for every test."""

import multiprocessing
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from moorings_registry.engines import open_ledger
from moorings_registry.ledger import Ledger
from moorings_registry.ledger.memory import MemoryLedger
from tests.engines.samples import append_next


def kafka_ledger(brokers: str, topic: str, folder: Path) -> str:
    """The URL of a ledger in *topic*, with a file in *folder* beside it.

    The broker of the tests answers a question for new records after half of the time that it may take at most.
    """
    beside = quote(f"sqlite:///{folder}/beside.db", safe="")
    return f"kafka://{brokers}/{topic}?durability=any&fetch_wait_ms=4&beside={beside}"


@dataclass
class Place:
    """One store without entries, which may be opened several times."""

    engine: str
    url: str
    _opened: list[Ledger] = field(default_factory=list)

    def open(self) -> Ledger:
        """Open a handle of its own on the entries; the memory engine has only one."""
        if self.engine == "memory" and self._opened:
            return self._opened[0]
        self._opened.append(open_ledger(self.url))
        return self._opened[-1]

    def close(self) -> None:
        """Close every handle."""
        for ledger in self._opened:
            ledger.close()

    def race(self, hands: int, each: int) -> list[str]:
        """Let *hands* writers append *each* entries at once; return the digests that were acknowledged.

        Writers are processes that share nothing but the place; threads, where the engine lives in one process.
        """
        ledger = self.open()
        if isinstance(ledger, MemoryLedger):
            return _gather(ThreadPoolExecutor(hands), lambda hand: _append_to(ledger, hand, each), range(hands))
        context = multiprocessing.get_context("forkserver")  # processes as clean as spawned ones, imported once
        context.set_forkserver_preload(["tests.engines.places", "moorings_registry.ledger.redis_client"])
        processes = ProcessPoolExecutor(hands, context)
        return _gather(processes, _append_at, [(self.url, hand, each) for hand in range(hands)])


def _gather(executor: Executor, work: Callable[..., list[str]], arguments: Sequence[object]) -> list[str]:
    with executor:
        return [digest for digests in executor.map(work, arguments) for digest in digests]


def _append_at(arguments: tuple[str, int, int]) -> list[str]:
    url, hand, each = arguments
    ledger = open_ledger(url)
    try:
        return _append_to(ledger, hand, each)
    finally:
        ledger.close()


def _append_to(ledger: Ledger, hand: int, each: int) -> list[str]:
    return [append_next(ledger, f"{hand}-{number}").digest for number in range(each)]
