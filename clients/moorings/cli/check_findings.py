"""The findings of a check, in one shape for every output format, whether found here or by a registry."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from moorings_compat import Finding, Position, Promise


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


def from_finding(
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


def finding_from_json(finding: Mapping[str, Any], promise: str, version: str) -> CheckFinding:
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


def second_opinion_text(opinion: Mapping[str, Any]) -> str:
    """Write what a registry's second engine answered to a witness."""
    reason = f" ({opinion['reason']})" if opinion.get("reason") else ""
    answers = f"writer {opinion.get('writer', '')}, reader {opinion.get('reader', '')}{reason}"
    return f"{answers}  [{opinion.get('engine', '')}]"


def opinion_disagrees(opinion: Mapping[str, Any]) -> bool:
    """Whether the second engine gave the opposite answer for one side."""
    return opinion.get("writer") == "refuses" or opinion.get("reader") == "accepts"
