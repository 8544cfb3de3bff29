"""The engines that a run is made on: one row each, a real server in a network of its own that can be killed."""

import contextlib
import os
import signal
from collections.abc import Callable
from typing import Protocol

from tests.chaos.network import Network
from tests.chaos.nodes import children_of
from tests.namespaces import inside
from tests.servers import PostgresServer, RedisServer, made_ledger

PLACE = "database"
TIMEOUT_S = 1
"""`timeout_s` of the ledger's URL: short, so that many faults fit into a run."""


class Database(Protocol):
    """What the ledger is kept in."""

    url: str
    """The ledger's URL, as the nodes use it."""

    def processes(self) -> list[int]:
        """The ids of all its processes."""

    def kill(self) -> None:
        """End all of them with SIGKILL."""

    def terminate(self) -> None:
        """End it as an operator does."""

    def start(self) -> None:
        """Start it on its data again, and return once it answers."""

    def stop(self) -> None:
        """End it, and remove its data."""


class RedisDatabase:
    """Redis with an append-only file that is synced before each answer."""

    def __init__(self, network: Network, *settings: str, durability: str = "aof") -> None:
        with inside(PLACE):
            self._server = RedisServer("--bind", "0.0.0.0", "--protected-mode", "no", *settings)
        address = f"{network.addresses[PLACE]}:{self._server.port}"
        self.url = f"redis://{address}/0?timeout_s={TIMEOUT_S}&durability={durability}"

    def processes(self) -> list[int]:
        return [self._server.process.pid]

    def kill(self) -> None:
        self._server.kill()

    def terminate(self) -> None:
        _terminate(self._server.process.pid)
        self._server.process.wait()

    def start(self) -> None:
        with inside(PLACE):
            self._server.start()

    def stop(self) -> None:
        self._server.stop()


class PostgresDatabase:
    """PostgreSQL alone, with the settings that the ledger asks for."""

    def __init__(self, network: Network) -> None:
        with inside(PLACE):
            self._server = PostgresServer("listen_addresses = '*'")
            with (self._server.data / "pg_hba.conf").open("a") as file:
                file.write("host all all all trust\n")
            self._server.sql("SELECT pg_reload_conf()")
            made_ledger(self._server, "moorings")
        host = f"{network.addresses[PLACE]}:{self._server.port}"
        self.url = f"postgresql://moorings@{host}/postgres?sslmode=disable&timeout_s={TIMEOUT_S}"

    def processes(self) -> list[int]:
        return [self._server.process.pid, *children_of(self._server.process.pid)]

    def kill(self) -> None:
        self._server.kill()

    def terminate(self) -> None:
        os.kill(self._server.process.pid, signal.SIGINT)  # a fast shutdown: sessions are ended
        self._server.process.wait()

    def start(self) -> None:
        with inside(PLACE):
            self._server.start()

    def stop(self) -> None:
        self._server.stop()


def redis_in_memory(network: Network) -> Database:
    """Redis without a file, which forgets everything when it is killed, and which no operator is told to use."""
    return RedisDatabase(network, "--appendonly", "no", durability="any")


DATABASES: dict[str, Callable[[Network], Database]] = {"redis": RedisDatabase, "postgresql": PostgresDatabase}
UNSAFE: dict[str, Callable[[Network], Database]] = {"redis-in-memory": redis_in_memory}
"""Those that a run has to find fault with."""


def _terminate(process: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(process, signal.SIGTERM)
