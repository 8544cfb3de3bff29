"""What an assessment found, as values: bounded, and without a parsed schema in them."""

from dataclasses import dataclass
from enum import StrEnum

from moorings_compat import Level, Promise, Severity, Verdict


@dataclass(frozen=True, slots=True)
class ShownPayload:
    """A payload that shows a change, and what the reader's engine answered to it."""

    payload: str
    """As JSON text, cut where it is very long."""
    written_by: int
    """The version whose schema allows it."""
    read_by: int
    engine: str
    error: str


@dataclass(frozen=True, slots=True)
class FoundChange:
    """One change between revisions that breaks something, or of which that could not be decided."""

    sentence: str
    """What was done: ```points`: int -> string``."""
    severity: Severity
    rules: tuple[str, ...]
    findings: tuple[str, ...]
    """What is wrong, a sentence each."""
    paths: tuple[str, ...]
    """Dotted paths of the fields that it is about."""
    payloads: tuple[ShownPayload, ...]
    """Up to one for each promise."""


@dataclass(frozen=True, slots=True)
class Failing:
    """What a revision breaks, under one level."""

    level: Level
    breaking: tuple[int, ...] = ()
    """Older versions that a payload shows it to break, newest first."""
    undecided: tuple[int, ...] = ()
    """Older versions for which that could be neither shown nor excluded."""
    promises: tuple[Promise, ...] = ()

    @property
    def verdict(self) -> Verdict:
        if self.breaking:
            return Verdict.BREAKING
        return Verdict.UNDECIDED if self.undecided else Verdict.COMPATIBLE

    @property
    def fails(self) -> bool:
        return bool(self.breaking or self.undecided)


@dataclass(frozen=True, slots=True)
class FailingRevision:
    """A revision that breaks earlier ones, or may."""

    version: int
    configured: Failing
    """Under the level that the other registry has configured for the subject."""
    owned: Failing
    """Under what an owned domain keeps: FULL_TRANSITIVE in a major."""
    changes: tuple[FoundChange, ...]
    changes_hidden: int = 0

    @property
    def verdict(self) -> Verdict:
        return Verdict.BREAKING if self.configured.breaking or self.owned.breaking else Verdict.UNDECIDED

    @property
    def against(self) -> tuple[int, ...]:
        """Every older version that it fails against, newest first."""
        of_both = (self.configured, self.owned)
        return tuple(sorted({one for failing in of_both for one in (*failing.breaking, *failing.undecided)})[::-1])


class MajorReason(StrEnum):
    """Why a major begins."""

    FIRST = "first"
    BREAKS = "breaks"
    UNDECIDED = "undecided"
    GROUP = "group"
    """The other registry says so: the version has another compatibility group than those before it."""


@dataclass(frozen=True, slots=True)
class SuggestedMajor:
    """A run of revisions that keep an owned domain's promise to each other."""

    number: int
    versions: tuple[int, ...]
    """Numbers of the other registry, ascending."""
    because: MajorReason
    against: tuple[int, ...] = ()
    """The versions that its first one does not agree with."""


@dataclass(frozen=True, slots=True)
class AssessedSubject:
    """The history of one subject."""

    subject: str
    format: str
    versions: tuple[int, ...]
    deleted: tuple[int, ...]
    """Soft-deleted ones among them; they count in an owned domain, since stored events outlive a delete."""
    unreadable: tuple[int, ...]
    """Those that are not valid schemas here; compared with nothing."""
    level: Level
    """What the other registry has configured."""
    failing: tuple[FailingRevision, ...]
    majors: tuple[SuggestedMajor, ...]
    compared_in_part: bool = False
    """Whether a major was so long that its revisions were compared with the newest ones and the first alone."""

    @property
    def let_through(self) -> tuple[FailingRevision, ...]:
        """Revisions that the configured level should have refused."""
        return tuple(one for one in self.failing if one.configured.breaking)

    @property
    def breaking(self) -> tuple[FailingRevision, ...]:
        return tuple(one for one in self.failing if one.verdict is Verdict.BREAKING)

    @property
    def undecided(self) -> tuple[FailingRevision, ...]:
        return tuple(one for one in self.failing if one.verdict is Verdict.UNDECIDED)


@dataclass(frozen=True, slots=True)
class SuggestedDomain:
    """A name that subjects without an owner could be events of."""

    name: str
    subjects: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DoubtfulName:
    """A name that is not one of a fact in the past tense, or not for certain."""

    subject: str
    name: str
    """The type's, where the schema names one; else the subject's own."""
    certain: bool
    sentence: str
    suggestion: str = ""


@dataclass(frozen=True, slots=True)
class Ownership:
    """Who owns what, as far as the other registry says."""

    owned: int
    """Subjects with an owner in their metadata."""
    unowned: tuple[str, ...]
    domains: tuple[SuggestedDomain, ...]
    """For those without an owner, by the beginnings of their names; the largest first."""


@dataclass(frozen=True, slots=True)
class Unused:
    """What nobody may need any more. Who reads an event, no registry of schemas knows."""

    unreferenced: tuple[str, ...]
    """Subjects that no schema refers to and that do not have the name of a topic."""
    deleted: tuple[str, ...]
    """Subjects of which every version is soft-deleted."""
    duplicates: tuple[tuple[str, ...], ...]
    """Subjects whose newest schema is the same."""


@dataclass(frozen=True, slots=True)
class TakenOver:
    """What an import would bring along, and what not."""

    versions: int
    ids: int
    guids: int
    """Schemas whose guid of the other registry keeps resolving here."""
    settings: int
    modes: int
    keys: int
    """Encryption keys: KEKs, and the wrapped keys of subjects."""
    contexts: tuple[str, ...]
    unreadable: tuple[str, ...]
    """Kept as they are, although they are not valid schemas here; each with the reason."""
    unresolved: tuple[str, ...]
    """References that lead nowhere, and circles of references."""
    refused: tuple[str, ...]
    """What cannot be stored here, each with the reason: rules, settings, modes, kinds of schemas."""
    left_out: tuple[str, ...]
    """What the other registry has and an import does not ask for."""


@dataclass(frozen=True, slots=True)
class AssessedRegistry:
    """All that is said about another registry."""

    source: str
    subjects: tuple[AssessedSubject, ...]
    ownership: Ownership
    names: tuple[DoubtfulName, ...]
    unused: Unused
    taken_over: TakenOver
    incomplete: tuple[str, ...] = ()
    """What could not be read or was not assessed; empty where all of it was."""

    @property
    def versions(self) -> int:
        return sum(len(one.versions) for one in self.subjects)

    @property
    def compared(self) -> int:
        """Revisions that were compared with an earlier one."""
        return sum(max(0, len(one.versions) - len(one.unreadable) - 1) for one in self.subjects)

    @property
    def deleted(self) -> int:
        return sum(len(one.deleted) for one in self.subjects)
