"""Subjects: listing them, looking a schema up in one, deleting them."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from moorings_registry.commands import DELETION_REFUSALS, Candidate, DeleteSubject, find_by_text, find_version
from moorings_registry.errors import (
    MetadataInvalid,
    ReferenceNotFound,
    RuleSetInvalid,
    SchemaInvalid,
    SchemaLimitExceeded,
    SchemaNotFound,
    SchemaUnreadable,
    SubjectAlreadyDeleted,
    SubjectInvalid,
    SubjectNotDeletedFirst,
    SubjectNotFound,
)
from moorings_registry.http.confluent.answer import Answer
from moorings_registry.http.confluent.answer_shapes import INTEGERS, STRINGS, VersionShape
from moorings_registry.http.confluent.body_shapes import DraftBody, draft_of
from moorings_registry.http.confluent.definitions import Presentation, as_sent, version_content
from moorings_registry.http.confluent.query_shapes import (
    LookupQuery,
    MetadataQuery,
    PermanentQuery,
    SubjectsQuery,
    page,
)
from moorings_registry.http.confluent.route import Route
from moorings_registry.http.confluent.scoping import (
    held_anywhere,
    held_subject,
    name_to_show,
    prefix_meant,
    retirement_text,
    subject_meant,
)
from moorings_registry.http.confluent.versions import KEPT_IN_DOMAINS
from moorings_registry.http.lifecycle_headers import names_major
from moorings_registry.http.requests import consult, current_caller, current_registry, current_state
from moorings_registry.state import State, SubjectState
from moorings_registry.version_queries import newest_with, select_names


def list_subjects(query: Mapping[str, Any]) -> Answer:
    """List the names of subjects, sorted; qualified outside the default context."""
    prefix = prefix_meant(query["subject_prefix"])
    found = select_names(current_state(), prefix, deleted=query["deleted"], deleted_only=query["deleted_only"])
    return Answer(list(page(found, query)))


def lookup(subject: str, query: Mapping[str, Any], body: Mapping[str, Any]) -> Answer:
    """Find the version of a subject that has a given schema."""
    draft = draft_of(body, normalize=query["normalize"])
    deleted = query["deleted"]

    def find(state: State) -> Answer:
        registry = current_registry()
        held = held_anywhere(state, subject, deleted=deleted)
        if not draft.text.strip():
            raise SchemaNotFound
        try:
            candidate = registry.read_candidate(state, held.subject, draft)
        except (SchemaInvalid, SchemaUnreadable):
            found = find_by_text(state, held, draft, deleted=deleted)
            if found is None:
                raise
        else:
            found = find_version(state, held, candidate, registry.dependencies.schema_cache, deleted=deleted)
            if found is None:
                raise SchemaNotFound(reason=_retired(state, held, candidate))
        names_major(state, found.subject, found.major)
        form = as_sent(Presentation.of(query), draft)
        return Answer(version_content(state, found, form, name_to_show(state, subject)))

    return consult(find)


def _retired(state: State, served: SubjectState, candidate: Candidate) -> str:
    """Say that a schema is not found because its major is retired; empty where it is not found at all."""
    held = state.subject(served.subject)
    if held is None or served is held:
        return ""
    found = find_version(state, held, candidate, current_registry().dependencies.schema_cache)
    return retirement_text(state, held.subject, found.major) if found else ""


def show_by_metadata(subject: str, query: Mapping[str, Any]) -> Answer:
    """Show the newest version whose metadata has all the given properties."""
    keys, values, deleted = query["key"], query["value"], query["deleted"]
    wanted = [dict(zip(keys, values, strict=True)), dict(zip(map(unquote, keys), map(unquote, values), strict=True))]

    def find(state: State) -> Answer:
        held = held_subject(state, subject, deleted=deleted)
        for properties in wanted:  # the official Python client escapes both a second time
            found = newest_with(state, held, properties, deleted=deleted)
            if found is not None:
                names_major(state, found.subject, found.major)
                return Answer(version_content(state, found, Presentation.of(query), name_to_show(state, subject)))
        known = state.subject(held.subject) or held
        retired = [one for one in (newest_with(state, known, sent, deleted=False) for sent in wanted) if one]
        raise SchemaNotFound(reason=retirement_text(state, held.subject, retired[0].major) if retired else "")

    return consult(find)


def delete_subject(subject: str, query: Mapping[str, Any]) -> Answer:
    """Soft-delete every version of a subject; with `permanent`, delete permanently what is soft-deleted."""
    command = DeleteSubject(subject_meant(current_state(), subject), query["permanent"], query["reason"])
    outcome, state = current_registry().execute(command, current_caller())
    return Answer(list(outcome.versions), written=state)


ROUTES = (
    Route("GET", "/subjects", "listSubjects", list_subjects, STRINGS, SubjectsQuery()),
    Route(
        "POST",
        "/subjects/<subject>",
        "lookUpSchema",
        lookup,
        VersionShape(),
        LookupQuery(),
        DraftBody(),
        errors=(
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
        "getVersionByMetadata",
        show_by_metadata,
        VersionShape(),
        MetadataQuery(),
        errors=(SubjectInvalid, SubjectNotFound, SchemaNotFound),
    ),
    Route(
        "DELETE",
        "/subjects/<subject>",
        "deleteSubject",
        delete_subject,
        INTEGERS,
        PermanentQuery(),
        errors=(
            SubjectInvalid,
            SubjectNotFound,
            SubjectAlreadyDeleted,
            SubjectNotDeletedFirst,
            *DELETION_REFUSALS,
        ),
        note=KEPT_IN_DOMAINS,
    ),
)
