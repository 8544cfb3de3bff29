"""Drafts as they come in requests, and subjects as they come in paths."""

import json
from typing import Any

from moorings_compat import Format, Reference
from moorings_registry.commands import Draft
from moorings_registry.errors import SubjectNotFound
from moorings_registry.names import Subject
from moorings_registry.state import State, SubjectState


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
