"""Suggested edits: applied to the candidate's text, each one removes its finding."""

from operator import attrgetter

import pytest

from moorings_compat import Finding, Format, Policy, Schema, Suggestion, can_read, parse
from tests.compat.protobuf.cases import Case, edition, proto2, proto3, source

SHOWN = [  # what is undone, older, candidate, the rule, and the line that undoes it
    ("a type", proto3("int64 n = 1;"), proto3("int32 n = 1;"), "PROTO_WIRE_NUMBER_TRUNCATED", "int64 n = 1;"),
    ("a wire type", proto3("string n = 1;"), proto3("int32 n = 1;"), "PROTO_WIRE_TYPE_CHANGED", "string n = 1;"),
    ("a number", proto3("string s = 1;"), proto3("string s = 2;"), "PROTO_WIRE_FIELD_RENUMBERED", "string s = 1;"),
    (
        "required",
        proto2("optional int32 n = 1;"),
        proto2("required int32 n = 1;"),
        "PROTO_WIRE_REQUIRED_UNSET",
        "optional int32",
    ),
    ("required and new", proto2(""), proto2("required int32 n = 1;"), "PROTO_WIRE_REQUIRED_ADDED", "optional int32"),
    (
        "repeated",
        proto3("repeated string s = 1;"),
        proto3("string s = 1;"),
        "PROTO_WIRE_LAST_ONE_WINS",
        "repeated string s",
    ),
    (
        "repeated with a label",
        proto2("repeated string s = 1;"),
        proto2("optional string s = 1;"),
        "PROTO_WIRE_LAST_ONE_WINS",
        "{ repeated string s",
    ),
    (
        "a symbol",
        proto2("optional E e = 1;", "enum E { A = 0; B = 1; }"),
        proto2("optional E e = 1;", "enum E { A = 0; }"),
        "PROTO_WIRE_ENUM_NUMBER_UNKNOWN",
        "{ A = 0; B = 1; }",
    ),
    (
        "a symbol's number",
        proto3("E e = 1;", "enum E { A = 0; B = 1; }"),
        proto3("E e = 1;", "enum E { A = 0; B = 2; }"),
        "PROTO_WIRE_SYMBOL_RENUMBERED",
        "B = 1;",
    ),
    ("a package", "package a.b; message M {}", "package c; message M {}", "PROTO_WIRE_PACKAGE_CHANGED", "package a.b;"),
    ("a free number", proto3("int32 n = 4;"), proto3(""), "PROTO_HYGIENE_NOT_RESERVED", 'reserved 4; reserved "n";'),
    (
        "a free name",
        proto3("int32 n = 4;"),
        proto3("reserved 4;"),
        "PROTO_HYGIENE_NOT_RESERVED",
        '{ reserved "n"; reserved 4',
    ),
    ("in an edition", edition("int32 n = 4;"), edition(""), "PROTO_HYGIENE_NOT_RESERVED", "reserved 4; reserved n;"),
]


@pytest.mark.parametrize(
    ("older", "candidate", "rule", "line"), [one[1:] for one in SHOWN], ids=[one[0] for one in SHOWN]
)
def test_a_suggestion_removes_its_finding(older: str, candidate: str, rule: str, line: str) -> None:
    found = _of_rule(can_read(source(candidate), source(older)), rule)
    assert found.suggestion is not None
    assert line in found.suggestion.value
    edited = applied(found.suggestion, candidate)
    assert rule not in [one.rule for one in can_read(edited, source(older))]


def test_a_suggestion_edits_the_candidate_when_it_is_the_writer() -> None:
    older, candidate = proto3("int32 n = 1;"), proto3("int64 n = 1;")
    policy = Policy(candidate_reads=False)
    found = _of_rule(can_read(source(older), source(candidate), policy), "PROTO_WIRE_NUMBER_TRUNCATED")
    assert found.suggestion is not None
    assert "int32 n = 1;" in found.suggestion.value
    assert can_read(source(older), applied(found.suggestion, candidate), policy) == ()


NO_LINE = [
    Case("a number that is taken", proto3("string s = 1; string t = 2;"), proto3("string t = 1; string s = 2;")),
    Case("a message's type", proto3("M x = 1;"), proto3("string x = 1;")),
    Case("a oneof", proto3("int32 a = 1; int32 b = 2;"), proto3("oneof o { int32 a = 1; int32 b = 2; }")),
    Case("an event", proto3("", "message N {}"), proto3("")),
]


@pytest.mark.parametrize("case", NO_LINE, ids=attrgetter("shows"))
def test_a_finding_that_one_line_cannot_remove_has_no_suggestion(case: Case) -> None:
    assert next(one.suggestion for one in case.findings() if one.rule.startswith("PROTO_WIRE")) is None


def applied(suggestion: Suggestion, text: str) -> Schema:
    """Write the suggested line into *text*."""
    assert suggestion.action == "text"
    lines = text.split("\n")
    lines[int(suggestion.path.removeprefix("line ")) - 1] = suggestion.value
    return parse("\n".join(lines), Format.PROTOBUF)


def _of_rule(findings: tuple[Finding, ...], rule: str) -> Finding:
    return next(one for one in findings if one.rule == rule)
