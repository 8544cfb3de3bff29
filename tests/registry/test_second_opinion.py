"""The second engine: what it answers to the witnesses of a check, and where it is not run."""

import json
import re
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

import pytest

from moorings_compat import Format, Level, Policy, Promise, Reference, ResolvedReference, Schema, check, parse
from moorings_compat.findings import Comparison, Finding, Report, Severity, Witness
from moorings_registry.second_opinion import ComparedSchemas, SecondOpinion, second_opinions
from moorings_registry.second_opinion.opinions import ENGINE, LARGEST_PAYLOAD, LARGEST_SCHEMA, MOST_WITNESSES
from moorings_registry.second_opinion.pattern_cost import MOST_STEPS, PatternNotBounded, search_steps

DRAFTS = {
    "draft 4": "http://json-schema.org/draft-04/schema#",
    "draft 6": "http://json-schema.org/draft-06/schema#",
    "draft 7": "http://json-schema.org/draft-07/schema#",
    "draft 2019-09": "https://json-schema.org/draft/2019-09/schema",
    "draft 2020-12": "https://json-schema.org/draft/2020-12/schema",
}
LATEST = {"$schema": DRAFTS["draft 2020-12"]}
AGREED = ("accepts", "refuses", "")


def read(content: Any, *references: ResolvedReference) -> Schema:
    return parse(json.dumps(content), Format.JSON, references)


def answers(opinion: SecondOpinion) -> tuple[str, str, str]:
    assert opinion.engine == ENGINE
    return opinion.writer, opinion.reader, opinion.reason


def asked(writer: Any, reader: Any, *, formats: bool = True) -> list[tuple[str, str, str]]:
    """The opinions on what a check of *reader* against *writer* finds, in the order of its findings."""
    older, candidate = (one if isinstance(one, Schema) else read(one) for one in (writer, reader))
    report = check(candidate, [(1, older)], Level.BACKWARD, Policy(formats_asserted=formats))
    opinions = second_opinions(report, ComparedSchemas(candidate, {1: older}, Policy(formats_asserted=formats)))
    found = [opinions.on(1, Promise.REPLAY_SAFE, one) for one in report.findings]
    assert found, "the check found nothing"
    return [answers(one) for one in found if one]


def asked_of(payload: Any, writer: Any, reader: Any, *, times: int = 1) -> list[tuple[str, str, str]]:
    """The opinions on *payload*, as if it were the witness of a finding; with *times*, on as many like it."""
    older, candidate = read(writer), read(reader)
    texts = [json.dumps(payload) + " " * number for number in range(times)]
    findings = tuple(
        Finding("RULE", Severity.BREAK, "", "", "", "", "", "", Witness(text, "jsonschema-rs", "")) for text in texts
    )
    report = Report(Format.JSON, Level.BACKWARD, (Comparison(1, Promise.REPLAY_SAFE, findings),))
    opinions = second_opinions(report, ComparedSchemas(candidate, {1: older}, Policy()))
    found = [opinions.on(1, Promise.REPLAY_SAFE, one) for one in findings]
    return [answers(one) for one in found if one]


@dataclass(frozen=True, slots=True)
class Case:
    shows: str
    writer: Any
    reader: Any
    expected: tuple[str, str, str] = AGREED
    formats: bool = True


STRING = {"type": "string"}
UNKNOWN = "^\\p{L}$"
"""A pattern with a class that `re` does not have."""
CASES = [
    *(
        Case(
            f"{name} is read as {name}",
            {"$schema": uri, "type": "object", "definitions": {"a": STRING}},
            {"$schema": uri, "required": ["a"], "properties": {"a": {"$ref": "#/definitions/a"}},
             "definitions": {"a": STRING}},
        )
        for name, uri in DRAFTS.items()
    ),
    Case(
        "1.0 is not an integer in draft 4",
        {"$schema": DRAFTS["draft 4"], "enum": [1.0]},
        {"$schema": DRAFTS["draft 4"], "type": "integer"},
    ),
    Case("writer and reader may be of different drafts", {"$schema": DRAFTS["draft 4"]}, {**LATEST, "type": "null"}),
    Case(
        "draft 4 has boolean bounds",
        {"$schema": DRAFTS["draft 4"], "type": "number"},
        {"$schema": DRAFTS["draft 4"], "type": "number", "minimum": 1, "exclusiveMinimum": True},
    ),
    Case("numbers are read as floats", {"type": "number"}, {"type": "number", "multipleOf": 0.01}),
    Case("a format that it checks refuses", STRING, {**STRING, "format": "email"}),
    Case(
        "a format that it does not check leaves the reader open",
        STRING,
        {**STRING, "format": "date-time"},
        ("accepts", "not run", "the engine does not check format date-time"),
    ),
    Case(
        "a format that the draft does not have does not refuse",
        {"$schema": DRAFTS["draft 4"], "type": "string", "format": "uuid"},
        {"$schema": DRAFTS["draft 4"], "type": "null"},
    ),
    Case(
        "an unchecked format leaves an answer that agrees",
        {**STRING, "format": "date-time"},
        {"type": "integer"},
    ),
    Case(
        "formats that are annotations refuse nothing",
        {**STRING, "format": "email", "maxLength": 1},
        {**STRING, "format": "email", "maxLength": 0},
        formats=False,
    ),
    Case("a pattern is matched", STRING, {**STRING, "pattern": "^[A-Z]{3}$"}),
    Case("a pattern may find a match anywhere", STRING, {**STRING, "pattern": "b"}),
    Case(
        "properties by pattern are found",
        {"type": "object"},
        {"type": "object", "patternProperties": {"^x-": STRING}},
    ),
    Case(
        "the rest of the properties is found",
        {"type": "object"},
        {"type": "object", "patternProperties": {"^x-": {}}, "additionalProperties": False},
    ),
    Case(
        "unevaluated properties are found through references",
        {**LATEST, "type": "object"},
        {**LATEST, "$ref": "#/$defs/a", "unevaluatedProperties": False,
         "$defs": {"a": {"patternProperties": {"^x-": {}}}}},
    ),
    Case(
        "2020-12 leaves open whether `dependencies` counts",
        {**LATEST, "type": "object"},
        {**LATEST, "type": "object", "dependencies": {"a": ["b"]}},
        ("accepts", "accepts", ""),
    ),
    Case(
        "Python lets $ match before a line feed at the end",
        {**STRING, "pattern": "^a\\n?$"},
        {**STRING, "pattern": "^a$"},
        ("accepts", "accepts", ""),
    ),
    Case(
        "a pattern that Python lacks is not run",
        STRING,
        {**STRING, "pattern": UNKNOWN},
        ("accepts", "not run", f"Python's re cannot run the pattern {UNKNOWN!r}, or may take too long"),
    ),
    Case(
        "a schema that names a dialect inside is not run",
        {"type": "object"},
        {**LATEST, "type": "object", "required": ["a"],
         "properties": {"a": {"$id": "urn:a", "$schema": DRAFTS["draft 7"], "type": "string"}}},
        ("accepts", "not run", "a schema inside the document names a dialect of its own"),
    ),
    Case(
        "recursion is followed as far as the payload goes",
        {"type": "array", "items": {"$ref": "#"}},
        {"type": "array", "items": {"$ref": "#"}, "maxItems": 1},
    ),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=attrgetter("shows"))
def test_second_opinions(case: Case) -> None:
    assert set(asked(case.writer, case.reader, formats=case.formats)) == {case.expected}


@pytest.mark.parametrize("uri", DRAFTS.values(), ids=list(DRAFTS))
def test_references_to_other_documents_are_followed_in_every_draft(uri: str) -> None:
    money = read({"$schema": uri, "type": "object", "required": ["currency"], "properties": {"currency": STRING}})
    used = ResolvedReference(Reference("money.json", "Money", 1), money)
    reader = read({"$schema": uri, "properties": {"total": {"$ref": "money.json"}}, "required": ["total"]}, used)
    writer = read({"$schema": uri, "properties": {"total": {"type": "object"}}, "required": ["total"]})
    assert set(asked(writer, reader)) == {AGREED}


def test_a_reference_to_the_meta_schema_fetches_nothing() -> None:
    reader = {**LATEST, "$ref": DRAFTS["draft 2020-12"]}
    assert asked({**LATEST, "type": "integer"}, reader) == [AGREED]


def test_other_formats_have_no_second_opinion() -> None:
    older, newer = (
        parse(json.dumps({"type": "record", "name": "A", "fields": fields}), Format.AVRO)
        for fields in ([], [{"name": "a", "type": "int"}])
    )
    report = check(newer, [(1, older)], Level.BACKWARD)
    opinions = second_opinions(report, ComparedSchemas(newer, {1: older}, Policy()))
    assert [opinions.on(1, Promise.REPLAY_SAFE, one) for one in report.findings] == [None]


# Bounds.

HOSTILE_PATTERNS = ("^(a+)+$", "^(a|a)*$", "^(a|aa)+$", "a*a*a*a*a*a*a*a*b", "^(a?){40}a{40}$", "(?=(a+)+b)a")


@pytest.mark.parametrize("keyword", ["pattern", "patternProperties", "additionalProperties", "unevaluatedProperties"])
@pytest.mark.parametrize("pattern", HOSTILE_PATTERNS)
def test_a_pattern_that_may_take_too_long_is_not_run(pattern: str, keyword: str) -> None:
    text = "a" * 60 + "!"
    reader: dict[str, Any] = {
        "pattern": {"pattern": pattern},
        "patternProperties": {"patternProperties": {pattern: {}}},
        "additionalProperties": {"additionalProperties": False, "patternProperties": {pattern: {}}},
        "unevaluatedProperties": {
            **LATEST, "unevaluatedProperties": False, "$ref": "#/$defs/a",
            "$defs": {"a": {"patternProperties": {pattern: {}}}},
        },
    }[keyword]  # fmt: skip
    ((writer, answer, reason),) = asked_of(text if keyword == "pattern" else {text: 1}, {}, reader)
    assert (writer, answer) == ("accepts", "not run")
    assert "may take too long" in reason


@pytest.mark.parametrize("text", ["", "a", "aaaaaaaa", "aaaaaaa!", "ab-ab-ab"])
@pytest.mark.parametrize("pattern", [*HOSTILE_PATTERNS, "^[a-z]+@[a-z]+$", "^a{2,3}$", "x|y|^z", "(a|b|ab)*c", "^$"])
def test_the_bound_of_a_pattern_grows_with_the_text(pattern: str, text: str) -> None:
    def bound(length: int) -> int:
        try:
            return search_steps(pattern, length)
        except PatternNotBounded:
            return MOST_STEPS + 1

    assert 0 <= bound(len(text)) <= bound(len(text) + 1)


@pytest.mark.parametrize("pattern", ["[]a]", "[^]a]", "(?<=(a|a))b", "(?i)a", "a" * 1_001, "(" * 500, "\\cA", "a{,3}"])
def test_what_python_reads_differently_has_no_bound(pattern: str) -> None:
    with pytest.raises(PatternNotBounded):
        search_steps(pattern, 1)


def test_everyday_patterns_are_within_their_bounds() -> None:
    for pattern, text in (
        ("^[A-Z]{3}$", "EUR"),
        ("^\\d{4}-\\d{2}-\\d{2}$", "2026-11-30"),
        ("^[^@]+@[^@]+$", "somebody@example.com"),
        ("^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", "2eb8aa08-aa98-41ea-b4aa-73b441d16380"),
    ):
        assert search_steps(pattern, len(text)) <= MOST_STEPS
        assert re.search(pattern, text)


def test_a_payload_that_is_too_large_is_not_run() -> None:
    ((writer, reader, reason),) = asked_of("a" * LARGEST_PAYLOAD, {}, {"type": "null"})
    assert (writer, reader) == ("not run", "not run")
    assert reason == "the payload has more than 20,000 characters"


def test_a_schema_that_is_too_large_is_not_run() -> None:
    schema = {"type": "null", "description": "a" * LARGEST_SCHEMA}
    assert asked_of(1, {}, schema) == [("accepts", "not run", "a schema has more than 400,000 characters")]


def test_witnesses_beyond_the_first_are_not_run_and_say_so() -> None:
    found = asked_of(1, {}, {"type": "null"}, times=MOST_WITNESSES + 2)
    assert found[:MOST_WITNESSES] == [AGREED] * MOST_WITNESSES
    assert found[MOST_WITNESSES:] == [("not run", "not run", "only the first 100 witnesses of a report are run")] * 2


def doubled(levels: int, **beside: Any) -> dict[str, Any]:
    """A schema in which the number of ways to a value doubles at each level."""
    definitions: dict[str, Any] = {f"a{n}": {"allOf": [{"$ref": f"#/$defs/a{n + 1}"}] * 2} for n in range(levels)}
    return {**LATEST, **beside, "$ref": "#/$defs/a0", "$defs": {**definitions, f"a{levels}": {"minimum": 0}}}


HOSTILE = {
    "references that double": (1, doubled(40)),
    "unevaluated properties over references that double": (
        {"a": 1},
        doubled(40, unevaluatedProperties=False),
    ),
    "items that have to differ": ([{"a": n} for n in range(1_500)], {"uniqueItems": True}),
    "an enum for each item": ([5] * 5_000, {"items": {"not": {"enum": [{"a": n} for n in range(5_000)]}}}),
    "messages that hold the payload": (
        ["a" * 100] * 150,
        {"items": {"not": {"anyOf": [{"const": n} for n in range(3_000)]}}},
    ),
    "names looked up in a large document": (
        [1] * 5_000,
        {**LATEST, "items": {"$ref": "#b"}, "$defs": {f"a{n}": {"$anchor": f"a{n}"} for n in range(5_000)}
         | {"b": {"$anchor": "b"}}},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_what_takes_too_many_steps_is_not_run(name: str) -> None:
    payload, reader = HOSTILE[name]
    ((writer, answer, reason),) = asked_of(payload, {}, reader)
    assert (writer, answer, reason) == ("accepts", "not run", "it takes more steps than are left for this report")


def test_steps_are_shared_by_the_witnesses_of_a_report() -> None:
    schema = {"items": {"enum": list(range(100))}, "minItems": 3_000}
    found = asked_of([99] * 1_000, {}, schema, times=20)
    assert found[0] == AGREED
    assert found[-1] == ("accepts", "not run", "it takes more steps than are left for this report")
    assert asked_of([99] * 1_000, {}, schema, times=20) == found


def test_a_payload_deeper_than_the_engine_goes_is_not_run() -> None:
    deep: Any = 1
    for _ in range(400):
        deep = [deep]
    schema = {"anyOf": [{"type": "integer"}, {"items": {"$ref": "#"}}]}
    ((_, answer, reason),) = asked_of(deep, {}, schema)
    assert (answer, reason) == ("not run", "the engine failed with RecursionError")
