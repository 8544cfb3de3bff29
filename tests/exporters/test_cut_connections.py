"""An exporter over real connections that break, at every moment of every kind of request."""

import random
import socket
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest

from moorings_registry.export_statuses import RUNNING
from moorings_registry.exporting import target as target_module
from moorings_registry.exporting.leases import FileLease
from moorings_registry.exporting.runner import Runner
from moorings_registry.migration import Peer, read_registry
from tests.confluent.api import Api, new_api
from tests.confluent.served import ServedRegistry
from tests.exporters.pairs import History, held_by
from tests.faults.proxy import Cut, CuttingProxy

MOMENTS = list(product(Cut, (b"POST /subjects", b"DELETE /subjects", b"PUT /config", b"PUT /mode", b"GET /subjects")))


@pytest.fixture
def target(tmp_path: Path) -> Iterator[ServedRegistry]:
    registry = ServedRegistry(tmp_path)
    yield registry
    registry.stop()


@pytest.fixture
def proxy(target: ServedRegistry) -> Iterator[CuttingProxy]:
    proxy = CuttingProxy(target.port)
    socket.setdefaulttimeout(2.0)  # for its connections: one that was cut before its body would stay open for ever
    yield proxy
    socket.setdefaulttimeout(None)
    proxy.close()


def test_the_target_equals_the_source(
    target: ServedRegistry, proxy: CuttingProxy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(target_module, "TIMEOUT_S", 1.0)
    source, chance, clock = new_api(), random.Random(5), [0.0]
    history = History(source, 5)
    config = {"schema.registry.url": f"http://127.0.0.1:{proxy.port}"}
    body = {"name": "x", "contextType": "NONE", "subjects": [":*:"], "config": config}
    assert source.post("/exporters", body).status == 200
    runner = Runner(source.application.registry, FileLease(tmp_path / "lease"), clock=lambda: clock[0])

    def turn(times: int = 1) -> None:
        for _ in range(times):
            clock[0] += 60
            runner.turn()

    chance.shuffle(MOMENTS)
    for cut, word in MOMENTS:
        proxy.cut_next(cut, word)
        before = proxy.cuts
        for _ in range(10):
            history.step()
            turn()
            if proxy.cuts > before:
                break
    proxy.cut_next(Cut.BEFORE, b"no request holds this")
    turn(10)
    assert proxy.cuts >= len(MOMENTS) / 2
    assert source.get("/exporters/x/status").json["state"] == RUNNING
    assert versions_there(target) == versions_here(source)
    source.put("/exporters/x/pause")
    turn()  # lets the connections go


def versions_here(source: Api) -> object:
    return held_by(source).versions


def versions_there(target: ServedRegistry) -> object:
    peer = Peer(target.url)
    try:
        return read_registry(peer).versions
    finally:
        peer.close()
