"""The cost of a rule is bounded: it ends, with a reason, whatever it says and whatever the event holds."""

from typing import Any

import pytest

from moorings.event_model.event_formats import EVENT_FORMATS
from moorings.event_model.model import ANYTHING, EventField, EventModel, ListType, RecordType, ScalarType, TypeReference
from moorings.rules import RuleViolation
from moorings.rules.book import RuleBook
from moorings.rules.interfaces import Scope
from moorings.rules.rule_set import Mode, rules_for
from moorings.rules.running import PreparedRules
from moorings.rules.tagged_fields import TaggedModel, Tags
from moorings_compat import Format
from tests.client.rules.samples import EVENT, domain, field_rule, rule

UNDESCRIBED = EventModel(ANYTHING, {})
LONG = "x" * 1_000_000
MANY = list(range(1000))
CASES: list[tuple[str, Any, str]] = [  # the expression, the event, and what is said of it
    ("message.l.all(x, message.l.all(y, message.l.all(z, x + y + z >= 0)))", {"l": MANY}, "too many steps"),
    (
        "message.l.all(x, message.s.matches('^(x|y|xx)+(a|b)*[^q]+$'))",
        {"s": LONG, "l": MANY},
        "too large for the loops",
    ),
    ("message.s.split('').all(x, message.s.contains(x))", {"s": LONG}, "too large for the loops"),
    ("[1,2,3,4,5,6,7,8].all(a, [1,2,3,4,5,6,7,8].all(b, message.s != ''))", {"s": LONG}, "too large for the loops"),
    ("message.s.replace('', message.s) != ''", {"s": LONG}, "a text becomes too long"),
    ("message.s.replace('x', 'xxxxxxxxxx').replace('x', 'xxxxxxxxxx') != ''", {"s": LONG}, "a text becomes too long"),
    ("message.l.map(x, message.s).join() != ''", {"s": LONG, "l": MANY[:40]}, "a text becomes too long"),
    ("'%s%s'.format([message.s, message.s]) != ''", {"s": LONG}, "a text becomes too long"),
    ("'%.999f'.format([1.0]) != ''", {}, "cannot be worked out"),
    ("message.s.split('x') != []", {"s": LONG}, "cannot be worked out"),
    ("(" * 200 + "1" + ")" * 200 + " == 1", {}, "does not compile"),
    (" + ".join(["1"] * 20_000) + " == 1", {}, "longer than 10000 characters"),
    ("message.n == 1", {"n": 2**64}, "a value has no CEL type"),
    ("message.s == ''", {"s": "\ud800"}, "a value has no CEL type"),
    ("message.s == ''", {"s": object()}, "a value has no CEL type"),
    ("1 / message.n == 1", {"n": 0}, "a division by zero"),
    ("message.l[message.l[0]] == 1", {"l": [7]}, "an index outside"),
]
FITTING: list[tuple[str, Any]] = [
    ("message.s.matches('(x+)+$')", {"s": LONG}),
    ("message.l.all(x, x >= 0)", {"l": MANY}),
    ("message.l.all(x, message.s.size() > 0)", {"l": MANY, "s": LONG[:40_000]}),
    (" && ".join(["true"] * 150), {}),
]


def rules(given: Any, event: EventModel = UNDESCRIBED) -> PreparedRules:
    found = rules_for(given, Mode.WRITE)
    scope = Scope(f"shop.{EVENT}", Mode.WRITE, TaggedModel(event, Tags(None), EVENT_FORMATS[Format.AVRO]), {})
    return PreparedRules(found, scope, RuleBook())


@pytest.mark.parametrize(("expr", "event", "said"), CASES, ids=[case[0][:50] for case in CASES])
def test_a_rule_that_costs_too_much_is_broken(expr: str, event: Any, said: str) -> None:
    (found,) = rules(domain(rule("r", expr))).apply(event).violations
    assert isinstance(found, RuleViolation)
    assert said in found.expected
    assert not found.worked_out


@pytest.mark.parametrize(("expr", "event"), FITTING, ids=[expr[:50] for expr, _ in FITTING])
def test_a_rule_within_its_bounds_runs(expr: str, event: Any) -> None:
    assert rules(domain(rule("r", expr))).apply(event).violations == []


def nested(levels: int) -> Any:
    event: Any = 1
    for _ in range(levels):
        event = [event]
    return event


def test_a_deeply_nested_event_breaks_the_rule() -> None:
    (found,) = rules(domain(rule("r", "true"))).apply(nested(5000)).violations
    assert "a value has no CEL type" in found.expected


def bag_of_numbers() -> EventModel:
    numbers = EventField("l", ListType(ScalarType("int", primitive="int64")))
    return EventModel(TypeReference("shop.Bag"), {"shop.Bag": RecordType("shop.Bag", (numbers,))})


@pytest.mark.parametrize(("expr", "items"), [("value >= 0", 60_000), ("value >= 0 && has(message.l)", 3_000)])
def test_a_rule_about_too_many_fields_is_broken(expr: str, items: int) -> None:
    bag = bag_of_numbers()
    (found,) = rules(domain(field_rule("r", expr)), bag).apply({"l": list(range(items))}).violations
    assert "too many fields" in found.expected
    assert rules(domain(field_rule("r", expr)), bag).apply({"l": list(range(1000))}).violations == []


def test_at_most_a_thousand_broken_fields_are_listed() -> None:
    found = rules(domain(field_rule("r", "false")), bag_of_numbers()).apply({"l": list(range(5000))})
    assert len(found.violations) == 1000
