"""A `oneOf` of hundreds of events: distinguished by a constant, by a property, or not at all."""

import json
from typing import Any

import pytest

from moorings_compat import Budget, Format, Policy, Verdict, can_read, parse
from moorings_compat.findings import verdict_of

NAME = {"type": "string"}


def event(kind: str, **properties: Any) -> Any:
    return {
        "type": "object",
        "properties": {"kind": {"const": kind}, "id": NAME, **properties},
        "required": ["kind", "id"],
        "additionalProperties": False,
    }


def events(count: int, *, keyword: str = "oneOf", **of_third: Any) -> Any:
    kinds = {f"E{index}": event(f"E{index}", **(of_third if index == 3 else {})) for index in range(count)}
    return {"$defs": kinds, keyword: [{"$ref": f"#/$defs/{kind}"} for kind in kinds]}


def verdict(writer: Any, reader: Any) -> tuple[Verdict, int]:
    budget = Budget()
    found = can_read(*(parse(json.dumps(one), Format.JSON) for one in (reader, writer)), Policy(), budget)
    return verdict_of(found), budget.granted - budget.left


@pytest.mark.parametrize("count", [100, 224])
def test_events_distinguished_by_a_constant_are_decided(count: int) -> None:
    plain, wider = events(count), events(count, note=NAME)
    assert verdict(plain, wider)[0] is Verdict.COMPATIBLE
    assert verdict(plain, events(count + 1))[0] is Verdict.COMPATIBLE
    assert verdict(wider, plain)[0] is Verdict.BREAKING
    assert verdict(events(count + 1), plain)[0] is Verdict.BREAKING
    assert verdict(plain, events(count, keyword="anyOf"))[0] is Verdict.COMPATIBLE


def test_the_work_grows_with_the_number_of_events() -> None:
    few, many = (verdict(events(count), events(count, note=NAME))[1] for count in (50, 200))
    assert many < 8 * few


def by_required(count: int) -> Any:
    """Closed objects that each require a property of their own."""
    names = [f"p{index}" for index in range(count)]
    closed = {"type": "object", "additionalProperties": False}
    return {"oneOf": [{**closed, "properties": {name: NAME}, "required": [name]} for name in names]}


def test_closed_objects_with_properties_of_their_own_are_distinguished() -> None:
    assert verdict(by_required(100), by_required(101))[0] is Verdict.COMPATIBLE


def test_groups_of_events_are_distinguished_by_what_all_in_a_group_have() -> None:
    def grouped(note: Any) -> Any:
        groups = [[event(f"G{group}.{index}", **note) for index in range(10)] for group in range(12)]
        return {"oneOf": [{"oneOf": group} for group in groups]}

    assert verdict(grouped({}), grouped({"note": NAME}))[0] is Verdict.COMPATIBLE


OVERLAPS = [
    ({"const": "a"}, {"const": "b"}, False),
    ({"const": "a"}, {"enum": ["a", "b"]}, True),
    ({"const": 1}, {"const": 1.0}, True),
    ({"const": "a"}, {}, True),
    ({"const": "a"}, {"type": "integer"}, True),
]


@pytest.mark.parametrize(("one", "other", "overlap"), OVERLAPS)
def test_events_that_may_both_hold_still_count_as_two(one: Any, other: Any, overlap: bool) -> None:
    """The reader adds an alternative; it refuses what both of its alternatives describe."""
    first, second = ({"type": "object", "properties": {"kind": kind}, "required": ["kind"]} for kind in (one, other))
    told = verdict({"oneOf": [first]}, {"oneOf": [first, second]})[0]
    both = overlap and other != {"type": "integer"}
    assert told is (Verdict.BREAKING if both else Verdict.COMPATIBLE)


def test_a_constant_that_nobody_requires_distinguishes_nothing() -> None:
    kinds = [{"type": "object", "properties": {"kind": {"const": kind}}} for kind in "ab"]
    assert verdict({"oneOf": kinds[:1]}, {"oneOf": kinds})[0] is Verdict.BREAKING


def test_a_constant_of_something_that_need_not_be_an_object_distinguishes_nothing() -> None:
    kinds = [{"properties": {"kind": {"const": kind}}, "required": ["kind"]} for kind in "ab"]
    assert verdict({"oneOf": kinds[:1]}, {"oneOf": kinds})[0] is Verdict.BREAKING
