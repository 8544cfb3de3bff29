"""A class compared with a contract: every difference with its location and role, and none for generated classes."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import Enum, StrEnum
from pathlib import Path
from typing import Any, Literal, NotRequired, TypedDict

import pytest
from hypothesis import HealthCheck, given, settings

from moorings.typed import ClassInvalid, assert_fits, compare
from moorings_compat import Format
from tests.client.typed.drawn_avro import contracts
from tests.client.typed.generated import imported, module_text, schema_of


class Kind(StrEnum):
    CARD = "CARD"
    CASH = "CASH"


@dataclass(frozen=True)
class Money:
    cents: int
    currency: str


@dataclass
class Order:
    order_id: str
    total: Money
    kind: Kind
    placed_at: datetime
    note: str | None = None
    lines: list[Money] = field(default_factory=list)


MONEY = {
    "type": "record",
    "name": "Money",
    "fields": [{"name": "cents", "type": "long"}, {"name": "currency", "type": "string"}],
}
KIND = {"type": "enum", "name": "Kind", "symbols": ["CARD", "CASH"]}
FIELDS: dict[str, Any] = {
    "order_id": "string",
    "total": MONEY,
    "kind": KIND,
    "placed_at": {"type": "long", "logicalType": "timestamp-millis"},
    "note": ["null", "string"],
    "lines": {"type": "array", "items": "Money"},
}


def avro(**changes: Any) -> Any:
    fields = [{"name": name, "type": type} for name, type in {**FIELDS, **changes}.items() if type is not None]
    return schema_of({"type": "record", "name": "Order", "fields": fields})


def found(kind: Any, schema: Any, role: str = "both") -> list[tuple[str, str, str]]:
    return [(one.path, str(one.role), str(one.code)) for one in compare(kind, schema, role)]


BOTH_WRONG = [("produce", "TYPE_WRONG"), ("consume", "TYPE_WRONG")]
CASES: list[tuple[str, dict[str, Any], list[tuple[str, str, str]]]] = [
    ("the same", {}, []),
    ("another type", {"order_id": "long"}, [("/order_id", *one) for one in BOTH_WRONG]),
    (
        "a wider type",
        {"total": {**MONEY, "fields": [{"name": "cents", "type": "double"}, MONEY["fields"][1]]}},
        [("/total/cents", "consume", "TYPE_WRONG"), ("/lines/*/cents", "consume", "TYPE_WRONG")],
    ),
    ("a field that the contract lacks", {"note": None}, [("/note", "produce", "FIELD_UNDECLARED")]),
    (
        "a field that the class needs",
        {"order_id": None},
        [("/order_id", "produce", "FIELD_UNDECLARED"), ("/order_id", "consume", "FIELD_MISSING")],
    ),
    ("a field that the class lacks", {"added": "long"}, [("/added", "produce", "FIELD_MISSING")]),
    ("None where the contract has none", {"note": "string"}, [("/note", "produce", "NONE_WRONG")]),
    ("None where the class has none", {"order_id": ["null", "string"]}, [("/order_id", "consume", "NONE_WRONG")]),
    ("fewer symbols", {"kind": {**KIND, "symbols": ["CARD"]}}, [("/kind", "produce", "SYMBOL_UNKNOWN")]),
    ("more symbols", {"kind": {**KIND, "symbols": ["CARD", "CASH", "GIFT"]}}, [("/kind", "consume", "SYMBOL_UNKNOWN")]),
    ("any text for an enumeration", {"kind": "string"}, [("/kind", "consume", "TYPE_WRONG")]),
    (
        "items of another type",
        {"lines": {"type": "array", "items": "string"}},
        [("/lines/*", *one) for one in BOTH_WRONG],
    ),
    ("an array for a map", {"lines": {"type": "map", "values": "Money"}}, [("/lines", *one) for one in BOTH_WRONG]),
]


@pytest.mark.parametrize(("shows", "changes", "expected"), CASES, ids=[case[0] for case in CASES])
def test_the_differences_of_a_dataclass_are_found(
    shows: str, changes: dict[str, Any], expected: list[tuple[str, str, str]]
) -> None:
    assert found(Order, avro(**changes)) == expected


def test_each_role_has_its_own_differences() -> None:
    assert found(Order, avro(note=None), "consume") == []
    assert found(Order, avro(note=None), "produce") == [("/note", "produce", "FIELD_UNDECLARED")]
    with pytest.raises(ValueError, match="both ways"):
        compare(Order, avro(), "both ways")


def test_assert_fits_lists_every_difference_in_a_sentence() -> None:
    assert_fits(Order, avro())
    with pytest.raises(AssertionError) as failed:
        assert_fits(Order, avro(order_id="long", added="long"))
    assert str(failed.value).splitlines() == [
        "Order does not fit the contract:",
        "  /order_id: the class may hold str, and the contract takes long (TYPE_WRONG, to produce)",
        "  /added: the contract needs this field, and the class does not have it (FIELD_MISSING, to produce)",
        "  /order_id: the contract allows long, and the class takes str (TYPE_WRONG, to consume)",
    ]


class OrderDict(TypedDict):
    order_id: str
    kind: NotRequired[Literal["CARD", "CASH"]]
    tags: dict[str, list[int]]


JSON_ORDER: dict[str, Any] = {
    "type": "object",
    "properties": {
        "order_id": {"type": "string"},
        "kind": {"enum": ["CARD", "CASH"]},
        "tags": {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "integer"}}},
    },
    "required": ["order_id", "tags"],
}


def test_the_differences_of_a_typed_dict_are_found() -> None:
    assert found(OrderDict, schema_of(JSON_ORDER, Format.JSON)) == []
    stricter = {**JSON_ORDER, "required": ["order_id", "tags", "kind"]}
    assert found(OrderDict, schema_of(stricter, Format.JSON)) == [("/kind", "produce", "FIELD_MISSING")]
    looser = {**JSON_ORDER, "required": ["order_id"]}
    assert found(OrderDict, schema_of(looser, Format.JSON)) == [("/tags", "consume", "FIELD_MISSING")]
    values = {
        **JSON_ORDER["properties"]["tags"],
        "additionalProperties": {"type": "array", "items": {"type": "number"}},
    }
    wider = {**JSON_ORDER, "properties": {**JSON_ORDER["properties"], "tags": values}}
    assert found(OrderDict, schema_of(wider, Format.JSON)) == [("/tags/*/*", "consume", "TYPE_WRONG")]


def test_the_differences_of_a_pydantic_model_are_found() -> None:
    pydantic = pytest.importorskip("pydantic")

    class Shipped(pydantic.BaseModel):  # type: ignore[misc,name-defined]  # imported where it is installed
        model_config = pydantic.ConfigDict(extra="forbid")
        order_id: str = pydantic.Field(alias="orderId")
        shipped_at: datetime
        weight: Decimal | None = None

    properties = {"orderId": {"type": "string"}, "shipped_at": {"type": "string", "format": "date-time"}}
    schema = {"type": "object", "properties": properties, "required": ["orderId", "shipped_at"]}
    weighed = {**schema, "properties": {**properties, "weight": {"type": "string"}}}
    assert found(Shipped, schema_of(weighed, Format.JSON)) == []
    assert found(Shipped, schema_of(schema, Format.JSON)) == [("/weight", "produce", "FIELD_UNDECLARED")]
    more = {**weighed, "properties": {**weighed["properties"], "added": {"type": "string"}}}
    assert found(Shipped, schema_of(more, Format.JSON)) == [("/added", "consume", "FIELD_UNDECLARED")]
    plain = {**weighed, "properties": {**weighed["properties"], "shipped_at": {"type": "string"}}}
    assert found(Shipped, schema_of(plain, Format.JSON)) == [("/shipped_at", "consume", "TYPE_WRONG")]


@dataclass
class Node:
    name: str
    children: "list[Node]"


def test_the_comparison_of_recursive_types_ends() -> None:
    children = {"name": "children", "type": {"type": "array", "items": "Node"}}
    node = {"type": "record", "name": "Node", "fields": [{"name": "name", "type": "string"}, children]}
    assert found(Node, schema_of(node)) == []
    numbered = {**node, "fields": [{"name": "name", "type": "int"}, children]}
    assert found(Node, schema_of(numbered)) == [("/name", *one) for one in BOTH_WRONG]


def test_a_protobuf_field_with_presence_fits_an_optional_field() -> None:
    pytest.importorskip("google.protobuf")

    @dataclass
    class Captured:
        payment_id: str
        cents: int | None
        note: str | None = None

    text = 'syntax = "proto3"; message Captured { string payment_id = 1; int64 cents = 2; optional string note = 3; }'
    assert found(Captured, schema_of(text, Format.PROTOBUF)) == [("/cents", "produce", "NONE_WRONG")]


class Colour(Enum):
    RED = 1


@dataclass
class Odd:
    colours: set[Colour]


def test_a_type_that_no_event_holds_is_named() -> None:
    schema = schema_of({"type": "record", "name": "Odd", "fields": [{"name": "colours", "type": KIND}]})
    assert [one.sentence for one in compare(Odd, schema, "produce")] == [
        "the class may hold set[tests.client.typed.test_compare.Colour], and the contract takes Kind"
    ]
    with pytest.raises(ClassInvalid, match="int is not a dataclass"):
        compare(int, schema)


def test_a_class_is_compared_with_a_contract_file(tmp_path: Path) -> None:
    folder = tmp_path / "shop.orders"
    folder.mkdir()
    path = folder / "Order.v1.avsc"
    path.write_text(avro().text)
    assert_fits(Order, path)
    assert_fits(Order, str(path))


@given(contracts())
@settings(max_examples=60, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
@pytest.mark.parametrize("style", ["dataclass", "typeddict"])
def test_generated_classes_fit_their_contract(style: str, drawn: tuple[Any, Any]) -> None:
    schema = schema_of(drawn[0])
    assert compare(imported(module_text(schema, style)).OrderPlaced, schema) == ()


def test_a_type_with_many_uses_is_compared_once() -> None:
    def nested(last: str) -> Any:
        inner: Any = {"type": "record", "name": "R18", "fields": [{"name": "v", "type": last}]}
        for level in range(17, -1, -1):
            fields = [{"name": "a", "type": inner}, {"name": "b", "type": ["null", f"R{level + 1}"]}]
            inner = {"type": "record", "name": f"R{level}" if level else "OrderPlaced", "fields": fields}
        return schema_of(inner)

    kind = imported(module_text(nested("int"))).OrderPlaced
    assert compare(kind, nested("int")) == ()
    assert len(compare(kind, nested("string"), "produce")) == 1000
