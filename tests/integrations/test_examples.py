"""Every file of `examples/` runs against real servers, and shows what it says."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.brokers import KafkaBroker, NatsBroker, RabbitBroker
from tests.confluent.served import ServedRegistry
from tests.servers import RedisServer

pytestmark = pytest.mark.timeout(600)  # a broker may have to be installed

ROOT = Path(__file__).resolve().parent.parent.parent
REFUSED = r"refused: .*/total: TYPE_WRONG.*/discount: FIELD_UNDECLARED"
HANDLED = r"handled: o-1"
DEAD = r"dead letter: FRAMING_INVALID from "


@pytest.fixture(scope="module")
def pushed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A registry with the contracts of `schemas/` in it."""
    served = ServedRegistry(tmp_path_factory.mktemp("registry"), workers=1)
    command = [sys.executable, "-m", "moorings", "--url", served.url, "push"]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=60)
    yield served.url
    served.stop()


def run(name: str, registry: str, **addresses: str) -> str:
    """Run an example; return what it printed."""
    environment = {**os.environ, "MOORINGS_URL": registry, "PYTHONUNBUFFERED": "1", **addresses}
    done = subprocess.run(
        [sys.executable, ROOT / "examples" / f"{name}.py"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def assert_shown(printed: str, *patterns: str) -> None:
    for pattern in (REFUSED, HANDLED, DEAD, *patterns):
        assert re.search(pattern, printed), f"{pattern!r} is not in:\n{printed}"


@pytest.mark.parametrize("name", ["kafka_orders", "aiokafka_orders", "faststream_orders"])
def test_kafka(name: str, pushed: str, kafka: KafkaBroker) -> None:
    assert_shown(run(name, pushed, KAFKA_BOOTSTRAP=kafka.address))


@pytest.mark.redis
def test_redis(pushed: str, redis_server: RedisServer) -> None:
    assert_shown(run("redis_streams_orders", pushed, REDIS_URL=redis_server.url), "1 handled, 1 set aside")


def test_rabbitmq(pushed: str, rabbitmq: RabbitBroker) -> None:
    assert_shown(run("rabbitmq_orders", pushed, RABBITMQ_URL=rabbitmq.url))


def test_nats(pushed: str, nats: NatsBroker) -> None:
    assert_shown(run("nats_orders", pushed, NATS_URL=nats.url))


def test_webhook(pushed: str) -> None:
    printed = run("cloudevents_webhook", pushed)
    assert_shown(printed, r"answered: 204 to application/cloudevents-batch\+json")
    assert printed.count("handled: o-1") == 4


def test_every_example_is_listed_and_run() -> None:
    programs = {path.stem for path in (ROOT / "examples").glob("*.py")} - {"shop"}
    listed = (ROOT / "examples" / "README.md").read_text()
    here = Path(__file__).read_text()
    assert {name for name in programs if f"`{name}.py`" in listed and f'"{name}"' in here} == programs
