"""What the state is made of: frozen values, complete once built, replaced rather than changed."""

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from moorings_compat import Format, Reference
from moorings_registry.names import Subject
from moorings_registry.state.consumers import HeldReader


class MajorState(StrEnum):
    """The lifecycle state of a major."""

    DRAFT = "draft"
    """Checked like any other, and produced inside its domain alone."""
    ACTIVE = "active"
    DEPRECATED = "deprecated"
    RETIRED = "retired"


REPORTS_APART = 10**12
"""By how much the ids of reports of one entry differ: more than there will be entries, and exact in JSON for long."""


def report_id(position: int, place: int) -> int:
    """The id of a report: the position of its entry for the first check that an entry recorded, *place* 0."""
    return position + place * REPORTS_APART


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Definition:
    """One definition, whoever uses it: what a guid names."""

    guid: str
    format: Format
    text: str
    references: tuple[Reference, ...]
    metadata: Mapping[str, Any] | None
    rule_set: Mapping[str, Any] | None
    dialect: str = ""
    """The draft in which a JSON Schema is read whose `$schema` names a dialect of another party; empty: the default."""
    unreadable: str = ""
    """Why it is not a valid schema here, where it came from another registry and is kept as it was there."""


@dataclass(frozen=True, slots=True)
class Version:
    """A definition's place in a subject."""

    subject: Subject
    number: int
    id: int
    guid: str
    major: int
    revision: int
    group: str
    deleted: bool
    registered_at: str
    registered_by: str
    position: int
    """The ledger entry that registered it."""
    waiver: int = 0
    """The waiver that let it break the revisions before it; 0: none did."""
    report: int = 0
    """The id of the report of that check (`report_id`)."""

    @property
    def label(self) -> str:
        """The contract version that people speak of: ``2.1``."""
        return f"{self.major}.{self.revision}"


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """A major's state, the day after which nobody should rely on it, and what to use instead.

    The members are described at `facts.MajorLifecycleChanged`.
    """

    state: MajorState = MajorState.ACTIVE
    sunset: str = ""
    since: str = ""
    replacement: str = ""
    page: str = ""
    announced: str = ""
    """The latest sunset that was ever announced in this deprecation: none that follows is earlier."""


ACTIVE = Lifecycle()


@dataclass(frozen=True, slots=True)
class Migration:
    """How events of the major before are read as a major; the members are those of `facts.MajorMigrationChanged`."""

    steps: tuple[Mapping[str, Any], ...]
    reason: str


@dataclass(frozen=True, slots=True)
class SunsetReminder:
    """The last reminder of a sunset; the members are those of `facts.SunsetReminded`."""

    sunset: str
    days: int


@dataclass(frozen=True, slots=True, weakref_slot=True)
class SubjectState:
    """One subject: its versions by number (soft-deleted ones too), and the lives of its majors."""

    subject: Subject
    versions: tuple[Version, ...]
    """By number, ascending."""
    last_number: int
    """The highest number given since the subject began; it is never given twice."""
    revisions: Mapping[int, int]
    """The highest revision given in each major since the subject began; no label is given twice either."""
    lives: Mapping[int, Lifecycle] = field(default_factory=dict)
    migrations: Mapping[int, Migration] = field(default_factory=dict)
    """By the major that they lead to."""

    @property
    def active(self) -> tuple[Version, ...]:
        """The versions that are not deleted, oldest first."""
        return tuple(one for one in self.versions if not one.deleted)

    @property
    def latest(self) -> Version | None:
        """The active version with the highest number."""
        return next((one for one in reversed(self.versions) if not one.deleted), None)

    @property
    def majors(self) -> tuple[int, ...]:
        """Every major that has a version, deleted ones too, ascending."""
        return tuple(sorted({one.major for one in self.versions}))

    @property
    def newest_major(self) -> int:
        """The highest major that was ever opened, even if all its versions were deleted."""
        return max(self.revisions)

    @property
    def current_major(self) -> int:
        """The major that a registration goes into when it names none: the highest with an active version.

        A retired major, and a draft, only where there is no other.
        """
        active = {one.major for one in self.active}
        for closed in ((MajorState.RETIRED, MajorState.DRAFT), (MajorState.RETIRED,), ()):
            served = [one for one in active if self.life(one).state not in closed]
            if served:
                return max(served)
        return self.newest_major

    def life(self, major: int) -> Lifecycle:
        """The lifecycle of *major*; active where nothing else was recorded."""
        return self.lives.get(major, ACTIVE)

    def by_number(self, number: int) -> Version | None:
        """The version of that number, soft-deleted or not; None if there is none."""
        at = bisect_left(self.versions, number, key=_number)
        return self.versions[at] if at < len(self.versions) and self.versions[at].number == number else None

    def of_major(self, major: int) -> tuple[Version, ...]:
        """The active versions of *major*, oldest first."""
        return tuple(one for one in self.versions if one.major == major and not one.deleted)


@dataclass(frozen=True, slots=True)
class Departed:
    """What a subject's majors still answer for after versions were permanently deleted: stored events may be left."""

    versions: tuple[Version, ...]
    """The versions that are gone from every API and still count, by number."""
    last_number: int
    revisions: Mapping[int, int]
    lives: Mapping[int, Lifecycle]

    def begun_again(self, subject: Subject) -> SubjectState:
        """The subject without a version: its numbers, labels and lives go on where they were."""
        return SubjectState(subject, (), self.last_number, self.revisions, self.lives)


@dataclass(frozen=True, slots=True)
class HeldPolicy:
    """Majors opened before an entry stay held to what a policy said then."""

    position: int
    policy: Mapping[str, Any]


class WaiverKind(StrEnum):
    """What a waiver lets happen."""

    LEVEL = "level"
    """A policy or level below what is promised above it, for majors that are open, too."""
    IMPORT = "import"
    """Schemas that come with ids and versions of their own, unchecked."""
    PURGE = "purge"
    """Permanently deleted versions stop counting: no stored event of them is left."""
    RETIRE = "retire"
    """A major is retired early, brought back, or loses versions before it is retired."""
    FINDING = "finding"
    """One definition that breaks the revisions before it."""


@dataclass(frozen=True, slots=True)
class Waiver:
    """A rule of governance that two people suspended; its members are described at `facts.WaiverGranted`."""

    id: int
    """The position of the entry that granted it."""
    kind: WaiverKind
    domain: str
    subject: str
    major: int
    guid: str
    reason: str
    requested_by: str
    approved_by: str
    until: str
    granted_at: str
    granted_by: str
    withdrawn_at: str = ""
    uses: tuple[int, ...] = ()
    """The positions of the entries that it allowed, oldest first."""

    @property
    def is_pending(self) -> bool:
        """Whether it was requested, and nobody has approved it."""
        return not self.approved_by and not self.withdrawn_at

    def is_open(self, now: str) -> bool:
        """Whether it holds at *now*, a moment as entries have them. One of kind ``finding`` is used once."""
        if self.withdrawn_at or not self.approved_by or (self.kind is WaiverKind.FINDING and self.uses):
            return False
        return not self.until or now < self.until


def _number(version: Version) -> int:
    return version.number


STRONG = "STRONG"
WEAK = "WEAK"


@dataclass(frozen=True, slots=True)
class Association:
    """A resource, such as a topic, and the subject that describes its keys or its values."""

    subject: Subject
    guid: str
    resource_name: str
    resource_namespace: str
    resource_id: str
    resource_type: str
    association_type: str
    lifecycle: str
    """`STRONG`: the subject belongs to the resource alone; `WEAK`: it is independent."""
    frozen: bool
    created_at: str
    changed_at: str

    @property
    def key(self) -> tuple[str, str, str]:
        """What there is at most one association for."""
        return (self.resource_id, self.resource_type, self.association_type)


@dataclass(frozen=True, slots=True)
class Exporter:
    """What is kept in step with another registry; `facts.ExporterCreated` describes its members."""

    name: str
    context_type: str
    context: str
    subjects: tuple[str, ...]
    rename_format: str
    config: Mapping[str, str]
    paused: bool
    begun: int
    """The entry that created, changed or reset it last: what is known of an earlier run is void."""
    advanced: int
    """The target is known to be in step up to this position."""

    @property
    def url(self) -> str:
        return self.config["schema.registry.url"]

    @property
    def authority(self) -> str:
        """The name of the certificate authority of the target; empty: those of the machine."""
        return self.config.get("moorings.ssl.ca", "")


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Domain:
    """A producing domain and its accountable owner."""

    name: str
    owner: str
    contacts: tuple[str, ...]
    description: str
    policy: Mapping[str, Any]
    registered_at: str
    changed_at: str
    offer: "OwnerOffer | None" = None
    """To whom it is offered; None: to nobody."""
    owners: "tuple[PastOwner, ...]" = ()
    """Who owned it before, oldest first."""


@dataclass(frozen=True, slots=True)
class OwnerOffer:
    """A domain is offered to another owner; its members are described at `facts.OwnerTransferOffered`."""

    owner: str
    receiver: str
    offered_by: str
    offered_at: str


@dataclass(frozen=True, slots=True)
class PastOwner:
    """An owner that a domain had, until when, and who ended that."""

    owner: str
    until: str
    changed_by: str


@dataclass(frozen=True, slots=True)
class Grant:
    """What some callers may do; its members are described at `facts.AccessGranted`."""

    id: int
    """The position of the entry that granted it."""
    issuer: str
    principal: str
    claims: Mapping[str, str]
    group: str
    verbs: tuple[str, ...]
    node: str
    expires: str
    because: str
    granted_by: str
    granted_at: str


@dataclass(frozen=True, slots=True)
class Review:
    """What somebody said about a check; its members are described at `facts.CheckReviewed`."""

    subject: Subject
    comment: str
    assignee: str | None
    handled: bool | None
    by: str
    at: str
    position: int


@dataclass(frozen=True, slots=True)
class CheckRecord:
    """What the ledger remembers of one check; the report itself is derived again from it."""

    id: int
    """What `report_id` makes of its entry, and of its place among the checks of that."""
    subject: Subject
    guid: str
    major: int
    number: int | None
    """The version that it became; None where it was refused."""
    level: str
    verdict: str
    rules: tuple[str, ...]
    against: tuple[Version, ...]
    """The versions that it was compared with as they were then, newest first."""
    policy: Mapping[str, Any]
    """How findings were weighed, where it departs from the default."""
    at: str
    by: str
    waiver: int = 0
    """The waiver under which it was accepted nevertheless; 0: none."""
    held: tuple[HeldReader, ...] = ()
    """Who reads what it would have removed or broken."""

    @property
    def position(self) -> int:
        """The entry that recorded it."""
        return self.id % REPORTS_APART

    @property
    def accepted(self) -> bool:
        return self.number is not None

    @property
    def compared(self) -> tuple[int, ...]:
        """The numbers of the versions that it was compared with, newest first."""
        return tuple(one.number for one in self.against)
