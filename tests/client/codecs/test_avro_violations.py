"""What an Avro contract refuses on produce: all violations together, each with its location and its rule."""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from enum import IntEnum, StrEnum
from operator import attrgetter
from typing import Any
from uuid import UUID

import fastavro
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from moorings.codecs.failures import Invalid
from tests.client.codecs.avro_samples import avro_reader, avro_writer, samples
from tests.client.codecs.paths import decode, encode

NAIVE = datetime.fromisoformat("2026-01-01")
MONEY = {"type": "record", "name": "Money", "fields": [{"name": "cents", "type": "long"}]}
NODE = {
    "type": "record",
    "name": "Node",
    "fields": [{"name": "n", "type": "int"}, {"name": "next", "type": ["null", "Node"], "default": None}],
}


def record(*fields: Any) -> Any:
    return {"type": "record", "name": "example.Event", "fields": list(fields)}


def field(type: Any, **more: Any) -> Any:
    return {"name": "f", "type": type, **more}


def logical(type: str, name: str, **more: Any) -> Any:
    return {"type": type, "logicalType": name, **more}


@dataclass(frozen=True)
class Case:
    shows: str
    schema: Any
    event: Any
    found: list[str]


REFUSED = [
    Case("an undeclared field", record(field("int")), {"f": 1, "g": 2}, ["/g FIELD_UNDECLARED"]),
    Case("a missing field", record(field("int")), {}, ["/f FIELD_MISSING"]),
    Case("no record at all", record(field("int")), [1], [" TYPE_WRONG"]),
    Case("a text for a number", record(field("int")), {"f": "1"}, ["/f TYPE_WRONG"]),
    Case("a boolean is not a number", record(field("int")), {"f": True}, ["/f TYPE_WRONG"]),
    Case("a boolean is not a double either", record(field("double")), {"f": False}, ["/f TYPE_WRONG"]),
    Case("a number is not a boolean", record(field("boolean")), {"f": 1}, ["/f TYPE_WRONG"]),
    Case("a float is not a whole number", record(field("long")), {"f": 1.0}, ["/f TYPE_WRONG"]),
    Case("an int beyond 32 bits", record(field("int")), {"f": 2**31}, ["/f NUMBER_OUT_OF_RANGE"]),
    Case("a long beyond 64 bits", record(field("long")), {"f": -(2**63) - 1}, ["/f NUMBER_OUT_OF_RANGE"]),
    Case("a float beyond 32 bits", record(field("float")), {"f": 1e39}, ["/f NUMBER_OUT_OF_RANGE"]),
    Case("a whole number a double would change", record(field("double")), {"f": 2**53 + 1}, ["/f NUMBER_OUT_OF_RANGE"]),
    Case("a whole number too large for a double", record(field("double")), {"f": 10**400}, ["/f NUMBER_OUT_OF_RANGE"]),
    Case("bytes for a text", record(field("string")), {"f": b"x"}, ["/f TYPE_WRONG"]),
    Case("a lone surrogate", record(field("string")), {"f": "\ud800"}, ["/f TEXT_INVALID"]),
    Case("a text for bytes", record(field("bytes")), {"f": "x"}, ["/f TYPE_WRONG"]),
    Case(
        "an unknown symbol",
        record(field({"type": "enum", "name": "E", "symbols": ["A"]})),
        {"f": "B"},
        ["/f SYMBOL_UNKNOWN"],
    ),
    Case(
        "a symbol that is not text",
        record(field({"type": "enum", "name": "E", "symbols": ["A"]})),
        {"f": 0},
        ["/f TYPE_WRONG"],
    ),
    Case(
        "too few bytes",
        record(field({"type": "fixed", "name": "F", "size": 4})),
        {"f": b"abc"},
        ["/f SIZE_WRONG"],
    ),
    Case("a value of no branch", record(field(["null", "string"])), {"f": 5}, ["/f BRANCH_WRONG"]),
    Case(
        "the one branch that a value can mean is looked into",
        record(field(["null", MONEY])),
        {"f": {"cents": "x", "more": 1}},
        ["/f/cents TYPE_WRONG", "/f/more FIELD_UNDECLARED"],
    ),
    Case(
        "a named branch is looked into",
        record(field(["string", MONEY])),
        {"f": ("example.Money", {})},
        ["/f/cents FIELD_MISSING"],
    ),
    Case(
        "an item",
        record(field({"type": "array", "items": "int"})),
        {"f": [1, "2", 3, None]},
        ["/f/1 TYPE_WRONG", "/f/3 TYPE_WRONG"],
    ),
    Case(
        "a text is not an array", record(field({"type": "array", "items": "string"})), {"f": "abc"}, ["/f TYPE_WRONG"]
    ),
    Case(
        "a map's value, its key escaped",
        record(field({"type": "map", "values": "int"})),
        {"f": {"a/b": ""}},
        ["/f/a~1b TYPE_WRONG"],
    ),
    Case("a map's key", record(field({"type": "map", "values": "int"})), {"f": {1: 1}}, ["/f/(int) TYPE_WRONG"]),
    Case(
        "a date-time without a zone",
        record(field(logical("long", "timestamp-millis"))),
        {"f": NAIVE},
        ["/f DATE_TIME_INVALID"],
    ),
    Case(
        "a local date-time with a zone",
        record(field(logical("long", "local-timestamp-micros"))),
        {"f": datetime(2026, 1, 1, tzinfo=UTC)},
        ["/f DATE_TIME_INVALID"],
    ),
    Case("a date-time for a date", record(field(logical("int", "date"))), {"f": NAIVE}, ["/f DATE_TIME_INVALID"]),
    Case(
        "a date for a date-time",
        record(field(logical("long", "timestamp-micros"))),
        {"f": date(2026, 1, 1)},
        ["/f DATE_TIME_INVALID"],
    ),
    Case("a text for a date", record(field(logical("int", "date"))), {"f": "2026-01-01"}, ["/f TYPE_WRONG"]),
    Case("a date beyond 32 bits", record(field(logical("int", "date"))), {"f": 2**31}, ["/f DATE_TIME_INVALID"]),
    Case(
        "a time of day with a zone",
        record(field(logical("int", "time-millis"))),
        {"f": time(1, tzinfo=UTC)},
        ["/f DATE_TIME_INVALID"],
    ),
    Case(
        "a time of day beyond midnight",
        record(field(logical("long", "time-micros"))),
        {"f": 86_400_000_001},
        ["/f DATE_TIME_INVALID"],
    ),
    Case(
        "a decimal with too many digits",
        record(field(logical("bytes", "decimal", precision=4, scale=2))),
        {"f": Decimal(100)},
        ["/f PRECISION_LOST"],
    ),
    Case(
        "a decimal with too many digits behind the point",
        record(field(logical("bytes", "decimal", precision=9, scale=2))),
        {"f": Decimal("0.001")},
        ["/f PRECISION_LOST"],
    ),
    Case(
        "a decimal of a monstrous size",
        record(field(logical("bytes", "decimal", precision=9, scale=2))),
        {"f": Decimal("1e999999")},
        ["/f PRECISION_LOST"],
    ),
    Case(
        "a decimal that is not a number",
        record(field(logical("bytes", "decimal", precision=9))),
        {"f": Decimal("nan")},
        ["/f PRECISION_LOST"],
    ),
    Case(
        "a float for a decimal", record(field(logical("bytes", "decimal", precision=9))), {"f": 1.5}, ["/f TYPE_WRONG"]
    ),
    Case("a text that is not a UUID", record(field(logical("string", "uuid"))), {"f": "abc"}, ["/f TEXT_INVALID"]),
    Case(
        "deep inside a recursive type",
        NODE,
        {"n": 1, "next": {"n": 2, "next": {"n": "3"}}},
        ["/next/next/n TYPE_WRONG"],
    ),
    Case(
        "several violations in one event",
        record({"name": "a", "type": "int"}, {"name": "b", "type": "string"}, {"name": "c", "type": MONEY}),
        {"a": "", "c": {"cents": 2**70, "x": 1}, "z": 0},
        [
            "/a TYPE_WRONG",
            "/b FIELD_MISSING",
            "/c/cents NUMBER_OUT_OF_RANGE",
            "/c/x FIELD_UNDECLARED",
            "/z FIELD_UNDECLARED",
        ],
    ),
]


@pytest.mark.parametrize("case", REFUSED, ids=attrgetter("shows"))
def test_an_invalid_event_is_refused_with_all_its_violations(case: Case) -> None:
    writer = avro_writer(case.schema, b"")
    assert [f"{one.pointer} {one.rule}" for one in writer.violations(case.event)] == case.found
    with pytest.raises(Invalid):
        encode(writer, case.event)


class Size(IntEnum):
    LARGE = 3


class Colour(StrEnum):
    RED = "A"


@dataclass(frozen=True)
class Taken:
    shows: str
    type: Any
    given: Any
    read: Any


TAKEN = [
    Taken("a whole number for a double", "double", 3, 3.0),
    Taken("a member of an IntEnum", "int", Size.LARGE, 3),
    Taken("a member of a StrEnum", {"type": "enum", "name": "E", "symbols": ["A"]}, Colour.RED, "A"),
    Taken("a tuple for an array", {"type": "array", "items": "int"}, (1, 2), [1, 2]),
    Taken("a bytearray", "bytes", bytearray(b"ab"), b"ab"),
    Taken("an ordered mapping", {"type": "map", "values": "int"}, OrderedDict(a=1), {"a": 1}),
    Taken("milliseconds for a date-time", logical("long", "timestamp-millis"), 0, datetime(1970, 1, 1, tzinfo=UTC)),
    Taken("a UUID's text", logical("string", "uuid"), "5f1d9f40-0d6c-4a3e-a0f2-5c6f5f1d9f40", None),
    Taken("a whole number goes to the whole branch", ["double", "long"], 2**53 + 1, 2**53 + 1),
    Taken("the first of two equal branches", [MONEY, {**MONEY, "name": "Other"}], {"cents": 1}, {"cents": 1}),
    Taken(
        "the named of two equal branches",
        [MONEY, {**MONEY, "name": "Other"}],
        ("example.Other", {"cents": 1}),
        {"cents": 1},
    ),
]


@pytest.mark.parametrize("case", TAKEN, ids=attrgetter("shows"))
def test_a_valid_event_of_unusual_python_types_is_written(case: Taken) -> None:
    schema = record(field(case.type))
    data = encode(avro_writer(schema, b""), {"f": case.given})
    expected = case.read if case.read is not None else UUID(case.given)
    assert decode(avro_reader(schema, schema, 0), data) == {"f": expected}


def test_a_branch_given_by_name_is_the_one_that_is_written() -> None:
    schema = record(field([MONEY, {**MONEY, "name": "Other"}]))
    assert encode(avro_writer(schema, b""), {"f": ("example.Other", {"cents": 1})})[0] == 2


DEFAULTS = [
    Taken("null of a union", ["null", "int"], None, None),
    Taken("a later branch of a union", ["null", "int"], 3, 3),
    Taken("bytes", "bytes", "\u00ff", b"\xff"),
    Taken("a record with a default of its own", record({"name": "n", "type": "int", "default": 4}), {}, {"n": 4}),
    Taken("a map", {"type": "map", "values": "double"}, {"a": 1}, {"a": 1.0}),
    Taken("a date", logical("int", "date"), 0, date(1970, 1, 1)),
    Taken("a decimal", logical("bytes", "decimal", precision=4, scale=2), "\u0001", Decimal("0.01")),
]


@pytest.mark.parametrize("case", DEFAULTS, ids=attrgetter("shows"))
def test_a_field_that_is_left_out_is_written_as_its_default(case: Taken) -> None:
    inner = (
        {**case.type, "name": "example.Inner"} if isinstance(case.type, dict) and "fields" in case.type else case.type
    )
    schema = record(field(inner, default=case.given))
    data = encode(avro_writer(schema, b""), {})
    assert decode(avro_reader(schema, schema, 0), data) == {"f": case.read}


def test_a_value_nested_too_deep_is_refused() -> None:
    event: dict[str, Any] = {"n": 0}
    for number in range(5000):
        event = {"n": number, "next": event}
    assert [one.rule for one in avro_writer(NODE, b"").violations(event)] == ["TOO_DEEP"]


def test_a_violation_never_shows_a_value_of_the_event() -> None:
    secret = "hunter2"
    writer = avro_writer(record(field("int")), b"")
    with pytest.raises(Invalid) as caught:
        encode(writer, {"f": secret})
    assert secret not in repr(caught.value) + str(caught.value) + repr(caught.value.violations)
    assert caught.value.__context__ is None


def test_unions_within_unions_are_examined_in_a_bounded_number_of_steps() -> None:
    link = ["null", "A", "B"]
    first = {"type": "record", "name": "A", "fields": [{"name": "x", "type": link}, {"name": "n", "type": "int"}]}
    second = {"type": "record", "name": "B", "fields": [{"name": "x", "type": link}, {"name": "n", "type": "string"}]}
    schema = record(field(["null", first, {**second, "fields": second["fields"]}]))
    schema["fields"][0]["type"][1]["fields"][0]["type"] = ["null", "A", second]
    schema["fields"][0]["type"][2] = "B"
    event: Any = None
    for place in range(60):
        event = {"x": event, "n": place if place % 2 else "text"}
    data = encode(avro_writer(schema, b""), {"f": event})
    assert decode(avro_reader(schema, schema, 0), data) == {"f": event}


JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=3),
    st.binary(max_size=3),
    st.dates(),
    st.datetimes(),
    st.decimals(),
    st.lists(st.none(), max_size=1),
    st.dictionaries(st.text(max_size=2), st.none(), max_size=1),
)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(samples(), JUNK, st.randoms(use_true_random=False))
def test_whatever_fastavro_refuses_is_refused_where_it_is_wrong(sample: Any, junk: Any, random: Any) -> None:
    schema, event, _ = sample
    place, spoiled = spoil(event, junk, random)
    writer = avro_writer(schema, b"")
    found = writer.violations(spoiled)
    assume(found or differs(spoiled, event))
    if not fastavro_accepts(schema, spoiled):
        assert found
    for one in found:
        assert one.pointer.startswith(place) or place.startswith(one.pointer)


def differs(one: Any, other: Any) -> bool:
    """Compare events; a signalling NaN, which refuses to be compared, differs from everything."""
    try:
        return bool(one != other)
    except InvalidOperation:
        return True


def spoil(event: Any, junk: Any, random: Any) -> tuple[str, Any]:
    """Put *junk* somewhere into *event*; return the JSON Pointer of the place, and the new event."""
    if isinstance(event, dict) and event and random.random() < 0.8:
        key = random.choice(sorted(event))
        inner, value = spoil(event[key], junk, random)
        return "/" + key.replace("~", "~0").replace("/", "~1") + inner, {**event, key: value}
    if isinstance(event, list) and event and random.random() < 0.8:
        place = random.randrange(len(event))
        inner, value = spoil(event[place], junk, random)
        return f"/{place}{inner}", [*event[:place], value, *event[place + 1 :]]
    return "", junk


def fastavro_accepts(schema: Any, event: Any) -> bool:
    try:
        return bool(fastavro.validate(event, schema, raise_errors=False, strict=True))
    except (ValueError, TypeError, OverflowError, ArithmeticError):
        return False
