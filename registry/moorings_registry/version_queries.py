"""Where things are found: subjects by prefix, ids and names over contexts. Pure queries of a state."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from moorings_registry.lifecycle import as_served, version_as_served
from moorings_registry.names import DEFAULT_CONTEXT, Scope, Subject, is_qualified, split_qualified
from moorings_registry.policy import aliased
from moorings_registry.schema_contents.metadata import RULE_LISTS
from moorings_registry.state import State, SubjectState, Version
from moorings_registry.topics import is_taken_by_topic, named_by_topic, names_of_topic

EVERY_CONTEXT = ":*:"


@dataclass(frozen=True, slots=True)
class FoundDefinition:
    """A definition found by its id or guid."""

    context: str
    guid: str
    at_once: bool
    """Whether it was found where it was looked for first."""


def select_subjects(
    state: State, prefix: str = EVERY_CONTEXT, *, deleted: bool = False, deleted_only: bool = False
) -> list[SubjectState]:
    """The subjects whose names begin with *prefix*, as the Confluent API serves them, sorted by name.

    A plain prefix looks in the default context, ``:.tenant:or`` in that one, ``:*:or`` in every one.
    """
    found = _selected(state, prefix, deleted, deleted_only)
    return sorted(found, key=lambda held: str(held.subject))


def select_names(state: State, prefix: str, *, deleted: bool, deleted_only: bool) -> list[str]:
    """The names of what `select_subjects` finds, of which none is kept meanwhile: there may be many."""
    return sorted(str(held.subject) for held in _selected(state, prefix, deleted, deleted_only))


def _selected(state: State, prefix: str, deleted: bool, deleted_only: bool) -> Iterator[SubjectState]:
    served = (as_served(held) for held in _named(state, prefix) if not is_taken_by_topic(state, held.subject))
    return (held for held in served if _is_shown(held, deleted, deleted_only))


def _named(state: State, prefix: str) -> Iterator[SubjectState]:
    if prefix == EVERY_CONTEXT:
        return iter(state.subjects.values())
    matches = _matcher(prefix)
    return (state.subjects[subject] for subject in state.subjects if matches(subject))


def known_events(state: State) -> Iterator[SubjectState]:
    """Yield every event with an active version, and the declared ones that have none, in no order."""
    yield from (one for one in state.active_subjects() if not is_taken_by_topic(state, one.subject))
    for subject in state.declarations:
        held = state.subject(subject)
        if held is None or held.latest is None:
            yield held or without_versions(subject)


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
    held = {DEFAULT_CONTEXT, *(subject.context for subject in state.subjects)}
    return sorted(one for one in held if one.startswith(prefix))


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


def _is_shown(held: SubjectState, deleted: bool, deleted_only: bool) -> bool:
    if deleted_only:
        return held.latest is None
    return deleted or held.latest is not None


def _matcher(prefix: str) -> Callable[[Subject], bool]:
    if is_qualified(prefix):
        context, name = split_qualified(prefix)
        return lambda subject: subject.name.startswith(name) and context in ("*", subject.context)
    if prefix.startswith(":"):
        return lambda subject: str(subject).startswith(prefix)
    return lambda subject: subject.context == DEFAULT_CONTEXT and subject.name.startswith(prefix)
