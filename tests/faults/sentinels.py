"""A Redis with a replica, watched by a sentinel: all of them real, from the same program."""

import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError

from tests.ports import free_port
from tests.servers import RedisServer, redis_program

NAME = "moorings"
WITHIN_S = 60
AT_ONCE = ("--repl-diskless-sync-delay", "0")
"""Otherwise a master waits for five seconds whether another replica wants a copy, too."""


def until(holds: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + WITHIN_S
    while not holds():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


class Watched:
    """Two servers, of which one is the master, and the sentinel that says which."""

    def __init__(self) -> None:
        self.first = RedisServer(*AT_ONCE)
        self.second = RedisServer(*AT_ONCE, "--replicaof", f"127.0.0.1 {self.first.port}")
        self.port = free_port()
        self._folder = tempfile.TemporaryDirectory(prefix="moorings-sentinel-")
        conf = Path(self._folder.name) / "sentinel.conf"
        lines = [
            f"port {self.port}",
            "bind 127.0.0.1",
            f"dir {self._folder.name}",
            f"sentinel monitor {NAME} 127.0.0.1 {self.first.port} 1",
            f"sentinel down-after-milliseconds {NAME} 1000",
            f"sentinel failover-timeout {NAME} 3000",
        ]
        conf.write_text("\n".join([*lines, ""]))
        command = [redis_program(), str(conf), "--sentinel", "--logfile", f"{self._folder.name}/log"]
        self._sentinel = subprocess.Popen(command)
        until(lambda: self._is_watching(), "the sentinel does not know of both servers")

    @property
    def url(self) -> str:
        return f"redis+sentinel://127.0.0.1:{self.port}/{NAME}?timeout_s=2"

    def master_port(self) -> int:
        """The port of the master, as the sentinel says."""
        with Redis(port=self.port) as sentinel:
            return int(sentinel.sentinel_get_master_addr_by_name(NAME)[1])

    def await_replica(self, server: RedisServer) -> None:
        """Return once *server* follows the other one, and has what that has."""
        with Redis(port=server.port) as client:
            until(lambda: client.info("replication").get("master_link_status") == "up", "it does not follow")

    def stop(self) -> None:
        self._sentinel.kill()
        self._sentinel.wait()
        for server in (self.first, self.second):
            server.stop()
        self._folder.cleanup()

    def _is_watching(self) -> bool:
        try:
            with Redis(port=self.port) as sentinel:
                replicas = sentinel.sentinel_slaves(NAME)
        except RedisError:
            return False
        return len(replicas) == 1 and replicas[0]["master-link-status"] == "ok"
