"""Verdicts on pairs of schemas with a known relation, in both directions and in every draft of the relation."""

import json
from typing import Any

import pytest

from moorings_compat import Format, Schema, Verdict, can_read, parse
from moorings_compat.findings import verdict_of
from moorings_compat.json_schema import validator
from tests.compat.json_schema.drafts import DRAFTS
from tests.compat.json_schema.relations.arrays import ARRAYS
from tests.compat.json_schema.relations.choices import CHOICES
from tests.compat.json_schema.relations.objects import OBJECTS
from tests.compat.json_schema.relations.references import REFERENCES
from tests.compat.json_schema.relations.relation import Relation
from tests.compat.json_schema.relations.strings import STRINGS
from tests.compat.json_schema.relations.values import VALUES


def brief(content: Any) -> str:
    """Write *content* as JSON, cut off to a length for a test's name."""
    text = json.dumps(content)
    return text if len(text) <= 80 else f"{text[:77]}..."


TABLES = {
    "values": VALUES,
    "strings": STRINGS,
    "objects": OBJECTS,
    "arrays": ARRAYS,
    "choices": CHOICES,
    "references": REFERENCES,
}
LINES = [
    pytest.param(one, id=f"{name}: {brief(one.left)} {one.sign} {brief(one.right)}")
    for name, table in TABLES.items()
    for one in table
]


@pytest.mark.parametrize("relation", LINES)
def test_a_pair_gets_the_verdicts_of_its_relation(relation: Relation) -> None:
    for drafts in relation.drafts:
        left_draft, right_draft = drafts if isinstance(drafts, tuple) else (drafts, drafts)
        left, right = schema(relation.left, left_draft), schema(relation.right, right_draft)
        assert_reads(right, left, reads=relation.right_reads_left)
        assert_reads(left, right, reads=relation.left_reads_right)


def assert_reads(reader: Schema, writer: Schema, *, reads: bool) -> None:
    found = can_read(reader, writer)
    assert verdict_of(found) is (Verdict.COMPATIBLE if reads else Verdict.BREAKING), (reader.text, writer.text)
    for one in found:
        assert one.witness is not None
        payload = json.loads(one.witness.payload)
        assert validator(writer).is_valid(payload)
        assert not validator(reader).is_valid(payload)


def schema(content: Any, draft: int) -> Schema:
    return parse(
        json.dumps(content if isinstance(content, bool) else {"$schema": DRAFTS[draft], **content}), Format.JSON
    )
