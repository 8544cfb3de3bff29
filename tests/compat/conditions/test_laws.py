"""Laws of verdicts about conditions, with CEL's Python implementation as the second opinion."""

import json
from functools import cache
from random import Random
from typing import Any

from celpy import Environment, json_to_cel
from celpy.evaluation import CELEvalError
from hypothesis import given, settings
from hypothesis import strategies as st

from moorings_compat import Contract, Format, Level, Report, Schema, Severity, parse
from tests.compat.conditions.contracts import NO_RULES, condition, report

FIELDS = {"a": 0, "b": 0, "s": "", "t": False}
SCHEMAS = {
    Format.AVRO: parse(
        json.dumps(
            {
                "type": "record",
                "name": "OrderPlaced",
                "fields": [
                    {"name": name, "type": type}
                    for name, type in (("a", "int"), ("b", "int"), ("s", "string"), ("t", "boolean"))
                ],
            }
        ),
        Format.AVRO,
    ),
    Format.JSON: parse(
        json.dumps(
            {
                "type": "object",
                "required": list(FIELDS),
                "properties": {
                    "a": {"type": "integer"},
                    "b": {"type": "integer"},
                    "s": {"type": "string"},
                    "t": {"type": "boolean"},
                },
            }
        ),
        Format.JSON,
    ),
    Format.PROTOBUF: parse(
        'syntax = "proto3"; message OrderPlaced { int32 a = 1; int32 b = 2; string s = 3; bool t = 4; }',
        Format.PROTOBUF,
    ),
}

SIGNS = st.sampled_from((">", ">=", "<", "<=", "==", "!="))
COMPARISONS = st.one_of(
    st.builds("message.{} {} {}".format, st.sampled_from("ab"), SIGNS, st.integers(-3, 3)),
    st.builds("message.s {} '{}'".format, SIGNS, st.sampled_from(("", "a", "ab", "b"))),
    st.builds("message.s.size() {} {}".format, SIGNS, st.integers(0, 3)),
    st.sampled_from(("message.t", "!message.t", "message.t == true")),
)
EXPRESSIONS = st.recursive(
    COMPARISONS, lambda inner: st.builds("({} {} {})".format, inner, st.sampled_from(("&&", "||")), inner), max_leaves=3
)
MODES = st.sampled_from(("WRITE", "READ", "WRITEREAD"))
CONTRACTS = st.one_of(st.just(NO_RULES), st.builds(condition, EXPRESSIONS, MODES))
WIDENED = st.builds(
    lambda one, other, sign, mode: (condition(one, mode), condition(f"{one} {sign} {other}", mode)),
    EXPRESSIONS,
    EXPRESSIONS,
    st.sampled_from(("&&", "||")),
    MODES,
)
PAIRS = st.one_of(st.tuples(CONTRACTS, CONTRACTS), WIDENED, WIDENED.map(lambda pair: pair[::-1]))
"""Two contracts of one major: any, or one that is wider or narrower than the other."""


def events(seed: int) -> list[dict[str, Any]]:
    """200 events. They need not become simpler when one refutes a verdict, so Hypothesis draws a seed alone."""
    random = Random(seed)
    return [
        {
            "a": random.randint(-4, 4),
            "b": random.randint(-4, 4),
            "s": "".join(random.choices("ab", k=random.randint(0, 4))),
            "t": random.random() < 0.5,
        }
        for _ in range(200)
    ]


@given(st.sampled_from(list(Format)), PAIRS, st.integers(0, 2**32))
@settings(max_examples=50, deadline=None)
def test_no_event_refutes_what_is_compatible(format: Format, pair: tuple[Contract, Contract], seed: int) -> None:
    schema, (older, candidate) = SCHEMAS[format], pair
    if _check(schema, older, candidate, Level.BACKWARD).passes:
        assert [one for one in events(seed) if breaks_replay(older, candidate, one)] == []
    if _check(schema, older, candidate, Level.FORWARD).passes:
        assert [one for one in events(seed) if breaks_consumers(older, candidate, one)] == []


@given(st.sampled_from(list(Format)), PAIRS)
@settings(max_examples=200, deadline=None)
def test_every_witness_breaks_what_it_is_said_to(format: Format, pair: tuple[Contract, Contract]) -> None:
    schema, (older, candidate) = SCHEMAS[format], pair
    for level, broken in ((Level.BACKWARD, breaks_replay), (Level.FORWARD, breaks_consumers)):
        for found in _check(schema, older, candidate, level).findings:
            assert (found.witness is not None) == (found.severity is Severity.BREAK)
            if found.witness is not None:
                assert broken(older, candidate, {**FIELDS, **json.loads(found.witness.payload)}), found


@given(st.sampled_from(list(Format)), CONTRACTS)
@settings(max_examples=30, deadline=None)
def test_what_stays_the_same_breaks_nothing(format: Format, contract: Contract) -> None:
    assert _check(SCHEMAS[format], contract, contract, Level.FULL).findings == ()


def _check(schema: Schema, older: Contract, candidate: Contract, level: Level) -> Report:
    return report((schema, older), (schema, candidate), level)


def breaks_replay(older: Contract, candidate: Contract, event: Any) -> bool:
    """Whether the older revision could write *event*, and the candidate refuses it, which nobody did before."""
    if not passes(older, "WRITE", event):
        return False
    return not passes(candidate, "WRITE", event) or (
        passes(older, "READ", event) and not passes(candidate, "READ", event)
    )


def breaks_consumers(older: Contract, candidate: Contract, event: Any) -> bool:
    """Whether the candidate could write *event*, and the older revision refuses it, whose producers could not."""
    return passes(candidate, "WRITE", event) and not passes(older, "READ", event) and not passes(older, "WRITE", event)


def passes(contract: Contract, mode: str, event: Any) -> bool:
    for rule in (contract.rule_set or {}).get("domainRules", ()):
        if rule["mode"] in (mode, "WRITEREAD") and not holds(rule["expr"], json.dumps(event)):
            return False
    return True


@cache  # an event is asked about as written and as read, by two laws; an evaluation takes a millisecond
def holds(expression: str, event: str) -> bool:
    try:
        return bool(program(expression).evaluate({"message": json_to_cel(json.loads(event))}))
    except CELEvalError:
        return False


@cache
def program(expression: str) -> Any:
    environment = Environment()
    return environment.program(environment.compile(expression))
