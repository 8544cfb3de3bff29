"""The changes of a report: what people did, and texts of the candidate that pass. Derived, like the report itself."""

from dataclasses import dataclass, field
from functools import lru_cache

from moorings_compat import Report, Schema, check
from moorings_compat.changes import Change, Way, changes_of
from moorings_compat.changes.corrections import Corrected, corrections_of
from moorings_registry.second_opinion import ComparedSchemas

_MOST_KEPT = 32
"""Reports whose changes are kept."""


@dataclass(frozen=True, slots=True)
class ChangeWithWays:
    """A change, and the ways out of it that were tried."""

    change: Change
    ways: tuple[Way, ...] = ()


@dataclass(frozen=True, slots=True)
class ReportChanges:
    """Every change of one report, those that refuse the candidate first."""

    changes: tuple[ChangeWithWays, ...] = ()
    corrected: Corrected | None = None
    """One text that settles all of them; None where none was found, or none is needed."""

    @property
    def failing(self) -> tuple[ChangeWithWays, ...]:
        return tuple(one for one in self.changes if one.change.fails)


NO_CHANGES = ReportChanges()


@dataclass(frozen=True, slots=True)
class _Question:
    """A report to find the changes of. It is the same question if it is the very same report, which is held here."""

    identity: int
    report: Report = field(compare=False)
    compared: ComparedSchemas = field(compare=False)


def report_changes(report: Report, compared: ComparedSchemas) -> ReportChanges:
    """Find the changes that led to *report*, and correct the candidate where something refuses it.

    Correcting runs the check several times, so the last answers are kept.
    """
    return _kept(_Question(id(report), report, compared))


@lru_cache(maxsize=_MOST_KEPT)
def _kept(question: _Question) -> ReportChanges:
    report, compared = question.report, question.compared
    found = changes_of(report, compared.candidate, compared.older)
    history = sorted(compared.older.items())

    def again(candidate: Schema) -> Report:
        return check(candidate, history, report.level, compared.policy, contracts=compared.contracts)

    corrections = corrections_of(found, compared.candidate, compared.older, again)
    shown = tuple(ChangeWithWays(one, corrections.ways.get(index, ())) for index, one in enumerate(found))
    return ReportChanges(shown, corrections.whole)
