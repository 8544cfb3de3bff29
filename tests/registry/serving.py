"""A real `moorings-registry serve` of a test's own: on a free port, killed however the test likes."""

import http.client
import json
import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from tests.ports import free_port
from tests.registry.calling import Reply

START_S = 60


class Serving:
    """The command in a process group of its own, with its ledger and its logs in *folder*."""

    def __init__(
        self,
        folder: Path,
        *options: str,
        ledger_parameters: str = "",
        file_size_limit: int | None = None,
        port: int = 0,
    ) -> None:
        """Start it; with *file_size_limit*, none of its files may grow beyond so many bytes."""
        self.folder = folder
        self.port = port or free_port()
        self.ledger_path = folder / "ledger.db"
        self._options = options
        self._ledger_parameters = ledger_parameters
        self._file_size_limit = file_size_limit
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    @property
    def ledger_url(self) -> str:
        return f"sqlite:///{self.ledger_path}"

    @property
    def process(self) -> "subprocess.Popen[bytes]":
        """The master."""
        assert self._process is not None
        return self._process

    def start(self) -> None:
        """Start it, and return once every worker answers."""
        self.launch()
        self.await_ready()

    def launch(self) -> None:
        """Start it, and wait for nothing."""
        command = [*self._program(), "serve", "--port", str(self.port)]
        command += ["--ledger", self.ledger_url + self._ledger_parameters]
        command += [one.replace("{port}", str(self.port)) for one in self._options]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                command,
                stdout=log,
                stderr=log,
                cwd=Path(__file__).resolve().parents[2],
                start_new_session=True,
            )

    def await_ready(self) -> None:
        """Return once every worker answers."""
        deadline = time.monotonic() + START_S
        while not self.answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"the registry did not start:\n{self.log()[-4_000:]}")
            time.sleep(0.05)
        if self._file_size_limit is not None:
            self._limit_file_size(self._file_size_limit)

    def lift_file_size_limit(self) -> None:
        """Let files grow again, as if somebody had made room on the disk."""
        self._limit_file_size(resource.RLIM_INFINITY)

    def _limit_file_size(self, size_bytes: int) -> None:
        for process in (self.process.pid, *self.workers()):
            resource.prlimit(process, resource.RLIMIT_FSIZE, (size_bytes, resource.RLIM_INFINITY))

    def answers(self) -> bool:
        try:
            return self.call("GET", "/readyz").status == 200
        except (OSError, http.client.HTTPException):
            return False

    def call(self, method: str, path: str, body: Any = None, timeout_s: float = 30, **headers: str) -> Reply:
        """Send one request over a connection of its own, so that any worker may answer it."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout_s, source_address=self._source())
        try:
            data = body if isinstance(body, bytes | type(None)) else json.dumps(body).encode()
            sent = {"Connection": "close", **{name.replace("_", "-"): value for name, value in headers.items()}}
            connection.request(method, path, data, sent)
            answer = connection.getresponse()
            return Reply.of(answer.status, answer.getheaders(), answer.read())
        finally:
            connection.close()

    def _program(self) -> list[str]:
        return [str(Path(sys.executable).parent / "moorings-registry")]

    def _source(self) -> tuple[str, int] | None:
        """The address to call from; None for any."""
        return None

    def workers(self) -> list[int]:
        """The process ids of the workers: the master's children."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return [int(child) for child in children]

    def terminate(self, timeout_s: float = 30) -> int:
        """End it the graceful way; its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout_s)

    def kill(self) -> None:
        """End the master with SIGKILL, and wait until its workers have noticed."""
        self.process.kill()
        self.process.wait()
        deadline = time.monotonic() + START_S
        while self._group_lives() and time.monotonic() < deadline:
            time.sleep(0.05)

    def stop(self) -> None:
        """End whatever is left of it."""
        if self._process is not None:
            if self.process.poll() is None:
                self.process.kill()
            if self._group_lives():
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def log(self) -> str:
        return (self.folder / "log").read_text(errors="replace")

    def _group_lives(self) -> bool:
        try:
            os.killpg(self.process.pid, 0)
        except ProcessLookupError:
            return False
        return True
