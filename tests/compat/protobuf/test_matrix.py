"""Every kind of field read as every other: the verdict is that of an oracle without rules."""

import itertools
from functools import cache

import pytest

from moorings_compat import Severity, Verdict, can_read
from moorings_compat.findings import verdict_of
from tests.compat.protobuf.cases import edition, proto2, proto3, source
from tests.compat.protobuf.oracle import misread

SCALARS = (
    *("int32", "int64", "uint32", "uint64", "sint32", "sint64", "bool"),
    *("fixed32", "fixed64", "sfixed32", "sfixed64", "float", "double", "string", "bytes"),
)
NUMBERS = SCALARS[:-2]
SYMBOLS = "enum E { A = 0; B = 1; C = 5; }"
NO_ZERO = "enum E { B = 1; C = 5; D = -1; }"
PART = "message N { int32 a = 1; string b = 2; }"
WIDER = "message N { int64 a = 1; bytes b = 2; }"
ENTRY = "message P { string key = 1; int32 value = 2; }"

FIELDS = {
    **{f"{one}": proto3(f"{one} f = 1;", PART) for one in SCALARS},
    **{f"optional {one}": proto2(f"optional {one} f = 1;", "message N {}") for one in SCALARS},
    **{f"packed {one}": proto3(f"repeated {one} f = 1;", PART) for one in SCALARS},
    **{f"expanded {one}": proto3(f"repeated {one} f = 1 [packed = false];", PART) for one in NUMBERS},
    "required int32": proto2("required int32 f = 1;", "message N {}"),
    "required string": proto2("required string f = 1;", "message N {}"),
    "int32 in a oneof": proto3("oneof o { int32 f = 1; }", PART),
    "bytes in a oneof": proto3("oneof o { bytes f = 1; }", PART),
    "open enum": proto3("E f = 1; N n = 2;", SYMBOLS + PART),
    "open enums": proto3("repeated E f = 1; N n = 2;", SYMBOLS + PART),
    "closed enum": proto2("optional E f = 1; optional N n = 2;", SYMBOLS + "message N {}"),
    "closed enums": proto2("repeated E f = 1; optional N n = 2;", SYMBOLS + "message N {}"),
    "closed enums without zero": proto2("repeated E f = 1; optional N n = 2;", NO_ZERO + "message N {}"),
    "message": proto3("N f = 1;", PART),
    "messages": proto3("repeated N f = 1;", PART),
    "wider message": proto3("N f = 1;", WIDER),
    "wider messages": proto3("repeated N f = 1;", WIDER),
    "delimited": edition("N f = 1 [features.message_encoding = DELIMITED];", PART),
    "group": proto2("optional group F = 1 { optional int32 a = 1; optional string b = 2; }", "message N {}"),
    "map of int32": proto3("map<string, int32> f = 1; N n = 2;", PART),
    "map of int64": proto3("map<string, int64> f = 1; N n = 2;", PART),
    "map of text": proto3("map<int32, string> f = 1; N n = 2;", PART),
    "map of open enums": proto3("map<string, E> f = 1; N n = 2;", SYMBOLS + PART),
    "map of closed enums": proto2("map<string, E> f = 1; optional N n = 2;", SYMBOLS + "message N {}"),
    "map of messages": proto3("map<string, N> f = 1;", PART),
    "entry": proto3("P f = 1; N n = 2;", ENTRY + PART),
    "entries": proto3("repeated P f = 1; N n = 2;", ENTRY + PART),
}
"""Each has a message N as well, so that no event is missing on any side."""


@cache
def _shown(writer: str, reader: str) -> bool:
    return any(misread(source(FIELDS[reader]), source(FIELDS[writer]), name) is not None for name in ("M", "N"))


@pytest.mark.parametrize("writer", FIELDS)
def test_a_field_read_as_any_other_gets_the_verdict_of_the_oracle(writer: str) -> None:
    for reader in FIELDS:
        findings = can_read(source(FIELDS[reader]), source(FIELDS[writer]))
        expected = Verdict.BREAKING if _shown(writer, reader) else Verdict.COMPATIBLE
        assert verdict_of(findings) is expected, f"{writer} read as {reader}: {findings}"
        breaks = [found for found in findings if found.severity is Severity.BREAK]
        assert all(found.witness for found in breaks), f"{writer} read as {reader}"


def test_the_matrix_has_many_pairs_of_both_verdicts() -> None:
    shown = [_shown(*pair) for pair in itertools.product(FIELDS, FIELDS)]
    assert shown.count(False) > 400
    assert shown.count(True) > 4_000
