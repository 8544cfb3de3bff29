"""A change: one edit that a person made, with everything that it causes."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from moorings_compat.changes.edit import Edit, EditKind
from moorings_compat.findings import Finding, Severity, Witness
from moorings_compat.levels import Promise

MOST_WITNESSES = 2


class WayKind(StrEnum):
    """How a change that breaks something can be corrected within its major."""

    ADJUST = "adjust"
    """Keep the change, and make it readable: give a new field a default."""
    BESIDE = "beside"
    """Keep the old field, and add the new one beside it."""
    UNDO = "undo"


@dataclass(frozen=True, slots=True)
class Way:
    """One way out: an edit of the candidate alone."""

    kind: WayKind
    title: str
    """What it does: ``keep `amount_minor`, and add `amount` beside it``."""
    text: str
    """The whole text of the candidate, corrected in this one way."""


@dataclass(frozen=True, slots=True)
class CausedFinding:
    """A finding that a change causes, and the comparison that found it."""

    version: int
    promise: Promise
    finding: Finding

    @property
    def weighs(self) -> bool:
        """Whether it gates: a break or undecided, and not tolerated."""
        return not self.finding.tolerated_by and self.finding.severity in (Severity.BREAK, Severity.UNDECIDED)


@dataclass(frozen=True, slots=True)
class Change:
    """One edit, and all findings that it causes: in both promises, against every version compared."""

    path: str
    """The field's dotted path: ``items.sku``; empty for the whole."""
    kind: EditKind
    sentence: str
    """What was done, without a full stop: ```points`: int -> string``."""
    candidate_path: str
    """Where it is in the candidate's text, as findings have it."""
    older_path: str
    edit: Edit | None
    """None where no edit explains the findings."""
    findings: tuple[CausedFinding, ...] = ()
    caution: str = ""
    """Something to consider before a default is given; empty for nothing."""

    @property
    def severity(self) -> Severity | None:
        """The heaviest finding that no policy tolerates; None where nothing was found."""
        found = {one.finding.severity for one in self.findings if not one.finding.tolerated_by}
        return next((one for one in Severity if one in found), None)

    @property
    def fails(self) -> bool:
        """Whether it refuses the candidate."""
        return self.severity in (Severity.BREAK, Severity.UNDECIDED)

    def broken(self, promise: Promise) -> tuple[int, ...]:
        """The versions that it breaks a promise with, newest first."""
        return tuple(dict.fromkeys(one.version for one in self.findings if one.promise is promise and one.weighs))

    @property
    def rules(self) -> tuple[str, ...]:
        """Codes of the rules that fired, in the order of their findings."""
        return tuple(dict.fromkeys(one.finding.rule for one in self.findings))

    @property
    def shown_by(self) -> tuple[tuple[CausedFinding, Witness], ...]:
        """Up to two findings with the payloads that show them: one for each promise, the newest version first.

        Of one version, bytes are shown before ProtoJSON, and the shortest payload, which is the plainest: an event
        without a field before one with a value that it may not have.
        """
        found: dict[Promise, tuple[CausedFinding, Witness]] = {}
        shown = [(one, one.finding.witness) for one in self.findings if one.finding.witness is not None]
        for one, witness in sorted(shown, key=_plainness):
            found.setdefault(one.promise, (one, witness))
        return tuple(found.values())[:MOST_WITNESSES]


def _plainness(shown: tuple[CausedFinding, Witness]) -> tuple[bool, int, bool, int]:
    found, witness = shown
    return not found.weighs, -found.version, not witness.encoded, len(witness.payload)


def failing(changes: Iterable[Change]) -> tuple[Change, ...]:
    """Return the changes that refuse the candidate."""
    return tuple(one for one in changes if one.fails)
