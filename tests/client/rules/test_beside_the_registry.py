"""What the registry tries conditions with is what the client runs them with: the same values, for the same fields."""

import json
from typing import Any

import pytest

from moorings.codecs.formats import make_reader
from moorings.rules.cel.values import Size, to_cel
from moorings.rules.fields import FieldValue, visit_fields
from moorings.rules.tagged_fields import tagged_model_of
from moorings_compat import DEFAULT_POLICY, Budget, Format, Schema, parse
from moorings_compat.conditions.events.port import View
from moorings_compat.conditions.events.table import events_of
from moorings_compat.conditions.literals import literals_of
from moorings_compat.conditions.trials import trials

EVENT = "OrderPlaced"
AVRO_TYPES = [
    "boolean",
    "int",
    "long",
    "double",
    "bytes",
    "string",
    ["null", "string"],
    ["null", "long", "string"],
    {"type": "long", "logicalType": "timestamp-millis"},
    {"type": "long", "logicalType": "timestamp-micros"},
    {"type": "long", "logicalType": "local-timestamp-millis"},
    {"type": "int", "logicalType": "date"},
    {"type": "int", "logicalType": "time-millis"},
    {"type": "long", "logicalType": "time-micros"},
    {"type": "string", "logicalType": "uuid"},
    {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2},
    {"type": "array", "items": "int"},
    {"type": "map", "values": ["null", "int"]},
    {"type": "enum", "name": "E", "symbols": ["A", "B"]},
    {"type": "fixed", "name": "F", "size": 2},
    {"type": "array", "items": {"type": "record", "name": "R", "fields": [{"name": "y", "type": "string"}]}},
    ["null", {"type": "record", "name": "Q", "fields": [{"name": "y", "type": "int", "confluent:tags": ["PII"]}]}],
]


def avro(type: Any) -> Schema:
    fields = [{"name": "x", "type": type, "confluent:tags": ["PII"]}, {"name": "z", "type": "int"}]
    return parse(json.dumps({"type": "record", "name": EVENT, "namespace": "shop", "fields": fields}), Format.AVRO)


JSON = parse(
    json.dumps(
        {
            "type": "object",
            "required": ["x", "lines"],
            "properties": {
                "x": {"type": "integer", "confluent:tags": ["PII"]},
                "n": {"type": ["null", "string"]},
                "d": {"type": "number"},
                "e": {"enum": ["a", "b"]},
                "i": {"type": ["integer", "string"]},
                "lines": {"type": "array", "items": {"$ref": "#/definitions/line"}},
                "texts": {"type": "array", "items": {"type": "string"}},
            },
            "definitions": {"line": {"type": "object", "properties": {"y": {"type": "boolean"}}}},
            "$schema": "http://json-schema.org/draft-07/schema#",
        }
    ),
    Format.JSON,
)
PROTOBUF = parse(
    """syntax = "proto3"; package shop; import "google/protobuf/timestamp.proto";
    import "google/protobuf/wrappers.proto";
    message OrderPlaced { int32 x = 1; optional string n = 2; double d = 3; E e = 4; repeated Line lines = 5;
    map<string, uint64> counts = 6; google.protobuf.Timestamp at = 7; google.protobuf.StringValue w = 8;
    bytes b = 9; float f = 10; repeated string texts = 11; Line line = 12; sint64 s = 13; }
    message Line { bool y = 1; } enum E { A = 0; B = 1; }""",
    Format.PROTOBUF,
)
SCHEMAS = [*map(avro, AVRO_TYPES), JSON, PROTOBUF]


@pytest.mark.parametrize("schema", SCHEMAS, ids=lambda one: f"{one.format} {one.text[70:130]}")
@pytest.mark.parametrize("metadata", [None, {"tags": {"**.y": ["PII", "SEEN"]}}], ids=["no tags", "tags"])
def test_both_see_the_same(schema: Schema, metadata: Any) -> None:
    events = events_of(schema, schema, EVENT, DEFAULT_POLICY, Budget())
    model = tagged_model_of(schema, EVENT, metadata)
    reader = make_reader(schema, schema, EVENT, 0)
    literals = literals_of(["3 < 5 && 'ab' != 'c'"], every_field=True)
    tried = 0
    for choices in trials(events.sites(literals)):
        made = events.event(choices)
        if made is None:
            continue
        tried += 1
        data = made.payload.encode() if schema.format is Format.JSON else bytes.fromhex(made.encoded)
        event = reader.at_once(b"\x00" + data if schema.format is Format.PROTOBUF else data)
        assert made.read.message == to_cel(model, model.root, event, Size())
        assert fields_here(made.read) == fields_of_the_client(model, event)
    assert tried > 3


def fields_here(view: View) -> list[Any]:
    return sorted((one.full_name, one.name, one.type_name, str(one.value), str(one.record)) for one in view.fields())


def fields_of_the_client(model: Any, event: Any) -> list[Any]:
    found = []

    def visit(one: FieldValue) -> Any:
        value, record = to_cel(model, one.type, one.value, Size()), to_cel(model, one.record, one.around, Size())
        found.append((one.field.full_name, one.field.name, one.type_name, str(value), str(record)))
        return one.value

    visit_fields(model, event, frozenset(), visit)
    return sorted(found)
