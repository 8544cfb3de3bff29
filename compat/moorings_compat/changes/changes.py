"""From a report to changes: what a person did, each with all findings that it causes.

The candidate is paired with the newest version, from which a person started, and with every older one that something
was found against. What an older version shows at a field that was edited belongs to that edit; what no edit explains
is a change of its own, so that every finding belongs to exactly one.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from moorings_compat.changes.attribution import Causes, FoundPlaces
from moorings_compat.changes.cautions import caution_about
from moorings_compat.changes.change import CausedFinding, Change
from moorings_compat.changes.edit import Edit, EditKind
from moorings_compat.changes.outline import Outline
from moorings_compat.changes.outlines import outline_of
from moorings_compat.changes.pairing import edits_between
from moorings_compat.changes.paths import dotted_paths
from moorings_compat.changes.sentences import sentence
from moorings_compat.conditions.rules import RULES as CONDITION_RULES
from moorings_compat.findings import Finding, Report, Severity
from moorings_compat.levels import Promise
from moorings_compat.rules import FORMAT_CHANGED
from moorings_compat.schema import Schema

APART = frozenset(rule.code for rule in (*CONDITION_RULES, FORMAT_CHANGED))
"""What these report is not an edit of the schema's text."""
_WEIGHTS = {severity: weight for weight, severity in enumerate(Severity)}


def changes_of(report: Report, candidate: Schema, older: Mapping[int, Schema]) -> tuple[Change, ...]:
    """Find the changes that led to *candidate*, those that refuse it first.

    *older* holds the schemas that *report* compared, by version; the newest of them is what the person started from.
    Changes that break nothing are there too, without findings.
    """
    gathering = _Gathering(candidate, older)
    for comparison in report.comparisons:
        for finding in comparison.findings:
            gathering.add(CausedFinding(comparison.version, comparison.promise, finding))
    found = list(gathering.changes())
    return tuple(sorted(found, key=_weight))


def _weight(change: Change) -> int:
    """Failing changes first, then the lighter ones, those that break nothing last; else in the order of the text."""
    severity = change.severity
    if severity is not None:
        return _WEIGHTS[severity]
    return len(_WEIGHTS) if change.findings else len(_WEIGHTS) + 1


@dataclass(slots=True)
class _Held:
    """A change while its findings are being collected."""

    edit: Edit | None
    path: str
    said: str
    candidate_path: str
    older_path: str
    findings: list[CausedFinding] = field(default_factory=list)


class _Gathering:
    def __init__(self, candidate: Schema, older: Mapping[int, Schema]) -> None:
        self._candidate, self._older = candidate, older
        self._newest = max(older, default=None)
        self._outlines: dict[int | None, Outline] = {}
        self._edits: dict[int, tuple[Edit, ...]] = {}
        self._causes: dict[int, Causes] = {}
        self._held: dict[tuple[str, ...], _Held] = {}
        self._paths: dict[str, str] | None = None
        if self._newest is not None:
            for edit in self._edits_against(self._newest):
                self._hold(edit)

    def changes(self) -> Iterator[Change]:
        for one in self._held.values():
            kind = one.edit.kind if one.edit is not None else EditKind.CHANGED
            caution = _caution(one)
            found = tuple(one.findings)
            path = _nearer(one) or one.candidate_path
            yield Change(one.path, kind, one.said, path, one.older_path, one.edit, found, caution)

    def add(self, caused: CausedFinding) -> None:
        held = self._cause(caused)
        (held if held is not None else self._unexplained(caused)).findings.append(caused)

    def _cause(self, caused: CausedFinding) -> _Held | None:
        """Find the edit of the newest version at that field; else the edit since the version compared."""
        if caused.finding.rule in APART or caused.version not in self._older:
            return None
        if not self._edits_against(caused.version):
            return None
        places = FoundPlaces.of(caused.finding, caused.promise, self._outline(None), self._outline(caused.version))
        edit = self._causes[caused.version].of(places)
        if edit is None:
            return None
        return self._held.get(_key(edit)) or self._hold(edit)

    def _hold(self, edit: Edit) -> _Held:
        path = (edit.new_pointers or edit.holders[1:])[0]
        older = (edit.old_pointers or ("",))[0]
        held = _Held(edit, edit.path, sentence(edit, self._candidate.format), path, older)
        self._held[_key(edit)] = held
        return held

    def _unexplained(self, caused: CausedFinding) -> _Held:
        ours, theirs = _sides(caused.finding, caused.promise)
        known = self._dotted(ours)
        key = ("finding", caused.finding.rule, ours, caused.finding.about)
        if key not in self._held:
            said = _format_said(caused) if caused.finding.rule == FORMAT_CHANGED.code else _said(caused.finding, known)
            self._held[key] = _Held(None, known, said, ours, theirs)
        return self._held[key]

    def _dotted(self, pointer: str) -> str:
        if self._paths is None:
            self._paths = dotted_paths(self._outline(None))
        while pointer and pointer not in self._paths:
            pointer = pointer.rpartition("/")[0]
        return self._paths.get(pointer, "")

    def _edits_against(self, version: int) -> tuple[Edit, ...]:
        if version not in self._edits:
            same = self._older[version].format is self._candidate.format
            found = edits_between(self._outline(version), self._outline(None)) if same else ()
            self._edits[version], self._causes[version] = found, Causes(found)
        return self._edits[version]

    def _outline(self, version: int | None) -> Outline:
        if version not in self._outlines:
            schema = self._candidate if version is None else self._older[version]
            self._outlines[version] = outline_of(schema)
        return self._outlines[version]


def _format_said(caused: CausedFinding) -> str:
    """Say from which format to which; what a reader of either makes of the other is in the findings."""
    has = caused.finding.writer_has, caused.finding.reader_has
    older, candidate = has if caused.promise is Promise.REPLAY_SAFE else reversed(has)
    return f"the format was changed from {older} to {candidate}"


def _nearer(held: _Held) -> str:
    """Return where in the changed field the first finding is: at its type, or at one of its keywords."""
    ours = (_sides(one.finding, one.promise)[0] for one in held.findings if held.edit and not held.edit.is_structural)
    return next((one for one in ours if one.startswith(f"{held.candidate_path}/")), "")


def _caution(held: _Held) -> str:
    """What to think of where new fields cannot be read from stored events without a default."""
    if held.edit is None or not held.edit.is_structural:
        return ""
    if not any(one.weighs and one.promise is Promise.REPLAY_SAFE for one in held.findings):
        return ""
    return caution_about(one.part for one in held.edit.new if not one.part.fillable)


def _key(edit: Edit) -> tuple[str, ...]:
    return ("new" if edit.new_pointers else "old", edit.path)


def _sides(finding: Finding, promise: Promise) -> tuple[str, str]:
    """Return the paths of a finding in the candidate and in the older version."""
    pair = finding.reader_path, finding.writer_path
    return pair if promise is Promise.REPLAY_SAFE else (pair[1], pair[0])


def _said(finding: Finding, path: str) -> str:
    message = finding.message.rstrip(".")
    if not path or message.startswith(f"`{path}`"):
        return message
    return f"`{path}`: {message[:1].lower()}{message[1:]}"
