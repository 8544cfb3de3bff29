"""Recorded reads: events that note what a handler touches."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import moorings
from moorings.testing.reads import ReadRecorder

SUBJECT = "shop.orders.OrderPlaced"
ITEM = {"type": "record", "name": "Item", "fields": [{"name": "sku", "type": "string"}, {"name": "n", "type": "int"}]}
SCHEMA = {
    "type": "record",
    "name": "OrderPlaced",
    "fields": [
        {"name": "order_id", "type": "string"},
        {"name": "total", "type": ["null", "double"], "default": None},
        {"name": "items", "type": {"type": "array", "items": ITEM}},
        {"name": "prices", "type": {"type": "map", "values": "double"}},
    ],
}
EVENT = {"order_id": "o", "total": 1.0, "items": [{"sku": "a", "n": 1}], "prices": {"EUR": 2.0}}


@pytest.fixture
def placed(registry: moorings.Registry) -> Any:
    body = {"schema": json.dumps(SCHEMA), "format": "AVRO"}
    registry.api.send("POST", f"/v1/events/{SUBJECT}/versions", body)
    return registry.event(SUBJECT)


def ship(event: Any) -> Any:
    return event["order_id"], [one["sku"] for one in event["items"]]


def price(event: Any) -> Any:
    return event.get("total"), event["prices"]["EUR"]


HANDLERS: list[tuple[Callable[[Any], Any], dict[str, str]]] = [
    (ship, {"/items/*/sku": "required", "/order_id": "required"}),
    (price, {"/prices/*": "required", "/total": "optional"}),
    (lambda event: len(event["items"]), {"/items": "required"}),
    (lambda event: "total" in event, {"/total": "optional"}),
    (lambda event: None, {}),
    (
        json.dumps,
        {"/items/*/n": "optional", "/items/*/sku": "optional", "/order_id": "optional", "/prices/*": "optional",
         "/total": "optional"},
    ),
    (dict, {"/items": "required", "/order_id": "required", "/prices": "required", "/total": "required"}),
]  # fmt: skip


@pytest.mark.parametrize(("handler", "touched"), HANDLERS, ids=range(len(HANDLERS)))
def test_what_a_handler_touches_is_recorded(placed: Any, handler: Any, touched: dict[str, str]) -> None:
    recorder = ReadRecorder()
    handler(recorder.noting("shipping", placed, EVENT))
    assert recorder.fields("shipping", SUBJECT) == touched


def test_a_noting_event_is_the_event(placed: Any) -> None:
    noting = ReadRecorder().noting("shipping", placed, EVENT)
    assert noting == EVENT
    assert json.loads(json.dumps(noting)) == EVENT
    assert {**noting} == EVENT
    assert placed.encode(noting) == placed.encode(EVENT)


def test_generated_events_reach_the_handler(placed: Any) -> None:
    recorder, count = ReadRecorder(), 0
    for event in recorder.events("shipping", placed):
        ship(event)
        count += 1
    assert count > 10
    assert recorder.fields("shipping", SUBJECT) == {"/items/*/sku": "required", "/order_id": "required"}


def test_objects_of_a_class_are_refused(placed: Any) -> None:
    with pytest.raises(TypeError, match="plain handle"):
        ReadRecorder().noting("shipping", placed, object())


def test_recorded_reads_are_written_by_application(placed: Any, tmp_path: Path) -> None:
    recorder = ReadRecorder()
    ship(recorder.noting("shipping", placed, EVENT))
    price(recorder.noting("pricing", placed, EVENT))
    recorder.write(tmp_path / "reads", "main")
    found = json.loads((tmp_path / "reads" / "shipping.main.json").read_text())
    assert found["reads"] == [
        {"event": SUBJECT, "major": 1, "fields": {"/items/*/sku": "required", "/order_id": "required"}}
    ]
    assert (tmp_path / "reads" / "pricing.main.json").is_file()
