"""Versions: registering, looking up, reading and deleting them; and definitions by id and guid."""

import uuid
from typing import Any

from flask import Response, jsonify

from moorings_registry.commands import DeleteVersion, RegisterSchema, RestoreVersion, find_version
from moorings_registry.errors import SchemaNotFound
from moorings_registry.http.native.blueprint import NativeBlueprint
from moorings_registry.http.native.drafts import held_subject, read_draft
from moorings_registry.http.native.shapes import (
    DefinitionShape,
    DeletedQuery,
    DraftBody,
    NumbersShape,
    PermanentQuery,
    RegisterBody,
    VersionShape,
    VersionsShape,
)
from moorings_registry.http.requests import consult, current_caller, current_registry, keep, wrote
from moorings_registry.http.response_cache import StateDependency
from moorings_registry.http.views import definition_view, version_view
from moorings_registry.names import DEFAULT_CONTEXT, Subject
from moorings_registry.state import State, Version
from moorings_registry.version_selectors import select_version

versions = NativeBlueprint("versions", __name__, url_prefix="/v1/events", description="Versions of events.")
schemas = NativeBlueprint("schemas", __name__, url_prefix="/v1/schemas", description="Definitions by what names them.")

FOR_EVER = "private, max-age=31536000, immutable"
A_WHILE = "private, max-age=300"
"""A version's text never changes, and its lifecycle may."""
ASK_AGAIN = "private, no-cache"


@versions.post("/<path:subject>/versions")
@versions.arguments(RegisterBody)
@versions.response(200, VersionShape)
@versions.alt_response(201, schema=VersionShape)
def register(body: dict[str, Any], subject: str) -> tuple[Response, int]:
    """Register a schema; one that is already there is returned, not added."""
    command = RegisterSchema(Subject.parse(subject), read_draft(body), body["major"])
    outcome, state = current_registry().execute(command, current_caller())
    return wrote(jsonify(_view(state, outcome.existing_version)), state), 201 if outcome.created else 200


def _view(state: State, version: Version) -> dict[str, Any]:
    registry = current_registry()
    schema = registry.dependencies.schema_cache.schema(state, state.definitions[version.guid], version.subject.context)
    return {**version_view(state, version), "fingerprint": schema.fingerprint}


@versions.get("/<path:subject>/versions")
@versions.arguments(DeletedQuery, location="query")
@versions.response(200, VersionsShape)
def list_versions(query: dict[str, Any], subject: str) -> Response:
    """List an event's versions without their texts, oldest first."""

    def find(state: State) -> Response:
        held = held_subject(state, subject, deleted=query["deleted"])
        shown = held.versions if query["deleted"] else held.active
        return jsonify(versions=[version_view(state, one, text=False) for one in shown])

    return consult(find)


@versions.get("/<path:subject>/versions/<version>")
@versions.arguments(DeletedQuery, location="query")
@versions.response(200, VersionShape)
def show_version(query: dict[str, Any], subject: str, version: str) -> Response:
    """Show one version: `5`, `2.1`, `latest`, or `v2` for the newest revision of major 2."""

    def find(state: State) -> Response:
        held = held_subject(state, subject, deleted=query["deleted"])
        found = select_version(held, version, deleted=query["deleted"])
        keep(StateDependency("subjects", held.subject, held))
        response = jsonify(_view(state, found))
        moves = version == "latest" or version.startswith("v")
        response.headers["Cache-Control"] = ASK_AGAIN if moves else A_WHILE
        return response

    return consult(find)


@versions.delete("/<path:subject>/versions/<version>")
@versions.arguments(PermanentQuery, location="query")
@versions.response(200, NumbersShape)
def delete_version(query: dict[str, Any], subject: str, version: str) -> Response:
    """Hide a version; with `permanent`, remove for good one that is hidden."""
    command = DeleteVersion(Subject.parse(subject), version, query["permanent"])
    outcome, state = current_registry().execute(command, current_caller())
    return wrote(jsonify(versions=list(outcome.versions)), state)


@versions.post("/<path:subject>/versions/<version>/restore")
@versions.response(200, VersionShape)
def restore_version(subject: str, version: str) -> Response:
    """Bring a soft-deleted version back under its number; one that is active stays as it is."""
    command = RestoreVersion(Subject.parse(subject), version)
    outcome, state = current_registry().execute(command, current_caller())
    return wrote(jsonify(_view(state, outcome.existing_version)), state)


@versions.post("/<path:subject>/lookup")
@versions.arguments(DraftBody)
@versions.response(200, VersionShape)
def lookup(body: dict[str, Any], subject: str) -> Response:
    """Find the version of an event that a text is."""

    def find(state: State) -> Response:
        held = held_subject(state, subject)
        candidate = current_registry().read_candidate(state, held.subject, read_draft(body))
        found = find_version(state, held, candidate, current_registry().dependencies.schema_cache)
        if found is None:
            raise SchemaNotFound
        return jsonify(_view(state, found))

    return consult(find)


@schemas.get("/<uuid:guid>")
@schemas.response(200, DefinitionShape)
def by_guid(guid: uuid.UUID) -> Response:
    """Show the definition that a guid names, the same in every registry; one that it had elsewhere will do."""
    return consult(lambda state: _definition(state, state.own_guid(str(guid))))


@schemas.get("/ids/<int:id>")
@schemas.response(200, DefinitionShape)
def by_id(id: int) -> Response:
    """Show the definition that an id of this registry names."""

    def find(state: State) -> Response:
        guid = state.guid_of_id(id)
        if guid is None:
            raise SchemaNotFound(str(id))
        return _definition(state, guid)

    return consult(find)


def _definition(state: State, guid: str) -> Response:
    context = next((one for one in state.contexts() if (one, guid) in state.uses), None)
    if context is None:
        raise SchemaNotFound(guid)
    default = (DEFAULT_CONTEXT, guid)  # its id is shown, once it has one
    keep(
        StateDependency("uses", (context, guid), state.uses[context, guid]),
        StateDependency("uses", default, state.uses.get(default)),
    )
    id = state.id_of.get((DEFAULT_CONTEXT, guid)) or state.id_of[context, guid]
    aliases = list(state.known_as.get(guid, ()))
    response = jsonify(id=id, aliases=aliases, **definition_view(state.definitions[guid]))
    response.headers["Cache-Control"] = FOR_EVER
    return response
