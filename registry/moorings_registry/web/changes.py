"""Changes for reading: numbered, with the versions that they break as people call them, and pruned payloads."""

import difflib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import islice

from markupsafe import Markup

from moorings_compat import Finding, Format, Promise, Witness
from moorings_compat.changes import CausedFinding, Change, Way
from moorings_registry.report_changes import ChangeWithWays
from moorings_registry.second_opinion import SecondOpinion, SecondOpinions
from moorings_registry.web.highlighting import markup, tokens
from moorings_registry.web.invisible_characters import seen
from moorings_registry.web.labels import listed
from moorings_registry.web.pruned_payloads import pruned
from moorings_registry.web.schema_text import lay_out

MOST_CHANGES = 150
"""Changes of one page; the native API has them all."""
_MOST_FINDINGS = 12
"""Findings of one change that are listed."""
_MOST_ADVICE = 4
_LONGEST_WHOLE = 100
"""Lines of a corrected schema that is shown whole."""
_MOST_EDITS = 250
_FEW_CHANGES = 10
"""Up to so many changes, a second engine's answer is shown where it agrees, too."""
_LONGEST_PAYLOAD = 20_000
"""Characters of a witness that are laid out; witnesses are made to be small."""


@dataclass(frozen=True, slots=True)
class WitnessShown:
    """A payload that shows a change, as lines of HTML without the fields that do not matter."""

    witness: Witness
    promise: Promise
    against: str
    """What people call the version that it was found against."""
    payload: str
    """The same as text."""
    lines: tuple[Markup, ...]
    left_out: int
    """Fields of the payload that are not shown."""
    opinion: SecondOpinion | None
    """What the second engine said to it; None for binary formats."""


@dataclass(frozen=True, slots=True)
class FindingShown:
    """One finding of a change, once for all versions that it was found against."""

    finding: Finding
    promise: Promise
    path: str
    """Where it is in the candidate."""


@dataclass(frozen=True, slots=True)
class CorrectedShown:
    """The corrected schema: all of it, or what to edit in a long one."""

    lines: tuple[Markup, ...]
    whole: bool


def shown_corrected(corrected: str, candidate: str, format: Format) -> CorrectedShown:
    """Lay the corrected text out; of a long one, only the lines that differ from the candidate's."""
    lines = lay_out(corrected, format).lines
    if len(lines) <= _LONGEST_WHOLE:
        return CorrectedShown(tuple(markup(line) for line in tokens(lines, format)), whole=True)
    edits = difflib.unified_diff(lay_out(candidate, format).lines, lines, "candidate", "corrected", lineterm="", n=0)
    return CorrectedShown(tuple(seen(line) for line in islice(edits, _MOST_EDITS)), whole=False)


@dataclass(frozen=True, slots=True)
class ChangeShown:
    """One change."""

    number: int
    """What the marks beside the schemas call it."""
    change: Change
    broken: tuple[tuple[Promise, str], ...]
    """Each promise that it breaks, and the versions."""
    witnesses: tuple[WitnessShown, ...]
    findings: tuple[FindingShown, ...]
    findings_hidden: int
    ways: tuple[Way, ...]
    brief: bool = False
    """Whether the page has so many changes that each gets a few lines."""

    @property
    def advice(self) -> tuple[str, ...]:
        """What its findings advise, for a change of which no way out was tried."""
        return tuple(dict.fromkeys(one.finding.advice for one in self.findings))[:_MOST_ADVICE]

    @property
    def tolerated_by(self) -> tuple[str, ...]:
        held = (one.finding.tolerated_by for one in self.change.findings)
        return tuple(dict.fromkeys(one for one in held if one))


@dataclass(frozen=True, slots=True)
class ChangesShown:
    """The changes of one report: those that something was found about, and the harmless ones as sentences."""

    found: tuple[ChangeShown, ...]
    hidden: int
    harmless: tuple[Change, ...]
    total_findings: int

    @property
    def failing(self) -> int:
        return sum(one.change.fails for one in self.found)


def shown_changes(
    changes: Iterable[ChangeWithWays], labels: Mapping[int, str], opinions: SecondOpinions
) -> ChangesShown:
    """Prepare the changes of a report for its page; *labels* names the versions."""
    held = list(changes)
    found = [one for one in held if one.change.findings]
    shown = tuple(_shown(number, one, labels, opinions) for number, one in enumerate(found[:MOST_CHANGES], 1))
    if len(shown) > _FEW_CHANGES:
        shown = tuple(map(_in_brief, shown))
    harmless = tuple(one.change for one in held if not one.change.findings)
    return ChangesShown(shown, len(found) - len(shown), harmless, sum(len(one.change.findings) for one in found))


def marks_of(changes: Iterable[ChangeShown], version: int) -> tuple[dict[str, str], dict[str, str]]:
    """Return paths into the older text, and into the candidate's, of all changes that concern *version*."""
    older: dict[str, str] = {}
    candidate: dict[str, str] = {}
    for one in changes:
        if any(caused.version == version for caused in one.change.findings):
            edit = one.change.edit
            before = edit.old_pointers if edit is not None else (one.change.older_path,)
            for path in before:
                older.setdefault(path, str(one.number))
            if edit is None or edit.new_pointers:
                candidate.setdefault(one.change.candidate_path, str(one.number))
    return older, candidate


def _shown(number: int, held: ChangeWithWays, labels: Mapping[int, str], opinions: SecondOpinions) -> ChangeShown:
    change = held.change
    broken = tuple(
        (promise, listed([labels.get(one, str(one)) for one in change.broken(promise)]))
        for promise in Promise
        if change.broken(promise)
    )
    distinct = _distinct(change.findings)
    return ChangeShown(
        number,
        change,
        broken,
        tuple(_witness(change, caused, witness, labels, opinions) for caused, witness in change.shown_by),
        distinct[:_MOST_FINDINGS],
        max(0, len(distinct) - _MOST_FINDINGS),
        held.ways,
    )


def _in_brief(shown: ChangeShown) -> ChangeShown:
    """Leave out what a second engine agrees to, and all payloads but the first."""
    brief = tuple(
        replace(one, opinion=one.opinion if one.opinion and not one.opinion.agrees else None)
        for one in shown.witnesses[:1]
    )
    return replace(shown, witnesses=brief, brief=True)


def _distinct(findings: Iterable[CausedFinding]) -> tuple[FindingShown, ...]:
    """Return each finding once, whatever versions it was found against."""
    seen: dict[tuple[Promise, str, str], FindingShown] = {}
    for one in findings:
        of_reader = one.promise is Promise.REPLAY_SAFE
        path = one.finding.reader_path if of_reader else one.finding.writer_path
        key = (one.promise, one.finding.rule, one.finding.message)
        seen.setdefault(key, FindingShown(one.finding, one.promise, path))
    return tuple(seen.values())


def _witness(
    change: Change, caused: CausedFinding, witness: Witness, labels: Mapping[int, str], opinions: SecondOpinions
) -> WitnessShown:
    edit = change.edit
    paths = [change.path, *([] if edit is None else [one.path for one in (*edit.old, *edit.new)])]
    payload, left_out = pruned(witness.payload[:_LONGEST_PAYLOAD], paths)
    try:
        lines = lay_out(payload, Format.JSON).lines
    except json.JSONDecodeError:
        lines = tuple(payload.splitlines())
    shown = tuple(markup(line) for line in tokens(lines, Format.JSON))
    opinion = opinions.on(caused.version, caused.promise, caused.finding)
    label = labels.get(caused.version, str(caused.version))
    return WitnessShown(witness, caused.promise, label, payload, shown, left_out, opinion)
