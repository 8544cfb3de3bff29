"""Where things are found: domains by name, subjects by prefix, ids and names over contexts. Pure queries of a state."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from moorings_registry.errors import DomainNotFound
from moorings_registry.lifecycle import as_served, version_as_served
from moorings_registry.names import DEFAULT_CONTEXT, Scope, Subject, is_qualified, split_qualified
from moorings_registry.policy import aliased
from moorings_registry.schema_contents.metadata import RULE_LISTS
from moorings_registry.state import Domain, State, SubjectState, Version
from moorings_registry.topics import is_taken_by_topic, named_by_topic, names_of_topic

EVERY_CONTEXT = ":*:"
_ANSWERS_KEPT = 4
"""Of each function: so many callers who see different parts of the registry do not make each other wait."""

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class FoundDefinition:
    """A definition found by its id or guid."""

    context: str
    guid: str
    at_once: bool
    """Whether it was found where it was looked for first."""


def known_domain(state: State, name: str) -> Domain:
    """The domain called *name*.

    Raises:
        DomainNotFound
    """
    known = state.domains.get(name)
    if known is None:
        raise DomainNotFound(name)
    return known


def kept_while_same(ask: Callable[P, T]) -> Callable[P, T]:
    """Keep the last answers of a pure function of maps of a state, each while it is asked of the very same maps.

    For what goes over all subjects, and is shown on every page: it is found again after a write, not for each reader.
    """
    kept: tuple[tuple[tuple[Any, ...], T], ...] = ()

    @wraps(ask)
    def asked(*maps: P.args, **none: P.kwargs) -> T:
        nonlocal kept
        for of, answer in kept:
            if all(one is other for one, other in zip(of, maps, strict=True)):
                return answer
        answer = ask(*maps, **none)
        kept = ((maps, answer), *kept[: _ANSWERS_KEPT - 1])
        return answer

    return asked


def select_subjects(
    state: State, prefix: str = EVERY_CONTEXT, *, deleted: bool = False, deleted_only: bool = False
) -> Iterator[SubjectState]:
    """Yield the subjects whose names begin with *prefix*, as the Confluent API serves them, by name.

    A plain prefix looks in the default context, ``:.tenant:or`` in that one, ``:*:or`` in every one. Each is read when
    it is asked for.
    """
    names = sorted(_selected(state, prefix, deleted, deleted_only), key=str)
    return (as_served(state.subjects[one]) for one in names)


def select_names(state: State, prefix: str, *, deleted: bool, deleted_only: bool) -> list[str]:
    """The names of what `select_subjects` finds."""
    return sorted(map(str, _selected(state, prefix, deleted, deleted_only)))


def _selected(state: State, prefix: str, deleted: bool, deleted_only: bool) -> Iterator[Subject]:
    matches = _matcher(prefix)
    found = _shown(state, deleted, deleted_only)
    return (one for one in found if matches(one) and not is_taken_by_topic(state, one))


def _shown(state: State, deleted: bool, deleted_only: bool) -> Iterable[Subject]:
    if deleted and not deleted_only:
        return state.subjects
    withdrawn = {one.subject for one in state.led_subjects() if as_served(one).latest is None}
    if deleted_only:
        return {*state.dormant_names(), *withdrawn}
    return (one for one in state.active_names() if one not in withdrawn) if withdrawn else state.active_names()


def known_names(state: State) -> Iterator[Subject]:
    """Yield the names of every event with an active version, and of the declared ones that have none, in no order."""
    yield from (one for one in state.active_names() if not is_taken_by_topic(state, one))
    yield from (one for one in state.declarations if event_named(state, one).latest is None)


def known_events(state: State) -> Iterator[SubjectState]:
    """Yield what `known_names` names, in no order, each read."""
    yield from (one for one in state.active_subjects() if not is_taken_by_topic(state, one.subject))
    for subject in state.declarations:
        held = event_named(state, subject)
        if held.latest is None:
            yield held


def event_named(state: State, name: Subject) -> SubjectState:
    """One of `known_names`."""
    return state.subject(name) or without_versions(name)


def by_name(subject: Subject) -> tuple[str, str]:
    """The order of subjects, for sorting: they compare in the same way, and much more slowly."""
    return subject.name, subject.context


def without_versions(subject: Subject) -> SubjectState:
    """A subject that holds nothing."""
    return SubjectState(subject, (), 0, {})


def shown_versions(held: SubjectState, *, deleted: bool, deleted_only: bool = False) -> tuple[Version, ...]:
    """The versions of *held* that are active, or soft-deleted too, or soft-deleted alone; oldest first."""
    if deleted_only:
        return tuple(one for one in held.versions if one.deleted)
    return held.versions if deleted else held.active


def newest_with(state: State, held: SubjectState, properties: Mapping[str, str], *, deleted: bool) -> Version | None:
    """The newest version of *held* whose metadata has all *properties*."""
    for version in reversed(shown_versions(held, deleted=deleted)):
        metadata = state.definitions[version.guid].metadata or {}
        if properties.items() <= metadata.get("properties", {}).items():
            return version
    return None


def has_rule_of(state: State, version: Version, rule_type: str) -> bool:
    """Whether the rule set of *version* holds a rule of that type."""
    rules = state.definitions[version.guid].rule_set or {}
    return any(one.get("type") == rule_type for name in RULE_LISTS for one in rules.get(name, ()))


def aliases_of(state: State) -> dict[Subject, list[str]]:
    """The names that stand for another subject, those of topics too, by what they stand for; each list sorted."""
    found: dict[Subject, list[str]] = {}
    for key, settings in state.configs.items():
        subject = Scope.of_key(key).subject if settings.get("alias") else None
        if subject is not None and not is_taken_by_topic(state, subject):
            found.setdefault(aliased(state, subject), []).append(key)
    for (context, topic), events in state.topics.items():
        for name, target in names_of_topic(context, topic, events):
            found.setdefault(target, []).append(str(name))
    return {subject: sorted(names) for subject, names in found.items()}


def select_contexts(state: State, prefix: str = "") -> list[str]:
    """The contexts that hold a subject, and the default one, sorted."""
    others = {one for one in state.contexts() if one != DEFAULT_CONTEXT}
    used = {subject.context for subject in state.subjects if subject.context in others} if others else set()
    return sorted(one for one in (DEFAULT_CONTEXT, *used) if one.startswith(prefix))


def find_id(
    state: State, id: int, subject: Subject | None, context: str, *, everywhere: bool
) -> FoundDefinition | None:
    """Find what *id* names in *context*; with *everywhere*, in the others too, those first where *subject* uses it."""
    guid = state.guid_of_id(id, context)
    if guid is not None:
        return FoundDefinition(context, guid, at_once=True)
    if not everywhere:
        return None
    elsewhere = [
        FoundDefinition(other, guid, at_once=False)
        for other in state.contexts()
        if (guid := state.guid_of_id(id, other)) is not None
    ]
    using = (one for one in elsewhere if subject and _uses(state, subject.name, one))
    return next(using, elsewhere[0] if elsewhere else None)


def find_guid(state: State, guid: str, context: str, *, everywhere: bool) -> FoundDefinition | None:
    """Find a guid that is in use in *context*; with *everywhere*, in any other. One of another registry will do."""
    guid = state.own_guid(guid)
    contexts = [context, *state.contexts()] if everywhere else [context]
    for number, one in enumerate(contexts):
        if (one, guid) in state.uses:
            return FoundDefinition(one, guid, at_once=number == 0)
    return None


def find_subject(
    state: State, subject: Subject, *, everywhere: bool, wanted: Callable[[SubjectState], bool]
) -> SubjectState | None:
    """Find the subject if it is *wanted*; with *everywhere*, else one of its name in another context."""
    contexts = [subject.context, *state.contexts()] if everywhere else [subject.context]
    for context in contexts:
        held = state.subject(named_by_topic(state, Subject(subject.name, context)))
        if held is not None and wanted(held):
            return held
    return None


def uses_of(state: State, found: FoundDefinition, *, deleted: bool) -> Iterator[Version]:
    """Yield the versions that use a definition, by subject and number; soft-deleted ones only with *deleted*."""
    for place in sorted(state.places_of(found.guid, found.context)):
        version = state.version_at(place)
        if version is not None and (deleted or not version_as_served(state, version).deleted):
            yield version


def _uses(state: State, name: str, found: FoundDefinition) -> bool:
    return any(subject.name == name for subject, _ in state.places_of(found.guid, found.context))


def _matcher(prefix: str) -> Callable[[Subject], bool]:
    if prefix == EVERY_CONTEXT:
        return lambda _subject: True
    if is_qualified(prefix):
        context, name = split_qualified(prefix)
        return lambda subject: subject.name.startswith(name) and context in ("*", subject.context)
    if prefix.startswith(":"):
        return lambda subject: str(subject).startswith(prefix)
    return lambda subject: subject.context == DEFAULT_CONTEXT and subject.name.startswith(prefix)
