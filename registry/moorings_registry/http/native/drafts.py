"""Drafts as they come in requests, and subjects and events as they come in paths."""

import json
from typing import Any

from moorings_compat import Format, Reference
from moorings_registry.commands import Draft
from moorings_registry.errors import SubjectNotFound
from moorings_registry.names import Subject
from moorings_registry.state import State, SubjectState
from moorings_registry.version_queries import without_versions


def read_draft(body: dict[str, Any]) -> Draft:
    """Make a draft of a validated body."""
    text = body["schema"]
    return Draft(
        format=Format(body["format"]),
        text=text if isinstance(text, str) else json.dumps(text, ensure_ascii=False),
        references=tuple(Reference(one["name"], one["subject"], one["version"]) for one in body["references"]),
        metadata=body["metadata"],
        rule_set=body["rule_set"],
    )


def held_subject(state: State, text: str, *, deleted: bool = False) -> SubjectState:
    """The subject that a path names; one with soft-deleted versions alone only with *deleted*.

    Raises:
        SubjectInvalid, SubjectNotFound
    """
    held = state.subject(Subject.parse(text))
    if held is None or (held.latest is None and not deleted):
        raise SubjectNotFound(text)
    return held


def known_event(state: State, text: str) -> SubjectState:
    """The event that a path names; without a version where it is only declared so far.

    Raises:
        SubjectInvalid, SubjectNotFound
    """
    subject = Subject.parse(text)
    held = state.subject(subject)
    if held is not None and held.latest is not None:
        return held
    if subject in state.declarations:
        return held or without_versions(subject)
    raise SubjectNotFound(text)
