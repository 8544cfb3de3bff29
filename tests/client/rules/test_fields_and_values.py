"""The fields that rules see: their names, tags, types and values, in all three formats and in every kind of nesting."""

import json
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from moorings.event_model.event_formats import EVENT_FORMATS
from moorings.event_model.model import ANYTHING, EventModel
from moorings.rules.cel.values import NoCelValue, Size, from_cel, to_cel
from moorings.rules.fields import visit_fields
from moorings.rules.tagged_fields import TaggedModel, Tags, tagged_model_of
from moorings_compat import Format, parse

NODE = {
    "type": "record",
    "name": "Node",
    "namespace": "shop",
    "fields": [
        {"name": "name", "type": "string", "confluent:tags": ["A"]},
        {"name": "next", "type": ["null", "Node"], "default": None},
        {"name": "amounts", "type": {"type": "map", "values": ["long", "double", "string"]}, "default": {}},
        {"name": "raw", "type": {"type": "fixed", "name": "Raw", "size": 2}, "default": "ab"},
        {"name": "at", "type": {"type": "long", "logicalType": "timestamp-millis"}, "default": 0},
        {
            "name": "either",
            "default": None,
            "type": [
                "null",
                {"type": "record", "name": "Left", "fields": [{"name": "x", "type": "int"}]},
                {
                    "type": "record",
                    "name": "Right",
                    "fields": [{"name": "x", "type": "int", "confluent:tags": ["R"]}, {"name": "y", "type": "int"}],
                },
            ],
        },
    ],
}
TREE = {
    "$id": "https://example.org/tree",
    "allOf": [{"$ref": "#/$defs/named"}],
    "properties": {
        "children": {"type": "array", "items": {"$ref": "#"}},
        "pair": {"type": "array", "prefixItems": [{"type": "string"}, {"type": "number"}]},
        "kind": {"const": "tree"},
        "any": {},
    },
    "oneOf": [
        {"properties": {"height": {"type": "integer", "confluent:tags": ["H"]}}, "required": ["height"]},
        {"properties": {"width": {"type": ["number", "null"]}}, "required": ["width"]},
    ],
    "$defs": {"named": {"properties": {"name": {"type": "string", "confluent:tags": ["A"]}}}},
}
PROTO = """syntax = "proto3";
package shop;
import "google/protobuf/timestamp.proto";
import "google/protobuf/wrappers.proto";
message Noted {
  map<string, Inner> inners = 1;
  oneof one { string text = 2; int32 number = 3; }
  google.protobuf.Timestamp at = 4;
  google.protobuf.Int64Value count = 5;
  repeated bytes parts = 6;
  Noted next = 7;
  message Inner { double weight = 1; Kind kind = 2; }
  enum Kind { A = 0; B = 1; }
}
"""


UNDESCRIBED = TaggedModel(EventModel(ANYTHING, {}), Tags(None), EVENT_FORMATS[Format.AVRO])


def seen(text: Any, format: Format, event: Any, metadata: Any = None) -> list[tuple[str, str, str, str]]:
    """List the pointer, full name, type and tags of each value that a rule about all fields is shown."""
    schema = parse(text if isinstance(text, str) else json.dumps(text), format)
    found: list[tuple[str, str, str, str]] = []

    def visit(value: Any) -> Any:
        found.append((value.pointer, value.field.full_name, value.type_name, "".join(sorted(value.field.tags))))
        return value.value

    assert visit_fields(tagged_model_of(schema, "Noted", metadata), event, frozenset(), visit) is event
    return found


def test_avro_values_have_the_name_of_their_record_and_field() -> None:
    event = {
        "name": "a",
        "next": {"name": "b", "either": ("shop.Left", {"x": 1})},
        "amounts": {"k": 1, "l": 1.5, "m": "n"},
        "either": {"x": 1, "y": 2},
    }
    found = seen(NODE, Format.AVRO, event, {"tags": {"shop.*.x": ["X"], "other.**": ["O"]}})
    assert found == [
        ("/name", "shop.Node.name", "STRING", "A"),
        ("/next/name", "shop.Node.name", "STRING", "A"),
        ("/next/next", "shop.Node.next", "NULL", ""),
        ("/next/at", "shop.Node.at", "LONG", ""),
        ("/next/either/x", "shop.Left.x", "INT", "X"),
        ("/amounts/k", "shop.Node.amounts", "LONG", ""),
        ("/amounts/l", "shop.Node.amounts", "DOUBLE", ""),
        ("/amounts/m", "shop.Node.amounts", "STRING", ""),
        ("/at", "shop.Node.at", "LONG", ""),
        ("/either/x", "shop.Right.x", "INT", "RX"),
        ("/either/y", "shop.Right.y", "INT", ""),
    ]


def test_json_values_have_the_tags_of_every_branch() -> None:
    event = {
        "name": "a",
        "height": 3,
        "children": [{"name": "b", "width": None}, {"width": 2.5}],
        "pair": ["p", 2],
        "kind": "tree",
        "any": 1,
    }
    found = seen(TREE, Format.JSON, event, {"tags": {"**.width": ["W"]}})
    assert sorted(found) == [
        ("/children/0/name", "$.children.name", "STRING", "A"),
        ("/children/1/width", "$.children.width", "DOUBLE", "W"),
        ("/height", "$.height", "INT", "H"),
        ("/name", "$.name", "STRING", "A"),
        ("/pair/0", "$.pair", "STRING", ""),
        ("/pair/1", "$.pair", "DOUBLE", ""),
    ]


def test_one_json_schema_in_two_places_is_two_fields() -> None:
    address = {"type": "object", "properties": {"zip": {"type": "string"}}}
    schema = {
        "properties": {"billing": {"$ref": "#/$defs/address"}, "shipping": {"$ref": "#/$defs/address"}},
        "$defs": {"address": address},
    }
    event = {"billing": {"zip": "1"}, "shipping": {"zip": "2"}}
    assert seen(schema, Format.JSON, event, {"tags": {"$.billing.**": ["PII"]}}) == [
        ("/billing/zip", "$.billing.zip", "STRING", "PII"),
        ("/shipping/zip", "$.shipping.zip", "STRING", ""),
    ]


def test_a_json_schema_that_contains_itself_is_followed_as_deep_as_events_go() -> None:
    sides = {"left": {"$ref": "#"}, "right": {"$ref": "#"}, "name": {"type": "string"}}

    def tree(depth: int) -> Any:
        return {"name": "n", **({"left": tree(depth - 1), "right": tree(depth - 1)} if depth else {})}

    found = seen({"type": "object", "properties": sides}, Format.JSON, tree(13))
    assert len(found) == 2**14 - 1
    assert len({full for _, full, _, _ in found}) < 6_000, "there is an end to what is kept"


def test_protobuf_values_have_the_name_of_their_message_and_field() -> None:
    event = {
        "inners": {"k": {"weight": 1.5, "kind": "B"}},
        "number": 3,
        "at": datetime(2026, 1, 1, tzinfo=UTC),
        "count": 7,
        "parts": [b"p"],
        "next": {},
    }
    assert seen(PROTO, Format.PROTOBUF, event) == [
        ("/inners/k/weight", "shop.Noted.Inner.weight", "DOUBLE", ""),
        ("/number", "shop.Noted.number", "INT", ""),
        ("/at", "shop.Noted.at", "LONG", ""),
        ("/count", "shop.Noted.count", "LONG", ""),
        ("/parts/0", "shop.Noted.parts", "BYTES", ""),
    ]


@pytest.mark.parametrize("event", [None, 1, "x", [], {"name": 1, "next": 2, "amounts": 3, "either": ("no", 1)}])
def test_events_that_do_not_fit_the_schema_are_left_as_they_are(event: Any) -> None:
    schema = parse(json.dumps(NODE), Format.AVRO)
    model = tagged_model_of(schema, "Node", None)
    assert visit_fields(model, event, frozenset(), lambda value: value.value) is event
    to_cel(model, model.root, event, Size())


@pytest.mark.parametrize(
    ("pattern", "name", "matches"),
    [
        ("shop.Order.id", "shop.Order.id", True),
        ("shop.*.id", "shop.Order.id", True),
        ("shop.*.id", "shop.Order.line.id", False),
        ("shop.**.id", "shop.Order.line.id", True),
        ("**.id", "shop.Order.id", True),
        ("shop.**", "shop.Order.id", True),
        ("shop.Order.i?", "shop.Order.id", True),
        ("shop.Order.?", "shop.Order.id", False),
        ("shop.Order.(id)+", "shop.Order.id", False),
        ("**.*", "shop.Order.id", True),
        ("$.customer.*", "$.customer.email", True),
    ],
)
def test_patterns_of_the_metadata_choose_fields_by_full_name(pattern: str, name: str, *, matches: bool) -> None:
    assert bool(Tags({"tags": {pattern: ["T"]}}).of(name)) is matches


def stamp(moment: datetime) -> Timestamp:
    made = Timestamp()
    made.FromDatetime(moment)
    return made


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (date(1970, 1, 3), 2),
        (datetime(2026, 1, 1, tzinfo=UTC), stamp(datetime(2026, 1, 1, tzinfo=UTC))),
        (datetime(2026, 1, 1), stamp(datetime(2026, 1, 1, tzinfo=UTC))),  # noqa: DTZ001 - a local time
        (time(12, 30), "12:30:00"),
        (Decimal("1.25"), 1.25),
        (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        (bytearray(b"x"), b"x"),
        ((1, 2), [1, 2]),
        ({"a": {"b": [None, True, 2**63]}}, {"a": {"b": [None, True, 2**63]}}),
    ],
)
def test_python_values_become_those_that_cel_has(value: Any, expected: Any) -> None:
    assert to_cel(UNDESCRIBED, ANYTHING, value, Size()) == expected


@pytest.mark.parametrize("value", [2**64, -(2**63) - 1, "\ud800", object(), {"a": ["\udfff"]}, {object(): 1}])
def test_values_without_a_cel_type_are_refused(value: Any) -> None:
    with pytest.raises(NoCelValue):
        to_cel(UNDESCRIBED, ANYTHING, value, Size())


def test_cel_values_become_plain_python() -> None:
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    given = {"a": bytearray(b"x"), "b": [bytearray(b"y"), moment, timedelta(1)], "c": None}
    assert from_cel(given) == {"a": b"x", "b": [b"y", moment, timedelta(1)], "c": None}
