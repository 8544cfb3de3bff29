"""Laws of whole histories: a check gives each version the verdict of comparing the whole schemas."""

import json
from random import Random

from moorings_compat import Level, Promise, Severity, Verdict, can_read, check
from moorings_compat.findings import verdict_of
from moorings_compat.json_schema import validator
from moorings_compat.json_schema.common_parts import CommonParts
from tests.laws.json_schema_edits import edited
from tests.laws.json_schema_worlds import DRAFTS, World
from tests.laws.test_json_schema_laws import read

SEEDS = 80


def history(seed):
    """A candidate, and the versions before it, each an edit of the one before."""
    rng = Random(seed)
    world = World(rng, rng.choice(list(DRAFTS)))
    contents = [world.document()]
    for _ in range(4):
        contents.append(edited(world, contents[-1]))
    schemas = [schema for schema in map(read, contents) if schema is not None]
    return schemas[-1:], list(enumerate(schemas[:-1]))


def whole(reader, writer, monkeypatch):
    """The verdict on the whole schemas, with their common parts."""
    with monkeypatch.context() as patched:
        patched.setattr(CommonParts, "remainder", lambda *_: None)
        return verdict_of(can_read(reader, writer))


def test_a_check_of_a_history_agrees_with_whole_comparisons(monkeypatch):
    counted = dict.fromkeys(map(str, Verdict), 0)
    for seed in range(SEEDS):
        candidates, older = history(seed)
        for comparison in check(candidates[0], older, Level.FULL_TRANSITIVE).comparisons if candidates else ():
            pair = candidates[0], dict(older)[comparison.version]
            reader, writer = pair if comparison.promise is Promise.REPLAY_SAFE else pair[::-1]
            counted[str(comparison.verdict)] += 1
            assert (
                Verdict.UNDECIDED in (found := {comparison.verdict, whole(reader, writer, monkeypatch)})
                or len(found) == 1
            ), seed
            for finding in comparison.findings:
                if finding.severity is Severity.BREAK:
                    payload = json.loads(finding.witness.payload)
                    assert validator(writer).is_valid(payload), seed
                    assert not validator(reader).is_valid(payload), seed
    assert counted["compatible"] > 50
    assert counted["breaking"] > 50
    assert counted["undecided"] <= sum(counted.values()) // 100
