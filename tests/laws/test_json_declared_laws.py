"""Laws of JSON Schema's verdicts where only declared fields count: written by our encoder, read by our decoder.

Whatever the writer of one schema writes, the reader of another reads, if the verdict is compatible; and a witness of a
break is something that the one writes and the other refuses. Set ``MOORINGS_FUZZ_SECONDS`` to let it run that long.
"""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from random import Random
from typing import Any

import pytest

from moorings.codecs.failures import SLOW_PATH, Invalid
from moorings.codecs.formats import Reader, Writer, make_reader, make_writer
from moorings_compat import JsonFields, Policy, Schema, Severity, Verdict, can_read
from moorings_compat.findings import verdict_of
from moorings_compat.json_schema import STRICT_READER
from moorings_compat.json_schema.projection import projection
from tests.compat.json_schema.test_suggestions import applied, mark
from tests.laws.fuzzing import tell
from tests.laws.json_schema_values import anything, guided
from tests.laws.test_json_schema_laws import SECONDS, pair, read, seeds

POLICY = Policy(json_fields=JsonFields.DECLARED)
VALUES = 30
NAMES = ("a", "b", "c", "d")


def evolved(rng: Random) -> tuple[int, Any, Any]:
    """A draft, and two versions of one contract that differ in fields, at any depth."""
    older = contract(rng, 3)
    newer = json.loads(json.dumps(older))
    for _ in range(rng.randint(1, 3)):
        objects = [one for one in _objects(newer) if one.get("properties")]
        place = rng.choice(objects)["properties"] if objects else {}
        if place and rng.random() < 0.5:
            del place[rng.choice(sorted(place))]
        else:
            place[rng.choice(NAMES)] = contract(rng, 1)
    return (2020, older, newer) if rng.random() < 0.5 else (2020, newer, older)


def contract(rng: Random, depth: int) -> Any:
    """A schema as people write contracts: objects of fields, arrays, alternatives, and scalars."""
    kind = rng.random()
    if depth == 0 or kind < 0.2:
        return rng.choice(
            [{"type": "string"}, {"type": "integer"}, {"enum": ["a", 1]}, {"type": ["null", "boolean"]}, {}]
        )
    if kind < 0.35:
        return {"type": "array", "items": contract(rng, depth - 1), **rng.choice([{}, {}, {"uniqueItems": True}])}
    if kind < 0.45:
        keyword = rng.choice(["anyOf", "oneOf", "allOf"])
        return {
            keyword: [contract(rng, depth - 1) for _ in range(2)],
            **rng.choice([{}, {"unevaluatedProperties": False}]),
        }
    names = rng.sample(NAMES, rng.randint(1, 3))
    made: dict[str, Any] = {"type": "object", "properties": {name: contract(rng, depth - 1) for name in names}}
    made |= rng.choice([{}, {}, {"additionalProperties": False}, {"additionalProperties": contract(rng, depth - 1)}])
    inner, name, other = contract(rng, depth - 1), rng.choice(NAMES), rng.choice(NAMES)
    for more in (
        {"required": [name]},
        {"minProperties": rng.randint(1, 2)},
        {"maxProperties": rng.randint(1, 3)},
        {"propertyNames": {"enum": rng.sample(NAMES, 3)}},
        {"dependentRequired": {name: [other]}},
        {"patternProperties": {f"^[{name}x]": inner}},
        {"not": {"required": [name]}},
        {"if": {"required": [name]}, "then": inner},
        {"const": {name: 1}},
        {"dependentSchemas": {name: inner}},
    ):
        if rng.random() < 0.08:
            made |= more
    return made


def _objects(content: Any) -> Iterator[dict[str, Any]]:
    if isinstance(content, dict):
        if content.get("type") == "object":
            yield content
        for one in content.values():
            yield from _objects(one)
    elif isinstance(content, list):
        for one in content:
            yield from _objects(one)


@pytest.mark.timeout(0 if SECONDS else 400)
@pytest.mark.parametrize("draw", [pair, evolved], ids=["any edit", "edits of fields"])
def test_what_our_writer_writes_our_reader_reads(draw: Any) -> None:
    counted: Counter[str] = Counter()
    for seed in seeds():
        rng = Random(seed)
        _, writer_content, reader_content = draw(rng)
        writer_schema, reader_schema = read(writer_content), read(reader_content)
        if writer_schema is None or reader_schema is None:
            counted["not schemas"] += 1
            continue
        found = can_read(reader_schema, writer_schema, POLICY)
        verdict = verdict_of(found)
        counted[str(verdict)] += 1
        counted["open and undecided"] += verdict_of(can_read(reader_schema, writer_schema)) is Verdict.UNDECIDED
        writer = make_writer(writer_schema, "Law", b"", JsonFields.DECLARED)
        reader = make_reader(writer_schema, reader_schema, "Law", 0, JsonFields.DECLARED)
        for finding in found:
            counted["strict readers"] += finding.rule == STRICT_READER.code
            if finding.witness is not None:
                assert written(writer, json.loads(finding.witness.payload)) is not None, seed
            if finding.severity is Severity.BREAK:
                assert finding.witness is not None
                counted["witnesses"] += 1
                assert not reads(reader, finding.witness.payload.encode()), seed
        if verdict is Verdict.COMPATIBLE:
            for value in payloads(rng, writer_content, writer_schema):
                data = written(writer, value)
                if data is not None:
                    counted["events"] += 1
                    assert reads(reader, data), (seed, data)
    print(dict(counted))
    verdicts = sum(counted[str(one)] for one in Verdict)
    tell("JSON Schema, declared fields", {"pairs": verdicts, "unsound": 0, **counted})
    assert counted["compatible"] > 100
    assert counted["breaking"] > 50
    assert counted["undecided"] <= max(1, verdicts // FEW[draw])


FEW = {pair: 500, evolved: 200}
"""One pair in so many may stay undecided: `oneOf`, and conditions, around what loses fields."""


def payloads(rng: Random, content: Any, schema: Schema) -> Iterator[Any]:
    """Random events; half of them without what *schema* does not declare."""
    leave_out = projection(schema)
    for _ in range(VALUES):
        value = guided(rng, content, content) if rng.random() < 0.75 else anything(rng, 3)
        value = json.loads(json.dumps(value, default=float))
        if leave_out is not None and rng.random() < 0.5:
            leave_out(value)
        yield value


def written(writer: Writer, value: Any) -> bytes | None:
    try:
        return writer.at_once(value)
    except SLOW_PATH:
        pass
    try:
        return writer.encode(value)
    except Invalid:
        return None


def reads(reader: Reader, data: bytes) -> bool:
    try:
        reader.at_once(data)
    except SLOW_PATH:
        return False
    return True


@pytest.mark.timeout(0 if SECONDS else 400)
@pytest.mark.parametrize("candidate_reads", [True, False], ids=["of the reader", "of the writer"])
@pytest.mark.parametrize("draw", [pair, evolved], ids=["any edit", "edits of fields"])
def test_an_edit_that_is_offered_removes_its_finding(draw: Any, candidate_reads: bool) -> None:
    policy = replace(POLICY, candidate_reads=candidate_reads)
    offered = 0
    for seed in seeds():
        _, writer_content, reader_content = draw(Random(seed))
        writer, reader = read(writer_content), read(reader_content)
        if writer is None or reader is None:
            continue
        for finding in can_read(reader, writer, policy):
            if finding.suggestion is None or finding.severity is not Severity.BREAK:
                continue
            offered += 1
            edited = read(applied(reader_content if candidate_reads else writer_content, finding.suggestion))
            assert edited is not None, (seed, finding.suggestion)
            both = (edited, writer) if candidate_reads else (reader, edited)
            left = {mark(one) for one in can_read(*both, policy) if one.severity is Severity.BREAK}
            assert mark(finding) not in left, (seed, finding.suggestion)
    assert offered > 20
