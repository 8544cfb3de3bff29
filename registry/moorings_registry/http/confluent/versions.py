"""Versions of a subject: listing, registering, reading and deleting them."""

from flask import Response, g

from moorings_registry.commands import DeleteVersion, RegisterSchema, TagChanges
from moorings_registry.errors import (
    IdMismatch,
    MajorRetired,
    MetadataInvalid,
    NameRefused,
    OperationNotPermitted,
    ReferenceExists,
    ReferenceNotFound,
    RuleSetInvalid,
    SchemaIncompatible,
    SchemaInvalid,
    SchemaLimitExceeded,
    SubjectInvalid,
    SubjectNotFound,
    VersionAlreadyDeleted,
    VersionInvalid,
    VersionNotDeletedFirst,
    VersionNotFound,
)
from moorings_registry.http.confluent.answers import ASK_AGAIN, answer, text_answer, text_asked, version_object
from moorings_registry.http.confluent.bodies import flag_of, id_of, number_of, read_draft, read_object
from moorings_registry.http.confluent.parameters import (
    DELETED,
    DELETED_AS_NEGATIVE,
    DELETED_ONLY,
    FIND_TAGS,
    FORCE,
    FORMAT,
    LIMIT,
    NORMALIZE,
    OFFSET,
    PERMANENT,
    REFERENCE_FORMAT,
    page,
)
from moorings_registry.http.confluent.route import Route
from moorings_registry.http.confluent.scoping import held_anywhere, held_subject, subject_meant, subject_named
from moorings_registry.http.confluent.tags import read_taggings
from moorings_registry.http.requests import consult, current_caller, current_registry, current_state, keep, wrote
from moorings_registry.http.response_cache import StateDependency
from moorings_registry.state import State, SubjectState, Version
from moorings_registry.version_queries import shown_versions
from moorings_registry.version_selectors import pick_version, read_version, selector


def list_versions(subject: str) -> Response:
    """List the numbers of a subject's versions, oldest first."""
    negative = DELETED_AS_NEGATIVE.value
    deleted, deleted_only = DELETED.value or negative, DELETED_ONLY.value

    def find(state: State) -> Response:
        held = held_subject(state, subject, deleted=deleted or deleted_only)
        _keep_while_unchanged(state, subject, held)
        shown = shown_versions(held, deleted=deleted, deleted_only=deleted_only)
        return answer([-one.number if negative and one.deleted else one.number for one in page(shown)], cache=ASK_AGAIN)

    return consult(find)


def register(subject: str) -> Response:
    """Register a schema under a subject; one that is already there keeps its version."""
    body = read_object()
    command = RegisterSchema(
        subject_meant(current_state(), subject),
        read_draft(body, normalize=NORMALIZE.value),
        id=id_of(body),
        version=number_of(body, "version"),
        force=FORCE.value,
        tags=TagChanges(
            read_taggings(body.get("schemaTagsToAdd"), "schemaTagsToAdd"),
            read_taggings(body.get("schemaTagsToRemove"), "schemaTagsToRemove"),
            propagate=bool(flag_of(body, "propagateSchemaTags")),
        ),
    )
    outcome, state = current_registry().execute(command, current_caller())
    return wrote(answer(version_object(state, _version(state, command, outcome.versions[0]))), state)


def _version(state: State, command: RegisterSchema, number: int) -> Version:
    version = state.version_at((command.subject, number))
    if version is None:
        raise VersionNotFound(number)  # deleted between the write and this answer to it
    return version


def show_version(subject: str, version: str) -> Response:
    """Show one version in full."""
    return consult(lambda state: answer(version_object(state, _find(state, subject, version)), cache=ASK_AGAIN))


def show_version_text(subject: str, version: str) -> Response:
    """Show the bare text of one version's schema."""

    def show(state: State) -> Response:
        found = _find(state, subject, version)
        return text_answer(text_asked(state, found.guid, found.subject.context), cache=ASK_AGAIN)

    return consult(show)


def _find(state: State, subject: str, version: str) -> Version:
    number, deleted = read_version(version), DELETED.value
    held = held_anywhere(state, subject, deleted=deleted)
    _keep_while_unchanged(state, subject, held)
    return pick_version(held, number, deleted=deleted)


def _keep_while_unchanged(state: State, named: str, held: SubjectState) -> None:
    """Keep the answer while neither the subject changes nor what its name leads to."""
    if held.subject != subject_named(named):
        return  # an alias, or a find in another context: too many things could change where the name leads
    scope = str(held.subject)
    keep(StateDependency("subjects", held.subject, held), StateDependency("configs", scope, state.configs.get(scope)))


def delete_version(subject: str, version: str) -> Response:
    """Hide one version; with `permanent`, remove for good one that is hidden."""
    number = read_version(version)
    meant = subject_meant(current_state(), subject)
    command = DeleteVersion(meant, selector(number), PERMANENT.value)
    outcome, state = current_registry().execute(command, current_caller())
    return wrote(answer(outcome.versions[0]), state)


def list_referrers(subject: str, version: str) -> Response:
    """List the ids of schemas that refer to a version."""

    def find(state: State) -> Response:
        found = _find(state, subject, version)
        g.bases = ()  # who refers to it changes without it
        places = state.referrers.get((found.subject, found.number), ())
        referrers = [one for place in places if (one := state.version_at(place)) is not None]
        return answer(page(sorted({one.id for one in referrers if DELETED.value or not one.deleted})))

    return consult(find)


_FOUND = (SubjectInvalid, SubjectNotFound, VersionInvalid, VersionNotFound)

ROUTES = (
    Route(
        "GET",
        "/subjects/<subject>/versions",
        list_versions,
        (DELETED, DELETED_ONLY, DELETED_AS_NEGATIVE, OFFSET, LIMIT),
        (SubjectInvalid, SubjectNotFound),
    ),
    Route(
        "POST",
        "/subjects/<subject>/versions",
        register,
        (NORMALIZE, FORMAT, FORCE),
        (
            SubjectInvalid,
            IdMismatch,
            NameRefused,
            SchemaInvalid,
            SchemaLimitExceeded,
            ReferenceNotFound,
            SchemaIncompatible,
            MetadataInvalid,
            RuleSetInvalid,
            MajorRetired,
            OperationNotPermitted,
        ),
        "`force` is refused (42205) for subjects of a registered domain, which keeps its promises.",
    ),
    Route(
        "GET",
        "/subjects/<subject>/versions/<version>",
        show_version,
        (DELETED, FORMAT, REFERENCE_FORMAT, FIND_TAGS),
        _FOUND,
    ),
    Route(
        "DELETE",
        "/subjects/<subject>/versions/<version>",
        delete_version,
        (PERMANENT,),
        (*_FOUND, VersionAlreadyDeleted, VersionNotDeletedFirst, ReferenceExists, OperationNotPermitted),
    ),
    Route("GET", "/subjects/<subject>/versions/<version>/schema", show_version_text, (DELETED, FORMAT), _FOUND),
    Route(
        "GET",
        "/subjects/<subject>/versions/<version>/referencedby",
        list_referrers,
        (DELETED, OFFSET, LIMIT),
        _FOUND,
    ),
)
