"""Metrics, with the real library, of a client that has seen good and bad times."""

import json
from pathlib import Path
from typing import Any

import httpx2
import pytest

import moorings
from moorings_compat import Format

pytest.importorskip("prometheus_client")

from prometheus_client import CollectorRegistry

from moorings.observing.prometheus import ClientMetrics

SUBJECT = "shop.orders.OrderPlaced"
SCHEMA = {"type": "record", "name": "OrderPlaced", "fields": [{"name": "order_id", "type": "string"}]}


def test_requests_caches_circuits_and_events_are_counted(http: Any, tmp_path: Path) -> None:
    cut = False

    def forward(request: httpx2.Request) -> httpx2.Response:
        if cut:
            raise httpx2.ConnectError("cut")
        response: httpx2.Response = http.handle_request(request)
        return response

    collector = CollectorRegistry()
    registry = moorings.connect(
        http=httpx2.MockTransport(forward), retries=0, cache=tmp_path, notices=ClientMetrics(collector)
    )
    registry.api.register(SUBJECT, json.dumps(SCHEMA), Format.AVRO)
    contract = registry.event(SUBJECT)
    data = contract.encode({"order_id": "o-1"})
    for bad in (b"\x00\x00\x00\x00\x63", data[:-1]):
        with pytest.raises(moorings.MooringsError):
            contract.decode(bad)
    with pytest.raises(moorings.EventInvalid):
        contract.encode({})
    cut = True
    for _ in range(6):
        registry.api.event(SUBJECT)
    cut = False

    def value(name: str, **labels: str) -> float | None:
        return collector.get_sample_value(f"moorings_client_{name}", labels)

    event = {"subject": SUBJECT, "major": "1"}
    assert value("events_refused_total", **event) == 1
    assert value("events_not_read_total", **event) == 2
    assert value("stale_answers_total") == 6
    assert value("circuit", place="http://127.0.0.1:8081") == 2
    assert value("request_seconds_count", method="POST", status="201") == 1
    assert value("request_seconds_count", method="GET", status="none") == 5
    assert value("schema_lookups_total", cache="memory", found="no") == 1


def test_retries_and_moves_are_counted(http: Any) -> None:
    answers = iter([httpx2.Response(503)])

    def forward(request: httpx2.Request) -> httpx2.Response:
        response: httpx2.Response = next(answers, None) or http.handle_request(request)
        return response

    collector = CollectorRegistry()
    registry = moorings.connect(http=httpx2.MockTransport(forward), notices=ClientMetrics(collector), refresh_s=None)
    registry.api.register(SUBJECT, json.dumps(SCHEMA), Format.AVRO)
    registry.event(SUBJECT)
    wider = {**SCHEMA, "fields": [*SCHEMA["fields"], {"name": "n", "type": "int", "default": 0}]}
    registry.api.register(SUBJECT, json.dumps(wider), Format.AVRO)
    registry.refresh()
    assert collector.get_sample_value("moorings_client_retries_total") == 1
    assert collector.get_sample_value("moorings_client_contract_moves_total", {"subject": SUBJECT}) == 1
