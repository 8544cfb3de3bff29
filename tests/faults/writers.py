"""Writers as processes that a test kills, and what they had been promised by then."""

import multiprocessing
import os
import time
from itertools import count
from multiprocessing.process import BaseProcess
from pathlib import Path

from moorings_registry.engines import open_ledger
from moorings_registry.ledger import Ledger, LedgerUnavailable, verify
from tests.engines.samples import append_next


class Writers:
    """Starts appending processes on one ledger URL."""

    def __init__(self, url: str, log: Path) -> None:
        self._url = url
        self._log = log
        self._processes: list[BaseProcess] = []

    def start(self, *names: str) -> None:
        """Start one process for each name, and return once more has been acknowledged than before."""
        before = len(self.acknowledged())
        for name in names:
            process = multiprocessing.get_context("fork").Process(target=write, args=(self._url, self._log, name))
            process.start()
            self._processes.append(process)
        self.await_more_than(before)

    def await_more_than(self, number: int) -> None:
        """Return once more than *number* entries have been acknowledged."""
        deadline = time.monotonic() + 60
        while len(self.acknowledged()) <= number:
            assert time.monotonic() < deadline, "the writers do not get on"
            time.sleep(0.005)

    def kill(self) -> None:
        """End them all with SIGKILL, wherever they are."""
        for process in self._processes:
            process.kill()
        for process in self._processes:
            process.join()
        self._processes.clear()

    def acknowledged(self) -> list[str]:
        """The digests that were acknowledged, whole lines only: a killed process may leave half of one."""
        text = self._log.read_text() if self._log.exists() else ""
        return [line for line in text.splitlines() if len(line) == 64]


def write(url: str, log: Path, name: str) -> None:
    """Append for ever; each digest that the ledger acknowledged is in *log* before the next append begins."""
    ledger = open_ledger(url)
    acknowledged = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for number in count():
        try:
            one = append_next(ledger, f"{name}-{number}")
        except LedgerUnavailable:
            continue  # the ledger is away until it is started again
        os.write(acknowledged, f"{one.digest}\n".encode())


def require_all_kept(ledger: Ledger, acknowledged: list[str], unanswered: int) -> None:
    """Check that each acknowledged entry is there once, and at most *unanswered* others."""
    stored = [one.digest for one in ledger.read(0)]
    assert verify(ledger.read(0)).position == len(stored) == len(set(stored))
    assert set(acknowledged) <= set(stored)
    assert len(acknowledged) == len(set(acknowledged))
    assert len(stored) - len(acknowledged) <= unanswered
