"""Exporting as it is served: two registries with two workers each, one of which is away, or killed, meanwhile."""

import json
import os
import signal
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from moorings_registry.migration import ImportedRegistry, Peer, read_registry
from tests.confluent.api import record
from tests.confluent.served import ServedRegistry
from tests.waiting import eventually


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[ServedRegistry, ServedRegistry]]:
    folders = [tmp_path / "source", tmp_path / "target"]
    registries = []
    for folder in folders:
        folder.mkdir()
        registries.append(ServedRegistry(folder))
    yield registries[0], registries[1]
    for registry in registries:
        registry.stop()


def call(registry: ServedRegistry, method: str, path: str, body: Any = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(registry.url + path, data, {"Content-Type": "application/json"}, method=method)
    with urllib.request.urlopen(request, timeout=20) as answer:
        content = answer.read()
    return json.loads(content) if content else None


def register(registry: ServedRegistry, *fields: str) -> None:
    body = {"schema": json.dumps(record("id", **dict.fromkeys(fields, "")))}
    call(registry, "POST", "/subjects/orders/versions", body)


def held_by(registry: ServedRegistry) -> ImportedRegistry:
    peer = Peer(registry.url)
    try:
        return read_registry(peer)
    finally:
        peer.close()


def in_step(source: ServedRegistry, target: ServedRegistry) -> Callable[[], bool]:
    def agree() -> bool:
        status = call(source, "GET", "/exporters/x/status")
        return status["state"] == "RUNNING" and held_by(source).versions == held_by(target).versions

    return agree


def test_a_target_that_was_away_and_a_worker_that_was_killed(served: tuple[ServedRegistry, ServedRegistry]) -> None:
    source, target = served
    config = {"schema.registry.url": target.url}
    register(source)
    call(source, "POST", "/exporters", {"name": "x", "contextType": "NONE", "config": config})
    eventually(in_step(source, target))

    os.kill(_master(target), signal.SIGSTOP)
    workers = _workers(target)
    for pid in workers:
        os.kill(pid, signal.SIGSTOP)
    register(source, "note")
    eventually(lambda: call(source, "GET", "/exporters/x/status")["state"] == "ERROR")
    assert "does not answer" in call(source, "GET", "/exporters/x/status")["trace"]
    for pid in (*workers, _master(target)):
        os.kill(pid, signal.SIGCONT)
    eventually(in_step(source, target))

    for pid in _workers(source):
        os.kill(pid, signal.SIGKILL)
        eventually(lambda: _answers(source))
        register(source, "note", f"of{pid}")
        eventually(in_step(source, target))
    assert [one.number for one in held_by(target).versions] == [1, 2, 3, 4]


def _master(registry: ServedRegistry) -> int:
    return registry._process.pid


def _workers(registry: ServedRegistry) -> list[int]:
    pid = _master(registry)
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _answers(registry: ServedRegistry) -> bool:
    try:
        return call(registry, "GET", "/exporters") == ["x"]
    except OSError:
        return False
