"""What a comparison found: findings with their witnesses, and the report of a whole check."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from moorings_compat.levels import Level, Promise
from moorings_compat.policies import JsonFields
from moorings_compat.schema import Format


class Severity(StrEnum):
    """How much a finding weighs."""

    BREAK = "break"
    """A payload exists that the writer's schema allows and that the reader refuses or misreads."""
    UNDECIDED = "undecided"
    """Neither proven nor refuted; gated as a break, and labelled as undecided."""
    CHANGES_MEANING = "changes_meaning"
    """Every payload can be read, but some of them change their meaning."""
    WARNING = "warning"
    """Valid, but should be reviewed."""


class Verdict(StrEnum):
    """The answer to: can the reader read everything that the writer can write?"""

    COMPATIBLE = "compatible"
    BREAKING = "breaking"
    UNDECIDED = "undecided"
    UNCHECKED = "unchecked"
    """Nothing was compared: the level is NONE, or the schema was imported. Nothing was proven."""


@dataclass(frozen=True, slots=True)
class Witness:
    """A payload that shows a finding, after the real codec or validator has confirmed it. Its values are made up."""

    payload: str
    """The event as JSON text (Avro: the specification's JSON encoding; Protobuf: ProtoJSON of the writer)."""
    engine: str
    """The codec or validator that ran it, with its version: ``fastavro 1.13.1``."""
    error: str
    """The reader's error, in one sentence; or what the reader made of the payload, if it misread it."""
    encoded: str = ""
    """The bytes on the wire in hex, for binary formats; empty for JSON."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One edit of the *candidate's* text that removes the finding.

    `action` names the edit (``add``, ``replace``, ``remove``: RFC 6902 on the text as JSON; ``text`` for Protobuf,
    where `value` is the line to write), `path` the JSON Pointer or ``line N``, `value` the JSON text to put there.
    """

    action: str
    path: str
    value: str
    title: str
    """What the edit does: ``give `currency` a default``."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One difference that matters, in one direction."""

    rule: str
    severity: Severity
    reader_path: str
    """JSON Pointer into the reader's text; for Protobuf into its descriptor, by names: ``/Order/lines``."""
    writer_path: str
    reader_has: str
    writer_has: str
    message: str
    """One sentence: what is wrong."""
    advice: str
    """One sentence: how to fix it."""
    witness: Witness | None = None
    suggestion: Suggestion | None = None
    tolerated_by: str = ""
    """The policy that tolerates it (``LENIENT``); the finding and its witness stay."""
    about: str = ""
    """The property that it is about, where its paths only lead to the object around it: ``required`` of JSON Schema."""


def verdict_of(findings: Iterable[Finding]) -> Verdict:
    """Weigh the findings that no policy tolerates: breaking with any break, else undecided, else compatible."""
    severities = {finding.severity for finding in findings if not finding.tolerated_by}
    if Severity.BREAK in severities:
        return Verdict.BREAKING
    if Severity.UNDECIDED in severities:
        return Verdict.UNDECIDED
    return Verdict.COMPATIBLE


@dataclass(frozen=True, slots=True)
class Comparison:
    """The findings of the candidate against one older version, for one promise.

    `version` is the older version's number. For REPLAY_SAFE the candidate is the reader, for CONSUMERS_SAFE the writer.
    """

    version: int
    promise: Promise
    findings: tuple[Finding, ...] = ()

    @property
    def verdict(self) -> Verdict:
        return verdict_of(self.findings)


@dataclass(frozen=True, slots=True)
class Report:
    """Everything one check found: each version compared, newest first, each promise."""

    format: Format
    level: Level
    comparisons: tuple[Comparison, ...] = ()
    json_fields: JsonFields = JsonFields.OPEN
    """Which JSON fields counted: a verdict about JSON Schemas holds for such writers and readers alone."""

    @property
    def verdict(self) -> Verdict:
        """The worst of the comparisons' verdicts; compatible if there was nothing to compare; unchecked at NONE."""
        if self.level is Level.NONE:
            return Verdict.UNCHECKED
        return verdict_of(finding for comparison in self.comparisons for finding in comparison.findings)

    @property
    def passes(self) -> bool:
        """Whether nothing was found that refuses the candidate."""
        return self.verdict in (Verdict.COMPATIBLE, Verdict.UNCHECKED)

    @property
    def failing(self) -> tuple[Comparison, ...]:
        """The comparisons that are not compatible, newest version first."""
        return tuple(one for one in self.comparisons if one.verdict is not Verdict.COMPATIBLE)

    @property
    def rules(self) -> tuple[str, ...]:
        """Codes of the rules that fired, sorted."""
        return tuple(sorted({finding.rule for finding in self.findings}))

    @property
    def findings(self) -> tuple[Finding, ...]:
        return tuple(finding for comparison in self.comparisons for finding in comparison.findings)
