"""Whatever a rule says and whatever an event holds, there is a result, and none of its texts holds a value."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as some

from moorings.rules import RuleBook, RuleViolation
from moorings.rules.interfaces import Scope
from moorings.rules.rule_set import Mode, rules_for
from moorings.rules.running import PreparedRules
from moorings.rules.tagged_fields import Tags, tagged_model_of
from moorings_compat import Format
from tests.client.rules.samples import EVENT, domain, field_rule, rule, schema_of

SECRET = "s3cr3t"
SCALARS = (
    some.none()
    | some.booleans()
    | some.integers(-(2**70), 2**70)
    | some.floats()
    | some.text(max_size=5).map(lambda text: SECRET + text)
    | some.binary(max_size=5)
)
VALUES = some.recursive(
    SCALARS,
    lambda inner: (
        some.lists(inner, max_size=4)
        | some.dictionaries(
            some.sampled_from(["id", "cents", "email", "lines", "sku", "kind", SECRET]), inner, max_size=5
        )
    ),
    max_leaves=12,
)
WORDS = ["message", ".id", ".cents", ".lines", "value", " > 1", " == ", "'a'", ".all(x, ", ")", "(", "[", "]", "0", ";"]
EXPRESSIONS = some.sampled_from(
    [
        "message.cents > 1",
        "message[message.id] == 1",
        "message.lines.all(l, l.sku.startsWith('s'))",
        "message.id.split('')[9] == 'a'",
        "message.id.isEmail() && message.id.isUri() && message.id.isUuid() && message.id.isHostname()",
        "message.id.replace('s', message.id) + string(message.cents) == message.email",
        "'%s %d'.format([message.id, message.cents]) == ''",
        "timestamp(message.id) < now",
        "duration(message.id) > duration('1s')",
        "message.id.matches(message.email)",
        "{'id': message.lines}",
        "int(message.id) == 1 && bytes(message.id) == b''",
    ]
) | some.lists(some.sampled_from(WORDS), max_size=6).map("".join)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(
    event=VALUES,
    expr=EXPRESSIONS,
    format=some.sampled_from([Format.AVRO, Format.JSON, Format.PROTOBUF]),
    data=some.data(),
)
def test_every_rule_and_event_come_to_a_result_without_values_in_it(
    event: Any, expr: str, format: Format, data: Any
) -> None:
    kind = data.draw(some.sampled_from(["CONDITION", "TRANSFORM"]))
    given_rules = domain(
        rule("whole", expr, kind=kind, onFailure=data.draw(some.sampled_from(["", "NONE", "DLQ"]))),
        field_rule("fields", expr.replace("message.id", "value"), kind=kind, tags=data.draw(TAGS)),
    )
    model = tagged_model_of(schema_of(format), EVENT, {"tags": {"**.id": ["KEY"]}})
    scope = Scope(f"shop.{EVENT}", Mode.WRITE, model, {})
    evaluation = PreparedRules(rules_for(given_rules, Mode.WRITE), scope, RuleBook()).apply(event)
    assert all(isinstance(one, RuleViolation) for one in evaluation.violations)
    assert SECRET not in " ".join(one.expected for one in evaluation.violations)
    assert (evaluation.event is event) or kind == "TRANSFORM"


TAGS = some.sampled_from([[], ["KEY"], ["PII"], ["KEY", "PII"]])


@settings(max_examples=200, deadline=None, derandomize=True)
@given(
    pattern=some.text(some.sampled_from("ab.*?$[(\\"), max_size=12),
    name=some.text(some.sampled_from("ab."), max_size=12),
)
def test_every_text_is_a_pattern_of_field_names(pattern: str, name: str) -> None:
    tags = Tags({"tags": {pattern: ["T"]}})
    assert tags.of(name) in (frozenset(), frozenset({"T"}))
    if not set(pattern) & set("*?"):
        assert bool(tags.of(name)) == (pattern == name)
