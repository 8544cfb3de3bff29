"""Races between processes that share nothing but the file: no number is given twice, and everybody gets one."""

import multiprocessing
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from moorings_registry.callers import Caller
from moorings_registry.commands import DeleteVersion
from moorings_registry.engines import open_ledger
from moorings_registry.errors import Refusal
from moorings_registry.ledger import verify
from tests.registry.asking import PLACED, Asked, record, require_facts_as_described

HANDS = 8
Work = Callable[[Asked, int], Any]


def race(url: str, work: Work) -> list[Any]:
    """What *work* returns in each of eight processes that begin together."""
    context = multiprocessing.get_context("fork")
    together = context.Barrier(HANDS)
    answers = context.Queue()
    hands = [context.Process(target=_hand, args=(url, work, number, together, answers)) for number in range(HANDS)]
    for hand in hands:
        hand.start()
    found = [answers.get(timeout=60) for _ in hands]
    for hand in hands:
        hand.join()
    return found


def _hand(url: str, work: Work, number: int, together: Any, answers: Any) -> None:
    asked = Asked(open_ledger(url))
    together.wait()
    try:
        answers.put(work(asked, number))
    except Refusal as refusal:
        answers.put(refusal.code)


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/l.db"


def history(url: str) -> Asked:
    """A service on the finished ledger, which verifies."""
    asked = Asked(open_ledger(url))
    assert verify(asked.ledger.read(0)).position == asked.registry.state.position
    require_facts_as_described(asked.ledger)
    return asked


def same(asked: Asked, _number: int) -> tuple[int, int, str]:
    version = asked.register(record("a"))
    return version.number, version.id, version.guid


def test_the_same_schema_is_one_version_and_one_entry(url: str) -> None:
    assert len(set(race(url, same))) == 1
    assert history(url).facts == ["SchemaDefined", "SchemaRegistered"]


def several(asked: Asked, number: int) -> list[tuple[int, int]]:
    versions = [asked.register(record("a", **{f"f{number}_{each}": 0})) for each in range(5)]
    return [(one.number, one.id) for one in versions]


def test_different_schemas_into_one_subject_are_all_there_once(url: str) -> None:
    told = [pair for pairs in race(url, several) for pair in pairs]
    assert sorted(number for number, _ in told) == list(range(1, 5 * HANDS + 1))
    assert len({id for _, id in told}) == 5 * HANDS
    held = history(url).registry.state.subjects[PLACED]
    assert {(one.number, one.id) for one in held.versions} == set(told)
    assert [one.revision for one in held.versions] == list(range(5 * HANDS))


def breaking(asked: Asked, number: int) -> str:
    asked.register(record(f"f{number}"))
    return "accepted"


def test_of_schemas_that_exclude_each_other_one_is_accepted(url: str) -> None:
    told = race(url, breaking)
    assert sorted(told) == ["SCHEMA_INCOMPATIBLE"] * (HANDS - 1) + ["accepted"]
    assert history(url).facts.count("SchemaRefused") == HANDS - 1


def keyed(asked: Asked, _number: int) -> tuple[int, ...]:
    return asked.do(DeleteVersion(PLACED, "latest"), Caller(idempotency_key="k", request_digest="d")).versions


def test_a_key_that_came_to_all_at_once_is_answered_once(url: str) -> None:
    asked = Asked(open_ledger(url))
    for number in range(HANDS):
        asked.register(record("a", **{f"f{number}": 0}))
    assert set(race(url, keyed)) == {(HANDS,)}
    assert history(url).facts.count("VersionsSoftDeleted") == 1
