"""Laws of changes, over random schemas and random edits of every format.

Every finding belongs to exactly one change; what is found depends on nothing but its inputs; a text that is offered as
corrected passes the check; and the older versions are never edited.
"""

import json
from collections.abc import Callable
from random import Random

import pytest

from moorings_compat import Format, Level, Policy, ProtobufLevel, Report, Schema, SchemaError, check, parse
from moorings_compat.changes import Change, changes_of
from moorings_compat.changes.corrections import corrections_of
from tests.compat.protobuf.worlds import World as ProtobufWorld
from tests.laws.avro_worlds import Editor, SchemaMaker
from tests.laws.fuzzing import few
from tests.laws.json_schema_edits import edited
from tests.laws.json_schema_worlds import DRAFTS
from tests.laws.json_schema_worlds import World as JsonWorld

SEEDS = {Format.AVRO: 150, Format.JSON: 80, Format.PROTOBUF: 40}
CORRECTED = 25


def _avro(seed: int) -> list[str]:
    random = Random(seed)
    texts = [SchemaMaker(random).schema()]
    for _ in range(2):
        texts.append(Editor(random).edited(texts[-1], random.randrange(1, 4)))
    return [json.dumps(one) for one in texts]


def _json(seed: int) -> list[str]:
    random = Random(seed)
    world = JsonWorld(random, random.choice(list(DRAFTS)))
    texts = [world.document()]
    for _ in range(2):
        texts.append(edited(world, texts[-1]))
    return [json.dumps(one) for one in texts]


def _protobuf(seed: int) -> list[str]:
    world = ProtobufWorld(seed)
    files = [world.file()]
    for _ in range(2):
        files.append(world.edited(files[-1]))
    return [one.text() for one in files]


MAKERS: dict[Format, Callable[[int], list[str]]] = {
    Format.AVRO: _avro,
    Format.JSON: _json,
    Format.PROTOBUF: _protobuf,
}
POLICY = Policy(protobuf_level=ProtobufLevel.SOURCE)


def history(format: Format, seed: int) -> tuple[Schema, dict[int, Schema]] | None:
    """Make a candidate and two older versions; None where an edit left no valid schema."""
    try:
        schemas = [parse(text, format) for text in MAKERS[format](seed)]
    except SchemaError:
        return None
    return schemas[2], {1: schemas[0], 2: schemas[1]}


def _checked(candidate: Schema, older: dict[int, Schema]) -> Report:
    return check(candidate, sorted(older.items()), Level.FULL_TRANSITIVE, POLICY, steps=120_000)


def _said(changes: tuple[Change, ...]) -> list[tuple[object, ...]]:
    return [(one.path, one.sentence, one.rules, one.candidate_path, one.older_path) for one in changes]


@pytest.mark.parametrize("format", list(Format))
def test_each_finding_belongs_to_exactly_one_change(format: Format) -> None:
    told = 0
    for seed in few(SEEDS[format]):
        made = history(format, seed)
        if made is None:
            continue
        candidate, older = made
        report = _checked(candidate, older)
        changes = changes_of(report, candidate, older)
        caused = sorted((one.version, one.promise, id(one.finding)) for held in changes for one in held.findings)
        found = sorted((one.version, one.promise, id(it)) for one in report.comparisons for it in one.findings)
        assert caused == found, seed
        assert _said(changes) == _said(changes_of(report, candidate, older)), seed
        assert all(one.sentence and "\n" not in one.sentence for one in changes), seed
        told += len(changes)
    assert told


@pytest.mark.parametrize("format", list(Format))
def test_a_text_that_is_offered_as_corrected_passes_and_keeps_the_older_versions(format: Format) -> None:
    offered = refused = 0
    for seed in few(CORRECTED):
        made = history(format, seed)
        if made is None:
            continue
        candidate, older = (
            made[0],
            {2: made[1][2]},
        )  # what a major accepted agrees with itself; made-up versions need not
        texts = [one.text for one in older.values()]
        report = _checked(candidate, older)
        refused += not report.passes
        changes = changes_of(report, candidate, older)
        found = corrections_of(changes, candidate, older, lambda one, older=older: _checked(one, older))
        assert [one.text for one in older.values()] == texts
        if found.whole is not None:
            offered += 1
            assert _checked(parse(found.whole.text, format), older).passes, seed
    assert refused
    assert offered, "no text was offered at all"
