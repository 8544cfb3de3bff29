"""Every version of every subject in one list."""

from flask import Response

from moorings_registry.http.confluent.answers import Json, answer, version_object
from moorings_registry.http.confluent.parameters import (
    ALIASES,
    DELETED,
    LATEST_ONLY,
    LIMIT,
    OFFSET,
    RULE_TYPE,
    SUBJECT_PREFIX,
    page,
)
from moorings_registry.http.confluent.route import Route
from moorings_registry.http.confluent.scoping import prefix_meant
from moorings_registry.http.requests import current_state
from moorings_registry.searches import aliases_of, has_rule_of, select_subjects, shown_versions
from moorings_registry.state import State, Version

LONGEST_PAGE = 1_000
"""Versions of one answer, by default and at most."""


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
        versions = shown_versions(held, deleted=deleted)
        selected.extend(versions[-1:] if LATEST_ONLY.value else versions)
    return [one for one in selected if not rule_type or has_rule_of(state, one, rule_type)]


def _listed(state: State, version: Version, aliases: list[str]) -> Json:
    return {**version_object(state, version), **({"aliases": aliases} if aliases else {})}


ROUTES = (
    Route(
        "GET",
        "/schemas",
        list_schemas,
        (SUBJECT_PREFIX, ALIASES, DELETED, LATEST_ONLY, RULE_TYPE, OFFSET, LIMIT),
    ),
)
