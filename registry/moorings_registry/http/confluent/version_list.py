"""Every version of every subject in one list."""

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from moorings_registry.http.confluent.answer import Answer
from moorings_registry.http.confluent.answer_shapes import ListedVersionShape
from moorings_registry.http.confluent.definitions import Presentation, version_content
from moorings_registry.http.confluent.query_shapes import VersionListQuery, page_bounds
from moorings_registry.http.confluent.route import Route
from moorings_registry.http.confluent.scoping import prefix_meant
from moorings_registry.http.requests import current_state
from moorings_registry.lifecycle import without_drafts
from moorings_registry.names import Subject
from moorings_registry.state import Association, State, Version
from moorings_registry.version_queries import aliases_of, has_rule_of, select_subjects, shown_versions

LONGEST_PAGE = 1_000
"""Versions of one answer, by default and at most."""
UNASSOCIATED = "NONE"


def list_schemas(query: Mapping[str, Any]) -> Answer:
    """List versions in full, by subject and number."""
    state, form = current_state(), Presentation.of(query)
    aliases = aliases_of(state) if query["aliases"] else {}
    listed = []
    for version in islice(_selected(state, query), *page_bounds(query, most=LONGEST_PAGE)):
        content = version_content(state, version, form)
        if version.subject in aliases:
            content["aliases"] = aliases[version.subject]
        if query["lifecycle"] or _names_associations(query):
            content["associations"] = _associations(state, version.subject, query)
        listed.append(content)
    return Answer(listed)


def _selected(state: State, query: Mapping[str, Any]) -> Iterator[Version]:
    deleted, rule_type = query["deleted"], query["rule_type"]
    for held in select_subjects(state, prefix_meant(query["subject_prefix"]), deleted=deleted):
        if _is_associated_so(state, held.subject, query):
            versions = shown_versions(held, deleted=deleted)
            chosen = without_drafts(held, versions)[-1:] if query["latest_only"] else versions
            yield from (one for one in chosen if not rule_type or has_rule_of(state, one, rule_type))


def _is_associated_so(state: State, subject: Subject, query: Mapping[str, Any]) -> bool:
    """Whether the associations of *subject* are such as the request asks for."""
    lifecycle = query["lifecycle"].upper()
    if not (lifecycle or _names_associations(query)):
        return True
    matching = _associations(state, subject, query)
    if lifecycle == UNASSOCIATED:
        return not matching
    return any(lifecycle in ("", one.lifecycle) for one in matching)


def _names_associations(query: Mapping[str, Any]) -> bool:
    return bool(query["resource_type"] or query["association_type"])


def _associations(state: State, subject: Subject, query: Mapping[str, Any]) -> list[Association]:
    kind, types = query["resource_type"], query["association_type"]
    return [
        one
        for one in state.associations_of_subject(subject)
        if kind in ("", one.resource_type) and (not types or one.association_type in types)
    ]


ROUTES = (Route("GET", "/schemas", "listSchemas", list_schemas, ListedVersionShape(many=True), VersionListQuery()),)
