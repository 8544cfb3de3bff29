"""Results of the commands, in one shape for every output format, whether found here or by a registry."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from moorings.layout.issues import Issue, Weight
from moorings_compat import Finding, Position, Positions, Promise, Report, Schema, Verdict, positions_of
from moorings_compat.pointer_positions import locate_nearest

_WEIGHTS = {"break": Weight.ERROR, "undecided": Weight.ERROR, "changes_meaning": Weight.WARNING}


@dataclass(frozen=True, slots=True)
class CheckFinding:
    """One finding, compared with one older version."""

    version: str
    promise: str
    rule: str
    severity: str
    reader_path: str
    writer_path: str
    reader_has: str
    writer_has: str
    message: str
    advice: str
    tolerated_by: str = ""
    witness: Mapping[str, Any] | None = None
    suggestion: Mapping[str, Any] | None = None
    reader_position: Position | None = None
    """The position of `reader_path` in the reader's text, if known."""
    writer_position: Position | None = None

    @property
    def candidate_path(self) -> str:
        """The place in the new schema: it reads for the one promise and writes for the other."""
        return self.reader_path if self.promise == Promise.REPLAY_SAFE else self.writer_path

    @property
    def candidate_position(self) -> Position | None:
        return self.reader_position if self.promise == Promise.REPLAY_SAFE else self.writer_position

    def placed(self, place: Position | None) -> "CheckFinding":
        """Return the same finding with *place* as its position in the new schema."""
        if self.promise == Promise.REPLAY_SAFE:
            return replace(self, reader_position=place)
        return replace(self, writer_position=place)

    def as_json(self) -> dict[str, Any]:
        """Return every member; positions as ``{"line", "column"}``, and only those that are known."""
        values = {name: getattr(self, name) for name in self.__dataclass_fields__ if not name.endswith("_position")}
        for side in ("reader_position", "writer_position"):
            place = getattr(self, side)
            if place is not None:
                values[side] = {"line": place.line, "column": place.column}
        return values


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

    def as_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "file": str(self.file) if self.file else None,
            "verdict": self.verdict,
            "level": self.level,
            "json_fields": self.json_fields or None,
            "note": self.note,
            "findings": [found.as_json() for found in self.findings],
            "problems": [issue_as_json(issue) for issue in self.problems],
        }

    def issues(self) -> list[Issue]:
        """Return findings and problems as issues of the file, for the formats that mark lines."""
        file = self.file or Path(self.name)
        return [*self.problems, *(_as_issue(found, file) for found in self.findings)]


def from_report(
    name: str,
    report: Report,
    labels: Mapping[int, str],
    *,
    file: Path | None = None,
    text: str = "",
    note: str = "",
    positions: Positions | None = None,
) -> Checked:
    """Read the report of a local check; *labels* are the labels of the versions."""
    findings = [
        _from_finding(finding, one.promise, labels.get(one.version, str(one.version)), places)
        for one in report.comparisons
        for finding, places in zip(
            one.findings, positions.of(one) if positions else [(None, None)] * len(one.findings), strict=True
        )
    ]
    return Checked(
        name, str(report.verdict), str(report.level), file, text, tuple(findings), (), note, str(report.json_fields)
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
) -> Checked:
    """Read a report of a registry; the *candidate*, parsed locally, gives the positions of its findings."""
    findings = [
        _finding_from_json(finding, str(one.get("promise", "")), str(one.get("label", one.get("version", ""))))
        for one in report.get("comparisons", ())
        for finding in one.get("findings", ())
    ]
    verdict, level = str(report.get("verdict", Verdict.UNDECIDED)), str(report.get("level", ""))
    fields = str(report.get("json_fields") or "")
    return Checked(name, verdict, level, file, text, tuple(_placed(findings, candidate, text)), (), note, fields)


def _placed(findings: list[CheckFinding], candidate: Callable[[], Schema | None], text: str) -> Iterator[CheckFinding]:
    paths = [one.candidate_path for one in findings]
    schema = candidate() if findings else None
    places = positions_of(schema, paths, text) if schema else locate_nearest(text, paths)
    for one in findings:
        yield one.placed(places.get(one.candidate_path))


def second_opinion_text(opinion: Mapping[str, Any]) -> str:
    """Write what a registry's second engine answered to a witness."""
    reason = f" ({opinion['reason']})" if opinion.get("reason") else ""
    answers = f"writer {opinion.get('writer', '')}, reader {opinion.get('reader', '')}{reason}"
    return f"{answers}  [{opinion.get('engine', '')}]"


def opinion_disagrees(opinion: Mapping[str, Any]) -> bool:
    """Whether the second engine gave the opposite answer for one side."""
    return opinion.get("writer") == "refuses" or opinion.get("reader") == "accepts"


def issue_as_json(issue: Issue) -> dict[str, Any]:
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


def _from_finding(
    finding: Finding, promise: Promise, version: str, places: tuple[Position | None, Position | None]
) -> CheckFinding:
    witness, suggestion = finding.witness, finding.suggestion
    return CheckFinding(
        version,
        str(promise),
        finding.rule,
        str(finding.severity),
        finding.reader_path,
        finding.writer_path,
        finding.reader_has,
        finding.writer_has,
        finding.message,
        finding.advice,
        finding.tolerated_by,
        {name: getattr(witness, name) for name in ("payload", "encoded", "engine", "error")} if witness else None,
        {name: getattr(suggestion, name) for name in ("action", "path", "value", "title")} if suggestion else None,
        *places,
    )


def _finding_from_json(finding: Mapping[str, Any], promise: str, version: str) -> CheckFinding:
    texts: dict[str, Any] = {
        name: str(finding.get(name) or "")
        for name in ("rule", "severity", "reader_path", "writer_path", "reader_has", "writer_has", "message", "advice")
    }
    return CheckFinding(
        version=version,
        promise=promise,
        **texts,
        tolerated_by=str(finding.get("tolerated_by") or ""),
        witness=finding.get("witness"),
        suggestion=finding.get("suggestion"),
    )


def _as_issue(found: CheckFinding, file: Path) -> Issue:
    place = found.candidate_position or Position(1, 1)
    weight = Weight.NOTE if found.tolerated_by else _WEIGHTS.get(found.severity, Weight.NOTE)
    message = f"{found.message} (compared with {found.version}, {found.promise})"
    return Issue(file, found.rule, message, found.advice, weight, found.candidate_path, place.line, place.column)
