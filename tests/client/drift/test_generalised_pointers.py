"""Places as they are reported to the registry: declared names, and nothing else of an event."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moorings.codecs.formats import make_writer
from moorings.drift.generalised_pointers import generalised_pointer
from moorings.drift.observations import observations_of
from moorings.event_model.event_formats import shape_of
from moorings.notices import EventNotRead, EventRefused, EventUnframed, RequestEnded, RetiredRefused, WriterMissing
from moorings.violations import Broken, Violation
from moorings_compat import Format, Schema, parse

ITEM = {"type": "record", "name": "Item", "fields": [{"name": "price", "type": "int"}]}
AVRO = parse(
    json.dumps(
        {
            "type": "record",
            "name": "Order",
            "fields": [
                {"name": "items", "type": {"type": "array", "items": ITEM}},
                {"name": "by_key", "type": {"type": "map", "values": "Item"}},
                {"name": "maybe", "type": ["null", "Item"]},
                {"name": "parent", "type": ["null", "Order"]},
            ],
        }
    ),
    Format.AVRO,
)
JSON = parse(
    json.dumps(
        {
            "$defs": {"item": {"type": "object", "properties": {"price": {"type": "integer"}, "0": {"type": "null"}}}},
            "type": "object",
            "properties": {
                "items": {"type": "array", "items": {"$ref": "#/$defs/item"}},
                "by_key": {"type": "object", "additionalProperties": {"$ref": "#/$defs/item"}},
                "either": {"anyOf": [{"$ref": "#/$defs/item"}, {"type": "object", "properties": {"other": {}}}]},
                "a/b~c": {"allOf": [{"properties": {"in": {"type": "null"}}}]},
                "patterned": {"patternProperties": {"^x": {"type": "object", "properties": {"y": {}}}}},
                "parent": {"$ref": "#"},
            },
            "required": ["undescribed"],
        }
    ),
    Format.JSON,
)
PROTO = parse(
    'syntax = "proto3";\nmessage Order { repeated Item items = 1; map<string, Item> by_key = 2; Order parent = 3; }\n'
    "message Item { int32 price = 1; }\n",
    Format.PROTOBUF,
)

COMMON = [
    ("/items/3/price", "/items/*/price"),
    ("/by_key/secret-4711/price", "/by_key/*/price"),
    ("/parent/parent/items/0", "/parent/parent/items/*"),
    ("/items/0/secret", "/items/*/*"),
    ("/secret/deeper/still", "/*"),
    ("", ""),
]
CASES = [
    *((schema, *one) for schema in (AVRO, JSON, PROTO) for one in COMMON),
    (AVRO, "/maybe/price", "/maybe/price"),
    (JSON, "/items/0/0", "/items/*/0"),
    (JSON, "/either/other", "/either/other"),
    (JSON, "/either/price", "/either/price"),
    (JSON, "/a~1b~0c/in", "/a~1b~0c/in"),
    (JSON, "/patterned/xsecret/y", "/patterned/*/y"),
    (JSON, "/undescribed", "/undescribed"),
]


@pytest.mark.parametrize(("schema", "pointer", "expected"), CASES)
def test_a_pointer_keeps_declared_names_only(schema: Schema, pointer: str, expected: str) -> None:
    assert generalised_pointer([shape_of(schema, "Order")], pointer) == expected


def test_names_declared_by_any_schema_are_kept() -> None:
    shapes = [shape_of(AVRO, "Order"), shape_of(JSON, "Order")]
    assert generalised_pointer(shapes, "/maybe/price") == "/maybe/price"
    assert generalised_pointer(shapes, "/either/other") == "/either/other"


def test_an_unprintable_name_is_left_out() -> None:
    odd = parse(json.dumps({"properties": {"a\nb": {"properties": {"c": {}}}}}), Format.JSON)
    assert generalised_pointer([shape_of(odd, "Order")], "/a\nb/c") == "/*/c"


def test_a_pointer_is_bounded_in_length() -> None:
    shapes = [shape_of(AVRO, "Order")]
    assert len(generalised_pointer(shapes, "/parent" * 10_000)) <= 500


FAILURES = [
    (
        EventRefused("s", 1, "1.0", (Violation("/items/7/price", "int", Broken.TYPE_WRONG),)),
        [("produce", "1.0", "", "/items/*/price", "TYPE_WRONG")],
    ),
    (
        EventRefused(
            "s",
            1,
            "1.0",
            (
                Violation("/items/7/secret", "none", Broken.FIELD_UNDECLARED),
                Violation("/secret", "none", Broken.FIELD_UNDECLARED),
            ),
        ),
        [("produce", "1.0", "", "/items/*", "FIELD_UNDECLARED"), ("produce", "1.0", "", "", "FIELD_UNDECLARED")],
    ),
    (RetiredRefused("s", 1, "1.0"), [("produce", "1.0", "", "", "CONTRACT_RETIRED")]),
    (WriterMissing("s", 1, "1936549492"), [("consume", "", "", "", "WRITER_UNKNOWN")]),
    (EventUnframed("s", 1, "1.0"), [("consume", "1.0", "", "", "FRAMING_INVALID")]),
    (
        EventNotRead("s", 1, "1.1", "1.0", "/items/2", "too short"),
        [("consume", "1.0", "1.1", "/items/*", "UNREADABLE")],
    ),
    (
        EventNotRead(
            "s", 1, "schema 9", "Order.avsc", "", "x", (Violation("/maybe/price", "int", Broken.FIELD_MISSING),)
        ),
        [("consume", "", "", "/maybe/price", "FIELD_MISSING")],
    ),
    (RequestEnded("GET", "/", "x", 200, "", 0.0, 0.0), []),
]


@pytest.mark.parametrize(("notice", "expected"), FAILURES)
def test_a_failure_is_reported_as_pointers_and_rules(notice: Any, expected: list[tuple[str, ...]]) -> None:
    told = observations_of(notice, [AVRO])
    assert [(one.direction, one.revision, one.writer, one.path, one.rule) for one in told] == expected


def test_a_pointer_counts_once_per_event() -> None:
    many = tuple(Violation(f"/items/{n}/price", "int", Broken.TYPE_WRONG) for n in range(50))
    assert len(observations_of(EventRefused("s", 1, "1.0", many), [AVRO])) == 1


SECRET = st.text(st.characters(codec="ascii", min_codepoint=33), min_size=6, max_size=12).map(lambda text: f"QQ{text}")
ANYTHING = st.recursive(
    SECRET | st.integers(10**6, 10**9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(SECRET, inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize("schema", [AVRO, JSON, PROTO], ids=["avro", "json", "protobuf"])
def test_no_content_of_an_event_is_reported(schema: Schema) -> None:
    writer = make_writer(schema, "Order", b"")
    names = ["items", "by_key", "parent", "price"]

    @settings(max_examples=80, derandomize=True, deadline=None)
    @given(st.dictionaries(SECRET | st.sampled_from(names), ANYTHING, max_size=4))
    def law(event: Any) -> None:
        told = observations_of(EventRefused("s", 1, "1.0", tuple(writer.violations(event))), [schema])
        assert "QQ" not in repr(told)
        for one in told:
            assert set(one.path.split("/")[1:]) <= {*names, "*", "undescribed", "maybe"}

    law()
