"""The registries of a run: `moorings-registry serve` in a network of its own, started again whenever it ends."""

import contextlib
import http.client
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from tests.chaos.clocks import Clock
from tests.chaos.requests import PORT
from tests.namespaces import inside

ROOT = Path(__file__).resolve().parents[2]
WORKERS = 2
PROGRAM = (str(Path(sys.executable).parent / "moorings-registry"),)
STARTED_IN_S = 60
_LOOKS_EACH_S = 0.1


class Node:
    """One registry of two workers, and what is done to its processes."""

    def __init__(
        self, name: str, ledger: str, folder: Path, clock: Clock | None, program: Sequence[str] = PROGRAM
    ) -> None:
        """Start *program*, which is `moorings-registry` or a mutant of it."""
        self.name = name
        self.ledger = ledger
        self.folder = folder
        self.starts = 0
        self.clock = clock
        self._program = program
        self._log = (folder / "log").open("ab")
        self._is_wanted = True
        self._changing = threading.Lock()
        self._process = self._started()
        self._ended = threading.Event()
        threading.Thread(target=self._keep_running, daemon=True).start()

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text(errors="replace")

    def processes(self) -> list[int]:
        """The master and its workers."""
        return [self._process.pid, *self.workers()]

    def workers(self) -> list[int]:
        return children_of(self._process.pid)

    def kill(self) -> None:
        """End all of its processes with SIGKILL, and leave it so."""
        with self._changing:
            self._is_wanted = False
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def start(self) -> None:
        """Start it again, now and whenever it ends."""
        self._is_wanted = True

    def stop(self) -> None:
        self._ended.set()
        self.kill()
        self._log.close()

    def is_ready(self) -> bool:
        """Whether both workers, as far as several questions tell, can read and write the ledger."""
        try:
            return len(self.workers()) == WORKERS and all(self._asked() == 200 for _ in range(4))
        except (OSError, http.client.HTTPException):
            return False

    def run(self, *words: str) -> "subprocess.CompletedProcess[str]":
        """Run a command of `moorings-registry` on its ledger, from where it is."""
        with inside(self.name):
            return subprocess.run(
                [*PROGRAM, *words, "--ledger", self.ledger],
                capture_output=True,
                text=True,
                check=False,
                timeout=120,
                cwd=self.folder,
            )

    def _asked(self) -> int:
        with inside(self.name):
            connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=3)
            with contextlib.closing(connection):
                connection.request("GET", "/readyz", headers={"Connection": "close"})
                return connection.getresponse().status

    def _keep_running(self) -> None:
        while not self._ended.wait(_LOOKS_EACH_S):
            with self._changing:
                if self._is_wanted and self._process.poll() is not None:
                    self._process = self._started()

    def _started(self) -> "subprocess.Popen[bytes]":
        self.starts += 1
        command = [*self._program, "serve", "--port", str(PORT), "--workers", str(WORKERS), "--no-access-log"]
        found = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))  # for a mutant
        environment = {**os.environ, "PYTHONPATH": found, **(self.clock.environment if self.clock else {})}
        with inside(self.name):
            return subprocess.Popen(
                [*command, "--ledger", self.ledger],
                stdout=self._log, stderr=self._log, cwd=self.folder, env=environment, start_new_session=True,
            )  # fmt: skip


def children_of(process: int) -> list[int]:
    """The ids of the processes that *process* has started and that have not ended."""
    try:
        return [int(one) for one in Path(f"/proc/{process}/task/{process}/children").read_text().split()]
    except OSError:
        return []


def await_ready(nodes: list[Node], within_s: float) -> dict[str, float]:
    """Seconds from now until each node is ready; infinite for those that are not in time."""
    begun = time.monotonic()
    found: dict[str, float] = {}
    while len(found) < len(nodes) and time.monotonic() - begun < within_s:
        for one in nodes:
            if one.name not in found and one.is_ready():
                found[one.name] = time.monotonic() - begun
        time.sleep(0.05)
    return {one.name: found.get(one.name, float("inf")) for one in nodes}
