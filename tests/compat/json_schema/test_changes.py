"""Changes of JSON Schemas: the rules that fire, and the payloads that another validator confirms."""

import json
from typing import Any

import pytest
from jsonschema.validators import validator_for

from moorings_compat import Budget, Finding, Format, Policy, Schema, Severity, Verdict, can_read, parse
from moorings_compat.findings import verdict_of
from moorings_compat.json_schema import RULES, STRICT_READER
from moorings_compat.json_schema.rules import DIALECT_ASSUMED, PATTERN_NOT_CHECKED
from tests.compat.json_schema.cases import BREAKS, CLOSED, COMPATIBLE, D2020, OBJECT, Case, obj


def schema(content: Any) -> Schema:
    return parse(json.dumps(content), Format.JSON)


def findings(case: Case, policy: Policy = Policy()) -> tuple[Finding, ...]:  # noqa: B008 - a frozen value
    return can_read(schema(case.reader), schema(case.writer), policy, Budget())


@pytest.mark.parametrize("case", BREAKS, ids=[case.shows for case in BREAKS])
def test_a_break_has_a_payload_that_another_validator_confirms(case):
    found = [one for one in findings(case) if one.severity is Severity.BREAK]
    assert {one.rule for one in found} == set(case.codes)
    for one in found:
        assert one.witness is not None
        payload = json.loads(one.witness.payload)
        assert is_valid(case.writer, payload)
        assert not is_valid(case.reader, payload)


@pytest.mark.parametrize("case", COMPATIBLE, ids=[case.shows for case in COMPATIBLE])
def test_a_compatible_change_is_proven(case):
    assert verdict_of(findings(case)) is Verdict.COMPATIBLE


def test_every_rule_of_json_schema_has_a_case():
    fired = {code for case in BREAKS for code in case.codes}
    elsewhere = {STRICT_READER.code, DIALECT_ASSUMED.code, PATTERN_NOT_CHECKED.code}  # tests of their own
    assert {rule.code for rule in RULES} - fired == elsewhere | {"JSON_UNDECIDED"}


def test_a_spent_budget_is_undecided():
    one, other = obj(a={"type": "string"}), obj(a={"type": "string", "maxLength": 3}, b={"type": "null"})
    found = can_read(schema(other), schema(one), Policy(), Budget(1))
    assert verdict_of(found) is Verdict.UNDECIDED
    assert {one.rule for one in found} == {"JSON_UNDECIDED"}


def test_each_alternative_reports_its_own_break():
    def payment(card: dict[str, Any], cash: dict[str, Any]) -> Any:
        kinds = {"card": card, "cash": cash}
        return {"oneOf": [obj(kind={"const": kind}, **more) | {"required": ["kind"]} for kind, more in kinds.items()]}

    writer = payment({"number": {"type": "string"}}, {"coins": {"type": "integer"}})
    reader = payment({"number": {"type": "string", "minLength": 12}}, {"coins": {"type": "integer", "minimum": 1}})
    found = findings(Case("", writer, reader))
    assert [(one.rule, one.reader_path) for one in found] == [
        ("JSON_MIN_LENGTH_ADDED", "/oneOf/0/properties/number/minLength"),
        ("JSON_MINIMUM_ADDED", "/oneOf/1/properties/coins/minimum"),
    ]


def test_the_quoted_validator_error_is_about_the_finding():
    writer = obj(at={"type": "string"}, price={"type": "number"}) | {"required": ["at", "price"]}
    reader = obj(at={"type": "string", "const": "now"}, price={"type": "number", "minimum": 10}) | {"required": ["at"]}
    told = {one.reader_path: one.witness.error for one in findings(Case("", writer, reader)) if one.witness is not None}
    assert told.keys() == {"/properties/at/const", "/properties/price/minimum"}
    assert all(
        error.startswith("at " + path.replace("/properties", "").rpartition("/")[0]) for path, error in told.items()
    )


def test_a_break_deep_inside_an_alternative_is_reported():
    def chain(kind: str) -> Any:
        steps = {f"d{one}": CLOSED | obj(n={"$ref": f"#/$defs/d{one + 1}"}) | {"required": ["n"]} for one in range(20)}
        return {"anyOf": [{"$ref": "#/$defs/d0"}, {"type": "null"}], "$defs": steps | {"d20": {"type": kind}}}

    (found,) = findings(Case("", chain("string"), chain("integer")))
    assert (found.severity, found.reader_path[:8]) == (Severity.BREAK, "/$defs/d")


def test_a_payload_of_a_recursive_schema_has_no_needless_levels():
    def tree(kind: str) -> Any:
        return obj(left={"$ref": "#"}, right={"$ref": "#"}, value={"type": kind}) | {"additionalProperties": False}

    (found,) = findings(Case("", tree("number"), tree("integer")))
    assert found.witness is not None
    assert json.loads(found.witness.payload).keys() == {"value"}


def test_one_changed_alternative_of_many_costs_few_steps():
    def steps(last: dict[str, Any]) -> Any:
        names = [f"p{number}" for number in range(20)]
        kinds = [
            CLOSED | obj(**{name: {"type": "string", "maxLength": kind} for name in names}) for kind in range(1, 13)
        ]
        return schema({"type": "array", "items": {"anyOf": [*kinds, CLOSED | obj(**last)]}})

    found = can_read(steps({"a": {}, "b": {}}), steps({"a": {}}), Policy(), Budget(100_000))
    assert verdict_of(found) is Verdict.COMPATIBLE


def test_every_rule_names_its_mirror_or_the_reason_for_none():
    codes = {rule.code for rule in RULES}
    assert all(rule.mirror in codes or " " in rule.mirror for rule in RULES)


def test_lenient_tolerates_optional_properties_and_keeps_the_witness():
    case = Case("", OBJECT, obj(a={"type": "string"}))
    (found,) = findings(case, Policy(lenient=True))
    assert (found.tolerated_by, found.severity) == ("LENIENT", Severity.BREAK)
    assert found.witness is not None
    assert verdict_of([found]) is Verdict.COMPATIBLE


def test_formats_matter_only_if_they_are_asserted():
    case = Case("", {"type": "string"}, {"type": "string", "format": "date"})
    assert findings(case, Policy(formats_asserted=False)) == ()


def test_a_string_that_violates_a_hostname_is_found():
    (found,) = findings(Case("", {"type": "string", "minLength": 1}, {"type": "string", "format": "hostname"}))
    assert found.witness is not None
    assert json.loads(found.witness.payload) == "-"


@pytest.mark.parametrize("name", ["email", "hostname", "uri", "uri-reference", "date-time", "time"])
@pytest.mark.parametrize("most", [20, 64, 100, 200])
def test_a_long_string_of_a_format_is_found(name, most):
    case = Case("", {"type": "string", "format": name}, {"type": "string", "format": name, "maxLength": most})
    (found,) = findings(case)
    assert found.rule == "JSON_MAX_LENGTH_ADDED"


def test_a_letter_beyond_ascii_is_found():
    (found,) = findings(Case("", {"pattern": "^\\p{L}+$"}, {"pattern": "^[ -~]*$"}))
    assert found.witness is not None
    assert not json.loads(found.witness.payload).isascii()


def is_valid(content: Any, payload: Any) -> bool:
    """Ask the other engine, with formats asserted."""
    if isinstance(content, bool):
        return content
    kind = validator_for(content, default=validator_for(D2020))
    return bool(kind(content, format_checker=kind.FORMAT_CHECKER).is_valid(payload))
