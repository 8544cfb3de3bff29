"""A state as callers of one view see it: as if the registry had never held anything else.

Nothing is copied: what is hidden is left out where it is looked for, so a view of a new state costs nothing until it is
asked. A hidden version that a readable one refers to is readable nevertheless, since nobody can use the one without the
other; no other version of its subject is.
"""

from collections.abc import Callable, Container, ItemsView, Iterator, Mapping, ValuesView
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from immutables import Map

from moorings_registry.access.views import View
from moorings_registry.errors import TopicAmbiguous
from moorings_registry.names import LAST_SCOPE, Scope, Subject
from moorings_registry.state import (
    Association,
    CheckRecord,
    Consumer,
    Holders,
    Kek,
    KekPlace,
    Place,
    State,
    SubjectState,
    Waiver,
)
from moorings_registry.state.checks import Checks
from moorings_registry.topics import named_by_topic

K = TypeVar("K")
V = TypeVar("V")

_DOMAIN_SCOPE = "domain:"
LATEST = -1
"""The number of a reference that leads to the latest version."""
SHOWN_WHOLE = (
    "position", "digest", "exporters", "grants", "issuers", "issuers_digest", "refused", "purged", "keys", "key_order",
    "keys_seen", "keys_kept", "webhooks",
)  # fmt: skip
"""What a view does not filter: routes show it to those alone who may operate, govern or audit, or not at all."""
_BASES = frozenset(("subjects", "configs", "resources"))
"""Maps whose values a view shows or hides by their keys, or by themselves, alone."""


class VisibleMap(Mapping[K, V]):
    """A map without what *show* hides: it returns None for that, and else the value as it may be seen."""

    __slots__ = ("_all", "_show")

    def __init__(self, everything: "Map[K, V]", show: Callable[[K, V], V | None]) -> None:
        self._all = everything
        self._show = show

    def __getitem__(self, key: K) -> V:
        shown = self._show(key, self._all[key])
        if shown is None:
            raise KeyError(key)
        return shown

    def get(self, key: K, default: Any = None) -> Any:
        value = self._all.get(key)
        shown = None if value is None else self._show(key, value)
        return default if shown is None else shown

    def __contains__(self, key: object) -> bool:
        return self.get(key) is not None  # type: ignore[arg-type]  # any key may be asked for

    def __iter__(self) -> Iterator[K]:
        return (key for key, value in self._all.items() if self._show(key, value) is not None)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def items(self) -> ItemsView[K, V]:
        return dict(self._shown()).items()

    def values(self) -> ValuesView[V]:
        return dict(self._shown()).values()

    def mutate(self) -> Any:
        """Begin to change a copy of what is shown: for simulations."""
        return Map(self._shown()).mutate()

    def _shown(self) -> list[tuple[K, V]]:
        shown = ((key, self._show(key, value)) for key, value in self._all.items())
        return [(key, value) for key, value in shown if value is not None]


@dataclass(frozen=True, slots=True)
class VisibleState(State):
    """A state without what a view hides."""

    rules: "_Rules | None" = field(default=None, compare=False)

    def check_at(self, position: int) -> CheckRecord | None:
        if self.rules is None:
            return State.check_at(self, position)
        record = self.rules.whole.check_at(position)
        return record if record is not None and self.rules.view.reads(record.subject) else None

    def contexts(self) -> list[str]:
        # Where to look, which is asked often; what is found there is shown or hidden by itself.
        return self.rules.whole.contexts() if self.rules is not None else State.contexts(self)

    def whole_map(self, name: str) -> Any:
        """The map *name* of the state as a whole."""
        assert self.rules is not None
        return getattr(self.rules.whole, name)

    def basis(self, name: str, key: Any) -> tuple[bool, Any]:
        """Whether an answer from the value under *key* of the map *name* depends on that of the whole state, and that.

        It does not where the value is readable only because something else refers to it.
        """
        assert self.rules is not None
        value = getattr(self.rules.whole, name).get(key)
        if name == "subjects":
            return self.rules.view.reads(key), value
        if name == "uses":
            return value is None or any(self.rules.view.reads(subject) for subject, _ in value), value
        return name in _BASES, value


def visible(state: State, view: View) -> State:
    """*state* as callers of *view* see it."""
    if view.is_whole:
        return state
    last = view.last
    if isinstance(last, VisibleState) and last.rules is not None and last.rules.whole is state:
        return last
    made = _make(state, view)
    view.last = made
    return made


def may_read(state: State, subject: Subject) -> bool:
    """Whether those who see *state* may read *subject* itself, and not only what something readable refers to."""
    return not isinstance(state, VisibleState) or state.rules is None or state.rules.view.reads(subject)


def whole_of(state: State) -> State:
    """All of the state that *state* is a view of: for an index that filters what it finds."""
    return state if not isinstance(state, VisibleState) or state.rules is None else state.rules.whole


def _make(state: State, view: View) -> VisibleState:
    rules = _Rules(state, view)
    shown: dict[str, Any] = {name: VisibleMap(getattr(state, name), show) for name, show in rules.table().items()}
    kept = {name: getattr(state, name) for name in SHOWN_WHOLE}
    return VisibleState(**shown, **kept, checks=VisibleChecks(state, view), rules=rules)


class VisibleChecks(Checks):
    """The checks of readable subjects, selected when they are first asked for."""

    __slots__ = ("_selected", "_state", "_view")

    def __init__(self, state: State, view: View) -> None:
        self._state = state
        self._view = view
        self._selected: Checks | None = None

    def _checks(self) -> Checks:
        if self._selected is None:
            self._selected = self._state.checks.about(self._view.reads)
        return self._selected

    def and_then(self, item: CheckRecord) -> Checks:  # type: ignore[override]  # a simulation, which nobody else sees
        return self._checks().and_then(item)

    def first_of(self, position: int) -> int:
        return self._checks().first_of(position)

    def unusual(self) -> Iterator[CheckRecord]:
        return self._checks().unusual()

    def with_guid(self, guid: str) -> Iterator[CheckRecord]:
        return self._checks().with_guid(guid)

    def of_subject(self, subject: Subject) -> Checks:
        return self._checks().of_subject(subject)

    def about(self, wanted: Callable[[Subject], bool]) -> Checks:
        return self._checks().about(wanted)

    def guids_about(self, wanted: Callable[[Subject], bool]) -> Container[str]:
        return self._checks().guids_about(wanted)

    def __len__(self) -> int:
        return len(self._checks())

    def __getitem__(self, index: Any) -> Any:
        return self._checks()[index]

    def __iter__(self) -> Iterator[CheckRecord]:
        return iter(self._checks())

    def __reversed__(self) -> Iterator[CheckRecord]:
        return reversed(self._checks())


class _Rules:
    """For each map of a state, what a view shows of it."""

    def __init__(self, whole: State, view: View) -> None:
        self.whole = whole
        self.view = view
        self._places: dict[Place, bool] = {}
        self._else_defined: tuple[Container[str], frozenset[str]] | None = None
        self._wrapping: frozenset[KekPlace] | None = None

    def table(self) -> dict[str, Callable[[Any, Any], Any]]:
        """By the name of the map: what its entry is shown as, None where it is hidden."""
        return {
            "domains": self._domain,
            "subjects": self._subject,
            "declarations": lambda subject, declared: declared if self.view.reads(subject) else None,
            "topics": lambda _topic, events: tuple(one for one in events if self.view.reads(one)) or None,
            "consumers": self._consumer,
            "readers": lambda subject, readers: readers if self.view.reads(subject) else None,
            "deployments": lambda of, running: (
                running if of[0] in self.whole.consumers and self._reads_for(of[0]) else None
            ),
            "holders": self._holders,
            "reminders": lambda of, reminder: reminder if self.view.reads(of[0]) else None,
            "definitions": self._definition,
            "aliases": lambda _alias, guid: guid if self._is_defined(guid) else None,
            "known_as": lambda guid, aliases: aliases if self._is_defined(guid) else None,
            "ids": lambda scoped, guid: guid if self._is_used((scoped[0], guid)) else None,
            "id_of": lambda key, number: number if self._is_used(key) else None,
            "last_id": self._last_id,
            "uses": lambda _key, places: self._seen(places),
            "referrers": lambda place, places: self._seen(places) if self._is_readable(place) else None,
            "departed": lambda subject, gone: gone if self.view.reads(subject) else None,
            "waivers": self._waiver,
            "waived_policies": lambda scope, waiver: waiver if self._governs(scope) else None,
            "held_policies": lambda scope, held: held if self._governs(scope) else None,
            "configs": lambda key, settings: settings if self._is_set_for(key) else None,
            "modes": lambda key, mode: mode if self._is_set_for(key) else None,
            "resources": lambda _name, listed: self._associations(listed) or None,
            "named": self._named,
            "reviews": lambda _about, said: said if self.view.reads(said[0].subject) else None,
            "keks": self._kek,
            "deks": lambda place, deks: deks if self._reads_keys_of(place[2]) else None,
            "leading": lambda subject, names: names if self.view.reads(subject) else None,
        }

    def _domain(self, name: str, domain: Any) -> Any:
        return domain if self.view.sees_domain(name) else None

    def _consumer(self, _name: str, consumer: Consumer) -> Consumer | None:
        """A consumer with what it reads of what is readable; hidden where nothing is."""
        reads = tuple(one for one in consumer.reads if self.view.reads(one.event))
        return replace(consumer, reads=reads) if reads else None

    def _holders(self, application: str, held: Holders) -> Holders | None:
        """Who holds an application that is seen, with those of its domains that are."""
        if application not in self.whole.consumers or not self._reads_for(application):
            return None
        return replace(held, domains=tuple(one for one in held.domains if self.view.sees_domain(one)))

    def _reads_for(self, application: str) -> bool:
        return any(self.view.reads(one.event) for one in self.whole.consumers[application].reads)

    def _subject(self, subject: Subject, held: SubjectState) -> SubjectState | None:
        if self.view.reads(subject):
            return held
        versions = tuple(one for one in held.versions if self._is_readable((subject, one.number)))
        if not versions:
            return None
        majors = {one.major for one in versions}
        revisions = {major: max(one.revision for one in versions if one.major == major) for major in majors}
        lives = {major: life for major, life in held.lives.items() if major in majors}
        migrations = {major: one for major, one in held.migrations.items() if major in majors}
        return SubjectState(subject, versions, versions[-1].number, revisions, lives, migrations)

    def _is_readable(self, place: Place) -> bool:
        """Whether a version may be read: its subject may, or something readable refers to it."""
        if self.view.reads(place[0]):
            return True
        known = self._places.get(place)
        if known is None:
            self._places[place] = False  # schemas do not refer to one another in a circle; a broken ledger might
            known = self._places[place] = any(self._is_readable(one) for one in self._referrers(place))
        return known

    def _referrers(self, place: Place) -> tuple[Place, ...]:
        referrers = self.whole.referrers
        named = referrers.get(place, ())
        held = self.whole.subject(place[0])
        if held is not None and held.latest is not None and held.latest.number == place[1]:
            named = (*named, *referrers.get((place[0], LATEST), ()))
        return named

    def _seen(self, places: tuple[Place, ...]) -> tuple[Place, ...] | None:
        left = tuple(one for one in places if self._is_readable(one))
        return (places if len(left) == len(places) else left) or None

    def _is_used(self, key: tuple[str, str]) -> bool:
        return any(self._is_readable(one) for one in self.whole.uses.get(key, ()))

    def _definition(self, guid: str, definition: Any) -> Any:
        return definition if self._is_defined(guid) else None

    def _is_defined(self, guid: str) -> bool:
        return any(self._is_used((context, guid)) for context in self.whole.contexts()) or self._is_defined_elsewhere(
            guid
        )

    def _is_defined_elsewhere(self, guid: str) -> bool:
        """Whether a readable subject refused it, or has no version of it any more."""
        if self._else_defined is None:
            gone = (
                one.guid
                for subject, departed in self.whole.departed.items()
                if self.view.reads(subject)
                for one in departed.versions
            )
            self._else_defined = self.whole.checks.guids_about(self.view.reads), frozenset(gone)
        return any(guid in found for found in self._else_defined)

    def _last_id(self, context: str, _highest: int) -> int | None:
        used = (id for (where, id), guid in self.whole.ids.items() if where == context and self._is_used((where, guid)))
        return max(used, default=None)

    def _waiver(self, _id: int, waiver: Waiver) -> Waiver | None:
        if not self.view.sees_domain(waiver.domain):
            return None
        return waiver if not waiver.subject or self.view.reads(Subject.parse(waiver.subject)) else None

    def _kek(self, place: KekPlace, kek: Kek) -> Kek | None:
        """A KEK by its own name; and one that wraps readable keys, which nobody can use without it."""
        if self.view.reads(Subject(kek.name, kek.context)):
            return kek
        if self._wrapping is None:
            deks = self.whole.deks
            self._wrapping = frozenset((one[0], one[1]) for one in deks if self._reads_keys_of(one[2]))
        return kek if place in self._wrapping else None

    def _reads_keys_of(self, subject: Subject) -> bool:
        """Whether the keys stored under a name are readable: by it, or by the event that it leads to."""
        if self.view.reads(subject):
            return True
        try:
            return self.view.reads(named_by_topic(self.whole, subject))
        except TopicAmbiguous:
            return False

    def _governs(self, scope: str) -> bool:
        """Whether a policy set for *scope*, as `facts.MajorsHeld` has it, is one that readable names are held to."""
        if scope.startswith(_DOMAIN_SCOPE):
            return self.view.sees_domain(scope.removeprefix(_DOMAIN_SCOPE))
        return self.view.reads(Subject.parse(scope))

    def _is_set_for(self, key: str) -> bool:
        """Whether settings of a scope hold for something readable."""
        scope = Scope.of_key(key)
        if scope.subject is not None:
            return self.view.reads(scope.subject)
        return not key or scope == LAST_SCOPE or self.view.touches(scope.context)

    def _associations(self, listed: tuple[Association, ...]) -> tuple[Association, ...]:
        left = tuple(one for one in listed if self.view.reads(one.subject))
        return listed if len(left) == len(listed) else left

    def _named(self, id: str, names: tuple[str, ...]) -> tuple[str, ...] | None:
        resources = self.whole.resources
        return (
            tuple(name for name in names if any(one.resource_id == id for one in self._associations(resources[name])))
            or None
        )
