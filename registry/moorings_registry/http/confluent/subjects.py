"""Subjects: listing them, looking a schema up in one, deleting them."""

from urllib.parse import unquote

from flask import Response

from moorings_registry.commands import DeleteSubject, find_version
from moorings_registry.errors import (
    AssociatedSubjectKept,
    MetadataInvalid,
    OperationNotPermitted,
    ReferenceExists,
    ReferenceNotFound,
    RequestInvalid,
    RuleSetInvalid,
    SchemaInvalid,
    SchemaLimitExceeded,
    SchemaNotFound,
    SubjectAlreadyDeleted,
    SubjectInvalid,
    SubjectNotDeletedFirst,
    SubjectNotFound,
)
from moorings_registry.http.confluent.answers import answer, version_object
from moorings_registry.http.confluent.bodies import read_draft, read_object
from moorings_registry.http.confluent.parameters import (
    DELETED,
    DELETED_ONLY,
    FORMAT,
    KEY,
    LIMIT,
    NORMALIZE,
    OFFSET,
    PERMANENT,
    SUBJECT_PREFIX,
    VALUE,
    page,
)
from moorings_registry.http.confluent.route import Route
from moorings_registry.http.confluent.scoping import held_anywhere, held_subject, prefix_meant, subject_meant
from moorings_registry.http.requests import consult, current_caller, current_registry, current_state, wrote
from moorings_registry.state import State
from moorings_registry.version_queries import newest_with, select_subjects


def list_subjects() -> Response:
    """List the names of subjects, sorted; qualified outside the default context."""
    found = select_subjects(current_state(), prefix_meant(), deleted=DELETED.value, deleted_only=DELETED_ONLY.value)
    return answer([str(one.subject) for one in page(found)])


def lookup(subject: str) -> Response:
    """Find the version of a subject that a schema is."""
    body = read_object()
    draft = read_draft(body, normalize=NORMALIZE.value)
    deleted = DELETED.value

    def find(state: State) -> Response:
        registry = current_registry()
        held = held_anywhere(state, subject, deleted=deleted)
        candidate = registry.read_candidate(state, held.subject, draft)
        found = find_version(state, held, candidate, registry.dependencies.schema_cache, deleted=deleted)
        if found is None:
            raise SchemaNotFound
        return answer(version_object(state, found))

    return consult(find)


def show_by_metadata(subject: str) -> Response:
    """Show the newest version whose metadata has all the properties that are asked for."""
    keys, values = KEY.value, VALUE.value
    if len(keys) != len(values):
        raise RequestInvalid("The parameters key and value come in pairs")
    asked = [dict(zip(keys, values, strict=True)), dict(zip(map(unquote, keys), map(unquote, values), strict=True))]

    def find(state: State) -> Response:
        held = held_subject(state, subject, deleted=DELETED.value)
        for properties in asked:  # the official Python client escapes both a second time
            found = newest_with(state, held, properties, deleted=DELETED.value)
            if found is not None:
                return answer(version_object(state, found))
        raise SchemaNotFound

    return consult(find)


def delete_subject(subject: str) -> Response:
    """Hide every version of a subject; with `permanent`, remove for good what is hidden."""
    command = DeleteSubject(subject_meant(current_state(), subject), PERMANENT.value)
    outcome, state = current_registry().execute(command, current_caller())
    return wrote(answer(list(outcome.versions)), state)


ROUTES = (
    Route("GET", "/subjects", list_subjects, (SUBJECT_PREFIX, DELETED, DELETED_ONLY, OFFSET, LIMIT)),
    Route(
        "POST",
        "/subjects/<subject>",
        lookup,
        (NORMALIZE, DELETED, FORMAT),
        (
            SubjectInvalid,
            SubjectNotFound,
            SchemaNotFound,
            SchemaInvalid,
            SchemaLimitExceeded,
            ReferenceNotFound,
            MetadataInvalid,
            RuleSetInvalid,
        ),
    ),
    Route(
        "GET",
        "/subjects/<subject>/metadata",
        show_by_metadata,
        (KEY, VALUE, DELETED, FORMAT),
        (SubjectInvalid, SubjectNotFound, SchemaNotFound),
    ),
    Route(
        "DELETE",
        "/subjects/<subject>",
        delete_subject,
        (PERMANENT,),
        (
            SubjectInvalid,
            SubjectNotFound,
            SubjectAlreadyDeleted,
            SubjectNotDeletedFirst,
            ReferenceExists,
            AssociatedSubjectKept,
            OperationNotPermitted,
        ),
    ),
)
