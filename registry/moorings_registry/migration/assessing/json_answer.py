"""An assessment as JSON: everything that it found."""

from dataclasses import asdict
from typing import Any

from moorings_registry.migration.assessing.assessed import (
    AssessedRegistry,
    AssessedSubject,
    Failing,
    FailingRevision,
    FoundChange,
)


def as_json(assessed: AssessedRegistry) -> dict[str, Any]:
    """Write *assessed* as an object; lists are in the order in which the summary has them."""
    return {
        "source": assessed.source,
        "complete": not assessed.incomplete,
        "not_read": list(assessed.incomplete),
        "subjects": [_subject(one) for one in assessed.subjects],
        "ownership": asdict(assessed.ownership),
        "names": [asdict(one) for one in assessed.names],
        "unused": asdict(assessed.unused),
        "taken_over": asdict(assessed.taken_over),
    }


def _subject(one: AssessedSubject) -> dict[str, Any]:
    return {
        "subject": one.subject,
        "format": one.format,
        "versions": list(one.versions),
        "soft_deleted": list(one.deleted),
        "not_valid_here": list(one.unreadable),
        "level": str(one.level),
        "compared_in_part": one.compared_in_part,
        "revisions_that_fail": [_revision(failing) for failing in one.failing],
        "suggested_majors": [
            {
                "major": major.number,
                "versions": list(major.versions),
                "because": str(major.because),
                "against": list(major.against),
            }
            for major in one.majors
        ],
    }


def _revision(one: FailingRevision) -> dict[str, Any]:
    return {
        "version": one.version,
        "verdict": str(one.verdict),
        "under_the_configured_level": _failing(one.configured),
        "in_an_owned_domain": _failing(one.owned),
        "changes": [_change(change) for change in one.changes],
        "changes_left_out": one.changes_hidden,
    }


def _failing(one: Failing) -> dict[str, Any]:
    return {
        "level": str(one.level),
        "breaks": list(one.breaking),
        "undecided": list(one.undecided),
        "promises": [str(promise) for promise in one.promises],
    }


def _change(one: FoundChange) -> dict[str, Any]:
    return {
        "change": one.sentence,
        "severity": str(one.severity),
        "rules": list(one.rules),
        "findings": list(one.findings),
        "payloads": [asdict(payload) for payload in one.payloads],
    }
