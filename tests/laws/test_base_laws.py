"""A state that begins with a base answers what one answers that was folded whole, byte for byte, on every route."""

import re
from pathlib import Path
from random import Random
from typing import Any

import pytest

from moorings_registry.bases import BaseFolder
from moorings_registry.bases.layered import Layered
from moorings_registry.bases.layered_checks import LayeredChecks
from moorings_registry.http.verbs import verbs_of
from moorings_registry.ledger import Ledger
from moorings_registry.ledger.memory import MemoryLedger
from moorings_registry.names import Subject
from moorings_registry.state import State, apply
from tests.laws.hidden_domain import Zoo, requests
from tests.registry.calling import Reply
from tests.registry.granting import ANN, OPERATOR, Guarded

FOLD = "f" * 64
_DRAWN = re.compile(rb'name="request_key" value="[^"]*"')
"""Every form has another one."""


def copied(ledger: Ledger, count: int | None = None) -> MemoryLedger:
    """A ledger with the first *count* entries of another one; all without it."""
    copy = MemoryLedger()
    for entry in list(ledger.read(0))[:count]:
        copy.append(entry, after=copy.head())
    return copy


def folder_with_bases(path: Path, ledger: Ledger, *positions: int, small_bytes: int = 0) -> BaseFolder:
    """The bases that were written when the ledger ended at each of *positions*, each made of the one before it."""
    for position in positions:
        assert BaseFolder(path, copied(ledger, position), FOLD, small_bytes=small_bytes).bring_up_to_date()
    return BaseFolder(path, ledger, FOLD, small_bytes=small_bytes)


@pytest.fixture(scope="module")
def zoo() -> Zoo:
    """A registry with something of each kind."""
    return Zoo("read", "register", "govern")


def test_every_map_is_the_same_whatever_the_base(zoo: Zoo, tmp_path: Path) -> None:
    entries = list(zoo.registry.ledger.read(0))
    whole = apply(State(), entries)
    random = Random(13)
    for turn in range(12):
        first, second = sorted(random.sample(range(1, len(entries)), 2))
        folder = folder_with_bases(tmp_path / str(turn), zoo.registry.ledger, first, second, small_bytes=turn % 2 * 500)
        base = folder.newest_state()
        assert base is not None
        assert base.position == second
        assert base == apply(State(), entries[:second])
        assert apply(base, entries[second:]) == whole
        one_by_one = base
        for entry in entries[second:]:
            one_by_one = apply(one_by_one, (entry,))
        assert one_by_one == whole


def test_maps_are_read_where_they_lie(zoo: Zoo, tmp_path: Path) -> None:
    base = folder_with_bases(tmp_path, zoo.registry.ledger, 30).newest_state()
    assert base is not None
    assert isinstance(base.subjects, Layered)
    assert isinstance(base.checks, LayeredChecks)


def test_checks_are_found_as_in_one_sequence(zoo: Zoo, tmp_path: Path) -> None:
    ledger = zoo.registry.ledger
    whole = zoo.registry.state.checks
    half = ledger.head().position // 2
    base = folder_with_bases(tmp_path, ledger, half // 2, half).newest_state()
    assert base is not None
    layered = apply(base, ledger.read(half)).checks
    assert isinstance(layered, LayeredChecks)
    assert layered.tail
    subjects, guids = {one.subject for one in whole}, {one.guid for one in whole}
    for found, expected in ((layered, whole), *((one.about(_in_herds) for one in (layered, whole)),)):
        assert found == expected
        assert list(found.unusual()) == list(expected.unusual())
        assert [found.first_of(at) for at in range(60)] == [expected.first_of(at) for at in range(60)]
        assert all(found.of_subject(one) == expected.of_subject(one) for one in subjects)
        assert all(list(found.with_guid(one)) == list(expected.with_guid(one)) for one in guids)
        told = [one.guids_about(_in_herds) for one in (found, expected)]
        assert {one for one in guids if one in told[0]} == {one for one in guids if one in told[1]} != guids
        assert "00000000-0000-0000-0000-000000000000" not in told[0]
    assert list(whole.unusual())


def _in_herds(subject: Subject) -> bool:
    return subject.domain == "zebra.herds"


def test_every_answer_is_the_same_to_the_byte(zoo: Zoo, tmp_path: Path) -> None:
    ledger = copied(zoo.registry.ledger)
    end = ledger.head().position
    folder = folder_with_bases(tmp_path, ledger, end // 3, end * 2 // 3)
    whole, based = Guarded(ledger), Guarded(ledger, bases=folder)
    assert isinstance(based.registry.known.subjects, Layered)
    paths = [*Random(41).sample(_reads(whole), 500), *_by_guid(whole.registry.state)]
    answered = 0
    for caller in (OPERATOR, ANN):
        for path in paths:
            for _ in range(2):  # the second answer may be a kept one
                expected, answer = (one.get(caller, path, X_Correlation_ID="c-1") for one in (whole, based))
                assert _comparable(answer) == _comparable(expected), path
                if expected.status != 200:
                    break
                answered += 1
    assert answered > 200


def _by_guid(state: State) -> list[str]:
    return [f"{place}/{guid}" for guid in state.definitions for place in ("/schemas/guids", "/v1/schemas")]


def _reads(guarded: Guarded) -> list[str]:
    framework: Any = guarded.application.middleware.framework
    gets = [one for one in sorted(verbs_of(framework.url_map)) if one[0] == "GET" and one[1] != "/metrics"]
    return [one.path for one in requests(gets)]


def _comparable(reply: Reply) -> object:
    body = _DRAWN.sub(b"", reply.body)
    return reply.status, body, {k: v for k, v in reply.headers.items() if k != "date"}
