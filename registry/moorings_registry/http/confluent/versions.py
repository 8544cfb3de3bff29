"""Versions of a subject: listing, registering, reading and deleting them."""

from collections.abc import Mapping
from typing import Any

from flask import g

from moorings_registry.commands import (
    DELETION_REFUSALS,
    REGISTRATION_REFUSALS,
    DeleteVersion,
    RegisterSchema,
    TagChanges,
)
from moorings_registry.errors import (
    MetadataInvalid,
    ReferenceNotFound,
    RuleSetInvalid,
    SchemaInvalid,
    SchemaLimitExceeded,
    SubjectInvalid,
    SubjectNotFound,
    VersionAlreadyDeleted,
    VersionInvalid,
    VersionNotDeletedFirst,
    VersionNotFound,
)
from moorings_registry.http.confluent.answer import ASK_AGAIN, Answer
from moorings_registry.http.confluent.answer_shapes import INTEGER, INTEGERS, SCHEMA_TEXT, VersionShape
from moorings_registry.http.confluent.body_shapes import RegisterBody, draft_of
from moorings_registry.http.confluent.definitions import Presentation, as_sent, text_in_format, version_content
from moorings_registry.http.confluent.query_shapes import (
    DeletedPageQuery,
    PermanentQuery,
    RegisterQuery,
    VersionQuery,
    VersionsQuery,
    VersionTextQuery,
    page,
)
from moorings_registry.http.confluent.route import Route
from moorings_registry.http.confluent.scoping import (
    held_anywhere,
    held_subject,
    name_to_show,
    retired_reason,
    subject_meant,
    subject_named,
)
from moorings_registry.http.lifecycle_headers import names_event, names_major
from moorings_registry.http.older_clients import is_older
from moorings_registry.http.requests import consult, current_caller, current_registry, current_state, keep
from moorings_registry.http.response_cache import StateDependency, topics_behind
from moorings_registry.lifecycle import version_as_served
from moorings_registry.state import State, SubjectState, Version
from moorings_registry.topics import named_by_topic
from moorings_registry.version_queries import shown_versions
from moorings_registry.version_selectors import pick_version, read_version, selector


def list_versions(subject: str, query: Mapping[str, Any]) -> Answer:
    """List the numbers of a subject's versions, oldest first."""
    negative, deleted_only = query["deleted_as_negative"], query["deleted_only"]
    deleted = query["deleted"] or negative

    def find(state: State) -> Answer:
        held = held_subject(state, subject, deleted=deleted or deleted_only)
        _keep_while_unchanged(state, subject, held)
        names_event(state, held)
        shown = page(shown_versions(held, deleted=deleted, deleted_only=deleted_only), query)
        return Answer([-one.number if negative and one.deleted else one.number for one in shown], ASK_AGAIN)

    return consult(find)


def register(subject: str, query: Mapping[str, Any], body: Mapping[str, Any]) -> Answer:
    """Register a schema under a subject; one that is already there keeps its version."""
    draft = draft_of(body, normalize=query["normalize"])
    command = RegisterSchema(
        subject_meant(current_state(), subject),
        draft,
        id=body["id"],
        version=body["version"],
        force=query["force"],
        tags=TagChanges(
            tuple(body["schema_tags_to_add"] or ()),
            tuple(body["schema_tags_to_remove"] or ()),
            propagate=bool(body["propagate_schema_tags"]),
        ),
    )
    outcome, state = current_registry().execute(command, current_caller())
    registered = outcome.existing_version
    names_major(state, registered.subject, registered.major)
    form = as_sent(Presentation.of(query), draft)
    content = version_content(state, registered, form, name_to_show(state, subject))
    if is_older(g.entered.request.headers) and not (content.get("metadata") or content.get("rule_set")):
        content = {"id": content["id"]}  # all that the oldest know; with a contract, later ones run what they are sent
    return Answer(content, written=state)


def show_version(subject: str, version: str, query: Mapping[str, Any]) -> Answer:
    """Show one version in full."""

    def show(state: State) -> Answer:
        found = _find(state, subject, version, deleted=query["deleted"])
        return Answer(version_content(state, found, Presentation.of(query), name_to_show(state, subject)), ASK_AGAIN)

    return consult(show)


def show_version_text(subject: str, version: str, query: Mapping[str, Any]) -> Answer:
    """Show the bare text of one version's schema."""

    def show(state: State) -> Answer:
        found = _find(state, subject, version, deleted=query["deleted"])
        return Answer(text_in_format(state, found.guid, found.subject.context, query["format"]), ASK_AGAIN)

    return consult(show)


def _find(state: State, subject: str, version: str, *, deleted: bool) -> Version:
    number = read_version(version)
    held = held_anywhere(state, subject, deleted=deleted)
    _keep_while_unchanged(state, subject, held)
    found = _picked(state, held, number, deleted=deleted)
    names_major(state, found.subject, found.major)
    return found


def _picked(state: State, held: SubjectState, number: int, *, deleted: bool) -> Version:
    """The version of *held*, as it is served, with that number; where its major is retired, the error says so.

    Raises:
        VersionNotFound
    """
    reason = "" if deleted else retired_reason(state, held.subject, number)
    if reason:
        raise VersionNotFound(number, reason)
    return pick_version(held, number, deleted=deleted)


def _keep_while_unchanged(state: State, named: str, held: SubjectState) -> None:
    """Keep the answer while neither the subject changes nor what its name leads to."""
    asked = subject_named(named)
    if held.subject not in (asked, named_by_topic(state, asked)):
        return  # an alias, or a find in another context: too many things could change where the name leads
    key = str(held.subject)
    keep(
        StateDependency("subjects", held.subject, state.subject(held.subject)),
        StateDependency("configs", key, state.configs.get(key)),
        *topics_behind(state, asked),
    )


def delete_version(subject: str, version: str, query: Mapping[str, Any]) -> Answer:
    """Soft-delete one version; with `permanent`, delete permanently one that is soft-deleted."""
    number = read_version(version)
    command = DeleteVersion(
        subject_meant(current_state(), subject), selector(number), query["permanent"], query["reason"]
    )
    outcome, state = current_registry().execute(command, current_caller())
    return Answer(outcome.versions[0], written=state)


def list_referrers(subject: str, version: str, query: Mapping[str, Any]) -> Answer:
    """List the ids of schemas that refer to a version."""
    deleted = query["deleted"]

    def find(state: State) -> Answer:
        found = _find(state, subject, version, deleted=deleted)
        keep()  # who refers to it changes without it
        places = state.referrers.get((found.subject, found.number), ())
        used = [one for place in places if (one := state.version_at(place)) is not None]
        referrers = [version_as_served(state, one) for one in used]
        return Answer(page(sorted({one.id for one in referrers if deleted or not one.deleted}), query))

    return consult(find)


KEPT_IN_DOMAINS = (
    "In a registered domain, versions of a major that is not retired are refused (42205): retire it instead. "
    "Versions of a retired major are soft-deleted ones to this API."
)
_READ_ERRORS = (SubjectInvalid, SubjectNotFound, VersionInvalid, VersionNotFound)

ROUTES = (
    Route(
        "GET",
        "/subjects/<subject>/versions",
        "listVersions",
        list_versions,
        INTEGERS,
        VersionsQuery(),
        errors=(SubjectInvalid, SubjectNotFound),
    ),
    Route(
        "POST",
        "/subjects/<subject>/versions",
        "registerSchema",
        register,
        VersionShape(),
        RegisterQuery(),
        RegisterBody(),
        errors=(
            SubjectInvalid,
            *REGISTRATION_REFUSALS,
            SchemaInvalid,
            SchemaLimitExceeded,
            ReferenceNotFound,
            MetadataInvalid,
            RuleSetInvalid,
        ),
        note="`force` is refused (42205) for subjects of a registered domain, which keeps its promises. A value of a "
        "property that `sensitive` names is refused (42210): the ledger is not encrypted.",
    ),
    Route(
        "GET",
        "/subjects/<subject>/versions/<version>",
        "getVersion",
        show_version,
        VersionShape(),
        VersionQuery(),
        errors=_READ_ERRORS,
    ),
    Route(
        "DELETE",
        "/subjects/<subject>/versions/<version>",
        "deleteVersion",
        delete_version,
        INTEGER,
        PermanentQuery(),
        errors=(
            *_READ_ERRORS,
            VersionAlreadyDeleted,
            VersionNotDeletedFirst,
            *DELETION_REFUSALS,
        ),
        note=KEPT_IN_DOMAINS,
    ),
    Route(
        "GET",
        "/subjects/<subject>/versions/<version>/schema",
        "getVersionText",
        show_version_text,
        SCHEMA_TEXT,
        VersionTextQuery(),
        errors=_READ_ERRORS,
    ),
    Route(
        "GET",
        "/subjects/<subject>/versions/<version>/referencedby",
        "listReferrers",
        list_referrers,
        INTEGERS,
        DeletedPageQuery(),
        errors=_READ_ERRORS,
    ),
)
