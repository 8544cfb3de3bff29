"""What a JSON contract refuses on produce and on consume, and that a second validator agrees."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from operator import attrgetter
from typing import Any

import jsonschema
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moorings.codecs import json_codec
from moorings.codecs.failures import Invalid, Mismatch, Refused
from moorings.codecs.json_codec import JsonReader, JsonWriter
from moorings.codecs.json_narrow import narrowed
from moorings_compat import Format, JsonFields, parse
from tests.client.codecs.paths import decode, encode


def writer(schema: Any) -> JsonWriter:
    return JsonWriter(parse(orjson.dumps(schema).decode(), Format.JSON), b"\x00\x00\x00\x00\x01")


def closed(**properties: Any) -> Any:
    return {"type": "object", "properties": properties}


@dataclass(frozen=True)
class Case:
    shows: str
    schema: Any
    event: Any
    found: list[str]


REFUSED = [
    Case("an undeclared field", closed(a={"type": "string"}), {"a": "", "b": 1}, ["/b FIELD_UNDECLARED"]),
    Case("a missing field", {**closed(a={}), "required": ["a"]}, {}, ["/a FIELD_MISSING"]),
    Case("a wrong type", closed(a={"type": "integer"}), {"a": "1"}, ["/a TYPE_WRONG"]),
    Case("beyond a bound", closed(a={"maximum": 5}), {"a": 6}, ["/a NUMBER_OUT_OF_RANGE"]),
    Case("outside an enumeration", closed(a={"enum": ["x"]}), {"a": "y"}, ["/a SYMBOL_UNKNOWN"]),
    Case("not the constant", closed(a={"const": 1}), {"a": 2}, ["/a SYMBOL_UNKNOWN"]),
    Case("too short", closed(a={"minLength": 3}), {"a": "x"}, ["/a SIZE_WRONG"]),
    Case("a broken pattern", closed(a={"pattern": "^x"}), {"a": "y"}, ["/a TEXT_INVALID"]),
    Case(
        "an invalid date",
        closed(a={"type": "string", "format": "date"}),
        {"a": "2026-02-30"},
        ["/a DATE_TIME_INVALID"],
    ),
    Case("an invalid email", closed(a={"type": "string", "format": "email"}), {"a": "x"}, ["/a TEXT_INVALID"]),
    Case("no alternative", closed(a={"oneOf": [{"type": "string"}, {"type": "null"}]}), {"a": 1}, ["/a BRANCH_WRONG"]),
    Case(
        "the alternative that is meant is looked into",
        closed(a={"anyOf": [{"type": "null"}, {**closed(b={"type": "integer"}), "required": ["b"]}]}),
        {"a": {}},
        ["/a/b FIELD_MISSING"],
    ),
    Case("another keyword", closed(a={"uniqueItems": True}), {"a": [1, 1]}, ["/a KEYWORD"]),
    Case("a type that JSON does not have", closed(a={}), {"a": datetime(2026, 1, 1, tzinfo=UTC)}, ["/a TYPE_WRONG"]),
    Case("a set deep inside", closed(a={"type": "string"}), {"a": {"b": {1}}}, ["/a/b TYPE_WRONG", "/a TYPE_WRONG"]),
    Case("NaN, which JSON does not have", closed(a={}), {"a": float("nan")}, ["/a NUMBER_OUT_OF_RANGE"]),
    Case("an infinite number", closed(a={"type": "number"}), {"a": float("inf")}, ["/a NUMBER_OUT_OF_RANGE"]),
    Case("a number of 4,301 digits", closed(a={"type": "integer"}), {"a": 10**4_300}, ["/a NUMBER_OUT_OF_RANGE"]),
    Case("a key that is not text", closed(), {1: 2}, ["/(int) TYPE_WRONG"]),
    Case("a lone surrogate", closed(a={}), {"a": "\ud800"}, ["/a TEXT_INVALID"]),
    Case(
        "everything in one event",
        {**closed(a={"type": "integer"}, b={"type": "array", "items": {"type": "string"}}), "required": ["c"]},
        {"a": "", "b": ["", 1, None], "d": 0},
        ["/a TYPE_WRONG", "/b/1 TYPE_WRONG", "/b/2 TYPE_WRONG", "/c FIELD_MISSING", "/d FIELD_UNDECLARED"],
    ),
]


@pytest.mark.parametrize("case", REFUSED, ids=attrgetter("shows"))
def test_invalid_json_events_are_refused_with_path_and_rule(case: Case) -> None:
    codec = writer(case.schema)
    assert sorted(f"{one.pointer} {one.rule}" for one in codec.violations(case.event)) == sorted(case.found)
    with pytest.raises(Invalid):
        encode(codec, case.event)


MONEY = closed(cents={"type": "integer"})
UNDECLARED = [
    Case("inside a field", closed(m=MONEY), {"m": {"cents": 1, "x": 2}}, ["/m/x"]),
    Case("inside an item", closed(l={"type": "array", "items": MONEY}), {"l": [{}, {"x": 1}]}, ["/l/1/x"]),
    Case("behind a reference", {**closed(m={"$ref": "#/$defs/m"}), "$defs": {"m": MONEY}}, {"m": {"x": 1}}, ["/m/x"]),
    Case("declared in a part", {"allOf": [closed(a={}), closed(b={})]}, {"a": 1, "b": 2}, []),
    Case("declared in no part", {"allOf": [closed(a={}), closed(b={})]}, {"a": 1, "c": 2}, ["/c"]),
    Case(
        "declared in another alternative",
        {"oneOf": [closed(a={"const": 1}), closed(b={}, a={"const": 2})]},
        {"a": 1, "b": 2},
        [],
    ),
    Case("declared under a condition", {"if": closed(a={"const": 1}), "then": closed(b={})}, {"a": 2, "b": 1}, []),
    Case("allowed outright", {**closed(a={}), "additionalProperties": True}, {"b": 1}, []),
    Case("allowed with a schema", {**closed(a={}), "additionalProperties": MONEY}, {"b": {"cents": 1}}, []),
    Case(
        "inside what is allowed with a schema",
        {**closed(a={}), "additionalProperties": MONEY},
        {"b": {"x": 1}},
        ["/b/x"],
    ),
    Case("matched by a pattern", {**closed(a={}), "patternProperties": {"^x-": {}}}, {"x-1": 1}, []),
    Case("matched by no pattern", {**closed(a={}), "patternProperties": {"^x-": {}}}, {"y": 1}, ["/y"]),
    Case("an object that declares nothing", closed(a={"type": "object"}), {"a": {"x": 1}}, []),
    Case(
        "a recursive schema",
        {**closed(next={"$ref": "#"}), "type": "object"},
        {"next": {"next": {"x": 1}}},
        ["/next/next/x"],
    ),
    Case("draft 4", {"$schema": "http://json-schema.org/draft-04/schema#", **closed(a={})}, {"b": 1}, ["/b"]),
    Case(
        "draft 7 next to a reference",
        {"$schema": "http://json-schema.org/draft-07/schema#", **closed(a={"$ref": "#"})},
        {"a": {"b": 1}},
        ["/a/b"],
    ),
]


@pytest.mark.parametrize("case", UNDECLARED, ids=attrgetter("shows"))
def test_undeclared_fields_are_refused_unless_the_schema_allows_them(case: Case) -> None:
    found = writer(case.schema).violations(case.event)
    assert [one.pointer for one in found] == case.found


class Colour(StrEnum):
    RED = "red"


def test_subclasses_of_plain_types_are_written_as_plain() -> None:
    assert encode(writer(closed(red={"type": "string"})), {Colour.RED: Colour.RED})[5:] == b'{"red":"red"}'


def test_null_is_not_written_for_nan() -> None:
    assert encode(writer(closed(a={})), {"a": None})[5:] == b'{"a":null}'


def test_an_event_nested_too_deep_is_refused() -> None:
    event: Any = {}
    for _ in range(5000):
        event = {"next": event}
    schema = {"type": "object", "properties": {"next": {"$ref": "#"}}}
    assert [one.rule for one in writer(schema).violations(event)] == ["TOO_DEEP"]


def test_violations_of_json_events_hold_no_values() -> None:
    codec = writer(closed(a={"enum": ["x"], "minLength": 50}, b={"type": "integer"}))
    found = codec.violations({"a": "hunter2", "b": "hunter2"})
    assert len(found) == 3
    assert "hunter2" not in repr(found) + " ".join(map(str, found))


@pytest.mark.parametrize("data", [b"", b"{", b"\xff", b'{"a":1}x', b"[" * 5000, b"NaN"])
def test_bytes_that_are_not_json_are_a_mismatch(data: bytes) -> None:
    reader = JsonReader(parse("true", Format.JSON), 0)
    with pytest.raises(Mismatch, match="not JSON"):
        decode(reader, data)


JSON = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-5, 5),
        st.floats(allow_nan=False, allow_infinity=False),
        st.text(max_size=3),
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.sampled_from("abc"), inner, max_size=3)),
    max_leaves=8,
)
SCHEMAS = st.deferred(
    lambda: st.one_of(
        st.sampled_from(
            [{"type": "integer"}, {"type": "string", "minLength": 1}, {"enum": [1, "a", None]}, {"minimum": 0}, True]
        ),
        st.builds(lambda items: {"type": "array", "items": items, "minItems": 1}, SCHEMAS),
        st.builds(
            lambda properties, required: {
                "type": "object",
                "properties": properties,
                "required": sorted(required),
                "additionalProperties": False,
            },
            st.dictionaries(st.sampled_from("abc"), SCHEMAS, max_size=3),
            st.sets(st.sampled_from("abc"), max_size=2),
        ),
        st.builds(lambda branches: {"anyOf": branches}, st.lists(SCHEMAS, min_size=1, max_size=2)),
    )
)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(SCHEMAS, JSON)
def test_a_second_validator_agrees(schema: Any, event: Any) -> None:
    agreed = jsonschema.Draft202012Validator(schema).is_valid(event)
    document = {"$schema": "https://json-schema.org/draft/2020-12/schema", "allOf": [schema]}
    codec = writer(document)
    found = codec.violations(event)
    assert agreed == (not found)
    if agreed:
        assert decode(JsonReader(parse(orjson.dumps(document).decode(), Format.JSON), 5), encode(codec, event)) == event


EXACT = closed(n={"type": "integer"}, l={"type": "array", "items": {}}, t={"type": "string"}, x={"type": "number"})


ANY_NUMBER = {"type": ["number", "object"], "additionalProperties": {"type": "integer"}}
CLOSED = {**EXACT, "additionalProperties": False}
CLOSED["properties"] = {**EXACT["properties"], "l": {"type": "array", "items": ANY_NUMBER}}


@pytest.mark.parametrize(
    "event",
    [
        {"n": 2**63 - 1},
        {"n": 2**64 - 1},
        {"n": 2**64},
        {"n": -(2**63)},
        {"n": -(2**63) - 1},
        {"n": 10**4_300 - 1},
        {"l": [10**30, {"a": -(10**19)}]},
        {"t": "12345678901234567890", "x": 1.5},
        {"t": 'é 12345678901234567890 \\ "', "n": 1},
        {"x": 0.12345678901234567},
        {"x": 1e300},
        {"x": 10**20},
        {"n": 1.0},
    ],
    ids=lambda event: str(event)[:40],
)
@pytest.mark.parametrize("spaces", range(7))
def test_numbers_are_written_and_read_exactly(event: Any, spaces: int) -> None:
    """Whatever the place of the digits."""
    written = writer(EXACT).encode(event)
    placed = written[:6] + b" " * spaces + written[6:]
    for schema in (EXACT, CLOSED):
        read = decode(JsonReader(parse(orjson.dumps(schema).decode(), Format.JSON), 5), placed)
        assert read == event
        assert [type(one) for one in read.values()] == [type(one) for one in event.values()]


def test_an_integer_of_too_many_digits_is_refused_with_the_reason() -> None:
    reader = JsonReader(parse(orjson.dumps(EXACT).decode(), Format.JSON), 0)
    for text, why in (
        (b'{"n": 1%s}' % (b"0" * 4_300), "4,300 digits"),
        (b'{"x": 1%s.5}' % (b"0" * 400), "beyond a double"),
        (b'{"n": 1%s, "t": "\\ud800"}' % (b"0" * 400), "not JSON"),
        (b'{"n": 1%s, "x": NaN}' % (b"0" * 400), "not JSON"),
        (b'{"n": 0%s}' % (b"0" * 400), "not JSON"),
    ):
        with pytest.raises(Mismatch, match=why):
            decode(reader, text)


def test_a_large_number_that_is_refused_says_where() -> None:
    text = '{"type": "object", "properties": {"a": {"type": "integer", "maximum": 100000000000000000000}}}'
    reader = JsonReader(parse(text, Format.JSON), 0)
    assert decode(reader, b'{"a": 100000000000000000000}') == {"a": 10**20}
    with pytest.raises(Mismatch) as refused:
        decode(reader, b'{"a": 100000000000000000001}')
    assert refused.value.path == "/a"


def test_a_narrower_schema_is_made_only_where_it_finds_every_large_integer() -> None:
    def is_made(schema: Any) -> bool:
        return narrowed(parse(orjson.dumps(schema).decode(), Format.JSON)) is not None

    plain = {**closed(a={"type": "integer"}, t={"type": "string", "enum": ["x"]}), "additionalProperties": False}
    assert is_made(CLOSED)
    assert is_made({**plain, "required": [], "additionalProperties": {"type": ["null", "number"], "minimum": 0}})
    for other in (
        EXACT,
        {**plain, "properties": {"a": {}}},
        {**plain, "properties": {"a": {"type": "array"}}},
        {**plain, "properties": {"a": {"type": "integer", "enum": [7]}}},
        {**plain, "not": {"properties": {"a": {"type": "integer"}}}},
        {**plain, "oneOf": [plain]},
        {**plain, "properties": {"a": {"$ref": "#"}}},
    ):
        assert not is_made(other), other


OPEN = {
    "type": "object",
    "properties": {
        "a": {"type": ["integer", "null"]},
        "n": {"type": "number", "minimum": -5},
        "o": {"type": "object", "properties": {"t": {"type": "string"}}},
        "l": {"type": "array", "items": {"type": "object", "properties": {"i": {"type": "integer"}}}},
        "m": {"type": "object", "additionalProperties": {"type": "string"}},
    },
}
READ_ALIKE = [
    '{"a": 1, "n": 0.5, "o": {"t": "x"}, "l": [{"i": 2}], "m": {"k": "v"}}',
    '{"a": 1, "undeclared": 2}',
    '{"o": {"t": "x", "u": [1]}, "l": [{"i": 2, "j": 3}, {}]}',
    '{"a": 123456789012345678901234567890, "undeclared": 123456789012345678901234567890}',
    '{"n": 123456789012345678901234567890}',
    '{"l": [{"i": 98765432109876543210}]}',
    '{"a": null, "n": 1e300}',
    '{"n": 9007199254740993}',
    '{"n": -6}',
    '{"m": {"k": 1}}',
    '{"o": []}',
    "[1]",
]


@pytest.mark.parametrize("text", READ_ALIKE)
def test_leaving_out_is_the_same_on_the_short_way_and_on_the_long_one(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    schema = parse(orjson.dumps(OPEN).decode(), Format.JSON)
    short = JsonReader(schema, 0, JsonFields.DECLARED).at_once
    monkeypatch.setattr(json_codec, "narrowed", lambda schema, closed: None)
    long = JsonReader(schema, 0, JsonFields.DECLARED).at_once
    assert short.__qualname__ != long.__qualname__

    def read(one: Any) -> str:
        try:
            return json.dumps(one(text.encode()))
        except Refused:
            return "refused"

    assert read(short) == read(long)
