"""Schemas by what names them wherever they are used: an id of this registry, or a guid of any."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from flask import g

from moorings_compat import Format
from moorings_registry.errors import SchemaNotFound, SubjectInvalid
from moorings_registry.http.confluent.answer import ASK_AGAIN, FOR_EVER, Answer
from moorings_registry.http.confluent.answer_shapes import (
    SCHEMA_TEXT,
    STRINGS,
    ContextIdShape,
    DefinitionShape,
    SchemaByIdShape,
    SubjectVersionShape,
)
from moorings_registry.http.confluent.definitions import (
    Content,
    Presentation,
    definition_content,
    text_in_format,
    use_content,
)
from moorings_registry.http.confluent.query_shapes import (
    ByGuidQuery,
    ByIdQuery,
    LookInQuery,
    TextByIdQuery,
    UsesQuery,
    page,
)
from moorings_registry.http.confluent.route import Route
from moorings_registry.http.confluent.scoping import SearchScope, search_scope
from moorings_registry.http.lifecycle_headers import names_versions
from moorings_registry.http.requests import consult, keep
from moorings_registry.http.response_cache import WHOLE, StateDependency
from moorings_registry.state import State, Version
from moorings_registry.topics import is_taken_by_topic
from moorings_registry.version_queries import FoundDefinition, find_guid, find_id, uses_of

Show = Callable[[State, SearchScope, FoundDefinition], Answer]
"""Answers from a state, where the schema was looked for, and what was found."""


def show_by_id(id: int, query: Mapping[str, Any]) -> Answer:
    """Show the schema that an id names; soft-deleted ones still resolve."""

    def show(state: State, scope: SearchScope, found: FoundDefinition) -> Answer:
        shown = definition_content(state, found.guid, found.context, Presentation.of(query))
        cache = FOR_EVER
        if scope.subject is not None:
            shown |= _use_in(state, scope, found)
            cache = ASK_AGAIN
        if query["fetch_max_id"]:
            keep()
            shown["max_id"] = state.last_id.get(found.context, 0)
            cache = ASK_AGAIN
        return Answer(shown, cache)

    return _by_id(id, query, show)


def _use_in(state: State, scope: SearchScope, found: FoundDefinition) -> Content:
    """Which version of the subject of the request uses the schema; empty where none does."""
    uses = _uses(state, scope, found, deleted=True)
    return use_content(uses[-1]) if uses else {}


def _uses(state: State, scope: SearchScope, found: FoundDefinition, *, deleted: bool) -> list[Version]:
    """The versions that use a schema; only those of the subject of the request, if it names one.

    What was registered under the name of a topic, before an event was bound to it, is out of reach.
    """
    name = scope.subject.name if scope.subject else None
    used = [one for one in uses_of(state, found, deleted=deleted) if name in (None, one.subject.name)]
    if g.bases:
        keep(*g.bases, StateDependency("topics", WHOLE, state.topics))
    return [one for one in used if not is_taken_by_topic(state, one.subject)]


def show_text_by_id(id: int, query: Mapping[str, Any]) -> Answer:
    """Show the bare text of the schema that an id names."""

    def show(state: State, _scope: SearchScope, found: FoundDefinition) -> Answer:
        return Answer(text_in_format(state, found.guid, found.context, query["format"]), FOR_EVER)

    return _by_id(id, query, show)


def list_subjects_of_id(id: int, query: Mapping[str, Any]) -> Answer:
    """List the subjects that use a schema, sorted."""

    def show(state: State, scope: SearchScope, found: FoundDefinition) -> Answer:
        names = {str(one.subject) for one in _uses(state, scope, found, deleted=query["deleted"])}
        return Answer(page(sorted(names), query), ASK_AGAIN)

    return _by_id(id, query, show)


def list_versions_of_id(id: int, query: Mapping[str, Any]) -> Answer:
    """List the versions that use a schema, by subject and number."""

    def show(state: State, scope: SearchScope, found: FoundDefinition) -> Answer:
        uses = _uses(state, scope, found, deleted=query["deleted"])
        return Answer([{"subject": one.subject, "version": one.number} for one in page(uses, query)], ASK_AGAIN)

    return _by_id(id, query, show)


def _by_id(id: int, query: Mapping[str, Any], show: Show) -> Answer:
    def find(state: State) -> Answer:
        scope = search_scope(state, query["subject"])
        found = find_id(state, id, scope.subject, scope.context, everywhere=scope.everywhere)
        if found is None:
            raise SchemaNotFound(str(id))
        if found.at_once and scope.subject is None:
            by_topic = (StateDependency("topics", WHOLE, state.topics),) if query["subject"] else ()
            keep(StateDependency("uses", (found.context, found.guid), state.uses[found.context, found.guid]), *by_topic)
        names_versions(state, list(uses_of(state, found, deleted=False)) or list(uses_of(state, found, deleted=True)))
        return show(state, scope, found)

    return consult(find)


def show_by_guid(guid: str, query: Mapping[str, Any]) -> Answer:
    """Show the schema that a guid names, the same in every registry."""

    def show(state: State, _scope: SearchScope, found: FoundDefinition) -> Answer:
        return Answer(definition_content(state, found.guid, found.context, Presentation.of(query)), FOR_EVER)

    return _by_guid(guid, query, show)


def list_ids_of_guid(guid: str, query: Mapping[str, Any]) -> Answer:
    """List the ids that a schema has, one for each context that uses it."""

    def show(state: State, scope: SearchScope, found: FoundDefinition) -> Answer:
        keep()  # other contexts may begin to use it
        contexts = state.contexts() if scope.everywhere else [scope.context]
        ids = [
            {"context": context, "id": state.id_of[context, found.guid]}
            for context in contexts
            if (context, found.guid) in state.uses
        ]
        return Answer(ids, ASK_AGAIN)

    return _by_guid(guid, query, show)


def _by_guid(guid: str, query: Mapping[str, Any], show: Show) -> Answer:
    def find(state: State) -> Answer:
        scope = search_scope(state, query["subject"])
        known = _canonical(guid)
        found = find_guid(state, known, scope.context, everywhere=scope.everywhere) if known else None
        if found is None:
            raise SchemaNotFound(guid)
        if found.at_once:
            used = StateDependency("uses", (found.context, found.guid), state.uses[found.context, found.guid])
            # A guid of another registry leads elsewhere once there is a definition of that guid here.
            keep(used, *(() if found.guid == known else (StateDependency("definitions", known, None),)))
        names_versions(state, list(uses_of(state, found, deleted=False)) or list(uses_of(state, found, deleted=True)))
        return show(state, scope, found)

    return consult(find)


def _canonical(guid: str) -> str | None:
    """*guid* the way the registry writes them; None where it is not one."""
    try:
        return str(UUID(guid))
    except ValueError:
        return None


def list_types() -> Answer:
    """List the schema languages."""
    return Answer([str(one) for one in (Format.JSON, Format.PROTOBUF, Format.AVRO)])


_READ_ERRORS = (SchemaNotFound, SubjectInvalid)

ROUTES = (
    Route(
        "GET", "/schemas/ids/<int:id>", "getSchemaById", show_by_id, SchemaByIdShape(), ByIdQuery(), errors=_READ_ERRORS
    ),
    Route(
        "GET",
        "/schemas/ids/<int:id>/schema",
        "getSchemaTextById",
        show_text_by_id,
        SCHEMA_TEXT,
        TextByIdQuery(),
        errors=_READ_ERRORS,
    ),
    Route(
        "GET",
        "/schemas/ids/<int:id>/subjects",
        "listSubjectsOfId",
        list_subjects_of_id,
        STRINGS,
        UsesQuery(),
        errors=_READ_ERRORS,
    ),
    Route(
        "GET",
        "/schemas/ids/<int:id>/versions",
        "listVersionsOfId",
        list_versions_of_id,
        SubjectVersionShape(many=True),
        UsesQuery(),
        errors=_READ_ERRORS,
    ),
    Route(
        "GET",
        "/schemas/guids/<guid>",
        "getSchemaByGuid",
        show_by_guid,
        DefinitionShape(),
        ByGuidQuery(),
        errors=_READ_ERRORS,
    ),
    Route(
        "GET",
        "/schemas/guids/<guid>/ids",
        "listIdsOfGuid",
        list_ids_of_guid,
        ContextIdShape(many=True),
        LookInQuery(),
        errors=_READ_ERRORS,
    ),
    Route("GET", "/schemas/types", "listSchemaTypes", list_types, STRINGS),
)
