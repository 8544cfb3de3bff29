"""Laws of JSON Schema's verdicts, over random schemas of every draft, random edits and random values.

Set ``MOORINGS_FUZZ_SECONDS`` to let `test_verdicts_hold` run that long; it prints what it counted. A failure names its
seed.
"""

import json
import os
import time
from collections import Counter
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from jsonschema.validators import validator_for

from moorings_compat import Format, Schema, SchemaError, Severity, Verdict, can_read, parse
from moorings_compat.findings import verdict_of
from moorings_compat.json_schema import validator
from tests.laws.json_schema_worlds import DRAFTS, World, anything, edited, guided

SECONDS = float(os.environ.get("MOORINGS_FUZZ_SECONDS", "0"))
SEEDS = 600
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


def pair(rng: Random) -> tuple[Any, Any]:
    """A writer's schema, and a reader's: an edit of it, or one of another draft altogether."""
    world = World(rng, rng.choice(list(DRAFTS)))
    writer = world.document()
    if rng.random() < 0.8:
        return writer, edited(world, writer)
    return writer, World(rng, rng.choice(list(DRAFTS))).document()


def read(content: Any) -> Schema | None:
    try:
        return parse(json.dumps(content), Format.JSON)
    except SchemaError:
        return None


def verdict(reader: Any, writer: Any) -> Verdict:
    return verdict_of(can_read(parse(json.dumps(reader), Format.JSON), parse(json.dumps(writer), Format.JSON)))


@pytest.mark.timeout(0 if SECONDS else 120)
def test_verdicts_hold():
    counted: Counter[str] = Counter()
    for seed in seeds():
        rng = Random(seed)
        writer_content, reader_content = pair(rng)
        writer, reader = read(writer_content), read(reader_content)
        if writer is None or reader is None:
            counted["not schemas"] += 1
            continue
        found = can_read(reader, writer)
        told = verdict_of(found)
        counted[str(told)] += 1
        for finding in found:
            if finding.severity is Severity.BREAK:
                counted["witnesses"] += 1
                assert finding.witness is not None, seed
                payload = json.loads(finding.witness.payload)
                assert accepts(writer_content, payload, writer), seed
                assert not accepts(reader_content, payload, reader), seed
        if told is Verdict.COMPATIBLE:
            for value in values(rng, writer_content):
                counted["values"] += 1
                if validator(writer).is_valid(value):
                    assert validator(reader).is_valid(value), (seed, value)
    print(dict(counted))
    assert counted["undecided"] <= max(1, sum(counted[str(one)] for one in Verdict) // 100), dict(counted)
    assert counted["breaking"] > 100
    assert counted["compatible"] > 100


def values(rng: Random, content: Any) -> Iterator[Any]:
    for _ in range(VALUES):
        yield guided(rng, content, content) if rng.random() < 0.7 else anything(rng, 3)


def accepts(content: Any, value: Any, schema: Schema) -> bool:
    """Ask both engines, which have to agree: ours, and `jsonschema` with formats asserted.

    Where they do not, the standard is on our engine's side: `jsonschema` checks fewer formats than are asserted.
    """
    ours = validator(schema).is_valid(value)
    kind = validator_for(content)
    theirs = bool(kind(content, format_checker=kind.FORMAT_CHECKER).is_valid(value))
    assert ours == theirs or '"format"' in json.dumps(content), (content, value)
    return bool(ours)


@pytest.mark.parametrize("seed", range(120))
def test_sets_behave_like_sets(seed):
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


@pytest.mark.parametrize("seed", range(120))
def test_refactorings_keep_the_meaning(seed):
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
