"""Which context a request speaks of, and which subject a name in it means.

Below ``/contexts/{c}/`` plain names lie in that context, and nothing is looked for elsewhere. Otherwise they lie in the
default context, and reads that find nothing there look in the others.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import g

from moorings_registry.errors import SubjectNotFound
from moorings_registry.http.confluent.parameters import SUBJECT, SUBJECT_PREFIX
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
from moorings_registry.version_queries import EVERY_CONTEXT, find_subject

WITHIN = "within"
"""The argument of a path that names the context of everything after it."""


def take_context(_endpoint: str | None, arguments: dict[str, Any] | None) -> None:
    """Take the context that the path stands in out of the arguments that the view is called with."""
    g.within = (arguments or {}).pop(WITHIN, None)


def enter_context() -> None:
    """Note the context that the request stands in.

    Raises:
        SubjectInvalid: no name of a context.
    """
    g.context = context_name(g.within) if g.within is not None else None


def current_context() -> str:
    """The context that plain names of this request lie in."""
    return g.context or DEFAULT_CONTEXT


def subject_named(text: str) -> Subject:
    """The subject that *text* names, before any alias."""
    return Subject.parse(text, context=current_context())


def subject_meant(state: State, text: str) -> Subject:
    """The subject that *text* names, or the one that it is an alias of."""
    return aliased(state, subject_named(text))


def scope_meant(text: str) -> Scope:
    """The scope of settings that *text* names: a subject, or a context as ``:.name:``."""
    return Scope.parse(text, context=current_context())


def current_scope() -> Scope:
    """The scope that a path without a subject speaks of: the registry, or the context that it stands in."""
    return Scope(current_context())


def held_subject(state: State, text: str, *, deleted: bool) -> SubjectState:
    """The subject that *text* means, with at least one active version, or with *deleted* any.

    Raises:
        SubjectInvalid, SubjectNotFound
    """
    subject = subject_meant(state, text)
    held = state.subject(subject)
    if held is None or not (deleted or held.latest):
        raise SubjectNotFound(text)
    return held


def held_anywhere(
    state: State, text: str, *, deleted: bool, wanted: Callable[[SubjectState], bool] = bool
) -> SubjectState:
    """Like `held_subject`, and a plain name that is not *wanted* here is looked for in the other contexts.

    Raises:
        SubjectInvalid, SubjectNotFound
    """
    subject = subject_meant(state, text)
    everywhere = g.context is None and not is_qualified(text)

    def serves(held: SubjectState) -> bool:
        return (deleted or held.latest is not None) and wanted(held)

    held = find_subject(state, subject, everywhere=everywhere, wanted=serves)
    return held or held_subject(state, text, deleted=deleted)


def prefix_meant() -> str:
    """The prefix that the request asks for, qualified by the context that it stands in."""
    sent = SUBJECT_PREFIX.sent
    if g.context is None:
        return EVERY_CONTEXT if sent is None else sent
    return sent if sent and is_qualified(sent) else f":{g.context}:{sent or ''}"


@dataclass(frozen=True, slots=True)
class SearchScope:
    """Where ids and guids are looked for."""

    context: str
    subject: Subject | None
    everywhere: bool


def search_scope(state: State) -> SearchScope:
    """The scope that the parameter ``subject`` asks for: none, a context as ``:.name:``, or a subject.

    Raises:
        SubjectInvalid
    """
    text = SUBJECT.value
    if not text:
        return SearchScope(current_context(), None, everywhere=g.context is None)
    if is_qualified(text) and not split_qualified(text)[1]:
        return SearchScope(context_name(split_qualified(text)[0]), None, everywhere=False)
    subject = subject_meant(state, text)
    return SearchScope(subject.context, subject, everywhere=g.context is None and not is_qualified(text))
