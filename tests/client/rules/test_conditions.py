"""Conditions: what they refuse, where, and in which words."""

from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any

import pytest

from moorings import EventInvalid, EventUnreadable
from moorings.rules import RuleViolation
from moorings_compat import Format
from tests.client.rules.samples import PLACED, domain, field_rule, plainly, reader, rule, write, writer


@dataclass(frozen=True)
class Case:
    shows: str
    rules: Any
    broken: list[tuple[str, str]] = field(default_factory=list)
    """The rules that are broken, and where."""
    event: Any = field(default_factory=lambda: PLACED)
    metadata: Any = None


CASES = [
    Case("a condition that holds", [rule("dear", "message.cents > 100")]),
    Case("one that does not", [rule("dear", "message.cents > 5000")], [("dear", "")]),
    Case(
        "every broken rule is reported, in the contract's order",
        [rule("a", "false"), rule("b", "true"), field_rule("c", "value != 's-2'"), rule("d", "1 > 2")],
        [("a", ""), ("c", "/lines/1/sku"), ("d", "")],
    ),
    Case("a guard that is not for the event", [rule("dear", "message.id == 'x' ; message.cents > 5000")]),
    Case("a guard that is", [rule("dear", "message.id == 'o-1' ; message.cents > 5000")], [("dear", "")]),
    Case("an empty guard counts as no guard", [rule("dear", "; message.cents > 5000")], [("dear", "")]),
    Case(
        "a rule about fields is shown every text",
        [field_rule("full", "typeName != 'STRING' || value.size() > 3")],
        [("full", "/id"), ("full", "/lines/0/sku"), ("full", "/lines/1/sku")],
        {**PLACED, "id": "o", "lines": [{"sku": "s", "kind": "A"}, {"sku": "t", "kind": "B"}]},
    ),
    Case("tags inside the schema choose", [field_rule("private", "false", tags=["PII"])], [("private", "/email")]),
    Case(
        "tags of the metadata choose as well",
        [field_rule("known", "false", tags=["KEY"])],
        [("known", "/id")],
        metadata={"tags": {"**.id": ["KEY"]}},
    ),
    Case("tags that nothing has", [field_rule("none", "false", tags=["GDPR"])]),
    Case(
        "a field's names and its tags",
        [field_rule("named", "name == 'email' ; fullName.endsWith('.email') && tags == ['PII']")],
    ),
    Case("the record around", [field_rule("around", "name == 'sku' ; has(message.sku) && message.sku == value")]),
    Case("a disabled rule", [rule("off", "false", disabled=True)]),
    Case("a rule for reading alone", [rule("later", "false", mode="READ")]),
    Case("one for both ways", [rule("both", "false", mode="WRITEREAD")], [("both", "")]),
    Case("a condition that is not a boolean is broken", [rule("number", "message.cents")], [("number", "")]),
    Case("a missing field", [rule("odd", "message.nothing == 1")], [("odd", "")]),
    Case("a value of another type", [rule("odd", "message.id > 1")], [("odd", "")]),
    Case("an expression that does not compile", [rule("odd", "messag.id == 1")], [("odd", "")]),
    Case("an unknown executor", [rule("odd", "$", "JSONATA")], [("odd", "")]),
    Case("no expression at all", [rule("odd", "")], [("odd", "")]),
]


@pytest.mark.parametrize("format", [Format.AVRO, Format.JSON, Format.PROTOBUF])
@pytest.mark.parametrize("case", CASES, ids=attrgetter("shows"))
def test_broken_conditions_are_found_in_every_format(case: Case, format: Format) -> None:
    writing = writer(domain(*case.rules), format, case.metadata)
    found = writing.violations(case.event)
    assert [(one.name, one.pointer) for one in found if isinstance(one, RuleViolation)] == case.broken
    if not case.broken:
        assert write(writing, case.event) == plainly(case.event, format)
        return
    with pytest.raises(EventInvalid) as refused:
        writing.at_once(case.event)
    assert refused.value.violations == tuple(found)


@pytest.mark.parametrize(("enabled_at", "runs"), [("ALL", True), ("CLIENT", True), ("GATEWAY", False), ("NONE", False)])
def test_rules_run_where_they_are_enabled_for_clients(enabled_at: str, *, runs: bool) -> None:
    assert bool(writer(domain(rule("no", "false"), enableAt=enabled_at)).violations(PLACED)) is runs


def test_a_violation_has_the_words_of_the_rules_doc_and_no_values() -> None:
    secret = {**PLACED, "id": "a-secret"}
    rules = domain(
        rule("dear", "message.cents > 5000", doc="orders of fifty and more"),
        rule("map", "message[message.id] == 1"),
        rule("mixed", "message.id + 1 > 2"),
    )
    with pytest.raises(EventInvalid) as refused:
        writer(rules).at_once(secret)
    assert "the event: dear, expected orders of fifty and more" in str(refused.value)
    assert "a-secret" not in str(refused.value)
    assert refused.value.__cause__ is None
    assert refused.value.__context__ is None


def test_violations_of_the_schema_and_of_rules_are_reported_together() -> None:
    event = {**PLACED, "cents": "many"}
    rules = domain(rule("small", "message.cents < 3"), rule("no", "false"))
    found = writer(rules).violations(event)
    assert [(one.pointer, str(one.rule)) for one in found] == [("/cents", "TYPE_WRONG"), ("", "RULE_BROKEN")]


@pytest.mark.parametrize("format", [Format.AVRO, Format.JSON, Format.PROTOBUF])
def test_on_consume_a_broken_condition_makes_an_event_unreadable(format: Format) -> None:
    data = plainly(PLACED, format)
    rules = domain(rule("a", "false", mode="READ"), field_rule("b", "name != 'sku'", mode="WRITEREAD"))
    with pytest.raises(EventUnreadable) as refused:
        reader(rules, format).at_once(data)
    names = [(one.name, one.pointer) for one in refused.value.violations if isinstance(one, RuleViolation)]
    assert names == [("b", "/lines/0/sku"), ("b", "/lines/1/sku"), ("a", "")]  # the order is reversed
    assert refused.value.path == "/lines/0/sku"
    assert reader(domain(rule("a", "false")), format).at_once(data)["id"] == "o-1"


def test_rules_see_avro_defaults() -> None:
    assert writer(domain(rule("five", "message.cents == 5 && message.email == null"))).violations({"id": "o"}) == ()
    zero = domain(rule("zero", "message.cents == 0 && message.lines.size() == 0"))
    assert writer(zero, Format.PROTOBUF).violations({"id": "o"}) == ()
