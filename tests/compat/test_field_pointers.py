"""Fields by JSON Pointer: where a pointer leaves what a schema declares, in every format."""

import json

import pytest

from moorings_compat import Format, parse
from moorings_compat.field_pointers import is_field_pointer, missing_field

CUSTOMER = {"type": "record", "name": "Customer", "fields": [{"name": "id", "type": "int"}]}
AVRO = json.dumps(
    {
        "type": "record",
        "name": "OrderPlaced",
        "fields": [
            {"name": "order_id", "type": "string"},
            {"name": "customer", "type": ["null", CUSTOMER]},
            {"name": "items", "type": {"type": "array", "items": "Customer"}},
            {"name": "by_name", "type": {"type": "map", "values": "Customer"}},
            {"name": "last", "type": ["null", "OrderPlaced"]},
        ],
    }
)
JSON = json.dumps(
    {
        "type": "object",
        "properties": {
            "order_id": {"type": "string"},
            "customer": {"anyOf": [{"type": "null"}, {"$ref": "#/$defs/customer"}]},
            "items": {"type": "array", "items": {"$ref": "#/$defs/customer"}},
            "by_name": {"type": "object", "additionalProperties": {"$ref": "#/$defs/customer"}},
            "last": {"$ref": "#"},
        },
        "additionalProperties": True,
        "$defs": {"customer": {"type": "object", "properties": {"id": {"type": "integer"}}}},
    }
)
PROTOBUF = """syntax = "proto3";
message OrderPlaced {
  string order_id = 1;
  Customer customer = 2;
  repeated Customer items = 3;
  map<string, Customer> by_name = 4;
  OrderPlaced last = 5;
  message Customer { int32 id = 1; }
}
"""
TEXTS = {Format.AVRO: AVRO, Format.JSON: JSON, Format.PROTOBUF: PROTOBUF}
THERE = (
    "/order_id",
    "/customer",
    "/customer/id",
    "/items/*/id",
    "/by_name/*/id",
    "/by_name/ann/id",
    "/last/last/customer/id",
)
MISSING = [  # a pointer, where it leaves the schema, what is probably meant
    ("/order_idd", "/order_idd", "/order_id"),
    ("/custmer/id", "/custmer", "/customer/id"),
    ("/items/id", "/items/id", "/items/*/id"),
    ("/qqqqq/zzz", "/qqqqq", ""),
]


@pytest.mark.parametrize("format", list(Format), ids=str)
@pytest.mark.parametrize("pointer", THERE)
def test_a_pointer_leads_to_a_field(format: Format, pointer: str) -> None:
    assert missing_field(parse(TEXTS[format], format), pointer) is None


@pytest.mark.parametrize("format", list(Format), ids=str)
@pytest.mark.parametrize(("pointer", "left", "meant"), MISSING, ids=[one[0] for one in MISSING])
def test_a_pointer_leaves_the_schema_where_it_is_wrong(format: Format, pointer: str, left: str, meant: str) -> None:
    found = missing_field(parse(TEXTS[format], format), pointer)
    assert found is not None
    assert (found.pointer, found.meant) == (left, meant)


def test_a_mistyped_name_is_answered_with_the_nearest_one() -> None:
    found = missing_field(parse(AVRO, Format.AVRO), "/ordr_id")
    assert str(found) == "the schema has no field /ordr_id; did you mean /order_id?"


def test_a_message_is_chosen_by_the_name_of_its_event() -> None:
    text = 'syntax = "proto3"; message Money { int64 cents = 1; } message OrderPlaced { string order_id = 1; }'
    schema = parse(text, Format.PROTOBUF)
    assert missing_field(schema, "/order_id", "OrderPlaced") is None
    assert missing_field(schema, "/order_id") is not None


@pytest.mark.parametrize(
    ("format", "text"),
    [(Format.AVRO, '"string"'), (Format.PROTOBUF, 'syntax = "proto3"; enum E { A = 0; }')],
    ids=["a scalar", "a file without a message"],
)
def test_a_schema_without_fields_has_none(format: Format, text: str) -> None:
    found = missing_field(parse(text, format), "/a")
    assert found is not None
    assert (found.pointer, found.meant) == ("/a", "")


def test_names_are_escaped_in_pointers() -> None:
    text = json.dumps({"type": "object", "properties": {"a/b~c": {"type": "string"}}})
    assert missing_field(parse(text, Format.JSON), "/a~1b~0c") is None


@pytest.mark.parametrize(
    ("text", "is_one"),
    [("/a", True), ("/a/*/b", True), ("/a~1b", True), ("", False), ("a", False), ("/a~2", False), ("/a/0", False)],
)
def test_a_pointer_to_a_field_has_the_form_of_the_rfc(text: str, is_one: bool) -> None:
    assert is_field_pointer(text) is is_one
