"""The catalogue: complete rules with unique codes."""

import pytest

from moorings_compat import Budget, Policy, Rule, Severity
from moorings_compat.protobuf import RULES, compare
from moorings_compat.protobuf.compare import BUDGET_SPENT, MORE_FINDINGS, MOST_LISTED
from tests.compat.protobuf.cases import proto3, source

LEVELS = ("PROTO_WIRE_", "PROTO_JSON_", "PROTO_SOURCE_", "PROTO_HYGIENE_", "PROTO_BUDGET_", "PROTO_MORE_")


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_a_rule_is_complete(rule: Rule) -> None:
    assert rule.code.startswith(LEVELS)
    assert all([rule.title, rule.why, rule.fix, rule.source, rule.mirror, rule.example])
    assert rule.mirror.startswith(("itself", "none: ")) or rule.mirror in {one.code for one in RULES}
    assert rule.why.endswith(".")
    assert rule.fix.endswith(".")


def test_codes_are_unique() -> None:
    assert len({rule.code for rule in RULES}) == len(RULES)


def test_a_spent_budget_is_undecided() -> None:
    reader, writer = source(proto3("int32 n = 1; int32 m = 2;")), source(proto3("int64 n = 1; int64 m = 2;"))
    findings = list(compare(reader, writer, Policy(), Budget(3)))
    assert [found.rule for found in findings] == [BUDGET_SPENT.code]
    assert findings[0].severity is Severity.UNDECIDED


def test_findings_from_before_the_budget_was_spent_stay() -> None:
    reader, writer = source(proto3("int32 n = 1; int32 m = 2;")), source(proto3("int64 n = 1; int64 m = 2;"))
    findings = list(compare(reader, writer, Policy(), Budget(320)))
    assert [found.severity for found in findings] == [Severity.BREAK, Severity.UNDECIDED]


def test_a_limited_number_of_findings_is_listed() -> None:
    older, candidate = (proto3("\n".join(f"{kind} f{n} = {n};" for n in range(1, 701))) for kind in ("int64", "int32"))
    findings = list(compare(source(candidate), source(older), Policy(), Budget()))
    assert len(findings) == MOST_LISTED + 1
    assert findings[-1].rule == MORE_FINDINGS.code
    assert "200 more" in findings[-1].message
    assert all(found.witness for found in findings[:-1])


def test_a_long_chain_of_messages_is_followed() -> None:
    chains = [
        " ".join(f"message C{n} {{ C{(n + 1) % 1_000} next = 1; {kind} n = 2; }}" for n in range(1_000))
        for kind in ("int64", "int32")
    ]
    findings = list(compare(source(proto3("", chains[1])), source(proto3("", chains[0])), Policy(), Budget()))
    assert findings[0].severity is Severity.BREAK
    assert findings[0].witness is not None


def test_a_payload_of_exponential_size_spends_the_budget() -> None:
    nested = " ".join(f"message L{n} {{ required L{n + 1} a = 1; required L{n + 1} b = 2; }}" for n in range(40))
    head = f'syntax = "proto2"; {nested} message L40 {{}}'
    writer = source(f"{head} message Top {{ required L0 l = 1; optional int64 n = 2; }}")
    reader = source(f"{head} message Top {{ required L0 l = 1; optional int32 n = 2; }}")
    findings = list(compare(reader, writer, Policy(), Budget(100_000)))
    assert [found.rule for found in findings] == [BUDGET_SPENT.code]
