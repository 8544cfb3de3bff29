"""What identifies the governed state of a domain or an event, so that a write can say what it was decided on."""

import hashlib
from itertools import chain
from typing import Any

from moorings_compat.canonical_json import canonical_bytes
from moorings_registry.names import DEFAULT_CONTEXT, Subject
from moorings_registry.state import Lifecycle, Migration, State
from moorings_registry.topics import is_taken_by_topic


def domain_etag(state: State, name: str) -> str:
    """The etag of a domain: of its owner, contacts, description and policy; empty where it is not registered."""
    known = state.domains.get(name)
    if known is None:
        return ""
    return _digest([known.owner, list(known.contacts), known.description, dict(known.policy)])


def event_etag(state: State, subject: Subject) -> str:
    """The etag of what is set for an event: its settings, its declaration, the lives and the mappings of its majors."""
    held, declared = state.subject(subject), state.declarations.get(subject)
    lives = [[major, *_life(life)] for major, life in sorted((held.lives if held else {}).items())]
    mappings = [[major, *_mapping(one)] for major, one in sorted((held.migrations if held else {}).items())]
    said = declared.record() if declared else None
    return _digest([dict(state.configs.get(str(subject), {})), lives, said, mappings])


def contracts_etag(state: State, domain: str) -> str:
    """The etag of all contracts of a domain: of itself, of its events as declared, and of each major's newest revision.

    Empty where the domain is not registered.
    """
    own = domain_etag(state, domain)
    return _digest([own, [_contract(state, one) for one in contract_subjects(state, domain)]]) if own else ""


def contract_subjects(state: State, domain: str) -> list[Subject]:
    """The subjects of a domain itself that are declared or have an active version, sorted; of the default context."""
    found = {
        one
        for one in chain(state.active_names(), state.declarations)
        if one.domain == domain and one.context == DEFAULT_CONTEXT
    }
    return sorted(one for one in found if not is_taken_by_topic(state, one))


def _contract(state: State, subject: Subject) -> list[Any]:
    held, declared = state.subject(subject), state.declarations.get(subject)
    newest = {one.major: one for one in held.active} if held else {}
    majors = [[one.major, one.label, one.guid, *_life(held.life(one.major))] for one in newest.values()] if held else []
    mappings = [[major, *_mapping(one)] for major, one in sorted((held.migrations if held else {}).items())]
    return [str(subject), declared.record() if declared else None, majors, mappings]


def _life(life: Lifecycle) -> tuple[str, ...]:
    return str(life.state), life.sunset, life.since, life.replacement, life.page


def _mapping(migration: Migration) -> tuple[Any, ...]:
    return [dict(step) for step in migration.steps], migration.reason


def consumer_etag(state: State, application: str) -> str:
    """The etag of what an application declares; empty where it declares nothing."""
    known = state.consumers.get(application)
    if known is None:
        return ""
    reads = [[str(one.event), one.major, repr(one.reads), repr(one.tests)] for one in known.reads]
    return _digest([known.team, known.contact, known.environment, known.version, reads])


def _digest(value: Any) -> str:
    return hashlib.sha256(canonical_bytes(value)).hexdigest()[:32]
