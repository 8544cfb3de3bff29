"""Laws of JSON Schema's verdicts, over random schemas of every draft, random edits and random values.

Set ``MOORINGS_FUZZ_SECONDS`` to let `test_verdicts_hold` run that long; it prints its counts. A failure names its
seed.
"""

import json
import os
import re
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import permutations
from random import Random
from typing import Any

import pytest
from jsonschema import (
    Draft4Validator,
    Draft6Validator,
    Draft7Validator,
    Draft201909Validator,
    Draft202012Validator,
)

from moorings_compat import Finding, Format, Schema, SchemaError, Severity, Verdict, can_read, parse
from moorings_compat.findings import verdict_of
from moorings_compat.json_schema import validator
from moorings_compat.json_schema.documents.drafts import Draft
from moorings_compat.json_schema.model import model_of
from tests.laws.fuzzing import tell, wide
from tests.laws.json_schema_edits import edited
from tests.laws.json_schema_translations import in_2020
from tests.laws.json_schema_values import anything, guided
from tests.laws.json_schema_worlds import DRAFTS, World
from tests.laws.replaying import assert_replayed

SECONDS = float(os.environ.get("MOORINGS_FUZZ_SECONDS", "0"))
SEEDS = wide(300, 600)
VALUES = 40


def seeds() -> Iterator[int]:
    """Count seeds: so many, or for as long as the environment says, then from a start of its own."""
    if not SECONDS:
        yield from range(SEEDS)
        return
    until = time.monotonic() + SECONDS
    seed = int(time.time()) * 1_000
    while time.monotonic() < until:
        yield seed
        seed += 1


def pair(rng: Random) -> tuple[int, Any, Any]:
    """A draft, and schemas of a writer and a reader: one an edit of the other, or of another draft altogether."""
    draft = rng.choice(list(DRAFTS))
    world = World(rng, draft)
    one = world.document()
    if rng.random() >= 0.8:
        return draft, one, World(rng, rng.choice(list(DRAFTS))).document()
    other = edited(world, one)
    if rng.random() < 0.3:
        other = edited(world, other)
    return (draft, one, other) if rng.random() < 0.7 else (draft, other, one)


def read(content: Any) -> Schema | None:
    try:
        return parse(json.dumps(content), Format.JSON)
    except SchemaError:
        return None


def verdict(reader: Any, writer: Any) -> Verdict:
    return verdict_of(can_read(parse(json.dumps(reader), Format.JSON), parse(json.dumps(writer), Format.JSON)))


@pytest.mark.timeout(0 if SECONDS else 400)
def test_verdicts_hold():
    by_draft: dict[int, Counter[str]] = {draft: Counter() for draft in DRAFTS}
    for seed in seeds():
        rng = Random(seed)
        draft, writer_content, reader_content = pair(rng)
        writer, reader = read(writer_content), read(reader_content)
        if writer is None or reader is None:
            by_draft[draft]["not schemas"] += 1
            continue
        found = can_read(reader, writer)
        told = verdict_of(found)
        by_draft[draft][str(told)] += 1
        by_draft[draft]["witnesses"] += confirmed((writer_content, writer), (reader_content, reader), found, seed)
        if told is Verdict.COMPATIBLE:
            by_draft[draft]["values"] += VALUES
            assert refuted(rng, writer_content, writer, reader) is None, seed
    for draft, counted in by_draft.items():
        print(draft, dict(counted))
    counted = sum(by_draft.values(), Counter())
    tell("JSON Schema", {"pairs": sum(counted[str(one)] for one in Verdict), "unsound": 0, **counted})
    assert counted["undecided"] <= max(1, sum(counted[str(one)] for one in Verdict) // 500), counted
    assert counted["breaking"] > 100
    assert counted["compatible"] > 100


def confirmed(writer: tuple[Any, Schema], reader: tuple[Any, Schema], found: Iterable[Finding], seed: int) -> int:
    """Count the payloads; both engines accept all of them for the writer and refuse them for the reader."""
    payloads = 0
    for finding in found:
        if finding.severity is Severity.BREAK:
            assert finding.witness is not None, seed
            assert_replayed(finding.witness, reader[1], writer[1])
            payload = json.loads(finding.witness.payload)
            assert accepts(*writer, payload), seed
            assert not accepts(*reader, payload), seed
            payloads += 1
    return payloads


def refuted(rng: Random, content: Any, writer: Schema, reader: Schema) -> Any:
    """Search for a value that the writer allows and the reader refuses."""
    for _ in range(VALUES):
        value = guided(rng, content, content) if rng.random() < 0.75 else anything(rng, 3)
        if validator(writer).is_valid(value) and not validator(reader).is_valid(value):
            return [value]
    return None


OTHER_ENGINE = {
    Draft.DRAFT_4: Draft4Validator,
    Draft.DRAFT_6: Draft6Validator,
    Draft.DRAFT_7: Draft7Validator,
    Draft.DRAFT_2019_09: Draft201909Validator,
    Draft.DRAFT_2020_12: Draft202012Validator,
}


ECMA_ALONE = re.compile(r"\[\^\]|\\\\p\{|\\\\k<|\\\\ud|\\\\w|\\\\d|\\\\b")
"""What Python's `re` does not have in patterns, or has another meaning for."""

LINE_ENDS = ("\\r", "\\u2028")
"""In JSON; Python's dot takes them."""


def accepts(content: Any, schema: Schema, value: Any) -> bool:
    """Ask both engines, which have to agree: ours, and `jsonschema` with formats asserted.

    Where they do not, the standard is on our engine's side: `jsonschema` checks fewer formats than are asserted, and
    divides as floats do; in 2019-09 it does not count what `additionalProperties` describes as evaluated, and fails at
    boolean `items` then; and its patterns are Python's.
    """
    ours = validator(schema).is_valid(value)
    draft = model_of(schema).document.draft
    kind = OTHER_ENGINE[draft]
    text = json.dumps(content)
    try:
        theirs = bool(kind(content, format_checker=kind.FORMAT_CHECKER).is_valid(value))
    except (TypeError, re.error):
        theirs = None
    excused = (
        theirs is None
        or ECMA_ALONE.search(text) is not None
        or any(end in json.dumps(value) for end in LINE_ENDS)
        or '"format"' in text
        or '"multipleOf"' in text
        or (draft is Draft.DRAFT_2019_09 and '"unevaluated' in text)
    )
    assert ours == theirs or excused, (content, value)
    return bool(ours)


@pytest.mark.parametrize("seed", range(60), ids="seed {}".format)
def test_compatibility_is_transitive(seed):
    rng = Random(seed)
    world = World(rng, rng.choice(list(DRAFTS)))
    first = world.document()
    contents = [first, edited(world, first), edited(world, edited(world, first))]
    if any(read(content) is None for content in contents):
        pytest.skip("this seed draws no schema")
    for one, two, three in permutations(contents):
        if verdict(two, one) is Verdict.COMPATIBLE is verdict(three, two):
            assert verdict(three, one) is Verdict.COMPATIBLE


@pytest.mark.parametrize("seed", range(120), ids="seed {}".format)
def test_any_of_and_all_of_are_union_and_intersection(seed):
    rng = Random(seed)
    draft = rng.choice(list(DRAFTS))
    one, other = (World(rng, draft).document() for _ in range(2))
    if read(one) is None or read(other) is None:
        pytest.skip("this seed draws no schema")
    marked = {"$schema": DRAFTS[draft]}
    bare = [{key: value for key, value in each.items() if key != "$schema"} for each in (one, other)]
    if any("$ref" in json.dumps(each) for each in bare):
        return
    either, both = marked | {"anyOf": bare}, marked | {"allOf": bare}
    assert verdict(one, one) is Verdict.COMPATIBLE
    assert verdict(either, one) is Verdict.COMPATIBLE
    assert verdict(one, both) is Verdict.COMPATIBLE
    assert verdict(both, marked | {"allOf": [bare[1], bare[0]]}) is Verdict.COMPATIBLE


@pytest.mark.parametrize("seed", range(120), ids="seed {}".format)
def test_refactorings_are_compatible_both_ways(seed):
    rng = Random(seed)
    draft = rng.choice(list(DRAFTS))
    content = World(rng, draft).document()
    if read(content) is None or "$ref" in json.dumps(content):
        return
    marked = {"$schema": DRAFTS[draft]}
    bare = {key: value for key, value in content.items() if key != "$schema"}
    keyword = "$defs" if draft >= 2019 else "definitions"
    same = [
        dict(reversed(content.items())),
        marked | {"allOf": [bare]},
        marked | {"anyOf": [bare, bare]},
        marked | {"not": {"not": bare}},
        marked | {keyword: {"whole": bare}, "allOf": [{"$ref": f"#/{keyword}/whole"}]},
        content | {"title": "the same", "description": "with words"},
    ]
    for refactored in same:
        assert verdict(refactored, content) is Verdict.COMPATIBLE, refactored
        assert verdict(content, refactored) is Verdict.COMPATIBLE, refactored


@pytest.mark.parametrize("seed", range(120), ids="seed {}".format)
def test_a_translation_to_a_later_draft_gets_the_same_verdicts(seed):
    rng = Random(seed)
    world = World(rng, rng.choice([6, 7]))
    old = world.document()
    if read(old) is None or '"format"' in json.dumps(old):
        pytest.skip("this seed draws no schema, or formats that not every draft asserts")
    new = in_2020(old)
    assert verdict(new, old) is Verdict.COMPATIBLE, new
    assert verdict(old, new) is Verdict.COMPATIBLE, new
    edit = edited(world, old)
    if read(edit) is not None and '"format"' not in json.dumps(edit) and "$schema" in json.dumps(edit):
        assert verdict(in_2020(edit), old) is verdict(edit, old), edit
        assert verdict(old, in_2020(edit)) is verdict(old, edit), edit
