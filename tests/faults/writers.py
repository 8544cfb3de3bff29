"""Writers as processes that a test kills, and what they had been promised by then."""

import subprocess
import sys
import time
from pathlib import Path


class Writers:
    """Starts appending processes on one ledger URL."""

    def __init__(self, url: str, log: Path) -> None:
        self._url = url
        self._log = log
        self._processes: list[subprocess.Popen[bytes]] = []

    def start(self, *names: str) -> None:
        """Start one process for each name, and return once more has been acknowledged than before."""
        before = len(self.acknowledged())
        for name in names:
            arguments = [sys.executable, "-m", "tests.faults.writer", self._url, str(self._log), name]
            self._processes.append(subprocess.Popen(arguments))
        self.await_more_than(before)

    def await_more_than(self, number: int) -> None:
        """Return once more than *number* entries have been acknowledged."""
        deadline = time.monotonic() + 30
        while len(self.acknowledged()) <= number:
            assert time.monotonic() < deadline, "the writers do not get on"
            time.sleep(0.005)

    def kill(self) -> None:
        """End them all with SIGKILL, wherever they are."""
        for process in self._processes:
            process.kill()
        for process in self._processes:
            process.wait()
        self._processes.clear()

    def acknowledged(self) -> list[str]:
        """The digests that were acknowledged, whole lines only: a killed process may leave half of one."""
        text = self._log.read_text() if self._log.exists() else ""
        return [line for line in text.splitlines() if len(line) == 64]
