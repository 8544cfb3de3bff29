"""The wire: the rules that fire for a writer's and a reader's source, and two parsers that confirm each break."""

from operator import attrgetter

import pytest

from moorings_compat import Severity
from moorings_compat.protobuf import message_class
from moorings_compat.protobuf.wire.gaps import RULES
from tests.compat.protobuf.cases import Case, codes, edition, proto2, proto3, source
from tests.compat.protobuf.decoding import second_opinion

TYPE = "PROTO_WIRE_TYPE_CHANGED"
FRAMING = "PROTO_WIRE_FRAMING_CHANGED"
CONTENT = "PROTO_WIRE_CONTENT_CHANGED"
NOT_TEXT = "PROTO_WIRE_BYTES_NOT_TEXT"
AS_TEXT = "PROTO_WIRE_BYTES_AS_TEXT"
NOW_CHECKED = "PROTO_WIRE_TEXT_NOW_CHECKED"
TRUNCATED = "PROTO_WIRE_NUMBER_TRUNCATED"
SIGN = "PROTO_WIRE_SIGN_REINTERPRETED"
ZIGZAG = "PROTO_WIRE_ZIGZAG_CHANGED"
FLOAT = "PROTO_WIRE_FLOAT_REINTERPRETED"
LAST = "PROTO_WIRE_LAST_ONE_WINS"
ENTRIES = "PROTO_WIRE_ENTRIES_COLLAPSE"
SYMBOL = "PROTO_WIRE_SYMBOL_RENUMBERED"
UNKNOWN = "PROTO_WIRE_ENUM_NUMBER_UNKNOWN"
ADDED = "PROTO_WIRE_REQUIRED_ADDED"
UNSET = "PROTO_WIRE_REQUIRED_UNSET"
ZERO = "PROTO_WIRE_ZERO_READS_AS_DEFAULT"
DEFAULT = "PROTO_WIRE_DEFAULT_CHANGED"
PRESENCE = "PROTO_WIRE_PRESENCE_LOST"
RENUMBERED = "PROTO_WIRE_FIELD_RENUMBERED"
JOINED = "PROTO_WIRE_ONEOF_JOINED"
MESSAGE_SET = "PROTO_WIRE_MESSAGE_SET_CHANGED"
PACKAGE = "PROTO_WIRE_PACKAGE_CHANGED"
EVENT = "PROTO_WIRE_EVENT_REMOVED"
PART = "PROTO_WIRE_PART_REMOVED"

AB = "enum E { A = 0; B = 1; }"
ABC = "enum E { A = 0; B = 1; C = 2; }"
X = "message X { int32 i = 1; }"
ENTRY = "message Entry { string key = 1; int32 value = 2; }"

FIELDS = [
    Case("the same field", proto3("int32 n = 1;"), proto3("int32 n = 1; /* a comment */")),
    Case("an added field", proto3("int32 n = 1;"), proto3("int32 n = 1; string s = 2;")),
    Case("a removed field is kept as unknown", proto3("int32 n = 1; string s = 2;"), proto3("int32 n = 1;")),
    Case("a renamed field", proto3("int32 n = 1;"), proto3("int32 m = 1;")),
    Case("fields in another order", proto3("int32 n = 1; string s = 2;"), proto3("string s = 2; int32 n = 1;")),
    Case("varint to length-prefixed", proto3("int32 n = 1;"), proto3("string n = 1;"), [TYPE]),
    Case("float to double", proto3("float f = 1;"), proto3("double f = 1;"), [TYPE]),
    Case("double to int64", proto3("double f = 1;"), proto3("int64 f = 1;"), [TYPE]),
    Case("an enum to a string", proto3("E e = 1;", AB), proto3("string e = 1;"), [TYPE]),
    Case("packed numbers to text", proto3("repeated int32 n = 1;"), proto3("string n = 1;"), [TYPE]),
    Case("string to bytes", proto3("string s = 1;"), proto3("bytes s = 1;")),
    Case("bytes to a checked string", proto3("bytes s = 1;"), proto3("string s = 1;"), [NOT_TEXT]),
    Case("bytes to an unchecked string", proto2("optional bytes s = 1;"), proto2("optional string s = 1;"), [AS_TEXT]),
    Case(
        "an edition that does not check",
        edition("bytes s = 1;"),
        edition("string s = 1 [features.utf8_validation = NONE];"),
        [AS_TEXT],
    ),
    Case("text that becomes checked", proto2("optional string s = 1;"), edition("string s = 1;"), [NOW_CHECKED]),
    Case("text that becomes unchecked", edition("string s = 1;"), proto2("optional string s = 1;")),
    Case("a message to bytes", proto3("X x = 1;", X), proto3("bytes x = 1;", X)),
    Case("messages to bytes", proto3("repeated X x = 1;", X), proto3("repeated bytes x = 1;", X)),
    Case("bytes to a message", proto3("bytes x = 1;", X), proto3("X x = 1;", X), [CONTENT]),
    Case("a message to text", proto3("X x = 1;", X), proto3("string x = 1;", X), [CONTENT]),
    Case("text to a message", proto3("string x = 1;"), proto3("X x = 1;", X), [CONTENT]),
    Case("a map to bytes", proto3("map<string, int32> m = 1;"), proto3("repeated bytes m = 1;")),
    Case("messages to one value of bytes", proto3("repeated X x = 1;", X), proto3("bytes x = 1;", X), [LAST]),
    Case(
        "a group to a message",
        proto2("optional group G = 1 { optional int32 i = 1; }"),
        proto2("optional G g = 1; message G { optional int32 i = 1; }"),
        [FRAMING],
    ),
    Case(
        "a message to a delimited one",
        edition("X x = 1;", X),
        edition("X x = 1 [features.message_encoding = DELIMITED];", X),
        [FRAMING],
    ),
    Case(
        "a group to a delimited message",
        proto2("optional group G = 1 { optional int32 i = 1; }"),
        edition("G g = 1 [features.message_encoding = DELIMITED]; message G { int32 i = 1; }"),
    ),
    Case("a message whose fields agree", proto3("X x = 1;", X), proto3("Y x = 1; message Y { int32 j = 1; }", X)),
    Case(
        "a message whose fields do not",
        proto3("X x = 1;", X),
        proto3("Y x = 1; message Y { string i = 1; }", X),
        [TYPE],
    ),
    Case("one value to many", proto3("string s = 1;"), proto3("repeated string s = 1;")),
    Case("one number to many, packed", proto3("int32 n = 1;"), proto3("repeated int32 n = 1;")),
    Case("many texts to one", proto3("repeated string s = 1;"), proto3("string s = 1;"), [LAST]),
    Case("many packed numbers to one", proto3("repeated int32 n = 1;"), proto3("int32 n = 1;"), [LAST]),
    Case("many messages to one", proto3("repeated X x = 1;", X), proto3("X x = 1;", X), [LAST]),
    Case("packed to unpacked", proto3("repeated int32 n = 1;"), proto3("repeated int32 n = 1 [packed = false];")),
    Case("unpacked to packed", proto2("repeated int32 n = 1;"), proto2("repeated int32 n = 1 [packed = true];")),
    Case("a map to its entries", proto3("map<string, int32> m = 1;"), proto3("repeated Entry m = 1;", ENTRY)),
    Case(
        "entries to a map",
        proto3("repeated Entry m = 1;", ENTRY),
        proto3("map<string, int32> m = 1;", ENTRY),
        [ENTRIES],
    ),
    Case("one entry to a map", proto3("Entry m = 1;", ENTRY), proto3("map<string, int32> m = 1;", ENTRY)),
    Case(
        "an entry with more to a map",
        proto3("E m = 1; message E { string key = 1; int32 more = 3; }"),
        proto3("map<string, int32> m = 1;"),
        [ENTRIES],
    ),
    Case("a map to one message", proto3("map<string, int32> m = 1;"), proto3("Entry m = 1;", ENTRY), [LAST]),
    Case("a map's key narrows", proto3("map<int64, bool> m = 1;"), proto3("map<int32, bool> m = 1;"), [TRUNCATED]),
    Case(
        "a map's value narrows",
        proto3("map<bool, X> m = 1;", X),
        proto3("map<bool, Y> m = 1; message Y { bool i = 1; }", X),
        [TRUNCATED],
    ),
    Case(
        "an extension's type",
        proto2("extensions 5 to 9;", "extend M { optional int64 x = 5; }"),
        proto2("extensions 5 to 9;", "extend M { optional int32 x = 5; }"),
        [TRUNCATED],
    ),
    Case(
        "an extension that becomes a field",
        proto2("extensions 5 to 9;", "extend M { optional int32 x = 5; }"),
        proto2("optional int32 x = 5;"),
    ),
]

NUMBERS = [
    Case(f"{writer} to {reader}", proto3(f"{writer} n = 1;"), proto3(f"{reader} n = 1;"), found)
    for writer, reader, found in [
        ("int32", "int64", []),
        ("uint32", "int64", []),
        ("uint32", "uint64", []),
        ("sint32", "sint64", []),
        ("bool", "int32", []),
        ("bool", "uint64", []),
        ("int64", "int32", [TRUNCATED]),
        ("int64", "uint32", [TRUNCATED]),
        ("uint64", "int32", [TRUNCATED]),
        ("uint64", "uint32", [TRUNCATED]),
        ("sint64", "sint32", [TRUNCATED]),
        ("int32", "bool", [TRUNCATED]),
        ("uint64", "bool", [TRUNCATED]),
        ("int32", "uint32", [SIGN]),
        ("int32", "uint64", [SIGN]),
        ("uint32", "int32", [SIGN]),
        ("int64", "uint64", [SIGN]),
        ("uint64", "int64", [SIGN]),
        ("fixed32", "sfixed32", [SIGN]),
        ("sfixed64", "fixed64", [SIGN]),
        ("int32", "sint32", [ZIGZAG]),
        ("sint64", "int64", [ZIGZAG]),
        ("sint32", "bool", [ZIGZAG]),
        ("bool", "sint64", [ZIGZAG]),
        ("float", "fixed32", [FLOAT]),
        ("sfixed32", "float", [FLOAT]),
        ("double", "sfixed64", [FLOAT]),
    ]
]

ENUMS = [
    Case("a renamed symbol", proto3("E e = 1;", AB), proto3("E e = 1; enum E { A = 0; Z = 1; }")),
    Case("a renumbered symbol", proto3("E e = 1;", AB), proto3("E e = 1;", "enum E { A = 0; B = 2; }"), [SYMBOL]),
    Case("swapped symbols", proto3("E e = 1;", ABC), proto3("E e = 1;", "enum E { A = 0; C = 1; B = 2; }"), [SYMBOL]),
    Case("an open enum loses a symbol", proto3("E e = 1;", ABC), proto3("E e = 1;", AB)),
    Case("a closed enum loses a symbol", proto2("optional E e = 1;", ABC), proto2("optional E e = 1;", AB), [UNKNOWN]),
    Case("a closed enum gains a symbol", proto2("optional E e = 1;", AB), proto2("optional E e = 1;", ABC)),
    Case(
        "a closed enum in a list loses a symbol",
        proto2("repeated E e = 1;", ABC),
        proto2("repeated E e = 1;", AB),
        [UNKNOWN],
    ),
    Case(
        "an open enum read as a list of a closed one that has no zero",
        proto3("E e = 1;", AB),
        proto2("repeated E e = 1;", "enum E { F = 1; B = 2; C = -1; }"),
        [UNKNOWN, SYMBOL],
    ),
    Case(
        "the zero symbol renumbered",
        proto3("E e = 1;", AB),
        proto3("E e = 1;", "enum E { Z = 0; B = 1; A = 2; }"),
        [SYMBOL],
    ),
    Case(
        "the zero symbol renumbered in a list that is empty for zero",
        proto3("E e = 1;", AB),
        proto3("repeated E e = 1;", "enum E { Z = 0; B = 1; A = 2; }"),
    ),
    Case(
        "the zero symbol renumbered in such a list and in a field",
        proto3("E e = 1; E f = 2;", AB),
        proto3("repeated E e = 1; E f = 2;", "enum E { Z = 0; B = 1; A = 2; }"),
        [SYMBOL],
    ),
    Case(
        "a closed enum in a map loses a symbol",
        proto2("map<int32, E> e = 1;", ABC),
        proto2("map<int32, E> e = 1;", AB),
        [UNKNOWN],
    ),
    Case("an open enum that closes", proto3("E e = 1;", AB), proto2("optional E e = 1;", AB), [UNKNOWN]),
    Case("a closed enum that opens", proto2("optional E e = 1;", AB), edition("E e = 1;", AB)),
    Case("an open enum to int32", proto3("E e = 1;", AB), proto3("int32 e = 1;")),
    Case("int32 to an open enum", proto3("int32 e = 1;"), proto3("E e = 1;", AB)),
    Case("int64 to an open enum", proto3("int64 e = 1;"), proto3("E e = 1;", AB), [TRUNCATED]),
    Case("int32 to a closed enum", proto2("optional int32 e = 1;"), proto2("optional E e = 1;", AB), [UNKNOWN]),
    Case("bool to a closed enum that has both", proto2("optional bool e = 1;"), proto2("optional E e = 1;", AB)),
    Case("an open enum to unsigned", proto3("E e = 1;", AB), proto3("uint32 e = 1;"), [SIGN]),
    Case("a closed enum to unsigned", proto2("optional E e = 1;", AB), proto2("optional uint32 e = 1;")),
    Case("a closed enum to bool", proto2("optional E e = 1;", ABC), proto2("optional bool e = 1;"), [TRUNCATED]),
    Case(
        "a closed enum of two to bool",
        proto2("optional E e = 1;", AB),
        proto2("optional bool e = 1;"),
    ),
    Case(
        "another name for one number",
        proto3("E e = 1;", AB),
        proto3("E e = 1;", "enum E { option allow_alias = true; A = 0; B = 1; C = 1; }"),
    ),
]

PRESENCES = [
    Case(
        "a required field is added",
        proto2("optional int32 n = 1;"),
        proto2("optional int32 n = 1; required int32 m = 2;"),
        [ADDED],
    ),
    Case("an optional field is required", proto2("optional int32 n = 1;"), proto2("required int32 n = 1;"), [UNSET]),
    Case("a required field is optional", proto2("required int32 n = 1;"), proto2("optional int32 n = 1;")),
    Case("a required field is dropped", proto2("required int32 n = 1;"), proto2("optional int32 m = 2;")),
    Case(
        "required by feature",
        edition("int32 n = 1;"),
        edition("int32 n = 1 [features.field_presence = LEGACY_REQUIRED];"),
        [UNSET],
    ),
    Case(
        "inside another message",
        proto2("optional N n = 1; message N { optional int32 i = 1; }"),
        proto2("optional N n = 1; message N { required int32 i = 1; required int32 j = 2; }"),
        [ADDED, UNSET],
    ),
    Case("a zero reads as a default", proto3("int32 n = 1;"), proto2("optional int32 n = 1 [default = 5];"), [ZERO]),
    Case("a zero reads as zero", proto3("int32 n = 1;"), proto2("optional int32 n = 1;")),
    Case(
        "an enum's zero reads as its first",
        proto3("E e = 1;", AB),
        proto2("optional int32 e = 1 [default = 1];"),
        [ZERO],
    ),
    Case("another default", proto2("optional int32 n = 1 [default = 1];"), proto2("optional int32 n = 1;"), [DEFAULT]),
    Case(
        "another first symbol",
        proto2("optional E e = 1;", AB),
        proto2("optional E e = 1;", "enum E { B = 1; A = 0; }"),
        [DEFAULT],
    ),
    Case("presence is lost", proto3("optional int32 n = 1;"), proto3("int32 n = 1;"), [PRESENCE]),
    Case("presence is gained", proto3("int32 n = 1;"), proto3("optional int32 n = 1;")),
    Case(
        "what can never be written can never be missed",
        proto2("optional N n = 1; message N { required N n = 1; }"),
        proto2("optional N n = 1; message N { required N n = 1; required int32 i = 2; }"),
    ),
]

MESSAGES = [
    Case("a renumbered field", proto3("string s = 1;"), proto3("string s = 2;"), [RENUMBERED]),
    Case("swapped numbers", proto3("string s = 1; string t = 2;"), proto3("string t = 1; string s = 2;"), [RENUMBERED]),
    Case(
        "two fields join a oneof",
        proto3("int32 a = 1; int32 b = 2;"),
        proto3("oneof o { int32 a = 1; int32 b = 2; }"),
        [JOINED],
    ),
    Case(
        "a field joins a oneof",
        proto3("oneof o { int32 a = 1; } int32 b = 2;"),
        proto3("oneof o { int32 a = 1; int32 b = 2; }"),
        [JOINED],
    ),
    Case(
        "two oneofs become one",
        proto3("oneof o { X a = 1; } oneof p { X b = 2; }", X),
        proto3("oneof o { X a = 1; X b = 2; }", X),
        [JOINED],
    ),
    Case(
        "a oneof of one's own",
        proto3("optional int32 a = 1; int32 b = 2;"),
        proto3("oneof o { int32 a = 1; } int32 b = 2;"),
    ),
    Case("a oneof gains a member", proto3("oneof o { int32 a = 1; }"), proto3("oneof o { int32 a = 1; int32 b = 2; }")),
    Case("a oneof loses a member", proto3("oneof o { int32 a = 1; int32 b = 2; }"), proto3("oneof o { int32 a = 1; }")),
    Case(
        "a oneof splits",
        proto3("oneof o { int32 a = 1; int32 b = 2; }"),
        proto3("optional int32 a = 1; optional int32 b = 2;"),
    ),
    Case(
        "message sets",
        proto2(
            "option message_set_wire_format = true; extensions 4 to max;",
            "message X { extend M { optional X x = 9; } }",
        ),
        proto2("extensions 4 to max;", "message X { extend M { optional X x = 9; } }"),
        [MESSAGE_SET],
    ),
    Case("recursion", proto3("M m = 1; int64 n = 2;"), proto3("M m = 1; int32 n = 2;"), [TRUNCATED]),
]

ROOTS = [
    Case("another package", "package a; message M {}", "package b; message M {}", [PACKAGE]),
    Case("an event is removed", proto3("", "message N {}"), proto3(""), [EVENT]),
    Case("an event is renamed", proto3("int32 n = 1;"), 'syntax = "proto3"; message N { int32 n = 1; }', [EVENT]),
    Case(
        "events in another order",
        proto3("", "message N { int32 n = 1; }"),
        'syntax = "proto3"; message N { int32 n = 1; } message M {}',
    ),
    Case("a reader without an added event", proto3("", "message N {}"), proto3(""), candidate_reads=False),
    Case(
        "today's readers miss a renamed event",
        'syntax = "proto3"; message N {}',
        proto3(""),
        [EVENT],
        candidate_reads=False,
    ),
    Case("a part is renamed", proto3("X x = 1;", X), proto3("Y x = 1;", "message Y { int32 j = 1; }"), [PART]),
    Case("a part moves inside", proto3("X x = 1;", X), proto3("X x = 1; message X { int32 i = 1; }"), [PART]),
    Case("a nested event is removed", proto3("message N { string s = 1; }"), proto3(""), [EVENT]),
    Case("a nested event is renamed", proto3("message N {}"), proto3("message O {}"), [EVENT]),
    Case("a nested event moves outside", proto3("message N {}"), proto3("", "message N {}"), [EVENT]),
    Case("an event nested in one is removed", proto3("message N { message O {} }"), proto3("message N {}"), [EVENT]),
    Case("a nested event is added", proto3("message N {}"), proto3("message N {} message O {}")),
    Case("entries of a removed map are not events", proto3("map<string, int32> m = 1;"), proto3("")),
    Case("a nested part is renamed", proto3("X x = 1; message X {}"), proto3("Y x = 1; message Y {}")),
    Case("a part moves outside", proto3("X x = 1; message X { int32 i = 1; }"), proto3("X x = 1;", X)),
    Case(
        "a message that holds itself is an event",
        proto3("", "message N { N n = 1; map<int32, N> m = 2; }"),
        proto3(""),
        [EVENT],
    ),
    Case(
        "two that hold each other are events",
        proto3("", "message A { B b = 1; } message B { A a = 1; }"),
        proto3(""),
        [EVENT],
    ),
    Case("a change of services", proto3("", "service S { rpc F(M) returns (M); }"), proto3("")),
]

RUNTIMES_DIFFER = {"an entry with more to a map"}
"""The runtime under Python, Ruby and PHP sets the whole entry aside; the C++ one keeps its key and value."""

CASES = [*FIELDS, *NUMBERS, *ENUMS, *PRESENCES, *MESSAGES, *ROOTS]


@pytest.mark.parametrize("case", CASES, ids=attrgetter("shows"))
def test_a_change_on_the_wire_fires_its_rules(case: Case) -> None:
    assert codes(case.findings(), "PROTO_WIRE") == sorted(case.codes)


@pytest.mark.parametrize("case", [case for case in CASES if case.codes], ids=attrgetter("shows"))
def test_every_break_is_confirmed_by_two_parsers(case: Case) -> None:
    reader, writer = source(case.reader), source(case.writer)
    for found in case.findings():
        assert found.severity is not Severity.UNDECIDED
        if found.severity is not Severity.BREAK:
            assert found.witness is None
            continue
        assert found.witness is not None
        assert found.witness.engine.startswith("protobuf ")
        name = found.witness.error.partition(":")[0]
        encoded = bytes.fromhex(found.witness.encoded)
        written = message_class(writer, name).FromString(encoded)
        if case.shows not in RUNTIMES_DIFFER:
            assert second_opinion(reader, name, written, encoded) is not None, found


def test_every_rule_about_the_wire_has_a_case() -> None:
    assert {rule.code for rule in RULES} == {code for case in CASES for code in case.codes}
