"""Results of the commands, in one shape for every output format, whether found here or by a registry."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from moorings.cli.check_changes import (
    CheckChange,
    changes_from_answer,
    changes_from_check,
    changes_from_findings,
    corrected_from_check,
    placed,
)
from moorings.cli.check_findings import CheckFinding, finding_from_json, from_finding
from moorings.layout.issues import Issue
from moorings_compat import Position, Positions, Promise, Report, Schema, Verdict, positions_of
from moorings_compat.changes import changes_of
from moorings_compat.changes.corrections import corrections_of
from moorings_compat.changes.json_rewriting import rewritten
from moorings_compat.pointer_positions import locate_nearest

PASSING = ("compatible", "clean", "unchecked")
REGISTERED_AS = "registered as"
"""How the note begins of a contract that the registry has already, with its label behind."""


@dataclass(frozen=True, slots=True)
class Checked:
    """One contract, compared with its older versions; `problems` are the reasons why it could not be."""

    name: str
    verdict: str
    level: str = ""
    file: Path | None = None
    text: str = ""
    findings: tuple[CheckFinding, ...] = ()
    problems: tuple[Issue, ...] = ()
    note: str = ""
    """A remark, such as ``new event``."""
    json_fields: str = ""
    """Which JSON fields counted; empty where nothing was compared."""
    changes: tuple[CheckChange, ...] = ()
    """What people did, with the findings that it causes: failing changes first, harmless ones last."""
    corrected: Mapping[str, Any] | None = None
    """The whole text with every failing change corrected, and the ways that were chosen; None where there is none."""
    next_major: str = ""
    """The command that starts the next major, and its file; empty where that settles nothing."""
    link: str = ""
    """The page of the report; empty where none was kept."""
    consumers: tuple[Mapping[str, Any], ...] = ()
    """What a registry says the change does to each consumer."""

    @property
    def passes(self) -> bool:
        return self.verdict in PASSING

    def as_json(self) -> dict[str, Any]:
        """Return the result of one contract for ``--output json``."""
        return {
            "name": self.name,
            "file": str(self.file) if self.file else None,
            "verdict": self.verdict,
            "level": self.level,
            "json_fields": self.json_fields or None,
            "note": self.note,
            "changes": [one.as_json() for one in self.changes],
            "corrected": self.corrected,
            "next_major": self.next_major or None,
            "link": self.link or None,
            "consumers": list(self.consumers),
            "findings": [found.as_json() for found in self.findings],
            "problems": [issue_as_json(issue) for issue in self.problems],
        }


def findings_of(
    report: Report, labels: Mapping[int, str], positions: Positions | None
) -> dict[tuple[int, Promise, int], CheckFinding]:
    """Read the findings of a local check, by version, promise and identity."""
    found: dict[tuple[int, Promise, int], CheckFinding] = {}
    for one in report.comparisons:
        label = labels.get(one.version, str(one.version))
        places = positions.of(one) if positions else [(None, None)] * len(one.findings)
        for finding, at in zip(one.findings, places, strict=True):
            found[one.version, one.promise, id(finding)] = from_finding(finding, one.promise, label, at)
    return found


def from_report(
    name: str,
    report: Report,
    labels: Mapping[int, str],
    positions: Positions,
    recheck: Callable[[Schema], Report],
    *,
    file: Path,
    note: str = "",
) -> Checked:
    """Read the report of a local check; *labels* are the labels of the versions, *recheck* checks another candidate."""
    found = findings_of(report, labels, positions)
    candidate, text = positions.candidate, positions.candidate_text
    changes = changes_of(report, candidate, positions.older)
    corrections = corrections_of(changes, candidate, positions.older, recheck, text)
    shown = changes_from_check(changes, corrections, labels, found)
    return Checked(
        name,
        str(report.verdict),
        str(report.level),
        file,
        text,
        tuple(found.values()),
        (),
        note,
        str(report.json_fields),
        placed(shown, lambda paths: positions_of(candidate, paths, text)),
        corrected_from_check(corrections),
    )


def _nothing() -> None:
    return None


def from_answer(
    name: str,
    report: Mapping[str, Any],
    *,
    file: Path | None = None,
    text: str = "",
    note: str = "",
    candidate: Callable[[], Schema | None] = _nothing,
    link: str = "",
) -> Checked:
    """Read a report of a registry; the *candidate*, parsed locally, gives the positions of its findings."""
    found: dict[tuple[int, str, int], CheckFinding] = {}
    for one in report.get("comparisons", ()):
        promise, version = str(one.get("promise", "")), one.get("version", 0)
        for index, finding in enumerate(one.get("findings", ())):
            found[version, promise, index] = finding_from_json(finding, promise, str(one.get("label", version)))
    answered = report.get("changes")
    bare = changes_from_findings(found.values()) if answered is None else changes_from_answer(answered, found)
    schema = candidate() if found or bare else None

    def locate(paths: list[str]) -> Mapping[str, Position]:
        return positions_of(schema, paths, text) if schema else locate_nearest(text, paths)

    paths = [one.candidate_path for one in found.values()] + [one.candidate_path for one in bare]
    places = locate(paths)
    at = {key: one.placed(places.get(one.candidate_path)) for key, one in found.items()}
    again = changes_from_findings(at.values()) if answered is None else changes_from_answer(answered, at)
    return Checked(
        name,
        str(report.get("verdict", Verdict.UNDECIDED)),
        str(report.get("level", "")),
        file,
        text,
        tuple(at.values()),
        (),
        note,
        str(report.get("json_fields") or ""),
        tuple(replace(one, position=places.get(one.candidate_path)) for one in again),
        _corrected(report.get("corrected"), text),
        link=link,
        consumers=tuple(report.get("consumers") or ()),
    )


def _corrected(answered: Mapping[str, Any] | None, text: str) -> Mapping[str, Any] | None:
    """Write the corrected schema as the author of *text* would: what a registry keeps of JSON is one line."""
    if answered is None or not text.lstrip().startswith(("{", "[", '"')):
        return answered
    try:
        return {**answered, "text": rewritten(text, json.loads(str(answered.get("text"))))}
    except ValueError:
        return answered


def issue_as_json(issue: Issue) -> dict[str, Any]:
    """Return an issue for ``--output json``; lines and columns count from 1, null where unknown."""
    return {
        "file": str(issue.file),
        "line": issue.line or None,
        "column": issue.column or None,
        "place": issue.place,
        "code": issue.code,
        "weight": str(issue.weight),
        "message": issue.message,
        "advice": issue.advice,
    }


def exit_code(checked: Iterable[Checked]) -> int:
    """Return 0 for clean, 1 for breaking or invalid, 3 for undecided and nothing worse."""
    verdicts = {one.verdict for one in checked}
    if verdicts & {"breaking", "invalid"}:
        return 1
    return 3 if "undecided" in verdicts else 0
