"""Every version of every subject in one list."""

from flask import Response

from moorings_registry.http.confluent.answers import Json, answer, version_object
from moorings_registry.http.confluent.associations import association_object
from moorings_registry.http.confluent.parameters import (
    ALIASES,
    ASSOCIATION_TYPE,
    DELETED,
    LATEST_ONLY,
    LIFECYCLE,
    LIMIT,
    OFFSET,
    RESOURCE_TYPE,
    RULE_TYPE,
    SUBJECT_PREFIX,
    page,
)
from moorings_registry.http.confluent.route import Route
from moorings_registry.http.confluent.scoping import prefix_meant
from moorings_registry.http.requests import current_state
from moorings_registry.names import Subject
from moorings_registry.state import Association, State, Version
from moorings_registry.version_queries import aliases_of, has_rule_of, select_subjects, shown_versions

LONGEST_PAGE = 1_000
"""Versions of one answer, by default and at most."""
UNASSOCIATED = "NONE"


def list_schemas() -> Response:
    """List versions in full, by subject and number."""
    state = current_state()
    shown = page(_selected(state), most=LONGEST_PAGE)
    aliases = aliases_of(state) if ALIASES.value else {}
    return answer([_listed(state, one, aliases.get(one.subject, [])) for one in shown])


def _selected(state: State) -> list[Version]:
    deleted, rule_type = DELETED.value, RULE_TYPE.value
    selected: list[Version] = []
    for held in select_subjects(state, prefix_meant(), deleted=deleted):
        if _is_associated_so(state, held.subject):
            versions = shown_versions(held, deleted=deleted)
            selected.extend(versions[-1:] if LATEST_ONLY.value else versions)
    return [one for one in selected if not rule_type or has_rule_of(state, one, rule_type)]


def _is_associated_so(state: State, subject: Subject) -> bool:
    """Whether the associations of *subject* are such as the request asks for."""
    lifecycle = LIFECYCLE.value.upper()
    if not (lifecycle or _asks_for_associations()):
        return True
    matching = _associations(state, subject)
    if lifecycle == UNASSOCIATED:
        return not matching
    return any(lifecycle in ("", one.lifecycle) for one in matching)


def _asks_for_associations() -> bool:
    return bool(RESOURCE_TYPE.value or ASSOCIATION_TYPE.value)


def _associations(state: State, subject: Subject) -> list[Association]:
    kind, types = RESOURCE_TYPE.value, ASSOCIATION_TYPE.value
    return [
        one
        for one in state.associations_of_subject(subject)
        if kind in ("", one.resource_type) and (not types or one.association_type in types)
    ]


def _listed(state: State, version: Version, aliases: list[str]) -> Json:
    shown = version_object(state, version)
    if aliases:
        shown["aliases"] = aliases
    if LIFECYCLE.value or _asks_for_associations():
        shown["associations"] = [association_object(one) for one in _associations(state, version.subject)]
    return shown


ROUTES = (
    Route(
        "GET",
        "/schemas",
        list_schemas,
        (
            SUBJECT_PREFIX,
            ALIASES,
            DELETED,
            LATEST_ONLY,
            RULE_TYPE,
            RESOURCE_TYPE,
            ASSOCIATION_TYPE,
            LIFECYCLE,
            OFFSET,
            LIMIT,
        ),
    ),
)
