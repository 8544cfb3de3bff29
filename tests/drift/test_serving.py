"""Drift at a real server: two workers count into the same rows, and a restart keeps them."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import moorings
from moorings_compat import Format
from tests.registry.asking import record
from tests.registry.serving import Serving

SUBJECT = "shop.orders.OrderPlaced"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    made = Serving(tmp_path_factory.mktemp("serving"), "--workers", "2")
    yield made
    made.stop()


def test_workers_share_counts_and_a_restart_keeps_them(server: Serving) -> None:
    with moorings.connect(f"http://127.0.0.1:{server.port}", drift=False) as registry:
        registry.api.register(SUBJECT, record("a", name="OrderPlaced"), Format.AVRO)

    def fail(_number: int) -> None:
        with moorings.connect(f"http://127.0.0.1:{server.port}") as registry:
            placed = registry.event(SUBJECT)
            for _ in range(5):
                with pytest.raises(moorings.EventInvalid):
                    placed.encode({"a": "secret"})
            assert registry.client_state.drift is not None
            assert registry.client_state.drift.flush()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(fail, range(4)))
    path = f"/v1/events/{SUBJECT}/drift"
    assert {server.call("GET", path).json["count"] for _ in range(20)} == {20}
    assert (server.folder / "ledger.db.drift").stat().st_mode & 0o077 == 0
    server.kill()
    server.start()
    shown = server.call("GET", path).json
    assert (shown["count"], shown["drift"][0]["path"], shown["drift"][0]["rule"]) == (20, "/a", "TYPE_WRONG")
    metrics = server.call("GET", "/metrics").body.decode()
    assert "moorings_http_requests_total" in metrics


def test_a_disk_that_takes_no_counts_harms_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "ledger.db.drift").mkdir()
    server = Serving(tmp_path)
    try:
        body = {"schema": record("a", name="OrderPlaced")}
        assert server.call("POST", f"/v1/events/{SUBJECT}/versions", body).status == 201
        row = {"subject": SUBJECT, "direction": "produce", "rule": "TYPE_WRONG"}
        told = server.call("POST", "/v1/drift", {"reporter": {}, "observations": [row]})
        assert (told.status, told.code) == (503, "DRIFT_UNAVAILABLE")
        assert server.call("GET", f"/admin/events/{SUBJECT}").status == 200
    finally:
        server.stop()
