"""Reading Avro that another schema wrote: resolution, skipped fields, defaults, and hostile bytes."""

import io
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from operator import attrgetter
from typing import Any

import fastavro
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moorings.codecs.failures import Mismatch
from tests.client.codecs.avro_samples import avro_reader, avro_writer, samples
from tests.client.codecs.paths import decode, encode


def record(*fields: Any, name: str = "E", **more: Any) -> Any:
    return {
        "type": "record",
        "name": name,
        "fields": [f if isinstance(f, dict) else {"name": f[0], "type": f[1]} for f in fields],
        **more,
    }


def enum(*symbols: str, **more: Any) -> Any:
    return {"type": "enum", "name": "S", "symbols": list(symbols), **more}


LINE = record(("sku", "string"), ("count", "int"), name="Line")


@dataclass(frozen=True)
class Case:
    shows: str
    writer: Any
    reader: Any
    written: Any
    read: Any


READ = [
    Case(
        "int as long, float and double",
        record(("a", "int"), ("b", "int"), ("c", "int")),
        record(("a", "long"), ("b", "float"), ("c", "double")),
        {"a": 1, "b": 2, "c": 3},
        {"a": 1, "b": 2.0, "c": 3.0},
    ),
    Case(
        "text as bytes and back",
        record(("a", "string"), ("b", "bytes")),
        record(("a", "bytes"), ("b", "string")),
        {"a": "x", "b": b"y"},
        {"a": b"x", "b": "y"},
    ),
    Case(
        "another order of fields",
        record(("a", "int"), ("b", "string")),
        record(("b", "string"), ("a", "int")),
        {"a": 1, "b": "x"},
        {"b": "x", "a": 1},
    ),
    Case(
        "a field the reader lacks",
        record(("a", LINE), ("b", "int")),
        record(("b", "int")),
        {"a": {"sku": "x", "count": 1}, "b": 2},
        {"b": 2},
    ),
    Case(
        "all kinds of fields the reader lacks",
        record(
            ("a", {"type": "array", "items": "string"}),
            ("m", {"type": "map", "values": {"type": "array", "items": "long"}}),
            ("u", ["null", LINE]),
            ("e", enum("A")),
            ("x", {"type": "fixed", "name": "F", "size": 3}),
            ("d", "double"),
            ("f", "float"),
            ("t", "boolean"),
            ("z", "null"),
            ("end", "int"),
        ),
        record(("end", "int")),
        {
            "a": ["x", "y"],
            "m": {"k": [1, 2**40]},
            "u": {"sku": "", "count": 0},
            "e": "A",
            "x": b"abc",
            "d": 1.5,
            "f": 1.5,
            "t": True,
            "z": None,
            "end": 7,
        },
        {"end": 7},
    ),
    Case(
        "a default for what was not written",
        record(("a", "int")),
        record(("a", "int"), {"name": "b", "type": {"type": "array", "items": "int"}, "default": [1]}),
        {"a": 1},
        {"a": 1, "b": [1]},
    ),
    Case(
        "an alias of a field",
        record(("old", "int")),
        record({"name": "new", "type": "int", "aliases": ["old"]}),
        {"old": 1},
        {"new": 1},
    ),
    Case(
        "an alias of a record",
        record(("a", record(("x", "int"), name="Old"))),
        record(("a", record(("x", "int"), name="New", aliases=["Old"]))),
        {"a": {"x": 1}},
        {"a": {"x": 1}},
    ),
    Case("a known symbol", record(("a", enum("A", "B"))), record(("a", enum("B", "A"))), {"a": "B"}, {"a": "B"}),
    Case(
        "an unknown symbol has a default",
        record(("a", enum("A", "B"))),
        record(("a", enum("A", default="A"))),
        {"a": "B"},
        {"a": "A"},
    ),
    Case("a plain type as a union", record(("a", "int")), record(("a", ["null", "long"])), {"a": 3}, {"a": 3}),
    Case(
        "a union as the branch that was written",
        record(("a", ["null", "int"])),
        record(("a", "long")),
        {"a": 3},
        {"a": 3},
    ),
    Case(
        "a union of records by name",
        record(("a", [LINE, record(("x", "int"), name="O")])),
        record(("a", [record(("x", "int"), name="O"), LINE])),
        {"a": {"x": 1}},
        {"a": {"x": 1}},
    ),
    Case(
        "a record as the branch of its full name, though one of its short name comes first",
        record(("a", record(("x", "int"), name="b.P"))),
        record(
            ("a", [record(("x", "long"), name="a.P"), record({"name": "y", "type": "int", "default": 7}, name="b.P")])
        ),
        {"a": {"x": 1}},
        {"a": {"y": 7}},
    ),
    Case(
        "an enum and a fixed that are used twice",
        record(("a", enum("A", "B")), ("b", "S"), ("f", {"type": "fixed", "name": "F", "size": 1}), ("g", "F")),
        record(("a", enum("B", "A")), ("b", "S"), ("f", {"type": "fixed", "name": "F", "size": 1}), ("g", "F")),
        {"a": "A", "b": "B", "f": b"x", "g": b"y"},
        {"a": "A", "b": "B", "f": b"x", "g": b"y"},
    ),
    Case(
        "a list and a map of a union without branches",
        record(("a", {"type": "array", "items": []}), ("m", {"type": "map", "values": []})),
        record(("a", {"type": "array", "items": []}), ("m", {"type": "map", "values": []})),
        {"a": [], "m": {}},
        {"a": [], "m": {}},
    ),
    Case(
        "a record seen through a union",
        record(("a", LINE)),
        record(("a", ["null", record(("sku", "string"), name="Line")])),
        {"a": {"sku": "s", "count": 1}},
        {"a": {"sku": "s"}},
    ),
    Case(
        "items and values",
        record(("a", {"type": "array", "items": "int"}), ("m", {"type": "map", "values": "float"})),
        record(("a", {"type": "array", "items": "double"}), ("m", {"type": "map", "values": "double"})),
        {"a": [1], "m": {"k": 0.5}},
        {"a": [1.0], "m": {"k": 0.5}},
    ),
    Case(
        "milliseconds as microseconds",
        record(("a", {"type": "long", "logicalType": "timestamp-millis"})),
        record(("a", {"type": "long", "logicalType": "timestamp-micros"})),
        {"a": 1000},
        {"a": datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC)},
    ),
    Case(
        "a decimal of another scale keeps its value",
        record(("a", {"type": "bytes", "logicalType": "decimal", "precision": 5, "scale": 2})),
        record(("a", {"type": "bytes", "logicalType": "decimal", "precision": 5, "scale": 1})),
        {"a": Decimal("1.25")},
        {"a": Decimal("1.25")},
    ),
    Case(
        "a logical type that the reader lacks",
        record(("a", {"type": "long", "logicalType": "timestamp-millis"})),
        record(("a", "long")),
        {"a": 5},
        {"a": 5},
    ),
]


@pytest.mark.parametrize("case", READ, ids=attrgetter("shows"))
def test_an_event_is_read_as_the_reader_sees_it(case: Case) -> None:
    data = encode(avro_writer(case.writer, b""), case.written)
    event = decode(avro_reader(case.writer, case.reader, 0), data)
    assert event == case.read
    assert list(event) == list(case.read)


def test_defaults_are_not_shared_between_events() -> None:
    reader = record(("a", "int"), {"name": "b", "type": {"type": "map", "values": "int"}, "default": {}})
    codec = avro_reader(record(("a", "int")), reader, 0)
    decode(codec, b"\x02")["b"]["x"] = 1
    assert decode(codec, b"\x02")["b"] == {}


@dataclass(frozen=True)
class Refused:
    shows: str
    writer: Any
    reader: Any
    written: Any
    path: str


REFUSED = [
    Refused("no default", record(("a", "int")), record(("a", "int"), ("b", "int")), {"a": 1}, "/b"),
    Refused("another type", record(("a", "string")), record(("a", "int")), {"a": "x"}, "/a"),
    Refused("a narrower number", record(("a", "long")), record(("a", "int")), {"a": 1}, "/a"),
    Refused("an unknown symbol", record(("a", enum("A", "B"))), record(("a", enum("A"))), {"a": "B"}, "/a"),
    Refused(
        "a branch the reader lacks", record(("a", ["null", "string"])), record(("a", ["null", "int"])), {"a": "x"}, "/a"
    ),
    Refused(
        "another record", record(("a", LINE)), record(("a", record(name="Other"))), {"a": {"sku": "", "count": 0}}, "/a"
    ),
    Refused(
        "another size",
        record(("a", {"type": "fixed", "name": "F", "size": 1})),
        record(("a", {"type": "fixed", "name": "F", "size": 2})),
        {"a": b"x"},
        "/a",
    ),
    Refused(
        "deep inside an array",
        record(("a", {"type": "array", "items": ["int", LINE]})),
        record(("a", {"type": "array", "items": ["int", record(("sku", "int"), name="Line")]})),
        {"a": [1, 2, {"sku": "", "count": 0}]},
        "/a/2/sku",
    ),
    Refused(
        "deep inside a map",
        record(("m", {"type": "map", "values": enum("A", "B")})),
        record(("m", {"type": "map", "values": enum("A")})),
        {"m": {"x": "A", "y/z": "B"}},
        "/m/y~1z",
    ),
]


@pytest.mark.parametrize("case", REFUSED, ids=attrgetter("shows"))
def test_an_event_that_cannot_be_resolved_is_a_mismatch_at_its_field(case: Refused) -> None:
    data = encode(avro_writer(case.writer, b""), case.written)
    with pytest.raises(Mismatch) as caught:
        decode(avro_reader(case.writer, case.reader, 0), data)
    assert caught.value.path == case.path


def test_a_branch_that_cannot_be_resolved_leaves_the_other_branches_readable() -> None:
    codec = avro_reader(record(("a", ["null", "string"])), record(("a", ["null", "int"])), 0)
    assert decode(codec, b"\x00") == {"a": None}


NODE = record(("n", "int"), {"name": "next", "type": ["null", "E"], "default": None})


def test_a_recursive_schema_is_read_as_a_wider_one() -> None:
    wider = record(("n", "long"), {"name": "next", "type": ["null", "E"]}, {"name": "x", "type": "int", "default": 5})
    data = encode(avro_writer(NODE, b""), {"n": 1, "next": {"n": 2, "next": None}})
    read = decode(avro_reader(NODE, wider, 0), data)
    assert read == {"n": 1, "next": {"n": 2, "next": None, "x": 5}, "x": 5}


HOSTILE = [
    ("a list of a million levels", NODE, b"\x02\x02" * 1_000_000, "deep"),
    ("a block of more items than bytes", {"type": "array", "items": "int"}, b"\xfe\xff\xff\xff\x0f\x00", "items"),
    ("a block of a million nothings", {"type": "array", "items": "null"}, b"\xfe\xff\xff\xff\x0f\x00", "items"),
    ("a block with a negative size", {"type": "array", "items": "int"}, b"\x01\x01", "items"),
    ("a number without end", "long", b"\xff" * 1000, "hold"),
    ("a number of 32 bits that has more", "int", b"\xff" * 8 + b"\x01", "32 bits"),
    ("a branch that does not exist", ["null", "int"], b"\x06", "branch"),
    ("a negative branch", ["null", "int"], b"\x01", "negative"),
    ("a symbol that does not exist", enum("A"), b"\x04", "symbol"),
    ("a boolean that is neither", "boolean", b"\x02", "end"),
    ("a time beyond midnight", {"type": "int", "logicalType": "time-millis"}, b"\xfe\xff\xff\xff\x0f", "hold"),
    ("a UUID that is too short", {"type": "fixed", "name": "U", "size": 16, "logicalType": "uuid"}, b"x", "hold"),
    ("a text that is not a UUID", {"type": "string", "logicalType": "uuid"}, b"\x02x", "hold"),
    (
        "a decimal of too many digits",
        {"type": "bytes", "logicalType": "decimal", "precision": 1},
        b"\x04\x7f\xff",
        "hold",
    ),
]


@pytest.mark.parametrize(("shows", "schema", "data", "reason"), HOSTILE)
def test_hostile_bytes_are_a_mismatch(shows: str, schema: Any, data: bytes, reason: str) -> None:
    with pytest.raises(Mismatch, match=reason):
        decode(avro_reader(schema, schema, 0), data)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(samples(), st.binary(max_size=40), st.integers(0, 40))
def test_any_bytes_are_an_event_or_a_mismatch(sample: Any, junk: bytes, place: int) -> None:
    schema, event, _ = sample
    data = encode(avro_writer(schema, b""), event)
    spoiled = data[:place] + junk + data[place + len(junk) :]
    try:
        read = decode(avro_reader(schema, schema, 0), spoiled)
    except Mismatch:
        return
    out = io.BytesIO(spoiled)
    again = fastavro.schemaless_reader(out, fastavro.parse_schema(schema), None)
    assert repr(read) == repr(again)
    assert not out.read()
