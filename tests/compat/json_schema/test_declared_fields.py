"""Where only declared fields count: what a schema declares, which changes break, and what a strict reader meets."""

import json
from dataclasses import dataclass
from typing import Any

import pytest

from moorings_compat import Budget, Finding, Format, JsonFields, Policy, Schema, Severity, Verdict, can_read, parse
from moorings_compat.findings import verdict_of
from moorings_compat.json_schema import validator
from moorings_compat.json_schema.model import declared
from moorings_compat.json_schema.projection import projection

DECLARED = Policy(json_fields=JsonFields.DECLARED)
TEXT, WHOLE = {"type": "string"}, {"type": "integer"}
STRICT = "JSON_STRICT_READER"


def obj(_more: dict[str, Any] | None = None, /, **properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, **(_more or {})}


def closed(**properties: Any) -> dict[str, Any]:
    return obj({"additionalProperties": False}, **properties)


def schema(content: Any) -> Schema:
    return parse(json.dumps(content), Format.JSON)


def found(reader: Any, writer: Any) -> tuple[Finding, ...]:
    return can_read(schema(reader), schema(writer), DECLARED, Budget())


@dataclass(frozen=True, slots=True)
class Change:
    """Two versions; the codes found when the older reads the newer, and when the newer reads the older."""

    shows: str
    older: Any
    newer: Any
    forward: tuple[str, ...] = ()
    backward: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.shows


def tree(**more: Any) -> dict[str, Any]:
    return {
        "$ref": "#/$defs/node",
        "$defs": {"node": obj({"required": ["v"]}, v=TEXT, next={"$ref": "#/$defs/node"}, **more)},
    }


def unique(items: Any) -> dict[str, Any]:
    return {"type": "array", "items": items, "uniqueItems": True}


EVOLVING = [
    Change("a field of an open object", obj(a=TEXT), obj(a=TEXT, b=WHOLE)),
    Change("a field of a closed object", closed(a=TEXT), closed(a=TEXT, b=WHOLE), (STRICT,)),
    Change("a field below", obj(a=obj(x=TEXT)), obj(a=obj(x=TEXT, y=WHOLE))),
    Change("a field of an item", obj(a={"items": closed(x=TEXT)}), obj(a={"items": closed(x=TEXT, y=WHOLE)}),
           (STRICT,)),
    Change("a field of a schema that contains itself", tree(), tree(w=WHOLE)),
    Change(
        "a field of a part of allOf",
        {"allOf": [obj(a=TEXT)], "unevaluatedProperties": False},
        {"allOf": [obj(a=TEXT, b=WHOLE)], "unevaluatedProperties": False},
        (STRICT,),
    ),
    Change("a field beside a limit", obj({"maxProperties": 1}, a=TEXT), obj({"maxProperties": 2}, a=TEXT, b=TEXT),
           (STRICT,)),
    Change("a name that is too long", obj({"propertyNames": {"maxLength": 1}}, a=TEXT), obj(a=TEXT, bb=TEXT),
           (STRICT,)),
    Change("a field that a value lacks", obj(a=obj({"const": {"x": 1}}, x=True)),
           obj(a=obj({"enum": [{"x": 1}, {"x": 1, "y": 2}]}, x=True, y=True)), (STRICT,)),
    Change("a pattern", obj(a=TEXT), obj({"patternProperties": {"^x-": TEXT}}, a=TEXT)),
]  # fmt: skip
BREAKING = [
    Change("a field becomes required", obj(a=TEXT), obj({"required": ["b"]}, a=TEXT, b=WHOLE), (),
           ("JSON_PROPERTY_REQUIRED_ADDED",)),
    Change("another type", obj(a=TEXT), obj(a=WHOLE), ("JSON_TYPE_NARROWED",), ("JSON_TYPE_NARROWED",)),
    Change("at least one field, and it may be the new one", obj({"minProperties": 1}, a=TEXT),
           obj({"minProperties": 1}, a=TEXT, b=TEXT), ("JSON_PROPERTY_REQUIRED_ADDED",), ()),
    Change("items that differ in the new field alone", obj(t=unique(obj({"required": ["a"]}, a=TEXT))),
           obj(t=unique(obj({"required": ["a"]}, a=TEXT, b=WHOLE))), ("JSON_UNIQUE_ITEMS_ADDED",), ()),
    Change("a free-form object gets a field", {"type": "object"}, obj(a=TEXT), (), ("JSON_PROPERTY_ADDED_TO_OPEN",)),
    Change("explicitly open", obj({"additionalProperties": True}, a=TEXT),
           obj({"additionalProperties": True}, a=TEXT, b=WHOLE), (), ("JSON_PROPERTY_ADDED_TO_OPEN",)),
    Change("a field that a branch forbids", {"anyOf": [obj({"required": ["a"]}, a=TEXT), obj(b={"not": {}})]},
           {"anyOf": [obj({"required": ["a"]}, a=TEXT), obj(b=TEXT)]}, ("JSON_ANY_OF_NARROWED",), ()),
]  # fmt: skip


@pytest.mark.parametrize("change", [*EVOLVING, *BREAKING], ids=str)
def test_a_change_is_judged_by_what_is_declared(change: Change) -> None:
    for reader, writer, codes in (
        (change.older, change.newer, change.forward),
        (change.newer, change.older, change.backward),
    ):
        findings = found(reader, writer)
        assert {one.rule for one in findings if one.rule != STRICT or codes == (STRICT,)} == set(codes)
        for one in findings:
            assert one.witness is not None
            payload = json.loads(one.witness.payload)
            written = json.loads(one.witness.payload)
            assert validator(schema(writer)).is_valid(payload)
            leave_out(writer, written)
            assert written == payload, "the writer would refuse it"
            if one.rule == STRICT:
                assert not validator(schema(reader)).is_valid(payload)
            leave_out(reader, payload)
            assert validator(schema(reader)).is_valid(payload) is (one.rule == STRICT)


def leave_out(content: Any, payload: Any) -> None:
    leaving_out = projection(schema(content))
    if leaving_out is not None:
        leaving_out(payload)


def test_the_open_world_is_as_it_was() -> None:
    assert verdict_of(can_read(schema(closed(a=TEXT)), schema(closed(a=TEXT, b=WHOLE)))) is Verdict.BREAKING
    assert verdict_of(can_read(schema(obj(a=TEXT, b=WHOLE)), schema(obj(a=TEXT)))) is Verdict.BREAKING


def test_a_strict_reader_does_not_gate() -> None:
    (finding,) = found(closed(a=TEXT), closed(a=TEXT, b=WHOLE))
    assert finding.severity is Severity.CHANGES_MEANING
    assert "validates events as they are" in finding.message
    assert verdict_of([finding]) is Verdict.COMPATIBLE


def test_what_cannot_be_expressed_is_undecided() -> None:
    older, newer = ({"oneOf": [unique(one), {"type": "null"}]} for one in (closed(a=TEXT), closed(a=TEXT, b=WHOLE)))
    assert verdict_of(found(older, newer)) is Verdict.UNDECIDED


def test_a_spent_budget_is_undecided() -> None:
    findings = can_read(schema(closed(a=TEXT)), schema(closed(a=TEXT, b=WHOLE)), DECLARED, Budget(1))
    assert verdict_of(findings) is Verdict.UNDECIDED


LEFT_OUT = [
    ("an undeclared field", obj(a=True), {"a": 1, "b": 2}, {"a": 1}),
    ("one below", obj(a=obj(x=True)), {"a": {"x": 1, "y": 2}}, {"a": {"x": 1}}),
    ("one of an item", {"items": obj(x=True)}, [{"x": 1, "y": 2}, 3], [{"x": 1}, 3]),
    ("none of a free-form object", {"type": "object"}, {"a": 1}, {"a": 1}),
    ("none where further fields are declared", obj({"additionalProperties": TEXT}), {"a": "b"}, {"a": "b"}),
    ("all of an object that forbids every field", {"additionalProperties": False}, {"a": 1}, {}),
    ("none that a pattern declares", {"patternProperties": {"^x": True}}, {"xa": 1, "a": 2}, {"xa": 1}),
    ("one below a pattern", {"patternProperties": {"^x": obj(a=True)}}, {"xa": {"a": 1, "b": 2}}, {"xa": {"a": 1}}),
    (
        "none that another branch declares",
        {"anyOf": [obj(a=True), obj(b=True)]},
        {"a": 1, "b": 2, "c": 3},
        {"a": 1, "b": 2},
    ),
    ("one below further fields", {"additionalProperties": obj(a=True)}, {"k": {"a": 1, "b": 2}}, {"k": {"a": 1}}),
]


@pytest.mark.parametrize(("shows", "content", "given", "kept"), LEFT_OUT, ids=[one[0] for one in LEFT_OUT])
def test_a_reader_leaves_out(shows: str, content: Any, given: Any, kept: Any) -> None:
    value = json.loads(json.dumps(given))
    leave_out(content, value)
    assert value == kept
    shape = declared(schema(content)).shape(strict=True)
    refuses = shape is not None and not validator(schema(shape)).is_valid(given)
    assert refuses is (given != kept), shows


def test_an_assertion_of_another_keyword_is_no_type_to_copy() -> None:
    """Leaving fields out makes a count of properties forbid objects, which is not the keyword `type`."""
    policy = Policy(json_fields=JsonFields.DECLARED, candidate_reads=False)
    reader = obj({"minProperties": 2}, c=TEXT)
    writer = obj({"minProperties": 2}, c=TEXT, b=TEXT)
    breaks = [one for one in can_read(schema(reader), schema(writer), policy) if one.severity is Severity.BREAK]
    assert breaks
    assert all(one.suggestion is None or one.suggestion.title != "use the earlier minProperties" for one in breaks)


def test_items_that_become_equal_by_what_is_left_out_are_shown() -> None:
    reader = unique(closed(a=TEXT))
    writer = unique(closed(a=TEXT, b={"type": ["null", "integer"]}))
    (broken,) = [one for one in found(reader, writer) if one.severity is Severity.BREAK]
    assert broken.rule == "JSON_UNIQUE_ITEMS_ADDED"
    assert broken.witness is not None
    first, second = json.loads(broken.witness.payload)
    assert {**first, "b": second["b"]} == second


def test_a_branch_may_evaluate_what_another_one_does_not() -> None:
    """The reader drops `b`, and `d` is evaluated wherever the writer can write it."""

    def either(first: Any) -> dict[str, Any]:
        return {"anyOf": [first, closed(d={"type": "array"})], "unevaluatedProperties": False}

    reader, writer = either(obj({"maxProperties": 2})), either(obj({"maxProperties": 2}, b=TEXT))
    assert all(one.severity is not Severity.UNDECIDED for one in found(reader, writer))
    assert all(one.severity is not Severity.BREAK for one in found(reader, writer))
