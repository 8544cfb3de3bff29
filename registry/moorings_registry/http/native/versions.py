"""Versions: registering, looking up, reading and deleting them; and definitions by id and guid."""

import uuid
from typing import Any

from moorings_registry.commands import (
    DELETION_REFUSALS,
    REGISTRATION_REFUSALS,
    DeleteVersion,
    RegisterSchema,
    RestoreVersion,
    find_by_text,
    find_version,
)
from moorings_registry.errors import (
    BodyUnreadable,
    CompilerUnavailable,
    ContextHoldsSettings,
    LifecycleInvalid,
    OperationNotPermitted,
    ReferenceNotFound,
    SchemaIncompatible,
    SchemaInvalid,
    SchemaNotFound,
    SchemaUnreadable,
    SubjectInvalid,
    SubjectNotFound,
    VersionAlreadyDeleted,
    VersionInvalid,
    VersionNotDeletedFirst,
    VersionNotFound,
)
from moorings_registry.http.lifecycle_headers import names_event, names_major, names_versions
from moorings_registry.http.native.answer_values import full_version_value, version_value
from moorings_registry.http.native.blueprint import READING_A_SCHEMA, WRITING, Answer, NativeBlueprint
from moorings_registry.http.native.drafts import held_subject, read_draft, subject_meant
from moorings_registry.http.native.list_queries import DeletedQuery, PermanentQuery
from moorings_registry.http.native.version_shapes import (
    DraftBody,
    NamedDefinitionShape,
    NumbersShape,
    RegisterBody,
    VersionShape,
    VersionsShape,
)
from moorings_registry.http.requests import (
    consult,
    current_caller,
    current_registry,
    current_state,
    keep,
    position_header,
)
from moorings_registry.http.response_cache import StateDependency, topics_behind
from moorings_registry.names import DEFAULT_CONTEXT, Subject
from moorings_registry.state import State, SubjectState, Version
from moorings_registry.version_selectors import select_version

versions = NativeBlueprint("versions", __name__, url_prefix="/v1/events", description="Versions of events.")
schemas = NativeBlueprint("schemas", __name__, url_prefix="/v1/schemas", description="Definitions by what names them.")

FOR_EVER = "private, max-age=31536000, immutable"
A_WHILE = "private, max-age=300"
"""A version's text never changes, and its lifecycle may."""
ASK_AGAIN = "private, no-cache"


@versions.post("/<path:subject>/versions")
@versions.operation(
    "registerVersion",
    SubjectInvalid,
    *WRITING,
    BodyUnreadable,
    *READING_A_SCHEMA,
    *REGISTRATION_REFUSALS,
    ContextHoldsSettings,
    LifecycleInvalid,
    VersionNotFound,
)
@versions.arguments(RegisterBody)
@versions.response(200, VersionShape)
@versions.alt_response(201, schema=VersionShape)
def register(body: dict[str, Any], subject: str) -> Answer:
    """Register a schema; one that is already there is returned, not added."""
    command = RegisterSchema(
        subject_meant(current_state(), subject), read_draft(body), body["major"], opens_draft=body["state"] is not None
    )
    outcome, state = current_registry().execute(command, current_caller())
    status = 201 if outcome.created else 200
    return _full_value(state, outcome.existing_version), status, position_header(state)


def _full_value(state: State, version: Version) -> dict[str, Any]:
    names_major(state, version.subject, version.major)
    return full_version_value(state, version, current_registry().dependencies.schema_cache)


@versions.get("/<path:subject>/versions")
@versions.operation("listVersions", SubjectInvalid, SubjectNotFound)
@versions.arguments(DeletedQuery, location="query")
@versions.response(200, VersionsShape)
def list_versions(query: dict[str, Any], subject: str) -> Answer:
    """List an event's versions without their texts, oldest first."""

    def find(state: State) -> Answer:
        held = held_subject(state, subject, deleted=query["deleted"])
        shown = held.versions if query["deleted"] else held.active
        names_event(state, held)
        return {"versions": [version_value(state, one) for one in shown]}

    return consult(find)


@versions.get("/<path:subject>/versions/<version>")
@versions.operation(
    "showVersion", SubjectInvalid, SubjectNotFound, VersionInvalid, VersionNotFound, CompilerUnavailable
)
@versions.arguments(DeletedQuery, location="query")
@versions.response(200, VersionShape)
def show_version(query: dict[str, Any], subject: str, version: str) -> Answer:
    """Show one version: `5`, `2.1`, `latest`, or `v2` for the newest revision of major 2."""

    def find(state: State) -> Answer:
        held = held_subject(state, subject, deleted=query["deleted"])
        found = select_version(held, version, deleted=query["deleted"])
        _keep_while_unchanged(state, subject, held)
        moves = version == "latest" or version.startswith("v")
        return _full_value(state, found), {"Cache-Control": ASK_AGAIN if moves else A_WHILE}

    return consult(find)


def _keep_while_unchanged(state: State, named: str, held: SubjectState) -> None:
    """Keep the answer while neither the subject changes nor what its name leads to; under an alias, not at all."""
    if held.subject == Subject.parse(named):
        settings = StateDependency("configs", str(held.subject), state.configs.get(str(held.subject)))
        keep(StateDependency("subjects", held.subject, held), settings, *topics_behind(state, held.subject))


@versions.delete("/<path:subject>/versions/<version>")
@versions.operation(
    "deleteVersion",
    SubjectInvalid,
    SubjectNotFound,
    VersionInvalid,
    VersionNotFound,
    *WRITING,
    VersionAlreadyDeleted,
    VersionNotDeletedFirst,
    *DELETION_REFUSALS,
)
@versions.arguments(PermanentQuery, location="query")
@versions.response(200, NumbersShape)
def delete_version(query: dict[str, Any], subject: str, version: str) -> Answer:
    """Soft-delete a version; with `permanent`, permanently delete one that is soft-deleted."""
    command = DeleteVersion(subject_meant(current_state(), subject), version, query["permanent"], query["reason"])
    outcome, state = current_registry().execute(command, current_caller())
    return {"versions": outcome.versions}, position_header(state)


@versions.post("/<path:subject>/versions/<version>/restore")
@versions.operation(
    "restoreVersion",
    SubjectInvalid,
    SubjectNotFound,
    VersionInvalid,
    VersionNotFound,
    *WRITING,
    CompilerUnavailable,
    ReferenceNotFound,
    OperationNotPermitted,
    SchemaIncompatible,
)
@versions.response(200, VersionShape)
def restore_version(subject: str, version: str) -> Answer:
    """Bring a soft-deleted version back under its number; one that is active stays as it is."""
    command = RestoreVersion(subject_meant(current_state(), subject), version)
    outcome, state = current_registry().execute(command, current_caller())
    return _full_value(state, outcome.existing_version), position_header(state)


@versions.post("/<path:subject>/lookup")
@versions.operation("lookUpVersion", SubjectInvalid, SubjectNotFound, BodyUnreadable, *READING_A_SCHEMA, SchemaNotFound)
@versions.arguments(DraftBody)
@versions.response(200, VersionShape)
def lookup(body: dict[str, Any], subject: str) -> Answer:
    """Find the version of an event that a text is."""

    def find(state: State) -> Answer:
        held = held_subject(state, subject)
        draft = read_draft(body)
        try:
            candidate = current_registry().read_candidate(state, held.subject, draft)
            found = find_version(state, held, candidate, current_registry().dependencies.schema_cache)
        except (SchemaInvalid, SchemaUnreadable):
            found = find_by_text(state, held, draft)
            if found is None:
                raise
        if found is None:
            raise SchemaNotFound
        return _full_value(state, found)

    return consult(find)


@schemas.get("/<uuid:guid>")
@schemas.operation("showSchemaByGuid", SchemaNotFound)
@schemas.response(200, NamedDefinitionShape)
def by_guid(guid: uuid.UUID) -> Answer:
    """Show the definition that a guid names, the same in every registry; one that it had elsewhere will do."""
    return consult(lambda state: _definition(state, state.own_guid(str(guid))))


@schemas.get("/ids/<int:id>")
@schemas.operation("showSchemaById", SchemaNotFound)
@schemas.response(200, NamedDefinitionShape)
def by_id(id: int) -> Answer:
    """Show the definition that an id of this registry names."""

    def find(state: State) -> Answer:
        guid = state.guid_of_id(id)
        if guid is None:
            raise SchemaNotFound(str(id))
        return _definition(state, guid)

    return consult(find)


def _uses(state: State, guid: str, context: str) -> list[Version]:
    places = state.places_of(guid, context)
    return [one for place in places if (one := state.version_at(place)) is not None and not one.deleted]


def _definition(state: State, guid: str) -> Answer:
    context = next((one for one in state.contexts() if (one, guid) in state.uses), None)
    if context is None:
        raise SchemaNotFound(guid)
    default = (DEFAULT_CONTEXT, guid)  # its id is shown, once it has one
    keep(
        StateDependency("uses", (context, guid), state.uses[context, guid]),
        StateDependency("uses", default, state.uses.get(default)),
    )
    id = state.id_of.get((DEFAULT_CONTEXT, guid)) or state.id_of[context, guid]
    names_versions(state, _uses(state, guid, context))
    value = {"definition": state.definitions[guid], "id": id, "aliases": list(state.known_as.get(guid, ()))}
    return value, {"Cache-Control": FOR_EVER}
