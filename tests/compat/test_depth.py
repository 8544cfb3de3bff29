"""Types within each other: as many as the limit says, whatever brackets they take, and everything handles them."""

import json
from typing import Any

import pytest

from moorings_compat import (
    DEFAULT_LIMITS,
    Format,
    Level,
    Reference,
    ResolvedReference,
    SchemaLimitExceeded,
    Verdict,
    check,
    parse,
)
from moorings_compat.changes import changes_of


def nullable_records(levels: int, innermost: Any = "int") -> Any:
    made = {"type": "record", "name": f"R{levels}", "fields": [{"name": "v", "type": innermost}]}
    for level in range(levels - 1, 0, -1):
        made = {"type": "record", "name": f"R{level}", "fields": [{"name": "c", "type": ["null", made]}]}
    return made


def nullable_objects(levels: int, innermost: str = "integer") -> Any:
    made: Any = {"type": innermost}
    for level in range(levels):
        inner = {"anyOf": [{"type": "null"}, made]} if level else made
        made = {"type": "object", "properties": {"c": inner}, "additionalProperties": False}
    return made


def messages(levels: int, innermost: str = "int32") -> str:
    body = f"{innermost} v = 1;"
    for level in range(levels - 1, 0, -1):
        body = f"message M{level} {{ {body} }} M{level} c = 1;"
    return f'syntax = "proto3"; message M {{ {body} }}'


LIMIT = DEFAULT_LIMITS.depth


@pytest.mark.parametrize("levels", [16, 25, LIMIT])
def test_nullable_records_within_each_other_are_compared(levels: int) -> None:
    old = parse(json.dumps(nullable_records(levels)), Format.AVRO)
    wider = parse(json.dumps(nullable_records(levels, "long")), Format.AVRO)
    narrower = parse(json.dumps(nullable_records(levels, "string")), Format.AVRO)
    assert check(wider, [(1, old)], Level.BACKWARD).verdict is Verdict.COMPATIBLE
    report = check(narrower, [(1, old)], Level.BACKWARD)
    assert report.verdict is Verdict.BREAKING
    assert report.findings[0].witness is not None
    assert changes_of(report, narrower, {1: old})


@pytest.mark.parametrize("levels", [16, 25, LIMIT])
def test_nullable_objects_within_each_other_are_compared(levels: int) -> None:
    old = parse(json.dumps(nullable_objects(levels)), Format.JSON)
    wider = parse(json.dumps(nullable_objects(levels, "number")), Format.JSON)
    narrower = parse(json.dumps(nullable_objects(levels, "string")), Format.JSON)
    assert check(wider, [(1, old)], Level.BACKWARD).verdict is Verdict.COMPATIBLE
    report = check(narrower, [(1, old)], Level.BACKWARD)
    assert report.verdict is Verdict.BREAKING
    assert report.findings[0].witness is not None


@pytest.mark.parametrize(
    ("text", "format"),
    [
        (json.dumps(nullable_records(LIMIT + 1)), Format.AVRO),
        ('{"type":"array","items":' * (LIMIT + 1) + '"int"' + "}" * (LIMIT + 1), Format.AVRO),
        (json.dumps(nullable_objects(LIMIT + 1)), Format.JSON),
        ('{"items":' * (LIMIT + 1) + "{}" + "}" * (LIMIT + 1), Format.JSON),
        (messages(LIMIT + 1), Format.PROTOBUF),
    ],
    ids=["records", "arrays", "objects", "items", "messages"],
)
def test_one_level_more_is_refused(text: str, format: Format) -> None:
    with pytest.raises(SchemaLimitExceeded, match=f"{LIMIT + 1}; the limit is {LIMIT}"):
        parse(text, format)


def test_types_of_references_count_where_they_are_used() -> None:
    inner = parse(json.dumps(nullable_records(LIMIT - 1)), Format.AVRO)
    reference = ResolvedReference(Reference("R1", "r", 1), inner)
    held = {"type": "array", "items": "R1"}
    parse(json.dumps(held), Format.AVRO, [reference])
    with pytest.raises(SchemaLimitExceeded, match="types within each other"):
        parse(json.dumps({"type": "map", "values": held}), Format.AVRO, [reference])


def test_values_and_unused_definitions_are_not_types_within_each_other() -> None:
    value: Any = 1
    for _ in range(LIMIT + 30):
        value = [value]
    for text, format in (
        (json.dumps({"default": value, "definitions": {"a": {"definitions": {"b": {}}}}}), Format.JSON),
        (json.dumps({"type": "string", "example": value}), Format.AVRO),
    ):
        assert json.loads(parse(text, format).text) == json.loads(text)


@pytest.mark.parametrize(
    ("text", "format"),
    [('"int"', Format.AVRO), ('{"type":"string"}', Format.JSON), ('syntax = "proto3"; message M {}', Format.PROTOBUF)],
)
def test_a_byte_order_mark_is_not_part_of_a_schema(text: str, format: Format) -> None:
    assert parse("\ufeff" + text, format) == parse(text, format)
    assert not parse("\ufeff" + text, format).text.startswith("\ufeff")
