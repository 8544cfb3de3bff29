"""Fresh ledgers of every engine, several handles on each."""

import os
import tempfile
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from moorings_registry.engines import open_ledger
from moorings_registry.ledger import Ledger
from tests.servers import PostgresServer, RedisServer, made_ledger

WORKERS = 2
IN_MEMORY = Path("/dev/shm")
"""Where there is one: the law is about what is decided, and disks sync slowly."""
Ledgers = Callable[[], list[Ledger]]


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    """A real Redis that syncs every append: with `everysec` each of them would wait for up to a second."""
    server = RedisServer("--appendfsync", "always")
    yield server
    server.stop()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A real PostgreSQL; the registry takes none that does not sync."""
    server = PostgresServer()
    yield server
    server.stop()


ENGINES = (
    "memory",
    "sqlite",
    pytest.param("redis", marks=pytest.mark.redis),
    pytest.param("postgresql", marks=pytest.mark.postgres),
)


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def new_ledgers(request: pytest.FixtureRequest, engine: str) -> Iterator[Ledgers]:
    """Makes an empty ledger, and returns a handle on it for each worker."""
    opened: list[Ledger] = []
    numbers = count()
    with tempfile.TemporaryDirectory(prefix="moorings-laws-", dir=IN_MEMORY if IN_MEMORY.is_dir() else None) as folder:

        def make() -> list[Ledger]:
            while opened:
                opened.pop().close()
            if engine == "memory":
                return [open_ledger("memory:")] * WORKERS
            if engine == "redis":
                server: RedisServer = request.getfixturevalue("redis_server")
                url = f"{server.url}?prefix=law-{os.getpid()}-{next(numbers)}"
            elif engine == "postgresql":
                url = made_ledger(request.getfixturevalue("postgres_server"), f"law_{next(numbers)}")
            else:
                url = f"sqlite:///{folder}/{next(numbers)}.db"
            opened.extend(open_ledger(url) for _ in range(WORKERS))
            return list(opened)

        yield make
        for one in opened:
            one.close()
