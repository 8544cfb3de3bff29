"""What identifies the governed state of a domain or an event, so that a write can say what it was decided on."""

import hashlib
from typing import Any

from moorings_compat.canonical_json import canonical_bytes
from moorings_registry.names import Subject
from moorings_registry.state import State


def domain_etag(state: State, name: str) -> str:
    """The etag of a domain: of its owner, contacts, description and policy; empty where it is not registered."""
    known = state.domains.get(name)
    if known is None:
        return ""
    return _digest([known.owner, list(known.contacts), known.description, dict(known.policy)])


def event_etag(state: State, subject: Subject) -> str:
    """The etag of what is set for an event itself: its settings, its declaration, and the lives of its majors."""
    held, declared = state.subject(subject), state.declarations.get(subject)
    lives = sorted(
        (major, str(life.state), life.sunset, life.since, life.replacement, life.page)
        for major, life in (held.lives if held else {}).items()
    )
    said = declared.record() if declared else None
    return _digest([dict(state.configs.get(str(subject), {})), [list(one) for one in lives], said])


def _digest(value: Any) -> str:
    return hashlib.sha256(canonical_bytes(value)).hexdigest()[:32]
