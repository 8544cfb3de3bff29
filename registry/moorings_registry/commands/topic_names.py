"""Topics in commands: which subjects a command is about, and whether an event can be bound to a topic."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any, TypeVar

from moorings_compat import Reference
from moorings_registry.commands.decision import Dependencies
from moorings_registry.errors import TopicSubjectDiffers, TopicTaken
from moorings_registry.names import Scope, Subject
from moorings_registry.policy import owning_domains
from moorings_registry.state import Declaration, State, Version
from moorings_registry.topics import KEY, VALUE, key_subject, named_by_topic, names_of_topic

C = TypeVar("C")


def with_subjects_meant(state: State, command: C) -> C:
    """*command* about the subjects that its names lead to: no command goes past an event by the name of its topic.

    Raises:
        TopicAmbiguous
    """
    if not state.topics:
        return command
    changes: dict[str, Any] = {}
    subject, scope = getattr(command, "subject", None), getattr(command, "scope", None)
    if isinstance(subject, Subject):
        changes["subject"] = named_by_topic(state, subject)
    if isinstance(scope, Scope) and scope.subject is not None:
        changes["scope"] = Scope.of(named_by_topic(state, scope.subject))
    meant: C = replace(command, **changes) if changes else command  # type: ignore[type-var]  # commands are dataclasses
    return meant


def references_meant(state: State, references: tuple[Reference, ...], context: str) -> tuple[Reference, ...]:
    """*references* with the subjects that their names lead to, so that they stay where they lead when topics change.

    Raises:
        TopicAmbiguous
    """
    return tuple(_reference_meant(state, one, context) for one in references)


def _reference_meant(state: State, reference: Reference, context: str) -> Reference:
    named = Subject.parse(reference.subject, context=context)
    target = named_by_topic(state, named)
    return reference if target == named else replace(reference, subject=str(target))


def new_topics(state: State, subject: Subject, declared: Declaration) -> tuple[str, ...]:
    """The topics that an event is bound to by *declared*, and was not bound to in *state*."""
    before = state.declarations.get(subject)
    return tuple(one for one in declared.topics if before is None or one not in before.topics)


def require_free(state: State, subject: Subject, declared: Declaration, dependencies: Dependencies) -> None:
    """Pass, or say which topic an event cannot be bound to, and why its name cannot be that of an event.

    Raises:
        TopicTaken: an event of another domain is bound to the topic, or it has the name of another event.
    """
    for topic in new_topics(state, subject, declared):
        place = f"/topics/{declared.topics.index(topic)}"
        domain = owning_domains(state, subject)[0]
        for other in _others(state, subject, topic):
            owner = owning_domains(state, other)[0]
            if owner.name != domain.name:
                owned = f"it carries '{other}', which domain '{owner.name}' of {owner.owner} owns"
                raise TopicTaken(topic, owned if dependencies.sees(other) else "it carries other events", place)
        same_name = Subject(topic, subject.context)
        is_event = same_name in state.declarations or state.history(same_name) is not None
        if same_name != subject and is_event and owning_domains(state, same_name):
            raise TopicTaken(topic, f"'{same_name}' is an event of its own", place)
    require_name_free(state, subject, dependencies)


def require_name_free(state: State, subject: Subject, dependencies: Dependencies) -> None:
    """Pass, or refuse an event with the name of a topic that carries others: they would have the same keys and values.

    Raises:
        TopicTaken
    """
    if not state.topics or not owning_domains(state, subject):
        return
    bound = state.topics.get((subject.context, subject.of_event.name), ())
    if bound and subject.of_event not in bound and state.history(subject) is None:
        named = f"'{bound[0]}'" if dependencies.sees(bound[0]) else "other events"
        raise TopicTaken(subject.of_event.name, f"it carries {named}", "")


def require_agreement(
    state: State, subject: Subject, topics: Iterable[str], declared: Declaration, dependencies: Dependencies
) -> None:
    """Pass where everything that is registered under the names of *topics* is a revision of what they carry then.

    Raises:
        TopicSubjectDiffers: says what is not.
    """
    for topic in topics:
        place = f"/topics/{declared.topics.index(topic)}"
        events = tuple(sorted((*_others(state, subject, topic), subject)))
        for name, target in names_of_topic(subject.context, topic, events):
            _require_agreement(state, name, (target,), place, dependencies)
        if len(events) > 1:
            _require_agreement(state, Subject(f"{topic}{VALUE}", subject.context), events, place, dependencies)


def require_release(state: State, subject: Subject, before: Declaration | None, dependencies: Dependencies) -> None:
    """Pass where each topic that an event left has the keys of the one event that is still bound to it.

    *state* is the one after the change, *before* what the event was declared as. Keys of a topic with several events
    belong to none of them; with one left, they are that event's.

    Raises:
        TopicSubjectDiffers: says what is not.
    """
    after = state.declarations.get(subject)
    for topic in before.topics if before is not None else ():
        left = _others(state, subject, topic)
        if len(left) == 1 and (after is None or topic not in after.topics):
            name = Subject(f"{topic}{KEY}", subject.context)
            _require_agreement(state, name, (key_subject(left[0]),), "/topics", dependencies)


def _others(state: State, subject: Subject, topic: str) -> tuple[Subject, ...]:
    return tuple(one for one in state.topics.get((subject.context, topic), ()) if one != subject)


def _require_agreement(
    state: State, name: Subject, targets: tuple[Subject, ...], place: str, dependencies: Dependencies
) -> None:
    """Pass where everything that is registered under *name* itself is a revision of one of *targets*.

    In a registered domain that is everything that was ever accepted, each in its major.
    """
    held, owned = state.history(name), bool(owning_domains(state, name))
    if held is None or name in targets:
        return
    kept = [one for major in held.revisions for one in state.accepted(name, major)] if owned else list(held.active)
    known = [one for target in targets for one in _versions(state, target)]
    for version in kept:
        same = (one for one in known if _is_same(state, version, one, dependencies))
        if not any(not owned or one.major == version.major for one in same):
            raise TopicSubjectDiffers(
                name, version.number, [str(one) for one in targets if dependencies.sees(one)], place
            )


def _versions(state: State, subject: Subject) -> Iterator[Version]:
    held = state.subject(subject)
    yield from held.versions if held else ()


def _is_same(state: State, one: Version, other: Version, dependencies: Dependencies) -> bool:
    if one.guid == other.guid:
        return True
    cache = dependencies.schema_cache
    first, second = (cache.schema(state, state.definitions[each.guid], each.subject.context) for each in (one, other))
    return first == second
