"""A served registry with a shop's events in it, and real brokers; each is started once, when it is first used."""

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

import moorings
from moorings_compat import Format
from tests.brokers import KafkaBroker, NatsBroker, RabbitBroker
from tests.confluent.served import ServedRegistry
from tests.integrations.shop import DOMAINS, EVENTS
from tests.servers import RedisServer


@pytest.fixture(scope="session")
def served() -> Iterator[ServedRegistry]:
    """One real server for all tests of this folder; they add to the shop's events, and change none."""
    with tempfile.TemporaryDirectory(prefix="moorings-served-") as folder:
        registry = ServedRegistry(Path(folder))
        yield registry
        registry.stop()


@pytest.fixture(scope="session")
def shop(served: ServedRegistry) -> Iterator[moorings.Registry]:
    with moorings.connect(served.url, refresh_s=None) as registry:
        for domain in DOMAINS:
            registry.api.put_domain(domain, {"owner": "team-shop", "policy": {"names": "any"}})
        for event in EVENTS:
            text = event.schema if isinstance(event.schema, str) else json.dumps(event.schema)
            registry.api.register(event.subject, text, Format(event.format), event.references)
        yield registry


@pytest.fixture(scope="session")
def kafka() -> Iterator[KafkaBroker]:
    broker = KafkaBroker()
    yield broker
    broker.stop()


@pytest.fixture(scope="session")
def nats() -> Iterator[NatsBroker]:
    broker = NatsBroker()
    yield broker
    broker.stop()


@pytest.fixture(scope="session")
def rabbitmq() -> Iterator[RabbitBroker]:
    broker = RabbitBroker()
    yield broker
    broker.stop()


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    server = RedisServer("--appendonly", "no")
    yield server
    server.stop()
