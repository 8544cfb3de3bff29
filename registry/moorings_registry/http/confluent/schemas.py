"""Schemas by what names them wherever they are used: an id of this registry, or a guid of any."""

from collections.abc import Callable
from uuid import UUID

from flask import Response

from moorings_compat import Format
from moorings_registry.errors import SchemaNotFound, SubjectInvalid
from moorings_registry.http.confluent.answers import (
    ASK_AGAIN,
    FOR_EVER,
    Json,
    answer,
    definition_object,
    text_answer,
    text_asked,
    timestamp_ms,
)
from moorings_registry.http.confluent.parameters import (
    DELETED,
    FETCH_MAX_ID,
    FIND_TAGS,
    FORMAT,
    LIMIT,
    OFFSET,
    REFERENCE_FORMAT,
    SUBJECT,
    page,
)
from moorings_registry.http.confluent.route import Route
from moorings_registry.http.confluent.scoping import SearchScope, search_scope
from moorings_registry.http.requests import consult, keep
from moorings_registry.http.response_cache import StateDependency
from moorings_registry.state import State, Version
from moorings_registry.version_queries import FoundDefinition, find_guid, find_id, uses_of


def show_by_id(id: int) -> Response:
    """Show the schema that an id names; soft-deleted ones still resolve."""

    def show(state: State, scope: SearchScope, found: FoundDefinition) -> Response:
        shown = definition_object(state, found.guid, found.context)
        cache = FOR_EVER
        if scope.subject is not None:
            shown |= _use_in(state, scope, found)
            cache = ASK_AGAIN
        if FETCH_MAX_ID.value:
            keep()
            shown["maxId"] = state.last_id.get(found.context, 0)
            cache = ASK_AGAIN
        return answer(shown, cache=cache)

    return _by_id(id, show)


def _use_in(state: State, scope: SearchScope, found: FoundDefinition) -> Json:
    """Which version of the subject that was asked about uses the schema; empty where none does."""
    uses = _uses(state, scope, found, deleted=True)
    if not uses:
        return {}
    use = uses[-1]
    deleted = {"deleted": True} if use.deleted else {}
    return {"subject": str(use.subject), "version": use.number, "ts": timestamp_ms(use), **deleted}


def _uses(state: State, scope: SearchScope, found: FoundDefinition, *, deleted: bool) -> list[Version]:
    """The versions that use a schema, of the subject that was asked about where one was."""
    name = scope.subject.name if scope.subject else None
    return [one for one in uses_of(state, found, deleted=deleted) if name in (None, one.subject.name)]


def show_text_by_id(id: int) -> Response:
    """Show the bare text of the schema that an id names."""
    return _by_id(id, lambda state, _, found: text_answer(text_asked(state, found.guid, found.context), cache=FOR_EVER))


def list_subjects_of_id(id: int) -> Response:
    """List the subjects that use a schema, sorted."""

    def show(state: State, scope: SearchScope, found: FoundDefinition) -> Response:
        names = {str(one.subject) for one in _uses(state, scope, found, deleted=DELETED.value)}
        return answer(page(sorted(names)), cache=ASK_AGAIN)

    return _by_id(id, show)


def list_versions_of_id(id: int) -> Response:
    """List the versions that use a schema, by subject and number."""

    def show(state: State, scope: SearchScope, found: FoundDefinition) -> Response:
        uses = _uses(state, scope, found, deleted=DELETED.value)
        pairs = [{"subject": str(one.subject), "version": one.number} for one in uses]
        return answer(page(pairs), cache=ASK_AGAIN)

    return _by_id(id, show)


def _by_id(id: int, show: Callable[[State, SearchScope, FoundDefinition], Response]) -> Response:
    def find(state: State) -> Response:
        scope = search_scope(state)
        found = find_id(state, id, scope.subject, scope.context, everywhere=scope.everywhere)
        if found is None:
            raise SchemaNotFound(str(id))
        if found.at_once and scope.subject is None:
            keep(StateDependency("uses", (found.context, found.guid), state.uses[found.context, found.guid]))
        return show(state, scope, found)

    return consult(find)


def show_by_guid(guid: str) -> Response:
    """Show the schema that a guid names, the same in every registry."""

    def show(state: State, found: FoundDefinition) -> Response:
        return answer(definition_object(state, found.guid, found.context), cache=FOR_EVER)

    return _by_guid(guid, show)


def list_ids_of_guid(guid: str) -> Response:
    """List the ids that a schema has, one for each context that uses it."""

    def show(state: State, found: FoundDefinition) -> Response:
        keep()  # other contexts may begin to use it
        scope = search_scope(state)
        contexts = state.contexts() if scope.everywhere else [scope.context]
        return answer(
            [
                {"context": context, "id": state.id_of[context, found.guid]}
                for context in contexts
                if (context, found.guid) in state.uses
            ],
            cache=ASK_AGAIN,
        )

    return _by_guid(guid, show)


def _by_guid(guid: str, show: Callable[[State, FoundDefinition], Response]) -> Response:
    def find(state: State) -> Response:
        scope = search_scope(state)
        known = _canonical(guid)
        found = find_guid(state, known, scope.context, everywhere=scope.everywhere) if known else None
        if found is None:
            raise SchemaNotFound(guid)
        if found.at_once:
            keep(StateDependency("uses", (found.context, found.guid), state.uses[found.context, found.guid]))
        return show(state, found)

    return consult(find)


def _canonical(guid: str) -> str | None:
    """*guid* the way the registry writes them; None where it is none."""
    try:
        return str(UUID(guid))
    except ValueError:
        return None


def list_types() -> Response:
    """List the schema languages."""
    return answer([str(one) for one in (Format.JSON, Format.PROTOBUF, Format.AVRO)])


_FOUND = (SchemaNotFound, SubjectInvalid)

ROUTES = (
    Route(
        "GET", "/schemas/ids/<int:id>", show_by_id, (SUBJECT, FORMAT, REFERENCE_FORMAT, FIND_TAGS, FETCH_MAX_ID), _FOUND
    ),
    Route("GET", "/schemas/ids/<int:id>/schema", show_text_by_id, (SUBJECT, FORMAT), _FOUND),
    Route("GET", "/schemas/ids/<int:id>/subjects", list_subjects_of_id, (SUBJECT, DELETED, OFFSET, LIMIT), _FOUND),
    Route("GET", "/schemas/ids/<int:id>/versions", list_versions_of_id, (SUBJECT, DELETED, OFFSET, LIMIT), _FOUND),
    Route("GET", "/schemas/guids/<guid>", show_by_guid, (FORMAT,), _FOUND),
    Route("GET", "/schemas/guids/<guid>/ids", list_ids_of_guid, (), _FOUND),
    Route("GET", "/schemas/types", list_types),
)
