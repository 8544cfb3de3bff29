"""ProtoJSON: the rules that fire, and for each break a text that the parser refuses or misreads."""

from operator import attrgetter

import pytest

from moorings_compat import ProtobufLevel, Severity
from moorings_compat.protobuf.proto_json.gaps import RULES
from tests.compat.protobuf.cases import Case, codes, edition, proto2, proto3

NAME = "PROTO_JSON_NAME_UNKNOWN"
SHAPE = "PROTO_JSON_SHAPE_CHANGED"
FORM = "PROTO_JSON_FORM_CHANGED"
NUMBER = "PROTO_JSON_NUMBER_REFUSED"
SYMBOL = "PROTO_JSON_SYMBOL_UNKNOWN"
JOINED = "PROTO_JSON_ONEOF_JOINED"

AB = "enum E { A = 0; B = 1; }"
X = "message X { int32 i = 1; }"
TIME = 'syntax = "proto3"; import "google/protobuf/timestamp.proto"; message M { google.protobuf.Timestamp t = 1; }'
WRAPPED = 'syntax = "proto3"; import "google/protobuf/wrappers.proto"; message M { google.protobuf.Int32Value n = 1; }'
ANY_VALUE = 'syntax = "proto3"; import "google/protobuf/struct.proto"; message M { google.protobuf.Value v = 1; }'
STRUCT = 'syntax = "proto3"; import "google/protobuf/struct.proto"; message M { google.protobuf.Struct v = 1; }'
OTHER_TIME = "T t = 1; message T { int64 seconds = 1; int32 nanos = 2; }"


CASES = [
    Case(shows, writer, reader, found, ProtobufLevel.JSON)
    for shows, writer, reader, found in [
        ("the same field", proto3("int32 n = 1;"), proto3("int32 n = 1;"), []),
        ("an added field", proto3("int32 n = 1;"), proto3("int32 n = 1; int32 m = 2;"), []),
        ("a removed field", proto3("int32 n = 1; int32 m = 2;"), proto3("int32 n = 1;"), [NAME]),
        ("a renamed field", proto3("int32 n = 1;"), proto3("int32 m = 1;"), [NAME]),
        ("renamed with its JSON name kept", proto3("int32 n = 1;"), proto3('int32 m = 1 [json_name = "n"];'), []),
        (
            "printed under the field's own name",
            proto3('int32 n = 1 [json_name = "a_b"];'),
            proto3("int32 a_b = 1;"),
            [],
        ),
        ("renumbered", proto3("int32 n = 1;"), proto3("int32 n = 2;"), []),
        ("one to many", proto3("int32 n = 1;"), proto3("repeated int32 n = 1;"), [SHAPE]),
        ("many to one", proto3("repeated int32 n = 1;"), proto3("int32 n = 1;"), [SHAPE]),
        (
            "a map to its entries",
            proto3("map<string, int32> m = 1;"),
            proto3("repeated N m = 1; message N { string key = 1; int32 value = 2; }"),
            [SHAPE],
        ),
        ("bytes to string", proto3("bytes b = 1;"), proto3("string b = 1;"), [FORM]),
        ("string to bytes", proto3("string b = 1;"), proto3("bytes b = 1;"), [FORM]),
        ("bool to int32", proto3("bool b = 1;"), proto3("int32 b = 1;"), [FORM]),
        ("enum to int32", proto3("E e = 1;", AB), proto3("int32 e = 1;"), [FORM]),
        ("enum to string", proto3("E e = 1;", AB), proto3("string e = 1;"), [FORM]),
        ("int32 to an open enum", proto3("int32 e = 1;"), proto3("E e = 1;", AB), []),
        ("uint32 to an open enum", proto3("uint32 e = 1;"), proto3("E e = 1;", AB), [NUMBER]),
        ("int32 to a closed enum", proto2("optional int32 e = 1;"), proto2("optional E e = 1;", AB), [NUMBER]),
        ("int64 to string", proto3("int64 n = 1;"), proto3("string n = 1;"), [FORM]),
        ("message to string", proto3("X x = 1;", X), proto3("string x = 1;", X), [FORM]),
        ("Timestamp to a message like it", TIME, proto3(OTHER_TIME), [FORM]),
        ("a message like it to Timestamp", proto3(OTHER_TIME), TIME, [FORM]),
        ("Value to Struct", ANY_VALUE, STRUCT, [FORM]),
        ("a wrapper to what it wraps", WRAPPED, proto3("int32 n = 1;"), []),
        ("a number to its wrapper", proto3("int32 n = 1;"), WRAPPED, []),
        ("a wide number to a wrapper", proto3("int64 n = 1;"), WRAPPED, [NUMBER]),
        ("int32 to int64", proto3("int32 n = 1;"), proto3("int64 n = 1;"), []),
        ("sint32 to sfixed64", proto3("sint32 n = 1;"), proto3("sfixed64 n = 1;"), []),
        ("int64 to int32", proto3("int64 n = 1;"), proto3("int32 n = 1;"), [NUMBER]),
        ("int32 to uint64", proto3("int32 n = 1;"), proto3("uint64 n = 1;"), [NUMBER]),
        ("uint64 to int64", proto3("uint64 n = 1;"), proto3("int64 n = 1;"), [NUMBER]),
        ("int32 to double", proto3("int32 n = 1;"), proto3("double n = 1;"), []),
        ("int64 to double", proto3("int64 n = 1;"), proto3("double n = 1;"), [NUMBER]),
        ("int32 to float", proto3("int32 n = 1;"), proto3("float n = 1;"), [NUMBER]),
        ("double to int64", proto3("double n = 1;"), proto3("int64 n = 1;"), [NUMBER]),
        ("float to double", proto3("float n = 1;"), proto3("double n = 1;"), []),
        ("double to float", proto3("double n = 1;"), proto3("float n = 1;"), [NUMBER]),
        ("a map's key", proto3("map<int64, bool> m = 1;"), proto3("map<int32, bool> m = 1;"), [NUMBER]),
        ("a renamed symbol", proto3("E e = 1;", AB), proto3("E e = 1;", "enum E { A = 0; Z = 1; }"), [SYMBOL]),
        ("an added symbol", proto3("E e = 1;", AB), proto3("E e = 1;", "enum E { A = 0; B = 1; C = 2; }"), []),
        (
            "a renamed symbol with an alias",
            proto3("E e = 1;", AB),
            proto3("E e = 1;", "enum E { option allow_alias = true; A = 0; Z = 1; B = 1; }"),
            [],
        ),
        ("an enum that closes", edition("E e = 1;", AB), proto2("optional E e = 1;", AB), [SYMBOL]),
        (
            "two fields join a oneof",
            proto3("int32 a = 1; int32 b = 2;"),
            proto3("oneof o { int32 a = 1; int32 b = 2; }"),
            [JOINED],
        ),
        ("a oneof splits", proto3("oneof o { int32 a = 1; int32 b = 2; }"), proto3("int32 a = 1; int32 b = 2;"), []),
        ("inside another message", proto3("X x = 1;", X), proto3("X x = 1;", "message X { int32 j = 1; }"), [NAME]),
        (
            "an extension",
            proto2("extensions 5 to 9;", "extend M { optional int32 x = 5; }"),
            proto2("extensions 5 to 9;"),
            [NAME],
        ),
    ]
]


@pytest.mark.parametrize("case", CASES, ids=attrgetter("shows"))
def test_a_change_in_protojson_fires_its_rules(case: Case) -> None:
    findings = case.findings()
    assert codes(findings, "PROTO_JSON") == sorted(case.codes)
    for found in findings:
        if found.rule.startswith("PROTO_JSON"):
            assert found.severity is Severity.BREAK
            assert found.witness is not None
            assert found.witness.encoded == ""


@pytest.mark.parametrize("case", CASES, ids=attrgetter("shows"))
def test_protojson_is_not_checked_at_the_wire_level(case: Case) -> None:
    on_wire = Case(case.shows, case.writer, case.reader)
    assert codes(on_wire.findings(), "PROTO_JSON") == []


def test_every_rule_about_protojson_has_a_case() -> None:
    assert {rule.code for rule in RULES} == {code for case in CASES for code in case.codes}
