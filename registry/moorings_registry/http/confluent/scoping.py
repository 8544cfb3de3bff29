"""Which context a request is about, and which subject a name in it means.

Below ``/contexts/{c}/`` plain names are names in that context, and nothing is looked up elsewhere. Otherwise they are
names in the default context, and reads that find nothing there look in the others.
"""

from dataclasses import dataclass
from typing import Any

from flask import g

from moorings_registry.errors import SubjectNotFound, TopicAmbiguous, retired_text
from moorings_registry.lifecycle import as_served, instead, is_retired
from moorings_registry.modes import require_subjects_in
from moorings_registry.names import (
    DEFAULT_CONTEXT,
    Scope,
    Subject,
    context_name,
    is_qualified,
    split_qualified,
)
from moorings_registry.policy import aliased
from moorings_registry.state import State, SubjectState
from moorings_registry.topics import is_taken_by_topic, named_by_topic
from moorings_registry.version_queries import EVERY_CONTEXT, find_subject
from moorings_registry.version_selectors import LATEST

WITHIN = "within"
"""The argument of a path that names the context of everything after it."""


def take_context(_endpoint: str | None, arguments: dict[str, Any] | None) -> None:
    """Take the context of the path out of the arguments that the view is called with."""
    g.within = (arguments or {}).pop(WITHIN, None)


def enter_context() -> None:
    """Remember the context of the request.

    Raises:
        SubjectInvalid: not the name of a context.
    """
    g.context = context_name(g.within) if g.within is not None else None


def current_context() -> str:
    """The context of plain names in this request."""
    return g.context or DEFAULT_CONTEXT


def subject_named(text: str) -> Subject:
    """The subject that *text* names, before any alias.

    Raises:
        SubjectInvalid, ContextHoldsSettings
    """
    subject = Subject.parse(text, context=current_context())
    require_subjects_in(subject.context)
    return subject


def subject_meant(state: State, text: str) -> Subject:
    """The subject that *text* names, or the one that it is an alias of."""
    return aliased(state, subject_named(text))


def scope_meant(state: State, text: str) -> Scope:
    """The scope of settings that *text* names: a subject, that of a topic's event too, or a context as ``:.name:``.

    Raises:
        SubjectInvalid, TopicAmbiguous
    """
    scope = Scope.parse(text, context=current_context())
    return scope if scope.subject is None else Scope.of(named_by_topic(state, scope.subject))


def name_to_show(state: State, text: str) -> Subject | None:
    """The name to show in place of a version's own: that of a topic, as clients keep what they know by it."""
    named = subject_named(text)
    return named if is_taken_by_topic(state, named) else None


def current_scope() -> Scope:
    """The scope of a path without a subject: the registry, or the context of the path."""
    return Scope(current_context())


def held_subject(state: State, text: str, *, deleted: bool) -> SubjectState:
    """The subject that *text* means as it is served, with at least one active version, or with *deleted* any.

    Raises:
        SubjectInvalid, SubjectNotFound
    """
    subject = subject_meant(state, text)
    held = served_subject(state, subject)
    if held is None or not (deleted or held.latest):
        raise SubjectNotFound(text, retired_reason(state, subject))
    return held


def served_subject(state: State, subject: Subject) -> SubjectState | None:
    """The subject as this API serves it: versions of a retired major are soft-deleted ones."""
    held = state.subject(subject)
    return as_served(held) if held else None


def retired_reason(state: State, subject: Subject, number: int = LATEST) -> str:
    """Why a version is not found, or with `LATEST` any, where that is because of retired majors; else empty."""
    held = state.subject(subject)
    if held is None or (number == LATEST and as_served(held).latest is not None):
        return ""
    wanted = [one for one in held.active if number in (LATEST, one.number)]
    retired = [one.major for one in wanted if is_retired(held, one)]
    return retirement_text(state, subject, max(retired)) if retired else ""


def retirement_text(state: State, subject: Subject, major: int) -> str:
    """Say that a major is retired, and what to use instead."""
    return f"{retired_text(subject, major)}{instead(state, subject, major)}"


def held_anywhere(state: State, text: str, *, deleted: bool) -> SubjectState:
    """Like `held_subject`, and a plain name that is not found here is looked up in the other contexts.

    Raises:
        SubjectInvalid, SubjectNotFound
    """
    subject = subject_meant(state, text)
    everywhere = g.context is None and not is_qualified(text)

    def serves(held: SubjectState) -> bool:
        return deleted or as_served(held).latest is not None

    held = find_subject(state, subject, everywhere=everywhere, wanted=serves)
    return as_served(held) if held else held_subject(state, text, deleted=deleted)


def prefix_meant(sent: str | None) -> str:
    """The prefix of subjects that *sent* means, qualified by the context of the request; None for all subjects.

    Raises:
        ContextHoldsSettings
    """
    require_subjects_in(split_qualified(sent)[0] if sent and is_qualified(sent) else current_context())
    if g.context is None:
        return EVERY_CONTEXT if sent is None else sent
    return sent if sent and is_qualified(sent) else f":{g.context}:{sent or ''}"


@dataclass(frozen=True, slots=True)
class SearchScope:
    """Where ids and guids are looked up."""

    context: str
    subject: Subject | None
    everywhere: bool


def search_scope(state: State, text: str) -> SearchScope:
    """Where to look for an id: in the subject that *text* names, or the context as ``:.name:``; empty for neither.

    Raises:
        SubjectInvalid
    """
    if not text:
        return SearchScope(current_context(), None, everywhere=g.context is None)
    if is_qualified(text) and not split_qualified(text)[1]:
        return SearchScope(context_name(split_qualified(text)[0]), None, everywhere=False)
    everywhere = g.context is None and not is_qualified(text)
    try:
        subject = subject_meant(state, text)
    except TopicAmbiguous:  # readers name the topic of each message, and an id says enough
        return SearchScope(subject_named(text).context, None, everywhere=everywhere)
    return SearchScope(subject.context, subject, everywhere=everywhere)
