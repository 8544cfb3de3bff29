"""The registry as it is served: the command, two workers, a ledger in a file."""

import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from tests.ports import free_port


class ServedRegistry:
    """A `moorings-registry serve` of this process's own."""

    def __init__(self, folder: Path, *, workers: int = 2) -> None:
        """Start it on a ledger in *folder*, and return once it is ready."""
        self.port = free_port()
        self.log = folder / "registry.log"
        self._output = self.log.open("wb")
        options = ["--port", str(self.port), "--ledger", f"sqlite:///{folder / 'ledger.db'}", "--workers", str(workers)]
        program = Path(sys.executable).parent / "moorings-registry"
        self._process = subprocess.Popen(
            [str(program), "serve", *options, "--no-access-log"],
            stdout=self._output,
            stderr=subprocess.STDOUT,
            cwd=folder,
        )
        deadline = time.monotonic() + 60
        while not self._is_ready():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise RuntimeError(f"the registry did not start:\n{self.log.read_text()}")
            time.sleep(0.05)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def stop(self) -> None:
        """End it gracefully, or kill it if that takes long."""
        self._process.terminate()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._output.close()

    def _is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/readyz", timeout=2) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False
