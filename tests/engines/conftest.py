"""One store for every engine: what is tested with `place` holds for all of them."""

import secrets
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from moorings_registry.ledger import Ledger
from moorings_registry.ledger.kafka import KafkaLedger
from tests.brokers import KafkaBroker, KafkaItself, kafka_for_ledgers
from tests.engines.places import Place, kafka_ledger
from tests.faults.sentinels import Watched
from tests.servers import PostgresServer, RedisServer, made_ledger, old_redis_program

_numbers = count()


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    """A real Redis with an append-only file, synced before each answer."""
    server = RedisServer()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def old_redis_server() -> Iterator[RedisServer]:
    """A real Redis from before 7.2, with an append-only file, synced before each answer."""
    server = RedisServer(program=old_redis_program())
    yield server
    server.stop()


@pytest.fixture
def redis_url(redis_server: RedisServer) -> str:
    """The URL of a Redis ledger that nobody has used yet."""
    return f"{redis_server.url}?prefix=test-{next(_numbers)}"


@pytest.fixture
def old_redis_url(old_redis_server: RedisServer) -> str:
    """The URL of a ledger on the old Redis that nobody has used yet."""
    return f"{old_redis_server.url}?prefix=test-{next(_numbers)}"


@pytest.fixture(scope="session")
def watched_redis() -> Iterator[Watched]:
    """A real Redis with a replica, and a sentinel that says which of them is the master."""
    servers = Watched()
    yield servers
    servers.stop()


@pytest.fixture
def sentinel_url(watched_redis: Watched) -> str:
    """The URL of a ledger behind a sentinel that nobody has used yet."""
    return f"{watched_redis.url}&prefix=test-{next(_numbers)}"


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A real PostgreSQL."""
    server = PostgresServer()
    yield server
    server.stop()


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> str:
    """The URL of a PostgreSQL ledger that nobody has used yet."""
    return made_ledger(postgres_server, f"test_{next(_numbers)}")


@pytest.fixture(scope="session")
def kafka_broker() -> Iterator[KafkaBroker | KafkaItself]:
    """A real broker that speaks Kafka's protocol; Kafka itself, where `MOORINGS_TEST_KAFKA` names one."""
    broker = kafka_for_ledgers()
    yield broker
    broker.stop()


@pytest.fixture
def kafka_url(kafka_broker: KafkaBroker | KafkaItself, tmp_path: Path) -> str:
    """The URL of a Kafka ledger that nobody has used yet."""
    return kafka_ledger(kafka_broker.address, f"moorings-test-{secrets.token_hex(8)}", tmp_path)


@pytest.fixture(autouse=True)
def _closed_kafka_ledgers(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Close what a test opened: a ledger that is left open goes on asking the broker of all tests for news."""
    opened: list[KafkaLedger] = []
    made = KafkaLedger.__init__

    def noted(ledger: KafkaLedger, *arguments: Any, **more: Any) -> None:
        made(ledger, *arguments, **more)
        opened.append(ledger)

    monkeypatch.setattr(KafkaLedger, "__init__", noted)
    yield
    for ledger in opened:
        ledger.close()


STORES = ["memory", "sqlite", *(pytest.param(one, marks=pytest.mark.redis) for one in ("redis", "old redis"))]
"""Engines that store what is beside a ledger as well."""
STORES.append(pytest.param("postgresql", marks=pytest.mark.postgres))
ENGINES = [*STORES, pytest.param("kafka", marks=pytest.mark.kafka)]


WAYS = [*ENGINES, pytest.param("redis sentinel", marks=pytest.mark.redis)]
"""Every scheme of a ledger's URL whose entries are written in a way of their own."""


@pytest.fixture(params=ENGINES)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    """An empty store of each engine in turn."""
    yield from empty_place(request, tmp_path)


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    """The same, of each engine that stores what is beside a ledger."""
    yield from empty_place(request, tmp_path)


def empty_place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    """An empty store of the engine that is the parameter of *request*."""
    urls = {
        "memory": lambda: "memory:",
        "sqlite": lambda: f"sqlite:///{tmp_path}/ledger.db",
        "redis": lambda: request.getfixturevalue("redis_url"),
        "postgresql": lambda: request.getfixturevalue("postgres_url"),
        "kafka": lambda: request.getfixturevalue("kafka_url"),
        "old redis": lambda: request.getfixturevalue("old_redis_url"),
        "redis sentinel": lambda: request.getfixturevalue("sentinel_url"),
    }
    place = Place(request.param, urls[request.param]())
    yield place
    place.close()


@pytest.fixture
def ledger(place: Place) -> Ledger:
    """A handle on an empty store of each engine in turn."""
    return place.open()
