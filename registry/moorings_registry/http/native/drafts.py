"""Drafts as they come in requests, and subjects and events as they come in paths."""

import contextlib
import json
from collections.abc import Iterable
from typing import Any

from moorings_compat import Format, Reference
from moorings_registry.commands import Draft
from moorings_registry.errors import LedgerUnavailable, SubjectInvalid, SubjectNotFound, TopicAmbiguous
from moorings_registry.http.requests import consult, current_registry
from moorings_registry.names import Subject
from moorings_registry.policy import aliased
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


def subject_meant(state: State, text: str) -> Subject:
    """The subject that a path names, or the one that its settings make it an alias of.

    Raises:
        SubjectInvalid
    """
    return aliased(state, Subject.parse(text))


def known_subjects(names: Iterable[str]) -> dict[str, str | None]:
    """The subject that each of *names* means; None where the registry does not have it."""
    wanted = set(names)

    def find(state: State) -> dict[str, str | None]:
        return {name: _known(state, name) for name in wanted}

    held = consult(find)
    if None in held.values():  # another node may have them already
        with contextlib.suppress(LedgerUnavailable):
            current_registry().catch_up()
            held = consult(find)
    return held


def _known(state: State, name: str) -> str | None:
    try:
        held = state.subject(subject_meant(state, name))
    except (SubjectInvalid, TopicAmbiguous):
        return None
    return None if held is None else str(held.subject)


def held_subject(state: State, text: str, *, deleted: bool = False) -> SubjectState:
    """The subject that a path means; one with soft-deleted versions alone only with *deleted*.

    Raises:
        SubjectInvalid, SubjectNotFound
    """
    held = state.subject(subject_meant(state, text))
    if held is None or (held.latest is None and not deleted):
        raise SubjectNotFound(text)
    return held


def known_event(state: State, text: str) -> SubjectState:
    """The event that a path means; without a version where it is only declared so far.

    Raises:
        SubjectInvalid, SubjectNotFound
    """
    subject = subject_meant(state, text)
    held = state.subject(subject)
    if held is not None and held.latest is not None:
        return held
    if subject in state.declarations:
        return held or without_versions(subject)
    raise SubjectNotFound(text)
