"""Findings for reading: the same one against several versions shown once, in groups by the place they speak of."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from markupsafe import Markup

from moorings_compat import Comparison, Finding, Format, Promise, Severity, Witness
from moorings_registry.second_opinion import SecondOpinion, SecondOpinions
from moorings_registry.web.highlighting import markup, tokens
from moorings_registry.web.labels import listed
from moorings_registry.web.schema_text import lay_out

MOST_FINDINGS = 200
"""Findings of one page; the native API has them all."""
_WEIGHTS = {severity: weight for weight, severity in enumerate(Severity)}
_LONGEST_PAYLOAD = 20_000
"""Characters of a witness that are laid out; witnesses are made to be small."""


@dataclass(frozen=True, slots=True)
class WitnessShown:
    """A payload that shows a finding, as lines of HTML."""

    witness: Witness
    lines: tuple[Markup, ...]
    opinion: SecondOpinion | None
    """What the second engine said to it; None for binary formats."""


@dataclass(frozen=True, slots=True)
class GroupedFinding:
    """One finding, and the comparisons that it is in."""

    number: int
    """What the marks beside the schemas call it."""
    finding: Finding
    promise: Promise
    versions: tuple[int, ...]
    """The older versions that it was found against, newest first."""
    against: str
    """Those versions as people call them: ``1.1 and 1.0``."""
    newest: str
    """The first of them; the witness is the one that was found against it."""
    witness: WitnessShown | None

    @property
    def candidate_path(self) -> str:
        """Where it is in the candidate, which reads in one promise and writes in the other."""
        of_reader = self.promise is Promise.REPLAY_SAFE
        return self.finding.reader_path if of_reader else self.finding.writer_path

    @property
    def older_path(self) -> str:
        of_reader = self.promise is Promise.CONSUMERS_SAFE
        return self.finding.reader_path if of_reader else self.finding.writer_path


@dataclass(frozen=True, slots=True)
class Group:
    """Everything found at one place of the candidate."""

    path: str
    findings: tuple[GroupedFinding, ...]


@dataclass(slots=True)
class _Gathered:
    """A finding while its comparisons are being collected."""

    finding: Finding
    promise: Promise
    versions: list[int] = field(default_factory=list)


def distinct(
    comparisons: Iterable[Comparison], labels: Mapping[int, str], opinions: SecondOpinions
) -> list[GroupedFinding]:
    """Tell each finding once, heaviest first; witnesses may differ, and the first one stays."""
    gathered: dict[tuple[Promise, Finding], _Gathered] = {}
    for comparison in comparisons:
        for finding in comparison.findings:
            bare = replace(finding, witness=None, suggestion=None)
            known = gathered.setdefault((comparison.promise, bare), _Gathered(finding, comparison.promise))
            known.versions.append(comparison.version)
    ordered = sorted(
        gathered.values(), key=lambda one: (bool(one.finding.tolerated_by), _WEIGHTS[one.finding.severity])
    )
    return [_grouped_finding(number, one, labels, opinions) for number, one in enumerate(ordered, 1)]


def _grouped_finding(
    number: int, gathered: _Gathered, labels: Mapping[int, str], opinions: SecondOpinions
) -> GroupedFinding:
    versions = tuple(dict.fromkeys(gathered.versions))
    called = [labels.get(one, str(one)) for one in versions]
    opinion = opinions.on(versions[0], gathered.promise, gathered.finding)
    witness = _shown_witness(gathered.finding.witness, opinion)
    return GroupedFinding(number, gathered.finding, gathered.promise, versions, listed(called), called[0], witness)


def grouped(findings: Iterable[GroupedFinding]) -> list[Group]:
    """Group by the place in the candidate, in the order of the first finding there."""
    places: dict[str, list[GroupedFinding]] = {}
    for found in findings:
        places.setdefault(found.candidate_path, []).append(found)
    return [Group(path, tuple(found)) for path, found in places.items()]


def marks_of(findings: Iterable[GroupedFinding], version: int) -> tuple[dict[str, str], dict[str, str]]:
    """Paths into the older text, and into the candidate's, of all that was found against *version*."""
    older: dict[str, str] = {}
    candidate: dict[str, str] = {}
    for found in findings:
        if version in found.versions:
            older.setdefault(found.older_path, str(found.number))
            candidate.setdefault(found.candidate_path, str(found.number))
    return older, candidate


def _shown_witness(witness: Witness | None, opinion: SecondOpinion | None) -> WitnessShown | None:
    if witness is None:
        return None
    payload = witness.payload[:_LONGEST_PAYLOAD]
    try:
        lines = lay_out(payload, Format.JSON).lines
    except json.JSONDecodeError:
        lines = tuple(payload.splitlines())
    return WitnessShown(witness, tuple(markup(line) for line in tokens(lines, Format.JSON)), opinion)
