"""`State`: all that is true of the registry at one position of the ledger, as an immutable value.

Nothing is looked up outside it, and whoever holds one sees a consistent whole for as long as they like: applying an
entry yields another `State` that shares what did not change.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from operator import attrgetter
from typing import Any, TypeVar

from immutables import Map

from moorings_compat import Reference
from moorings_registry.entries import GENESIS
from moorings_registry.names import DEFAULT_CONTEXT, Subject
from moorings_registry.state.checks import Checks
from moorings_registry.state.consumers import Consumer, DeclaredRead, Deployment, HeldReader, Holders
from moorings_registry.state.declarations import Declaration
from moorings_registry.state.keys import Dek, DekPlace, Kek, KekPlace
from moorings_registry.state.values import (
    REPORTS_APART,
    Association,
    CheckRecord,
    Definition,
    Departed,
    Domain,
    Exporter,
    Grant,
    HeldPolicy,
    Review,
    SubjectState,
    SunsetReminder,
    Version,
    Waiver,
)
from moorings_registry.state.webhooks import Webhook

K = TypeVar("K")
V = TypeVar("V")

Place = tuple[Subject, int]
"""A subject and a version number."""
Scoped = tuple[str, int]
"""A context and an id."""
Topic = tuple[str, str]
"""A context and the name of a topic."""

RefusalKey = tuple[Subject, str, int, str, tuple[tuple[str, Any], ...], tuple[int, ...], tuple[HeldReader, ...]]
"""What `refusal_key` makes of a refusal."""


@dataclass(frozen=True, slots=True)
class Keyed:
    """What an idempotency key stood for: the request's digest and the entry that answered it."""

    request: str
    position: int


@dataclass(frozen=True, slots=True)
class State:
    """The fold of every entry up to `position`."""

    position: int = 0
    digest: str = GENESIS
    domains: Map[str, Domain] = field(default_factory=Map)
    declarations: Map[Subject, Declaration] = field(default_factory=Map)
    """What events are besides their schemas, as they were declared; before their first version, too."""
    topics: Map[Topic, tuple[Subject, ...]] = field(default_factory=Map)
    """A topic to the events that are bound to it, sorted."""
    subjects: Map[Subject, SubjectState] = field(default_factory=Map)
    definitions: Map[str, Definition] = field(default_factory=Map)
    """By guid; also those that were refused."""
    aliases: Map[str, str] = field(default_factory=Map)
    """The guid that another registry has for a definition, to ours."""
    known_as: Map[str, tuple[str, ...]] = field(default_factory=Map)
    """Our guid to those of other registries, in the order in which they came."""
    ids: Map[Scoped, str] = field(default_factory=Map)
    """(context, id) to guid. An id stays taken for ever."""
    id_of: Map[tuple[str, str], int] = field(default_factory=Map)
    """(context, guid) to id."""
    last_id: Map[str, int] = field(default_factory=Map)
    uses: Map[tuple[str, str], tuple[Place, ...]] = field(default_factory=Map)
    """(context, guid) to the versions that use it, soft-deleted ones too; absent when none is left."""
    referrers: Map[Place, tuple[Place, ...]] = field(default_factory=Map)
    """A version to the versions that refer to it, soft-deleted ones too."""
    departed: Map[Subject, Departed] = field(default_factory=Map)
    """Versions that were permanently deleted from a registered domain and still count."""
    waivers: Map[int, Waiver] = field(default_factory=Map)
    """By id, those that ended too."""
    waived_policies: Map[str, int] = field(default_factory=Map)
    """A scope as `facts.MajorsHeld` has it, to the waiver under which it asks for less than what is above it."""
    held_policies: Map[str, tuple[HeldPolicy, ...]] = field(default_factory=Map)
    """A scope as `facts.MajorsHeld` has it, to what its earlier majors stay held to, oldest first."""
    consumers: Map[str, Consumer] = field(default_factory=Map)
    """By the name of the application."""
    readers: Map[Subject, tuple[str, ...]] = field(default_factory=Map)
    """An event to the applications that declare to read it, in the order of their first declarations."""
    deployments: Map[tuple[str, str], Deployment] = field(default_factory=Map)
    """(application, environment) to what runs there."""
    holders: Map[str, Holders] = field(default_factory=Map)
    """By the name of the application; absent for what was recorded before callers signed in."""
    reminders: Map[tuple[Subject, int], SunsetReminder] = field(default_factory=Map)
    """By event and major."""
    configs: Map[str, Mapping[str, Any]] = field(default_factory=Map)
    modes: Map[str, str] = field(default_factory=Map)
    resources: Map[str, tuple[Association, ...]] = field(default_factory=Map)
    """The name of a resource to its associations, and those of others of that name."""
    named: Map[str, tuple[str, ...]] = field(default_factory=Map)
    """The id of a resource to the names under which `resources` has its associations."""
    leading: Map[Subject, tuple[str, ...]] = field(default_factory=Map)
    """A subject to the names in `resources` under which associations lead to it."""
    exporters: Map[str, Exporter] = field(default_factory=Map)
    webhooks: Map[int, Webhook] = field(default_factory=Map)
    """By id, those that have not ended."""
    keks: Map[KekPlace, Kek] = field(default_factory=Map)
    """Key encryption keys, soft-deleted ones too."""
    deks: Map[DekPlace, tuple[Dek, ...]] = field(default_factory=Map)
    """The data encryption keys that a KEK wraps for a subject, soft-deleted ones too, by algorithm and version."""
    grants: Map[int, Grant] = field(default_factory=Map)
    """By id: what was granted and not revoked, expired ones too."""
    issuers: Map[str, str] = field(default_factory=Map)
    """The aliases of the issuers of tokens that are trusted, to their kinds."""
    issuers_digest: str = ""
    """The digest of the issuers file; empty without one."""
    checks: Checks = field(default_factory=Checks)
    """Every check that left a trace, oldest first."""
    refused: Map[RefusalKey, int] = field(default_factory=Map)
    """What `refusal_key` makes of a refusal, to the entry that recorded it."""
    purged: int = 0
    """The entry that last permanently deleted versions: since then, a subject and a number mean one definition."""
    reviews: Map[str, tuple[Review, ...]] = field(default_factory=Map)
    """What `facts.CheckReviewed.about` names, to what was said about it, oldest first."""
    keys: Map[str, Keyed] = field(default_factory=Map)
    key_order: Map[int, str] = field(default_factory=Map)
    keys_seen: int = 0
    keys_kept: int = 65_536
    """Idempotency keys remembered; a retry comes within minutes, and this many writes do not."""

    def changed(self, changes: Mapping[str, Any]) -> "State":
        """This state with other values of some members: what `replace` makes, in a third of its time."""
        if type(self) is not State:
            return replace(self, **changes)
        made = object.__new__(State)
        for slot, value in zip(_SLOTS, _members(self), strict=True):
            slot.__set__(made, value)
        for name, value in changes.items():
            object.__setattr__(made, name, value)
        return made

    def subject(self, subject: Subject) -> SubjectState | None:
        """What is held of *subject*, soft-deleted versions included; None if it never had one, or lost all for ever."""
        return self.subjects.get(subject)

    def version_at(self, place: Place) -> Version | None:
        """The version at *place*, soft-deleted or not; None if it is unknown or permanently deleted."""
        state = self.subjects.get(place[0])
        return state.by_number(place[1]) if state else None

    def history(self, subject: Subject) -> SubjectState | None:
        """The subject, or what goes on from one that was removed from a registered domain, which has no versions."""
        held, gone = self.subjects.get(subject), self.departed.get(subject)
        return held or (gone.begun_again(subject) if gone else None)

    def accepted(self, subject: Subject, major: int) -> tuple[Version, ...]:
        """Every revision that *major* ever accepted and still answers for, deleted ones too, by number.

        A revision that broke those before it under a waiver begins the major's history again.
        """
        held, gone = self.subjects.get(subject), self.departed.get(subject)
        both = [*(held.versions if held else ()), *(gone.versions if gone else ())]
        of_major = sorted((one for one in both if one.major == major), key=lambda one: one.number)
        waived = max((at for at, one in enumerate(of_major) if one.waiver), default=0)
        return tuple(of_major[waived:])

    def opened_at(self, subject: Subject, major: int) -> int | None:
        """The position of the entry that opened *major*; None where nobody has yet."""
        held, gone = self.subjects.get(subject), self.departed.get(subject)
        both = [*(held.versions if held else ()), *(gone.versions if gone else ())]
        return min((one.position for one in both if one.major == major), default=None)

    def check_at(self, report: int) -> CheckRecord | None:
        """The check whose report has the id *report*, if there is one."""
        first = self.checks.first_of(report % REPORTS_APART)
        at = first + report // REPORTS_APART
        return self.checks[at] if at < len(self.checks) and self.checks[at].id == report else None

    def checks_of(self, position: int) -> list[CheckRecord]:
        """The checks that the entry at *position* recorded, in its order."""
        first = self.checks.first_of(position)
        after = self.checks.first_of(position + 1)
        return self.checks[first:after]

    def consumers_of(self, subject: Subject, major: int) -> list[tuple[Consumer, DeclaredRead]]:
        """Those who declare to read *major* of an event, and what of it."""
        known = (self.consumers[name] for name in self.readers.get(subject, ()))
        return [(one, read) for one in known if (read := one.of(subject, major)) is not None]

    def guid_of_id(self, id: int, context: str = DEFAULT_CONTEXT) -> str | None:
        """The guid that *id* names, while any version, soft-deleted or not, still uses it."""
        guid = self.ids.get((context, id))
        return guid if guid is not None and (context, guid) in self.uses else None

    def own_guid(self, guid: str) -> str:
        """What *guid* is called here: ours for an alias, and every other one itself.

        A definition of ours comes first: aliases are what other registries said of themselves, and one could have named
        the guid of a text that was not registered yet.
        """
        return guid if guid in self.definitions else self.aliases.get(guid, guid)

    def places_of(self, guid: str, context: str = DEFAULT_CONTEXT) -> tuple[Place, ...]:
        """The versions of *context* that use *guid*, soft-deleted ones too; empty if none does."""
        return self.uses.get((context, guid), ())

    def is_live(self, guid: str) -> bool:
        """Whether any version in any context still uses *guid*."""
        return any((context, guid) in self.uses for context in self.contexts())

    def contexts(self) -> list[str]:
        """Every context that has ids, and the default one, sorted."""
        return sorted({DEFAULT_CONTEXT, *self.last_id})

    def active_subjects(self) -> Iterator[SubjectState]:
        """Yield the subjects with at least one active version, in no order."""
        return (one for one in self.subjects.values() if one.latest is not None)

    def active_names(self) -> Iterator[Subject]:
        """Yield the names of `active_subjects`: without reading each subject, where a base has them."""
        return _keys(self.subjects, is_dormant, holds=False)

    def dormant_names(self) -> Iterator[Subject]:
        """Yield the names of the other subjects, found in the same way."""
        return _keys(self.subjects, is_dormant, holds=True)

    def led_subjects(self) -> Iterator[SubjectState]:
        """Yield the subjects with a major whose life was ever changed: few of them, found as `active_names` are."""
        return (self.subjects[one] for one in _keys(self.subjects, has_lives, holds=True))

    def associations_of_resource(self, resource_id: str) -> list[Association]:
        """The associations of one resource."""
        names = self.named.get(resource_id, ())
        return [one for name in names for one in self.resources[name] if one.resource_id == resource_id]

    def associations_of_subject(self, subject: Subject) -> list[Association]:
        """The associations that lead to *subject*."""
        names = self.leading.get(subject, ())
        return [one for name in names for one in self.resources[name] if one.subject == subject]

    def resolve(self, reference: Reference, context: str = DEFAULT_CONTEXT) -> Version | None:
        """The version that *reference* leads to, soft-deleted or not; -1 means the latest active one."""
        subject = Subject.parse(reference.subject, context=context)
        state = self.subjects.get(subject)
        if state is None:
            return None
        return state.latest if reference.version == -1 else state.by_number(reference.version)


_MEMBERS = tuple(one.name for one in fields(State))
_SLOTS = tuple(getattr(State, name) for name in _MEMBERS)
_members = attrgetter(*_MEMBERS)


def is_dormant(held: SubjectState) -> bool:
    """Whether a subject has no active version."""
    return held.latest is None


def has_lives(held: SubjectState) -> bool:
    """Whether the life of any major of a subject was ever changed."""
    return bool(held.lives)


def _keys(of: Mapping[K, V], asked: Callable[[V], bool], *, holds: bool) -> Iterator[K]:
    """Yield the keys whose values *asked* holds for, or does not hold for; a map that knows them yields them itself."""
    known = getattr(of, "keys_where", None)
    if known is not None:
        yield from known(asked, holds=holds)
    else:
        yield from (key for key, value in of.items() if asked(value) is holds)
