"""Generated code and hygiene: the candidate against the older schema, whichever of them reads."""

from operator import attrgetter

import pytest

from moorings_compat import Policy, ProtobufLevel, Severity, can_read
from moorings_compat.protobuf.declared import code, hygiene
from tests.compat.protobuf.cases import Case, codes, proto2, proto3, source

REMOVED = "PROTO_SOURCE_NAME_REMOVED"
TYPE = "PROTO_SOURCE_TYPE_CHANGED"
PRESENCE = "PROTO_SOURCE_PRESENCE_CHANGED"
ONEOF = "PROTO_SOURCE_ONEOF_CHANGED"
ENUM = "PROTO_SOURCE_ENUM_CHANGED"
RPC = "PROTO_SOURCE_RPC_CHANGED"
OPTION = "PROTO_SOURCE_OPTION_CHANGED"
FREE = "PROTO_HYGIENE_NOT_RESERVED"
TAKEN = "PROTO_HYGIENE_RESERVED_REUSED"
DROPPED = "PROTO_HYGIENE_RESERVATION_DROPPED"
REUSED = "PROTO_HYGIENE_NUMBER_REUSED"

AB = "enum E { A = 0; B = 1; }"
RPC_F = "service S { rpc F(M) returns (M); }"

CODE = [  # what the case shows, older, candidate, what is found
    Case("an added field", proto3("int32 n = 1;"), proto3("int32 n = 1; int32 m = 2;")),
    Case("a removed field", proto3("int32 n = 1;"), proto3(""), [REMOVED]),
    Case("a renamed field", proto3("int32 n = 1;"), proto3("int32 m = 1;"), [REMOVED]),
    Case("a removed message", proto3("", "message N {}"), proto3(""), [REMOVED]),
    Case("a removed enum", proto3("", AB), proto3(""), [REMOVED]),
    Case("a removed symbol", proto3("", AB), proto3("", "enum E { A = 0; }"), [REMOVED]),
    Case("a removed oneof", proto3("oneof o { int32 a = 1; }"), proto3("optional int32 a = 1;"), [REMOVED, ONEOF]),
    Case("a removed service", proto3("", RPC_F), proto3(""), [REMOVED]),
    Case("a removed rpc", proto3("", RPC_F), proto3("", "service S {}"), [REMOVED]),
    Case("an added rpc", proto3("", "service S {}"), proto3("", RPC_F)),
    Case("another type", proto3("int32 n = 1;"), proto3("int64 n = 1;"), [TYPE]),
    Case("another label", proto3("string s = 1;"), proto3("repeated string s = 1;"), [TYPE]),
    Case(
        "another message",
        proto3("X x = 1; message X {} message Y {}"),
        proto3("Y x = 1; message X {} message Y {}"),
        [TYPE],
    ),
    Case("another presence", proto3("int32 n = 1;"), proto3("optional int32 n = 1;"), [PRESENCE]),
    Case("a field joins a oneof", proto3("optional int32 n = 1;"), proto3("oneof o { int32 n = 1; }"), [ONEOF]),
    Case("an enum becomes open", proto2("optional E e = 1;", AB), proto3("optional E e = 1;", AB), [ENUM]),
    Case("an rpc streams", proto3("", RPC_F), proto3("", "service S { rpc F(M) returns (stream M); }"), [RPC]),
    Case(
        "an rpc takes another message",
        proto3("message N {}", RPC_F),
        proto3("message N {}", "service S { rpc F(M.N) returns (M); }"),
        [RPC],
    ),
    Case(
        "another Java package",
        proto3("", 'option java_package = "a";'),
        proto3("", 'option java_package = "b";'),
        [OPTION],
    ),
    Case("another package alone", proto3("M m = 1;", f"package a; {RPC_F}"), proto3("M m = 1;", f"package b; {RPC_F}")),
]

HYGIENE = [
    Case("an added field", proto3("int32 n = 1;"), proto3("int32 n = 1; int32 m = 2;")),
    Case("a renamed field", proto3("int32 n = 1;"), proto3("int32 m = 1;")),
    Case("deleted, nothing reserved", proto3("int32 n = 1;"), proto3(""), [FREE]),
    Case("deleted, number reserved", proto3("int32 n = 1;"), proto3("reserved 1;"), [FREE]),
    Case("deleted, name reserved", proto3("int32 n = 1;"), proto3('reserved "n";'), [FREE]),
    Case("deleted, both reserved", proto3("int32 n = 1;"), proto3('reserved 1 to 5; reserved "n";')),
    Case("a deleted symbol", proto3("", AB), proto3("", "enum E { A = 0; }"), [FREE]),
    Case("a deleted symbol, reserved", proto3("", AB), proto3("", 'enum E { A = 0; reserved 1; reserved "B"; }')),
    Case("a reserved number is used", proto3("reserved 1;"), proto3("int32 n = 1;"), [TAKEN]),
    Case("a reserved name is used", proto3('reserved "n";'), proto3("int32 n = 1;"), [TAKEN]),
    Case("a reserved symbol is used", proto3("", "enum E { A = 0; reserved 1; }"), proto3("", AB), [TAKEN]),
    Case("a reservation is dropped", proto3("reserved 1 to 3;"), proto3("reserved 1, 2;"), [DROPPED]),
    Case("a reservation is split", proto3("reserved 1 to 3;"), proto3("reserved 1, 2; reserved 3 to 5;")),
    Case("a reserved name is dropped", proto3('reserved "n";'), proto3(""), [DROPPED]),
    Case("a number is reused for another type", proto3("int32 n = 1;"), proto3("string m = 1;"), [REUSED]),
]


def _found(case: Case, *, candidate_reads: bool) -> tuple[str, ...]:
    older, candidate = source(case.writer), source(case.reader)
    reader, writer = (candidate, older) if candidate_reads else (older, candidate)
    policy = Policy(protobuf_level=ProtobufLevel.SOURCE, candidate_reads=candidate_reads)
    findings = can_read(reader, writer, policy)
    for found in findings:
        if found.rule.startswith(("PROTO_SOURCE", "PROTO_HYGIENE")):
            severity = Severity.BREAK if found.rule.startswith("PROTO_SOURCE") else Severity.WARNING
            assert found.severity is severity
            assert found.witness is None
    return tuple(codes(findings, "PROTO_SOURCE") + codes(findings, "PROTO_HYGIENE"))


@pytest.mark.parametrize("candidate_reads", [True, False], ids=["reads", "writes"])
@pytest.mark.parametrize("case", CODE, ids=attrgetter("shows"))
def test_a_change_of_generated_code_fires_its_rules(case: Case, candidate_reads: bool) -> None:
    found = _found(case, candidate_reads=candidate_reads)
    assert [code for code in found if "SOURCE" in code] == sorted(case.codes)


@pytest.mark.parametrize("candidate_reads", [True, False], ids=["reads", "writes"])
@pytest.mark.parametrize("case", HYGIENE, ids=attrgetter("shows"))
def test_a_change_against_hygiene_fires_its_rules(case: Case, candidate_reads: bool) -> None:
    found = _found(case, candidate_reads=candidate_reads)
    assert [code for code in found if "HYGIENE" in code] == case.codes


def test_generated_code_is_not_checked_below_the_source_level() -> None:
    for level in (ProtobufLevel.WIRE, ProtobufLevel.JSON):
        case = Case("", proto3("int32 n = 1;"), proto3("int64 n = 1;"), level=level)
        assert codes(case.findings(), "PROTO_SOURCE") == []


def test_every_rule_about_declarations_has_a_case() -> None:
    expected = {check.rule.code for checks in (code.CHECKS, hygiene.CHECKS) for check in checks}
    assert expected == {code for case in (*CODE, *HYGIENE) for code in case.codes}
