"""Tags inside schemas: changing them, which registers a version, and showing them."""

from collections.abc import Mapping
from typing import Any

from flask import Response

from moorings_compat import Problem
from moorings_registry.commands import TagSchema
from moorings_registry.errors import (
    MetadataInvalid,
    OperationNotPermitted,
    RequestInvalid,
    RuleSetInvalid,
    SchemaIncompatible,
    SchemaInvalid,
    SchemaLimitExceeded,
    SubjectInvalid,
    SubjectNotFound,
    VersionInvalid,
    VersionNotFound,
)
from moorings_registry.http.confluent.answers import answer, version_object
from moorings_registry.http.confluent.bodies import number_of, read_object
from moorings_registry.http.confluent.route import Route
from moorings_registry.http.confluent.scoping import subject_meant
from moorings_registry.http.requests import current_caller, current_registry, current_state, wrote
from moorings_registry.schema_contents.inline_tags import FIELD, RECORD, Entity, Tagging
from moorings_registry.version_selectors import read_version, selector


def change_tags(subject: str, version: str) -> Response:
    """Register a version once more, with tags inside it added and removed, and rules merged and removed."""
    body, number = read_object(), read_version(version)
    removed = _names(body.get("rulesToRemove"), "rulesToRemove")
    if removed and body.get("ruleSet") is not None:
        raise RequestInvalid("rulesToRemove does not go together with ruleSet")
    command = TagSchema(
        subject=subject_meant(current_state(), subject),
        version=selector(number),
        new_version=number_of(body, "newVersion"),
        add=read_taggings(body.get("tagsToAdd"), "tagsToAdd"),
        remove=read_taggings(body.get("tagsToRemove"), "tagsToRemove"),
        metadata=body.get("metadata"),
        rule_set=body.get("ruleSet"),
        rules_to_merge=body.get("rulesToMerge"),
        rules_to_remove=removed,
    )
    outcome, state = current_registry().execute(command, current_caller())
    registered = state.version_at((command.subject, outcome.versions[0]))
    if registered is None:  # deleted between the write and this answer to it
        raise VersionNotFound(outcome.versions[0])
    return wrote(answer(version_object(state, registered)), state)


def read_taggings(sent: Any, member: str) -> tuple[Tagging, ...]:
    """The tags of entities that a body lists under *member*.

    Raises:
        RequestInvalid
    """
    if sent is None:
        return ()
    if not isinstance(sent, list):
        raise RequestInvalid(f"{member} takes a list", [Problem(f"/{member}", "not a list")])
    return tuple(_tagging(one, f"/{member}/{index}") for index, one in enumerate(sent))


def _tagging(sent: Any, where: str) -> Tagging:
    entity = sent.get("schemaEntity") if isinstance(sent, Mapping) else None
    path = entity.get("entityPath") if isinstance(entity, Mapping) else None
    kind = str(entity.get("entityType")).lower() if isinstance(entity, Mapping) else None
    if not isinstance(path, str) or kind not in (RECORD, FIELD):
        raise RequestInvalid(
            f"A tag needs a schemaEntity with an entityPath and an entityType, {RECORD} or {FIELD}",
            [Problem(where, "no schemaEntity")],
        )
    return Tagging(Entity(path, kind), _names(sent.get("tags"), f"{where}/tags"))


def _names(sent: Any, where: str) -> tuple[str, ...]:
    if sent is None:
        return ()
    if not isinstance(sent, list) or not all(isinstance(one, str) for one in sent):
        raise RequestInvalid(f"{where} takes a list of names", [Problem(where, "not a list of strings")])
    return tuple(dict.fromkeys(sent))


ROUTES = (
    Route(
        "POST",
        "/subjects/<subject>/versions/<version>/tags",
        change_tags,
        (),
        (
            SubjectInvalid,
            SubjectNotFound,
            VersionInvalid,
            VersionNotFound,
            MetadataInvalid,
            RuleSetInvalid,
            SchemaInvalid,
            SchemaLimitExceeded,
            SchemaIncompatible,
            OperationNotPermitted,
        ),
    ),
)
