"""Edits as people make them: one sentence each, renames recognised, corrections that pass."""

import json
from collections.abc import Iterable
from operator import attrgetter

import pytest

from moorings_compat import Format, Level, Report, Schema, check, parse
from moorings_compat.changes import Change, EditKind, changes_of
from moorings_compat.changes.corrections import Corrections, corrections_of
from tests.changes.corpus import CASES, Case

LEAST = 0.95


def _found(case: Case) -> tuple[Report, tuple[Change, ...]]:
    older, newer = parse(case.older, case.format), parse(case.newer, case.format)
    report = _checked(newer, older)
    return report, changes_of(report, newer, {1: older})


def _checked(newer: Schema, older: Schema) -> Report:
    return check(newer, [(1, older)], Level.FULL_TRANSITIVE)


def _corrections(case: Case) -> Corrections:
    older, newer = parse(case.older, case.format), parse(case.newer, case.format)
    _, changes = _found(case)
    return corrections_of(changes, newer, {1: older}, lambda one: _checked(one, older), case.newer)


def _share(hits: Iterable[bool]) -> float:
    counted = list(hits)
    return sum(counted) / len(counted)


def test_there_are_enough_edits_in_every_format():
    assert len(CASES) >= 60
    assert min(sum(case.format is format for case in CASES) for format in {case.format for case in CASES}) >= 15


@pytest.mark.parametrize("case", CASES, ids=attrgetter("shows"))
def test_each_edit_is_one_change_that_names_its_field(case: Case):
    _, changes = _found(case)
    assert sorted(one.sentence for one in changes) == sorted(case.says)


@pytest.mark.parametrize("case", CASES, ids=attrgetter("shows"))
def test_each_finding_belongs_to_exactly_one_change(case: Case):
    report, changes = _found(case)
    caused = [(one.version, one.promise, id(one.finding)) for change in changes for one in change.findings]
    found = [(one.version, one.promise, id(finding)) for one in report.comparisons for finding in one.findings]
    assert sorted(caused) == sorted(found)


def test_renames_are_recognised_and_never_claimed_where_fields_are_unrelated(capsys):
    def claims(case: Case) -> bool:
        _, changes = _found(case)
        return any(one.kind is EditKind.RENAMED or " was renamed to " in one.sentence for one in changes)

    recognised = _share(claims(case) for case in CASES if case.renames)
    related = [case.shows for case in CASES if not case.renames and claims(case)]
    with capsys.disabled():
        print(f"\nrenames recognised: {recognised:.0%} of {sum(case.renames for case in CASES)}")
    assert recognised >= LEAST
    assert related == []


def test_the_corrected_schema_of_a_breaking_edit_passes_when_it_is_applied(capsys):
    breaking = [case for case in CASES if not _found(case)[0].passes]
    passing = []
    for case in breaking:
        whole = _corrections(case).whole
        older = parse(case.older, case.format)
        passing.append(whole is not None and _checked(parse(whole.text, case.format), older).passes)
    with capsys.disabled():
        print(f"\ncorrected schemas that pass: {_share(passing):.0%} of {len(breaking)}")
        print("without one:", [case.shows for case, passes in zip(breaking, passing, strict=True) if not passes])
    assert _share(passing) >= LEAST


def test_a_union_that_lost_a_branch_gets_it_back_with_its_definition():
    case = next(one for one in CASES if "a union loses the branch" in one.shows)
    whole = _corrections(case).whole
    assert whole is not None
    assert parse(whole.text, case.format).canonical == parse(case.older, case.format).canonical


PLAINEST = [  # what a person did to an object that is open, what an event then lacks
    ("removed", ("id", "total"), ("id",), '{"id":""}'),
    ("added", ("id",), ("id", "total"), '{"id":""}'),
]


@pytest.mark.parametrize(("shows", "older", "newer", "payload"), PLAINEST)
def test_the_plainest_payload_is_shown(shows: str, older: tuple[str, ...], newer: tuple[str, ...], payload: str):
    """An event without a required field, and not one with a value that an open object lets in."""
    kinds = {"id": {"type": "string"}, "total": {"type": "integer"}}
    before, after = (
        parse(
            json.dumps({"type": "object", "properties": {one: kinds[one] for one in names}, "required": names}),
            Format.JSON,
        )
        for names in (older, newer)
    )
    (change,) = changes_of(_checked(after, before), after, {1: before})
    assert shows in change.sentence
    assert len({witness.payload for one in change.findings if (witness := one.finding.witness)}) > 1
    assert [witness.payload for _, witness in change.shown_by] == [payload]


@pytest.mark.parametrize("case", CASES, ids=attrgetter("shows"))
def test_each_way_out_settles_its_change_by_itself(case: Case):
    older = parse(case.older, case.format)
    report, changes = _found(case)
    before = {finding.message for one in report.comparisons for finding in one.findings}
    for index, ways in _corrections(case).ways.items():
        own = {one.finding.message for one in changes[index].findings if one.weighs}
        for way in ways:
            after = _checked(parse(way.text, case.format), older)
            left = {one.message for failing in after.failing for one in failing.findings if one.severity == "break"}
            assert left <= before - own
