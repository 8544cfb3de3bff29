"""The engines that a run is made on: one row each, a real server in a network of its own that can be killed."""

import contextlib
import os
import shutil
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import quote

from tests.brokers import KafkaBroker
from tests.chaos.network import Network
from tests.chaos.nodes import children_of
from tests.namespaces import inside
from tests.servers import PostgresServer, RedisServer, made_ledger

DATABASE, STANDBY = "database", "standby"
"""The places of databases in the network."""
_FETCH_WAIT_MS = 20
"""The broker of these runs answers a question for new records after half of the time that it may take at most."""

_SYNCHRONOUS_WITHIN_S = 5.0


class Database(Protocol):
    """What the ledger is kept in."""

    url: str
    """The ledger's URL, as the nodes use it."""
    places: Sequence[str]
    is_kept: bool
    """Whether what it has outlives its processes."""

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

    places: Sequence[str] = (DATABASE,)
    is_kept = True

    def __init__(self, network: Network, timeout_s: float, *settings: str, durability: str = "aof") -> None:
        with inside(DATABASE):
            self._server = RedisServer("--bind", "0.0.0.0", "--protected-mode", "no", *settings)
        address = f"{network.addresses[DATABASE]}:{self._server.port}"
        self.url = f"redis://{address}/0?timeout_s={timeout_s}&durability={durability}"

    def processes(self) -> list[int]:
        return [self._server.process.pid]

    def kill(self) -> None:
        self._server.kill()

    def terminate(self) -> None:
        _terminate(self._server.process.pid)
        self._server.process.wait()

    def start(self) -> None:
        with inside(DATABASE):
            self._server.start()

    def stop(self) -> None:
        self._server.stop()


class PostgresDatabase:
    """PostgreSQL alone, with the settings that the ledger asks for."""

    places: Sequence[str] = (DATABASE,)
    is_kept = True

    def __init__(self, network: Network, timeout_s: float) -> None:
        with inside(DATABASE):
            self._server = PostgresServer(host=network.addresses[DATABASE])
            made_ledger(self._server, "moorings")
        self.url = _postgres_url(timeout_s, self._server)

    def processes(self) -> list[int]:
        return _postgres_processes(self._server)

    def kill(self) -> None:
        self._server.kill()

    def terminate(self) -> None:
        _shut_down(self._server)

    def start(self) -> None:
        with inside(DATABASE):
            self._server.start()

    def stop(self) -> None:
        self._server.stop()


class PostgresPair:
    """PostgreSQL with a standby that every commit waits for; either may be the primary."""

    places: Sequence[str] = (DATABASE, STANDBY)
    is_kept = True

    def __init__(self, network: Network, timeout_s: float) -> None:
        waits, looks = "synchronous_standby_names = '*'", "wal_retrieve_retry_interval = '200ms'"
        with inside(DATABASE):
            primary = PostgresServer(looks, host=network.addresses[DATABASE])
            made_ledger(primary, "moorings")
        with inside(STANDBY):
            standby = PostgresServer(waits, looks, primary=primary, host=network.addresses[STANDBY])
        with inside(DATABASE):
            with (primary.data / "postgresql.conf").open("a") as file:  # each keeps its own, whatever it is a copy of
                file.write(f"{waits}\n")
            primary.sql("SELECT pg_reload_conf()")
        self._primary, self._standby = (DATABASE, primary), (STANDBY, standby)
        self.url = _postgres_url(timeout_s, primary, standby)

    def processes(self) -> list[int]:
        return _postgres_processes(self._primary[1])

    def kill(self) -> None:
        self._primary[1].kill()

    def terminate(self) -> None:
        _shut_down(self._primary[1])

    def start(self) -> None:
        self._start(*self._primary)

    def kill_standby(self) -> None:
        self._standby[1].kill()

    def start_standby(self) -> None:
        self._start(*self._standby)

    def fail_over(self) -> bool:
        """End the primary and promote the standby; False, with nothing done, where that is not synchronous in time."""
        place, primary = self._primary
        deadline = time.monotonic() + _SYNCHRONOUS_WITHIN_S
        with inside(place):
            while primary.sql("SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'") != "1":
                if time.monotonic() > deadline:
                    return False
                time.sleep(0.1)
        primary.kill()
        self._primary, self._standby = self._standby, self._primary
        place, promoted = self._primary
        with inside(place):
            promoted.promote()
        return True

    def join_again(self) -> None:
        """Make the one that was the primary a standby, from a copy of the new primary."""
        (_, primary), (place, server) = self._primary, self._standby
        settings = (server.data / "postgresql.conf").read_text()
        shutil.rmtree(server.data)
        reach = f"host={primary.host} port={primary.port} user=postgres"
        with inside(place):
            server.program("pg_basebackup", "-D", server.data, "-d", reach, "-c", "fast", "-R", "--no-sync")
            (server.data / "postgresql.conf").write_text(settings)
            server.start()

    def stop(self) -> None:
        for _, server in (self._standby, self._primary):
            server.stop()

    def _start(self, place: str, server: PostgresServer) -> None:
        with inside(place):
            server.start()


class KafkaDatabase:
    """A broker that speaks Kafka's protocol, in memory: it can be stopped and cut off, and not be killed."""

    places: Sequence[str] = (DATABASE,)
    is_kept = False

    def __init__(self, network: Network, timeout_s: float) -> None:
        with inside(DATABASE):
            self._broker = KafkaBroker(network.addresses[DATABASE])
        settings = f"durability=any&fetch_wait_ms={_FETCH_WAIT_MS}&timeout_s={timeout_s}"
        self.url = f"kafka://{self._broker.address}/moorings?{settings}&beside={quote('sqlite:///beside.db', safe='')}"

    def processes(self) -> list[int]:
        return [self._broker.process.pid]

    def kill(self) -> None:
        raise NotImplementedError("it would lose what it has")

    terminate = start = kill

    def stop(self) -> None:
        self._broker.stop()


def redis_in_memory(network: Network, timeout_s: float) -> Database:
    """Redis without a file, which forgets everything when it is killed; refused unless the ledger's URL allows it."""
    return RedisDatabase(network, timeout_s, "--appendonly", "no", durability="any")


@dataclass(frozen=True)
class Engine:
    """What the ledger of a run is kept in: the places that it needs, and how it is started there."""

    places: Sequence[str]
    start: Callable[[Network, float], Database]
    """With the `timeout_s` of the ledger's URL."""


ENGINES = {
    "redis": Engine(RedisDatabase.places, RedisDatabase),
    "postgresql": Engine(PostgresDatabase.places, PostgresDatabase),
    "postgresql-pair": Engine(PostgresPair.places, PostgresPair),
    "kafka": Engine(KafkaDatabase.places, KafkaDatabase),
}
UNSAFE = {"redis-in-memory": Engine(RedisDatabase.places, redis_in_memory)}
"""Those that a run has to find fault with."""


def _postgres_url(timeout_s: float, *servers: PostgresServer) -> str:
    hosts = ",".join(f"{one.host}:{one.port}" for one in servers)
    return f"postgresql://moorings@{hosts}/postgres?sslmode=disable&timeout_s={timeout_s}"


def _postgres_processes(server: PostgresServer) -> list[int]:
    return [server.process.pid, *children_of(server.process.pid)]


def _shut_down(server: PostgresServer) -> None:
    """End it as an operator does who does not wait for sessions to end."""
    os.kill(server.process.pid, signal.SIGINT)
    server.process.wait()


def _terminate(process: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(process, signal.SIGTERM)
