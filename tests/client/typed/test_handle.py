"""Objects through a real registry: written and read by their class, in every format, and refused with reasons."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx2
import pytest

import moorings
from moorings import typed
from moorings.asynchronous import AsyncRegistry
from moorings.testing import payloads
from moorings.typed.generate import files_of, from_registry
from moorings_compat import Format
from tests.client.typed.generated import imported

SUBJECT = "shop.orders.OrderPlaced"
AVRO: dict[str, Any] = {
    "type": "record",
    "name": "OrderPlaced",
    "namespace": "shop.orders",
    "fields": [
        {"name": "order_id", "type": "string"},
        {"name": "kind", "type": {"type": "enum", "name": "Kind", "symbols": ["CARD", "CASH"]}},
        {
            "name": "lines",
            "type": {
                "type": "array",
                "items": {"type": "record", "name": "Line", "fields": [{"name": "cents", "type": "long"}]},
            },
        },
    ],
}
NEWER = {**AVRO, "fields": [*AVRO["fields"], {"name": "note", "type": ["null", "string"], "default": None}]}
JSON = {
    "type": "object",
    "properties": {"order_id": {"type": "string"}, "kind": {"enum": ["CARD", "CASH"]}, "cents": {"type": "integer"}},
    "required": ["order_id", "kind"],
}
PROTO = """syntax = "proto3";
package shop.orders;
message OrderPlaced { string order_id = 1; Kind kind = 2; repeated Line lines = 3; }
message Line { int64 cents = 1; }
enum Kind { UNKNOWN = 0; CARD = 1; }
"""
TEXTS = [(Format.AVRO, json.dumps(AVRO)), (Format.JSON, json.dumps(JSON)), (Format.PROTOBUF, PROTO)]
Generated = Callable[[moorings.Registry], Any]


def generated(registry: moorings.Registry) -> Any:
    """Return the module that the newest revision of the event becomes."""
    files = files_of(from_registry(registry, [SUBJECT]), "dataclass", 88)
    return imported(next(text for name, text in files.items() if name.name == "order_placed_v1.py"))


@pytest.mark.parametrize(("format", "text"), TEXTS)
@pytest.mark.parametrize("framing", ["id", "guid"])
def test_objects_survive_a_round_trip_through_a_handle(
    registry: moorings.Registry, format: Format, text: str, framing: str
) -> None:
    registry.api.register(SUBJECT, text, format)
    kind = generated(registry).OrderPlaced
    plain, contract = registry.event(SUBJECT, framing=framing), typed.event(registry, kind, framing=framing)
    around = typed.of(plain, kind)
    for event in payloads.valid(plain, 20):
        data = plain.encode(event)
        made = contract.decode(data)
        assert made.__class__ is kind
        assert around.decode(data) == made
        assert contract.decode(contract.encode(made)) == made
        assert around.encode(made) == contract.encode(made)
        assert contract.validate(made) == around.validate(made) == []


def test_a_class_reads_what_newer_revisions_write(registry: moorings.Registry) -> None:
    registry.api.register(SUBJECT, json.dumps(AVRO), Format.AVRO)
    module = generated(registry)
    registry.api.register(SUBJECT, json.dumps(NEWER), Format.AVRO)
    registry.refresh()
    newest = registry.event(SUBJECT)
    newest.refresh()
    data = newest.encode({"order_id": "o-1", "kind": "CARD", "lines": [], "note": "new"})
    made = module.OrderPlaced(order_id="o-1", kind=module.Kind.CARD, lines=[])
    assert typed.event(registry, module.OrderPlaced).decode(data) == made
    assert typed.of(newest, module.OrderPlaced).decode(data) == made


def test_an_invalid_object_is_refused_with_its_location(registry: moorings.Registry) -> None:
    registry.api.register(SUBJECT, json.dumps(AVRO), Format.AVRO)
    module = generated(registry)
    wrong = module.OrderPlaced(order_id=1, kind="GIFT", lines=[module.Line(cents="1"), {"cents": 2}])
    for contract in (typed.event(registry, module.OrderPlaced), typed.of(registry.event(SUBJECT), module.OrderPlaced)):
        expected = {("/order_id", "TYPE_WRONG"), ("/kind", "SYMBOL_UNKNOWN"), ("/lines/0/cents", "TYPE_WRONG")}
        assert {(one.pointer, str(one.rule)) for one in contract.validate(wrong)} == expected
        with pytest.raises(moorings.EventInvalid) as refused:
            contract.encode(wrong)
        assert {(one.pointer, str(one.rule)) for one in refused.value.violations} == expected
        with pytest.raises(moorings.EventInvalid, match="an object of OrderPlaced"):
            contract.encode({"order_id": "o-1"})


@dataclass
class Line:
    cents: int


@dataclass
class ByHand:
    order_id: str
    kind: str
    lines: tuple[Line, ...] = field(default_factory=tuple)


def test_a_handwritten_class_is_compared_with_the_contract_first(registry: moorings.Registry) -> None:
    registry.api.register(SUBJECT, json.dumps(AVRO), Format.AVRO)
    contract = registry.event(SUBJECT)
    with pytest.raises(typed.ClassUnfit, match="/kind: the class may hold str"):
        typed.of(contract, ByHand)
    reading = typed.of(contract, ByHand, role="consume")
    data = contract.encode({"order_id": "o-1", "kind": "CASH", "lines": [{"cents": 5}]})
    assert reading.decode(data) == ByHand("o-1", "CASH", (Line(5),))
    with pytest.raises(typed.ClassInvalid, match="moorings generate"):
        typed.event(registry, ByHand)


def test_typed_handles_work_with_asyncio(registry: moorings.Registry, http: httpx2.BaseTransport) -> None:
    registry.api.register(SUBJECT, json.dumps(AVRO), Format.AVRO)
    module = generated(registry)
    made = module.OrderPlaced(order_id="o-1", kind=module.Kind.CARD, lines=[module.Line(cents=1)])
    data = typed.event(registry, module.OrderPlaced).encode(made)

    async def read() -> Any:
        async with AsyncRegistry(registry, httpx2.ASGITransport(app=_refusing)) as asynchronous:
            contract = await asynchronous.event(**typed.arguments_for(module.OrderPlaced))
            return await contract.decode(data)

    assert asyncio.run(read()) == made


async def _refusing(scope: Any, receive: Any, send: Any) -> None:
    """Nobody has to be asked: the handle is known to the registry that both share."""
    raise AssertionError("a known contract asks nobody")


@pytest.mark.parametrize(("format", "text"), TEXTS)
def test_payloads_of_a_typed_handle_are_objects(registry: moorings.Registry, format: Format, text: str) -> None:
    registry.api.register(SUBJECT, text, format)
    kind = generated(registry).OrderPlaced
    contracts = typed.event(registry, kind), typed.of(registry.event(SUBJECT), kind)
    for contract in contracts:
        assert {one.__class__ for one in payloads.valid(contract, 5)} == {kind}
        assert {one.event.__class__ for one in payloads.adversarial(contract)} == {kind}
    assert payloads.valid(contracts[0], 5) == payloads.valid(contracts[1], 5)
