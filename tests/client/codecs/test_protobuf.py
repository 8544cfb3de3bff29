"""What a Protobuf contract refuses on produce, and how events come out again."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from operator import attrgetter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moorings.codecs.failures import Invalid, Mismatch
from moorings.codecs.protobuf import ProtobufReader, ProtobufWriter
from moorings_compat import Format, Schema, parse
from moorings_compat.protobuf import message_class
from tests.client.codecs.paths import decode, encode

SOURCE = """syntax = "proto3";
package shop;
import "google/protobuf/timestamp.proto";
import "google/protobuf/duration.proto";
import "google/protobuf/struct.proto";
import "google/protobuf/wrappers.proto";
enum Kind { UNKNOWN = 0; CARD = 1; }
message Line { string sku = 1; Line next = 2; }
message Paid {
  int32 count = 1; uint64 size = 2; string text = 3; bytes data = 4; float ratio = 5; double exact = 6; bool ok = 7;
  Kind kind = 8; Line line = 9; repeated Line lines = 10; map<string, int64> totals = 11;
  map<int32, Line> by_place = 12;
  map<string, google.protobuf.Struct> structs = 23; map<string, google.protobuf.Timestamp> times = 24;
  repeated google.protobuf.Value values = 25; google.protobuf.ListValue listed = 26;
  oneof by { string card = 13; string cash = 14; }
  optional int32 maybe = 15; repeated int64 numbers = 16;
  google.protobuf.Timestamp at = 17; google.protobuf.Duration took = 18; google.protobuf.Struct extra = 19;
  google.protobuf.Int64Value wrapped = 20; google.protobuf.Value any_json = 21; repeated Kind kinds = 22;
}
"""


@pytest.fixture(scope="module")
def schema() -> Schema:
    return parse(SOURCE, Format.PROTOBUF)


@pytest.fixture(scope="module")
def writer(schema: Schema) -> ProtobufWriter:
    return ProtobufWriter(schema, "Paid", b"\x00\x00\x00\x00\x01")


@pytest.fixture(scope="module")
def reader(schema: Schema) -> ProtobufReader:
    return ProtobufReader(schema, schema, "Paid", 5)


@dataclass(frozen=True)
class Case:
    shows: str
    event: Any
    found: list[str]


REFUSED = [
    Case("an undeclared field", {"cuont": 1}, ["/cuont FIELD_UNDECLARED"]),
    Case("an undeclared field deep inside", {"lines": [{}, {"x": 1}]}, ["/lines/1/x FIELD_UNDECLARED"]),
    Case("a text for a number", {"count": "1"}, ["/count TYPE_WRONG"]),
    Case("a boolean for a number", {"count": True}, ["/count TYPE_WRONG"]),
    Case("a float for a whole number", {"count": 1.0}, ["/count TYPE_WRONG"]),
    Case("beyond 32 bits", {"count": 2**31}, ["/count NUMBER_OUT_OF_RANGE"]),
    Case("below zero", {"size": -1}, ["/size NUMBER_OUT_OF_RANGE"]),
    Case("a float beyond 32 bits", {"ratio": 1e39}, ["/ratio NUMBER_OUT_OF_RANGE"]),
    Case("a whole number a double would change", {"exact": 2**53 + 1}, ["/exact NUMBER_OUT_OF_RANGE"]),
    Case("bytes for a text", {"text": b"x"}, ["/text TYPE_WRONG"]),
    Case("a lone surrogate", {"text": "\ud800"}, ["/text TEXT_INVALID"]),
    Case("a text for bytes", {"data": "x"}, ["/data TYPE_WRONG"]),
    Case("a number for a boolean", {"ok": 1}, ["/ok TYPE_WRONG"]),
    Case("an unknown symbol", {"kind": "CASH"}, ["/kind SYMBOL_UNKNOWN"]),
    Case("an unknown number of an enum", {"kinds": [1, 7]}, ["/kinds/1 SYMBOL_UNKNOWN"]),
    Case("null where absence is not known", {"count": None}, ["/count TYPE_WRONG"]),
    Case("two fields of a oneof", {"card": "a", "cash": "b"}, ["/cash BRANCH_WRONG"]),
    Case("no list", {"numbers": 1}, ["/numbers TYPE_WRONG"]),
    Case("a map's value", {"totals": {"a/b": "x"}}, ["/totals/a~1b TYPE_WRONG"]),
    Case("a map's key", {"by_place": {"1": {}}}, ["/by_place/1 TYPE_WRONG"]),
    Case("no message", {"line": 1}, ["/line TYPE_WRONG"]),
    Case("a time without a zone", {"at": datetime.fromisoformat("2026-01-01")}, ["/at DATE_TIME_INVALID"]),
    Case("a number for a time", {"at": 1}, ["/at TYPE_WRONG"]),
    Case("NaN in a Struct", {"extra": {"a": float("nan")}}, ["/extra NUMBER_OUT_OF_RANGE"]),
    Case("a wrapped value", {"wrapped": "x"}, ["/wrapped TYPE_WRONG"]),
    Case("no event at all", [1], [" TYPE_WRONG"]),
    Case(
        "everything in one event",
        {"count": "", "x": 1, "line": {"sku": 1}},
        ["/count TYPE_WRONG", "/x FIELD_UNDECLARED", "/line/sku TYPE_WRONG"],
    ),
]


@pytest.mark.parametrize("case", REFUSED, ids=attrgetter("shows"))
def test_invalid_protobuf_events_are_refused_with_path_and_rule(writer: ProtobufWriter, case: Case) -> None:
    assert [f"{one.pointer} {one.rule}" for one in writer.violations(case.event)] == case.found
    with pytest.raises(Invalid):
        encode(writer, case.event)


ROUND: list[tuple[str, Any]] = [
    ("at", datetime(2026, 1, 2, 3, 4, 5, 678_901, tzinfo=UTC)),
    ("took", timedelta(seconds=-1, microseconds=-500_000)),
    ("extra", {"a": [1.0, None, True, {"b": "c"}]}),
    ("any_json", ["x"]),
    ("any_json", {"a": {}}),
    ("structs", {"k": {"a": 1.5, "b": {"c": []}}}),
    ("times", {"k": datetime(2026, 1, 1, tzinfo=UTC)}),
    ("values", [None, 1.0, {"a": None}]),
    ("listed", [True, "x"]),
    ("wrapped", 0),
    ("maybe", 0),
    ("cash", "yes"),
    ("by_place", {3: {"sku": "s"}}),
    ("kinds", ["CARD", "UNKNOWN"]),
    ("line", {"sku": "", "next": {"sku": "x"}}),
]


@pytest.mark.parametrize(("name", "value"), ROUND)
def test_values_survive_encoding_and_decoding(
    writer: ProtobufWriter, reader: ProtobufReader, name: str, value: Any
) -> None:
    assert decode(reader, encode(writer, {name: value}))[name] == value


def test_an_omitted_field_has_its_default_or_is_absent(writer: ProtobufWriter, reader: ProtobufReader) -> None:
    event = decode(reader, encode(writer, {}))
    assert (event["count"], event["lines"], event["totals"], event["kind"]) == (0, [], {}, "UNKNOWN")
    assert not {"maybe", "line", "at", "card"} & event.keys()


def test_a_message_of_another_generated_class_is_written(writer: ProtobufWriter, reader: ProtobufReader) -> None:
    other = message_class(parse(SOURCE, Format.PROTOBUF), "shop.Paid")
    assert decode(reader, encode(writer, other(count=3)))["count"] == 3  # type: ignore[call-arg]  # made at run time


def test_a_message_with_a_field_the_contract_lacks_is_refused(writer: ProtobufWriter) -> None:
    source = SOURCE.replace("string sku = 1;", "string sku = 1; int32 surplus = 9;")
    other: Any = message_class(parse(source, Format.PROTOBUF), "shop.Paid")
    assert writer.violations(other(lines=[{"sku": "a"}])) == ()
    assert [one.pointer for one in writer.violations(other(lines=[{"surplus": 1}]))] == ["/lines/0/9"]


def test_a_message_of_another_name_is_refused(schema: Schema, writer: ProtobufWriter) -> None:
    line = message_class(schema, "shop.Line")()
    assert [one.rule for one in writer.violations(line)] == ["TYPE_WRONG"]


def test_a_missing_required_field_is_refused() -> None:
    source = 'syntax = "proto2"; message Paid { required int32 a = 1; optional Paid b = 2; }'
    schema = parse(source, Format.PROTOBUF)
    writer = ProtobufWriter(schema, "Paid", b"")
    assert [one.pointer for one in writer.violations({"b": {}})] == ["/b/a", "/a"]
    reader = ProtobufReader(schema, schema, "Paid", 0)
    with pytest.raises(Mismatch) as caught:
        decode(reader, b"\x00")
    assert caught.value.path == "/a"


def test_an_event_nested_too_deep_is_refused(writer: ProtobufWriter) -> None:
    line: Any = {}
    for _ in range(5000):
        line = {"next": line}
    assert [one.rule for one in writer.violations({"line": line})] == ["TOO_DEEP"]


@pytest.mark.parametrize("data", [b"", b"\x00\x08", b"\x00\xff\xff", b"\x02\x08", b"\x00" + b"\x4b" * 500])
def test_bytes_that_are_not_the_message_are_a_mismatch(reader: ProtobufReader, data: bytes) -> None:
    with pytest.raises(Mismatch):
        decode(reader, b"\x00\x00\x00\x00\x01" + data)


EVENTS = st.fixed_dictionaries(
    {},
    optional={
        "count": st.integers(-(2**31), 2**31 - 1),
        "size": st.integers(0, 2**64 - 1),
        "text": st.text(st.characters(exclude_categories=("Cs",)), max_size=5),
        "data": st.binary(max_size=5),
        "ratio": st.floats(width=32, allow_nan=False),
        "numbers": st.lists(st.integers(-(2**63), 2**63 - 1), max_size=3),
        "lines": st.lists(st.just({"sku": "a"}), max_size=2),
        "totals": st.dictionaries(st.text("ab", max_size=2), st.integers(-9, 9), max_size=3),
    },
)


SHARED = parse(SOURCE, Format.PROTOBUF)
PAID: Any = message_class(SHARED, "shop.Paid")
BARE = ProtobufWriter(SHARED, "Paid", b"")


@settings(max_examples=200, deadline=None, derandomize=True)
@given(EVENTS)
def test_encoded_bytes_equal_those_of_the_protobuf_runtime(event: dict[str, Any]) -> None:
    assert PAID.FromString(encode(BARE, event)[2:]) == PAID(**event)


NULLS = """syntax = "proto3";
import "google/protobuf/struct.proto";
import "google/protobuf/wrappers.proto";
message Kept {
  google.protobuf.Value one = 1; repeated google.protobuf.Value many = 2; map<string, google.protobuf.Value> by = 3;
  oneof o { google.protobuf.Value chosen = 4; string text = 5; }
  google.protobuf.StringValue wrapped = 6; google.protobuf.NullValue none = 7; Kept inner = 8;
}
"""


@pytest.mark.parametrize(
    ("event", "payload"),
    [
        ({"one": None}, b"\x0a\x02\x08\x00"),
        ({}, b""),
        ({"many": [None]}, b"\x12\x02\x08\x00"),
        ({"by": {"a": None}}, b"\x1a\x07\x0a\x01a\x12\x02\x08\x00"),
        ({"chosen": None}, b"\x22\x02\x08\x00"),
        ({"wrapped": None}, b""),
        ({"inner": {"one": None}}, b"\x42\x04\x0a\x02\x08\x00"),
    ],
    ids=str,
)
def test_none_is_the_null_of_a_json_value_and_absence_of_anything_else(event: Any, payload: bytes) -> None:
    schema = parse(NULLS, Format.PROTOBUF)
    written = encode(ProtobufWriter(schema, "Kept", b""), event)
    assert written[1:] == payload
    read = decode(ProtobufReader(schema, schema, "Kept", 0), written)
    assert encode(ProtobufWriter(schema, "Kept", b""), read) == written, "what was read is written again"
    assert {name: read.get(name) for name in event if event[name] is not None} == {
        name: value if name != "inner" else read["inner"] for name, value in event.items() if value is not None
    }


def test_a_null_chooses_its_field_of_a_oneof() -> None:
    schema = parse(NULLS, Format.PROTOBUF)
    with pytest.raises(Invalid):
        encode(ProtobufWriter(schema, "Kept", b""), {"chosen": None, "text": ""})
