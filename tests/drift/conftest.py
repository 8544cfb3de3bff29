"""Drift on every engine: the store that belongs to each ledger."""

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from moorings_registry.drift import DriftStore
from moorings_registry.engines import open_drift
from tests.servers import PostgresServer, RedisServer, made_ledger

_numbers = count()
Opener = Callable[[], DriftStore]


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    server = RedisServer()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    server = PostgresServer()
    yield server
    server.stop()


SHARED = [
    "sqlite",
    pytest.param("redis", marks=pytest.mark.redis),
    pytest.param("postgresql", marks=pytest.mark.postgres),
]


@pytest.fixture(params=["memory", *SHARED])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[DriftStore]:
    """An empty store of each engine in turn."""
    opened = open_drift(url_of(request, tmp_path))
    yield opened
    opened.close()


@pytest.fixture(params=SHARED)
def shared_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A ledger that several processes open, and that outlives them."""
    return url_of(request, tmp_path)


def url_of(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "redis":
        return f"{request.getfixturevalue('redis_server').url}?prefix=drift-{next(_numbers)}"
    if request.param == "postgresql":
        return made_ledger(request.getfixturevalue("postgres_server"), f"drift_{next(_numbers)}")
    return "memory:" if request.param == "memory" else f"sqlite:///{tmp_path}/ledger.db"
