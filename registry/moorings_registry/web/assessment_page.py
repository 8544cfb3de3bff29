"""An assessment of another registry as one page that holds all it needs: to be mailed, and read without a registry."""

import base64
import hashlib
import json
import shlex
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from markupsafe import Markup

from moorings_compat import Format, Verdict, catalogue
from moorings_registry.migration.assessing import AssessedRegistry, AssessedSubject
from moorings_registry.migration.assessing.assessed import FailingRevision, FoundChange, MajorReason, SuggestedMajor
from moorings_registry.web.assets import ASSETS
from moorings_registry.web.highlighting import markup, tokens
from moorings_registry.web.labels import VERDICTS, Sign, listed
from moorings_registry.web.pruned_payloads import pruned
from moorings_registry.web.rendering import render
from moorings_registry.web.schema_text import lay_out

MOST_SUBJECTS = 60
"""Histories that are shown with payloads; the JSON has them all."""
MOST_REVISIONS = 8
"""Revisions of one history that are shown."""
MOST_CHANGES = 3
OPENED = 3
"""Histories that are open when the page is."""
MOST_LISTED = 200
"""Entries of one list."""
CONFIGURED = Sign("Breaks its level", "bad", "warn", "The level that is configured there should have refused it.")


@dataclass(frozen=True, slots=True)
class PayloadShown:
    """A payload, as lines of HTML."""

    lines: tuple[Markup, ...]
    left_out: int
    written_by: int
    read_by: int
    engine: str
    error: str


@dataclass(frozen=True, slots=True)
class ChangeShown:
    """One change, and what shows it."""

    found: FoundChange
    payloads: tuple[PayloadShown, ...]


@dataclass(frozen=True, slots=True)
class RevisionShown:
    """One revision that breaks earlier ones, or may."""

    revision: FailingRevision
    against: str
    sign: Sign
    changes: tuple[ChangeShown, ...]
    hidden: int


@dataclass(frozen=True, slots=True)
class MajorShown:
    """A major that an owned domain would have."""

    number: int
    versions: str
    because: str


@dataclass(frozen=True, slots=True)
class SubjectShown:
    """One history."""

    subject: AssessedSubject
    majors: tuple[MajorShown, ...]
    majors_hidden: int
    revisions: tuple[RevisionShown, ...]
    hidden: int


def assessment_page(assessed: AssessedRegistry) -> str:
    """Write the page."""
    split = sorted((one for one in assessed.subjects if one.failing or len(one.majors) > 1), key=_gravest)
    style = ASSETS["moorings.css"].content.decode()  # a file of ours, so it is safe to write as it is
    return render(
        "assessment.html",
        assessed=assessed,
        style=Markup(style),  # noqa: S704
        style_digest=base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
        histories=[_subject(one) for one in split[:MOST_SUBJECTS]],
        further=split[MOST_SUBJECTS : MOST_SUBJECTS + MOST_LISTED],
        further_hidden=max(0, len(split) - MOST_SUBJECTS - MOST_LISTED),
        figures=figures(assessed),
        undecided_json=any(one.undecided and one.format == Format.JSON for one in assessed.subjects),
        configured=CONFIGURED,
        opened=OPENED,
        same=[" = ".join(f"`{name}`" for name in one) for one in assessed.unused.duplicates],
        command=_command(assessed.source),
        rules=catalogue(),
        most=MOST_LISTED,
    )


def _command(source: str) -> str:
    option = "--from" if source.startswith(("http://", "https://")) else "--from-topic-dump"
    return f"moorings-registry import {option} {shlex.quote(source)} --ledger sqlite:///moorings.db --create --dry-run"


@dataclass(frozen=True, slots=True)
class Figures:
    """The numbers at the top."""

    breaking: int
    subjects_breaking: int
    let_through: int
    undecided: int
    subjects_split: int
    majors: int


def figures(assessed: AssessedRegistry) -> Figures:
    """Count what failed."""
    split = [one for one in assessed.subjects if len(one.majors) > 1]
    return Figures(
        sum(len(one.breaking) for one in assessed.subjects),
        sum(bool(one.breaking) for one in assessed.subjects),
        sum(len(one.let_through) for one in assessed.subjects),
        sum(len(one.undecided) for one in assessed.subjects),
        len(split),
        sum(len(one.majors) for one in split),
    )


def _gravest(one: AssessedSubject) -> tuple[int, int, int, str]:
    return -len(one.let_through), -len(one.breaking), -len(one.failing), one.subject


def _subject(one: AssessedSubject) -> SubjectShown:
    majors = tuple(map(_major, one.majors))
    ordered = sorted(one.failing, key=lambda revision: (not revision.configured.breaking, revision.verdict))
    return SubjectShown(
        one,
        majors[: MOST_LISTED // 10],
        max(0, len(majors) - MOST_LISTED // 10),
        tuple(_revision(revision) for revision in ordered[:MOST_REVISIONS]),
        max(0, len(one.failing) - MOST_REVISIONS),
    )


def _major(one: SuggestedMajor) -> MajorShown:
    reasons = {
        MajorReason.FIRST: "",
        MajorReason.GROUP: "it has another compatibility group",
        MajorReason.BREAKS: f"it breaks {_numbers(one.against)}",
        MajorReason.UNDECIDED: f"it could not be decided against {_numbers(one.against)}",
    }
    return MajorShown(one.number, _ranges(one.versions), reasons[one.because])


def _revision(one: FailingRevision) -> RevisionShown:
    sign = VERDICTS[Verdict.BREAKING if one.verdict is Verdict.BREAKING else Verdict.UNDECIDED]
    shown = tuple(_change(change) for change in one.changes[:MOST_CHANGES])
    hidden = len(one.changes) - len(shown) + one.changes_hidden
    return RevisionShown(one, _numbers(one.against), sign, shown, hidden)


def _change(found: FoundChange) -> ChangeShown:
    return ChangeShown(found, tuple(_payloads(found)))


def _payloads(found: FoundChange) -> Iterator[PayloadShown]:
    for one in found.payloads:
        text, left_out = pruned(one.payload, found.paths)
        try:
            lines = lay_out(text, Format.JSON).lines
        except json.JSONDecodeError:
            lines = tuple(text.splitlines())
        shown = tuple(markup(line) for line in tokens(lines, Format.JSON))
        yield PayloadShown(shown, left_out, one.written_by, one.read_by, one.engine, one.error)


def _numbers(numbers: Iterable[int]) -> str:
    """Write version numbers as a list that stays short: ``4, 3 and 2``."""
    known = list(numbers)
    if len(known) > 4:
        return f"{', '.join(map(str, known[:3]))} and {len(known) - 3} more"
    return listed([str(one) for one in known])


def _ranges(numbers: Iterable[int]) -> str:
    """Write ascending numbers as ranges: ``1 to 3, 5``."""
    runs: list[list[int]] = []
    for one in numbers:
        if runs and one == runs[-1][-1] + 1:
            runs[-1].append(one)
        else:
            runs.append([one])
    written = [str(run[0]) if len(run) == 1 else f"{run[0]} to {run[-1]}" for run in runs]
    return ", ".join(written[:6]) + (f" and {len(written) - 6} more" if len(written) > 6 else "")
