"""A Redis stream as an archive, against a real server."""

from collections.abc import Iterator
from typing import Any

import pytest

from moorings.integrations.redis_streams import add
from moorings.replay import open_archive
from moorings.replay.items import Damage, FramedEvent
from tests.client.replay.conftest import SUBJECT, World
from tests.client.replay.test_command import told, writers

redis = pytest.importorskip("redis")
pytestmark = pytest.mark.redis


@pytest.fixture(scope="module")
def server() -> Iterator[Any]:
    servers = pytest.importorskip("tests.servers")
    made = servers.RedisServer()
    yield made
    made.stop()


def test_a_stream_is_replayed_and_resumed(world: World, server: Any, capsys: pytest.CaptureFixture[str]) -> None:
    client = redis.Redis.from_url(server.url)
    first, second = world.registry.event(SUBJECT), world.registry.event(SUBJECT, 2)
    for number in range(450):
        add(
            client,
            "orders",
            first if number % 2 else second,
            {"id": "secret", "lines": [], **({} if number % 2 else {"currency": "EUR"})},
        )
    url, state = f"{server.url.partition('?')[0].removesuffix('/0')}/0/orders", world.folder / "state"
    code, report = told(world, capsys, url, "--reader", "1", "--resume", state, "--limit", "300")
    assert (code, report["events"], report["archive"]["kind"]) == (0, 300, "redis")
    code, report = told(world, capsys, url, "--reader", "1", "--resume", state)
    assert (code, writers(report), report["complete"]) == (0, {"1.1": (225, 0), "2.0": (225, 0)}, True)
    client.xadd("orders", {"payload": world.events["1.0"][:-1]})
    code, report = told(world, capsys, url, "--reader", "1", "--resume", state)
    assert (code, report["unreadable"]) == (1, 1)
    assert client.xlen("orders") == 451


def test_entries_of_other_kinds_are_damage(server: Any) -> None:
    client = redis.Redis.from_url(server.url)
    client.xadd("odd", {"other": b"x"})
    client.xadd("odd", {"payload": b"x", "moorings-schema-id": b"nonsense"})
    client.xadd("odd", {"payload": b"\0\0\0\0\1x"})
    archive = open_archive(f"{server.url.partition('?')[0].removesuffix('/0')}/odd")
    assert [type(one.content) for one in archive.read()] == [Damage, Damage, FramedEvent]
    assert archive.total == 3
    archive.close()
