"""What is found between the conditions of two revisions, in every format."""

import json
from dataclasses import dataclass
from typing import Any

import pytest

from moorings_compat import Contract, Contracts, Format, Level, Policy, Severity, check, parse
from moorings_compat.conditions.rules import RULES
from moorings_compat.policies import JsonFields
from tests.compat.conditions.contracts import NO_RULES, SCHEMAS, codes, condition, report, rule, rules

POSITIVE, NOT_NEGATIVE = condition("message.total > 0"), condition("message.total >= 0")


@dataclass(frozen=True)
class Case:
    shows: str
    older: Contract
    candidate: Contract
    backward: tuple[str, ...] = ()
    forward: tuple[str, ...] = ()


CASES = [
    Case("no rules", NO_RULES, NO_RULES),
    Case("the same condition", POSITIVE, POSITIVE),
    Case("an added condition refuses older events", NO_RULES, POSITIVE, ("ADDED",)),
    Case("one for mode READ does", NO_RULES, condition("message.total > 0", "READ"), ("ADDED",)),
    Case("one for mode WRITE refuses older producers", NO_RULES, condition("message.total > 0", "WRITE"), ("ADDED",)),
    Case("a narrowed condition does", NOT_NEGATIVE, POSITIVE, ("NARROWED",)),
    Case("a widened condition no longer protects readers", POSITIVE, NOT_NEGATIVE, (), ("LOST",)),
    Case("neither does one that is dropped", POSITIVE, NO_RULES, (), ("LOST",)),
    Case("or dropped on produce alone", POSITIVE, condition("message.total > 0", "READ"), (), ("LOST",)),
    Case("one on consume alone never protected them", condition("message.total > 0", "READ"), NO_RULES),
    Case("one on produce alone refuses no event", condition("message.total > 0", "WRITE"), NO_RULES),
    Case("what producers held to may be read strictly", condition("message.total > 0", "WRITE"), POSITIVE),
    Case("one on consume is new on produce", condition("message.total > 0", "READ"), POSITIVE, ("NARROWED",)),
    Case("a widened one on consume", condition("message.total > 0", "READ"), condition("message.total > -1", "READ")),
    Case("a failure that is only noted", NO_RULES, condition("message.total > 0", onFailure="NONE")),
    Case("refusing what was noted", condition("message.total > 0", onFailure="NONE"), POSITIVE, ("ADDED",)),
    Case("refusing on consume", NO_RULES, condition("message.total > 0", onFailure="NONE,DLQ"), ("ADDED",)),
    Case("a disabled rule", NO_RULES, condition("message.total > 0", disabled=True)),
    Case("enabling it", condition("message.total > 0", disabled=True), POSITIVE, ("ADDED",)),
    Case("rules for gateways", NO_RULES, rules(rule("message.total > 0"), enableAt="GATEWAY")),
    Case(
        "an inverted condition",
        NO_RULES,
        condition("message.total == 7", onSuccess="ERROR", onFailure="NONE"),
        ("ADDED",),
    ),
    Case("a transformation alone", NO_RULES, rules(rule("message", kind="TRANSFORM"))),
    Case("a rule of another type", NO_RULES, rules(rule("night", type="NIGHT"))),
    Case("another name", POSITIVE, rules({**rule("message.total > 0"), "name": "positive"})),
    Case("what is turned round", POSITIVE, condition("0 < message.total"), ("UNDECIDED",), ("UNDECIDED",)),
    Case("what depends on the time", NO_RULES, condition("now > timestamp('2020-01-01T00:00:00Z')"), ("UNDECIDED",)),
    Case("what does not compile", NO_RULES, condition("message.total >"), ("UNDECIDED",)),
    Case("a rule about fields", NO_RULES, rules(rule("value != ''", type="CEL_FIELD")), ("ADDED",)),
    Case(
        "a condition behind a transformation",
        rules(rule("message", "READ", kind="TRANSFORM", name="changed")),
        rules(rule("message", "READ", kind="TRANSFORM", name="changed"), rule("message.total > 0")),
        ("UNDECIDED",),
    ),
    Case("one more part", POSITIVE, condition("message.total > 0 && message.total < 90"), ("NARROWED",)),
    Case("one part less", condition("message.total > 0 && message.rush"), POSITIVE, (), ("LOST",)),
    Case("one more option", POSITIVE, condition("message.total > 0 || message.rush"), (), ("LOST",)),
    Case("an item of a list", NO_RULES, condition("message.lines.all(line, line.quantity < 100)"), ("ADDED",)),
    Case("the length of a list", NO_RULES, condition("size(message.lines) < 3"), ("ADDED",)),
    Case("a true value", NO_RULES, condition("!message.rush"), ("ADDED",)),
    Case(
        "the length of a text",
        NO_RULES,
        condition("!has(message.note) || message.note == null || message.note.size() <= 10"),
        ("ADDED",),
    ),
    Case(
        "a guard that lets older events pass", NO_RULES, condition("message.total > 5 ; message.total < 9"), ("ADDED",)
    ),
    Case(
        "two fields at once",
        condition("message.total < 10 || message.rush"),
        condition("message.total < 10 || message.rush && message.total < 100"),
        ("NARROWED",),
    ),
]


@pytest.mark.parametrize("format", list(Format), ids=str)
@pytest.mark.parametrize("case", CASES, ids=[case.shows for case in CASES])
def test_conditions(case: Case, format: Format) -> None:
    assert codes(case.older, case.candidate, Level.BACKWARD, format) == list(case.backward)
    assert codes(case.older, case.candidate, Level.FORWARD, format) == list(case.forward)


def test_every_rule_fires_with_its_severity_and_breaks_with_a_payload() -> None:
    severities = {rule.code: rule.severity for rule in RULES}
    fired = set()
    for case in CASES:
        schema = SCHEMAS[Format.JSON]
        for finding in report((schema, case.older), (schema, case.candidate), Level.FULL).findings:
            fired.add(finding.rule)
            assert finding.severity is severities[finding.rule]
            assert (finding.witness is not None) == (finding.severity is Severity.BREAK)
    assert fired == severities.keys()


def test_a_finding_says_what_the_engine_answered() -> None:
    schema = SCHEMAS[Format.AVRO]
    (found,) = report((schema, NOT_NEGATIVE), (schema, POSITIVE), Level.BACKWARD).findings
    assert (found.reader_has, found.writer_has) == ("message.total > 0", "message.total >= 0")
    assert found.witness is not None
    assert found.witness.engine.startswith("cel-expr-python ")
    assert found.witness.error == "condition total: message.total > 0 is not true"
    assert json.loads(found.witness.payload)["total"] == 0
    assert bytes.fromhex(found.witness.encoded)


def avro(*fields: Any) -> Any:
    return parse(json.dumps({"type": "record", "name": "OrderPlaced", "fields": list(fields)}), Format.AVRO)


ID = {"name": "id", "type": "string"}


def test_a_condition_about_a_field_that_older_events_lack_reads_its_default() -> None:
    older = avro(ID)
    for default, expected in ((0, ["RULE_CONDITION_ADDED"]), (1, ["RULE_CONDITION_UNDECIDED"])):
        newer = avro(ID, {"name": "total", "type": "int", "default": default})
        found = report((older, NO_RULES), (newer, POSITIVE), Level.BACKWARD)
        assert [one.rule for one in found.findings] == expected


def test_the_same_condition_breaks_where_the_new_schema_reads_something_else() -> None:
    older, newer = avro(ID, {"name": "total", "type": "int"}), avro(ID)
    assert [one.rule for one in report((older, POSITIVE), (newer, POSITIVE), Level.BACKWARD).findings] == [
        "RULE_CONDITION_NARROWED"
    ]
    wider = avro(ID, {"name": "total", "type": "long"})
    assert report((older, POSITIVE), (wider, POSITIVE), Level.BACKWARD).findings == ()


@pytest.mark.parametrize(
    ("type", "expr"),
    [
        ({"type": "long", "logicalType": "timestamp-millis"}, "message.x > timestamp('1970-01-01T00:00:00Z')"),
        ({"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2}, "message.x > 0.5"),
        ({"type": "int", "logicalType": "date"}, "message.x > 10"),
        ({"type": "string", "logicalType": "uuid"}, "message.x != '00000000-0000-4000-8000-000000000000'"),
        ({"type": "int", "logicalType": "time-millis"}, "message.x != '00:00:00'"),
        ({"type": "map", "values": "int"}, "!('trace' in message.x)"),
        (["null", "int", "string"], "message.x == null || message.x != 'ab'"),
        ({"type": "fixed", "name": "F", "size": 2}, "message.x == b'ab'"),
        ("double", "message.x < 2.5"),
        ("bytes", "size(message.x) < 4"),
    ],
    ids=lambda one: json.dumps(one) if not isinstance(one, str) else one,
)
def test_values_of_every_type_are_seen_as_the_client_sees_them(type: Any, expr: str) -> None:
    schema = avro({"name": "x", "type": type})
    (found,) = report((schema, NO_RULES), (schema, condition(expr)), Level.BACKWARD).findings
    assert found.rule == "RULE_CONDITION_ADDED"
    assert found.witness is not None
    assert found.witness.error.endswith(" is not true")


def test_too_few_steps_leave_the_question_open() -> None:
    schema = SCHEMAS[Format.AVRO]
    found = report((schema, NO_RULES), (schema, POSITIVE), Level.BACKWARD, steps=20)
    assert [one.rule for one in found.findings] == ["RULE_CONDITION_UNDECIDED"]


def test_rules_count_only_where_the_policy_says_so() -> None:
    schema = SCHEMAS[Format.AVRO]
    contracts = Contracts(POSITIVE, {})
    assert check(schema, [(1, schema)], Level.FULL, Policy(), contracts=contracts).passes


def test_tags_that_lead_a_rule_about_fields_elsewhere_are_an_open_question() -> None:
    schema = SCHEMAS[Format.AVRO]
    by_tags = {"domainRules": [rule("value != ''", type="CEL_FIELD", tags=["PII"])]}
    older, same = Contract(by_tags, {"shop.OrderPlaced.note": ["PII"]}), Contract(by_tags, {"shop.*.*": ["PII"]})
    assert report((schema, older), (schema, older), Level.FULL).findings == ()
    assert [one.rule for one in report((schema, older), (schema, same), Level.BACKWARD).findings] == [
        "RULE_CONDITION_UNDECIDED"
    ]


def about_fields(expr: str, *tags: str) -> Contract:
    return Contract(
        {"domainRules": [rule(expr, type="CEL_FIELD", tags=list(tags))]}, {"shop.OrderPlaced.total": ["PII"]}
    )


def test_a_rule_about_fields_is_tried_on_those_with_its_tags() -> None:
    schema = SCHEMAS[Format.AVRO]
    (found,) = report((schema, NO_RULES), (schema, about_fields("value > 0", "PII")), Level.BACKWARD).findings
    assert (found.rule, found.severity) == ("RULE_CONDITION_ADDED", Severity.BREAK)
    assert found.witness is not None
    assert found.witness.error == "condition total: value > 0 is not true for shop.OrderPlaced.total"
    nowhere = report((schema, NO_RULES), (schema, about_fields("value > 0", "OTHER")), Level.BACKWARD)
    assert [one.severity for one in nowhere.findings] == [Severity.UNDECIDED]


def test_a_guard_of_a_rule_about_fields_leaves_out_others() -> None:
    schema = SCHEMAS[Format.AVRO]
    found = report((schema, NO_RULES), (schema, about_fields("typeName == 'STRING' ; value != ''")), Level.BACKWARD)
    (witness,) = [one.witness for one in found.findings]
    assert witness is not None
    assert witness.error.endswith("for shop.OrderPlaced.note")
    assert '"note":{"string":""}' in witness.payload


def test_a_rule_about_fields_widens_like_others() -> None:
    schema = SCHEMAS[Format.PROTOBUF]
    sides = (schema, about_fields("value > 0", "PII")), (schema, about_fields("value >= 0", "PII"))
    assert report(*sides, Level.BACKWARD).findings == ()
    assert [one.rule for one in report(*sides, Level.FORWARD).findings] == ["RULE_CONDITION_LOST"]


def test_a_reader_that_leaves_out_undeclared_fields_does_not_see_them() -> None:
    older, newer = (
        parse(f'{{"type": "object", "properties": {{{fields}}}}}', Format.JSON)
        for fields in ('"total": {"type": "integer"}', '"other": {"type": "integer"}')
    )
    contracts = Contracts(condition("!has(message.total)"), {})
    for fields, expected in ((JsonFields.OPEN, "BREAK"), (JsonFields.DECLARED, "UNDECIDED")):
        policy = Policy(conditions=True, json_fields=fields)
        found = check(newer, [(1, older)], Level.BACKWARD, policy, contracts=contracts).findings
        (about,) = [one for one in found if one.rule.startswith("RULE_")]
        assert about.severity is Severity[expected]
