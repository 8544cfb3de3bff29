"""What a domain asks of its events besides compatibility: kinds, names, and what is complete."""

from collections.abc import Sequence
from functools import lru_cache

from moorings_compat.event_names import EventKind, kind_name_problem, past_tense_problem
from moorings_registry.errors import KindRefused, NameRefused
from moorings_registry.names import Subject
from moorings_registry.policy import (
    NAMES_ANY,
    asked_in,
    domain_names,
    owning_domains,
)
from moorings_registry.settings import Settings
from moorings_registry.state import Declaration, State

DEFAULT_KINDS = (EventKind.FACT, EventKind.TYPE)
UNDECLARED = Declaration()
"""What an event is of which nobody said anything, in a domain that has facts."""
COMPLETE_PARTS = ("replay", "idempotency", "expectations")
"""What a complete domain asks for of its facts, by the names of a declaration's members."""


def domain_kinds(state: State, domain: str) -> tuple[EventKind, ...]:
    """The kinds of events that a registered domain has: those that it lists, out of those of the domains above it.

    A domain that lists more under a waiver has what it lists.
    """
    asked = asked_in(state, domain, "kinds", _in_both, DEFAULT_KINDS)
    return DEFAULT_KINDS if asked is None else tuple(EventKind(one) for one in asked)


def _in_both(kinds: Sequence[str], others: Sequence[str]) -> tuple[str, ...]:
    return tuple(one for one in kinds if one in others)


def is_complete(state: State, domain: str) -> bool:
    """Whether a domain asks that its facts say how they are replayed, identified and sized.

    It does where nobody says otherwise, and where it or a domain above it says so.
    """
    return says_complete(state, domain) is not False


def says_complete(state: State, domain: str) -> bool | None:
    """What the policies of a domain and those above it say about complete facts; None where none says anything."""
    said = asked_in(state, domain, "complete", lambda one, other: one or other)
    return None if said is None else bool(said)


def declaration_of(state: State, subject: Subject) -> Declaration | None:
    """What was declared of the event that *subject* belongs to: its values, or its keys."""
    return state.declarations.get(subject.of_event)


def kind_of(state: State, subject: Subject) -> EventKind:
    """The kind of an event: the declared one; else a fact, or a type where its domain has no facts but types."""
    declared = declaration_of(state, subject)
    if declared is not None:
        return declared.kind
    owners = owning_domains(state, subject)
    kinds = domain_kinds(state, owners[0].name) if owners else DEFAULT_KINDS
    return EventKind.TYPE if EventKind.TYPE in kinds and EventKind.FACT not in kinds else EventKind.FACT


def missing_parts(state: State, subject: Subject) -> tuple[str, ...]:
    """What a complete domain asks for of this event and nobody declared; nothing of types and commands."""
    owners = owning_domains(state, subject)
    if not owners or kind_of(state, subject) is not EventKind.FACT or not is_complete(state, owners[0].name):
        return ()
    declared = declaration_of(state, subject) or UNDECLARED
    return tuple(one for one in COMPLETE_PARTS if getattr(declared, one) is None)


_past_tense_problem = lru_cache(maxsize=2_048)(past_tense_problem)
"""Asked at every registration, mostly about a name that was registered before; a name has at most 500 characters."""


def require_name(state: State, subject: Subject, settings: Settings) -> None:
    """Pass, or say what is wrong with the name or the kind of an event.

    Raises:
        NameRefused: no domain where one is required, or the name is not one of the event's kind.
        KindRefused: the domain has no events of its kind.
    """
    owners = owning_domains(state, subject)
    if not owners:
        if settings.require_domain:
            raise NameRefused(f"Subject '{subject}' belongs to no registered domain, and this registry requires one")
        return
    if subject.is_key:
        return
    declared = declaration_of(state, subject)
    if declared is not None:
        require_kind(state, subject, declared)
        return
    domain, kind = owners[0].name, kind_of(state, subject)
    if kind not in domain_kinds(state, domain):
        raise KindRefused(f"'{subject}' is not declared, and domain '{domain}' {_accepted(state, domain)}")
    if kind is EventKind.FACT and domain_names(state, domain) != NAMES_ANY:
        problem = _past_tense_problem(subject.event)
        if problem:
            raise NameRefused(f"Domain '{domain}' accepts only event names in the past tense: {problem}")


def require_kind(state: State, subject: Subject, declared: Declaration) -> None:
    """Pass, or say why *subject*, which a registered domain owns, cannot be what it is declared to be.

    Raises:
        KindRefused, NameRefused
    """
    domain = owning_domains(state, subject)[0].name
    if declared.kind not in domain_kinds(state, domain):
        raise KindRefused(f"'{subject}' is a {declared.kind}, and domain '{domain}' {_accepted(state, domain)}")
    if domain_names(state, domain) == NAMES_ANY:
        return
    problem = kind_name_problem(subject.event, declared.kind, reviewed=bool(declared.name_reviewed))
    if problem:
        raise NameRefused(f"Domain '{domain}' names each event by its kind, and this is a {declared.kind}: {problem}")


def _accepted(state: State, domain: str) -> str:
    kinds = [f"{one}s" for one in domain_kinds(state, domain)]
    if not kinds:
        return "accepts no events: the domains above it and its own policy have no kind in common"
    return "accepts only " + " and ".join([", ".join(kinds[:-1]), kinds[-1]] if len(kinds) > 1 else kinds)
