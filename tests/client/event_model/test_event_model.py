"""The event model: one reading of Avro and Protobuf, three of JSON Schema, and a row for every format."""

import json
import subprocess
import sys
from typing import Any

import pytest

from moorings.event_model.event_formats import EVENT_FORMATS, event_model_of, possible_fields_of, shape_of
from moorings.event_model.model import EventField, EventModel, RecordType, ScalarType, TypeReference, UnionType
from moorings.event_model.shapes import ANY
from moorings.rules.fields import visit_fields
from moorings.rules.tagged_fields import tagged_model_of
from moorings_compat import Format, Reference, ResolvedReference, Schema, parse

MONEY = {
    "type": "record",
    "name": "Money",
    "namespace": "shop",
    "doc": "An amount.",
    "fields": [{"name": "cents", "type": "long", "confluent:tags": ["AMOUNT"], "doc": "Hundredths."}],
}
PAID = {
    "type": "record",
    "name": "Paid",
    "namespace": "shop",
    "fields": [
        {"name": "total", "type": "Money", "confluent:tags": ["SUM"]},
        {"name": "code", "type": {"type": "string", "logicalType": "uuid"}, "default": "not a UUID"},
        {"name": "on", "type": {"type": "int", "logicalType": "date"}, "default": 1},
    ],
}
PROTO = """syntax = "proto3";
package shop;
// A payment.
message Paid {
  Kind kind = 1; // What was paid.
  optional string note = 2;
  map<string, int64> totals = 3;
  google.protobuf.Struct more = 4;
}
enum Kind { CASH = 0; CARD = 5; }
"""


def schema_of(text: Any, format: Format) -> Schema:
    return parse(text if isinstance(text, str) else json.dumps(text), format)


def paid() -> Schema:
    money = ResolvedReference(Reference("shop.Money", "shop.Money", 1), schema_of(MONEY, Format.AVRO))
    return parse(json.dumps(PAID), Format.AVRO, [money])


def proto() -> Schema:
    return schema_of(
        PROTO.replace("package shop;", 'package shop;\nimport "google/protobuf/struct.proto";'), Format.PROTOBUF
    )


def fields(event: EventModel, name: str) -> dict[str, EventField]:
    record = event.named[name]
    assert isinstance(record, RecordType)
    return {one.name: one for one in record.fields}


def visited(schema: Schema, event: Any) -> list[tuple[str, str, str]]:
    """List the pointer, full name and type of each value that a rule about all fields is shown."""
    found: list[tuple[str, str, str]] = []

    def visit(value: Any) -> Any:
        found.append((value.pointer, value.field.full_name, value.type_name))
        return value.value

    visit_fields(tagged_model_of(schema, "Paid", None), event, frozenset(), visit)
    return found


def test_every_format_has_one_row() -> None:
    assert EVENT_FORMATS.keys() == set(Format)
    assert len({row.module for row in EVENT_FORMATS.values()}) == len(Format)


def test_an_avro_model_has_the_types_tags_and_documentation_of_references() -> None:
    event = event_model_of(paid(), "shop.Paid")
    assert event.root == TypeReference("shop.Paid")
    total, cents = fields(event, "shop.Paid")["total"], fields(event, "shop.Money")["cents"]
    assert (total.type, total.required, total.tags) == (TypeReference("shop.Money"), True, {"SUM"})
    assert (cents.type, cents.tags, cents.doc) == (ScalarType("int", primitive="int64"), {"AMOUNT"}, "Hundredths.")
    assert event.named["shop.Money"].doc == "An amount."


def test_an_avro_default_that_its_logical_type_has_no_value_for_stays_as_it_is() -> None:
    found = fields(event_model_of(paid(), "shop.Paid"), "shop.Paid")
    assert found["code"].default == "not a UUID"
    assert found["on"].default.isoformat() == "1970-01-02"


def test_protobuf_comments_are_read_only_when_documentation_is_asked_for() -> None:
    assert event_model_of(proto(), "shop.Paid").named["shop.Paid"].doc == ""
    event = event_model_of(proto(), "shop.Paid", docs=True)
    assert event.named["shop.Paid"].doc == "A payment."
    assert fields(event, "shop.Paid")["kind"].doc == "What was paid."


def test_protobuf_presence_decides_what_absence_means() -> None:
    found = fields(event_model_of(proto(), "shop.Paid"), "shop.Paid")
    assert [(one.required, one.present) for one in found.values()] == [
        (False, True),
        (False, False),
        (False, True),
        (False, False),
    ]
    assert (found["kind"].default, found["totals"].default) == ("CASH", {})


def test_the_shape_of_an_open_enum_has_its_symbols_and_json_in_protobuf_may_be_anything() -> None:
    shape = shape_of(proto(), "shop.Paid")
    kind = shape.fields["kind"].shape
    assert (kind.kinds, kind.symbols) == ({"enum"}, {"CASH", "CARD"})
    assert shape.fields["more"].shape is ANY


def test_the_three_readings_of_a_json_schema_differ_where_a_part_applies_only_sometimes() -> None:
    text = {
        "type": "object",
        "properties": {"id": {"type": "string"}},
        "required": ["id"],
        "if": {"properties": {"id": {"const": "x"}}},
        "then": {"properties": {"more": {"type": "integer", "confluent:tags": ["PII"]}}},
        "not": {"properties": {"less": {"type": "integer"}}, "required": ["less"]},
    }
    schema = schema_of(text, Format.JSON)
    exact = fields(event_model_of(schema, "shop.Paid"), "shop.Paid")
    assert {name: one.type.kind for name, one in exact.items() if isinstance(one.type, ScalarType)} == {
        "id": "str",
        "more": "Any",
        "less": "Any",
    }
    shape = shape_of(schema, "shop.Paid")
    assert {name: (one.shape.kinds, one.required) for name, one in shape.fields.items()} == {
        "id": ({"string"}, True),
        "more": ({"integer"}, False),
    }
    possible = possible_fields_of(schema, "shop.Paid")
    assert isinstance(possible.root, TypeReference)
    found = fields(possible, possible.root.name)
    assert {name: sorted(one.tags) for name, one in found.items()} == {"id": [], "more": ["PII"], "less": []}


def test_alternatives_of_a_json_schema_are_one_union_for_classes_and_one_record_for_rules() -> None:
    branches = [{"type": "object", "properties": {name: {"type": "string"}}, "required": [name]} for name in "ab"]
    schema = schema_of({"oneOf": branches}, Format.JSON)
    assert isinstance(event_model_of(schema, "shop.Paid").root, UnionType)
    possible = possible_fields_of(schema, "shop.Paid")
    assert isinstance(possible.root, TypeReference)
    assert fields(possible, possible.root.name).keys() == {"a", "b"}


def test_a_json_schema_of_arrays_in_arrays_without_end_is_read() -> None:
    schema = schema_of({"properties": {"tree": {"$ref": "#/$defs/tree"}}, "$defs": TREE}, Format.JSON)
    assert visited(schema, {"tree": ["a", ["b", ["c"]]]}) == [
        ("/tree/0", "$.tree", "STRING"),
        ("/tree/1/0", "$.tree", "STRING"),
        ("/tree/1/1/0", "$.tree", "STRING"),
    ]


TREE = {"tree": {"type": ["array", "string"], "items": {"$ref": "#/$defs/tree"}}}


@pytest.mark.parametrize("value", [["a"], {"k": "a"}, "A", "other"], ids=str)
def test_a_value_of_any_form_is_held_against_a_union_with_an_enum(value: Any) -> None:
    enum = {"type": "enum", "name": "E", "symbols": ["A"]}
    lists, maps = {"type": "array", "items": "string"}, {"type": "map", "values": "string"}
    record = {"type": "record", "name": "Paid", "fields": [{"name": "value", "type": [enum, lists, maps, "string"]}]}
    found = visited(schema_of(record, Format.AVRO), {"value": value})
    assert [type_name for _, _, type_name in found] == ([] if value == "A" else ["STRING"])


@pytest.mark.parametrize("asked", ["event_model_of", "possible_fields_of", "shape_of"])
def test_a_model_of_avro_imports_no_json_schema_and_no_protobuf(asked: str) -> None:
    code = (
        "import sys, moorings.event_model.event_formats as formats, moorings_compat as compat\n"
        f"formats.{asked}(compat.parse('\"string\"', compat.Format.AVRO), 'shop.Paid')\n"
        "print([name for name in ('jsonschema_rs', 'google.protobuf') if name in sys.modules])"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert shown.stdout.strip() == "[]"


def test_a_rule_about_tagged_fields_looks_into_records_of_untagged_fields() -> None:
    record = {
        "type": "record",
        "name": "Paid",
        "fields": [
            {"name": "lines", "type": {"type": "array", "items": ["null", MONEY]}},
            {"name": "notes", "type": {"type": "array", "items": "string"}},
        ],
    }
    found: list[str] = []
    model = tagged_model_of(schema_of(record, Format.AVRO), "Paid", None)
    event = {"lines": [{"cents": 1}, None, {"cents": 2}], "notes": ["x"]}
    visit_fields(model, event, frozenset({"AMOUNT"}), lambda value: found.append(value.pointer) or value.value)
    assert found == ["/lines/0/cents", "/lines/2/cents"]


def test_the_shape_of_defaults_in_defaults_does_not_write_them_out() -> None:
    records = [{"type": "record", "name": "R0", "fields": [{"name": "a", "type": "int", "default": 0}]}]
    for level in range(1, 40):  # a value of the last record's defaults would have 2 to the power of 39 numbers
        pair = [{"name": name, "type": f"R{level - 1}", "default": {}} for name in "xy"]
        records.append({"type": "record", "name": f"R{level}", "fields": pair})
    shape = shape_of(schema_of(records, Format.AVRO), "Paid")
    assert shape.kinds == {"object"}
    assert shape.fields.keys() == {"a", "x", "y"}
