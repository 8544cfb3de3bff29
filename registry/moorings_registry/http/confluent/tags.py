"""Changing the tags inside a schema, which registers a version."""

from collections.abc import Mapping
from typing import Any

from moorings_registry.commands import TagSchema
from moorings_registry.errors import (
    MajorRetired,
    MajorUnknown,
    MetadataInvalid,
    OperationNotPermitted,
    RuleSetInvalid,
    SchemaIncompatible,
    SchemaInvalid,
    SchemaLimitExceeded,
    SubjectInvalid,
    SubjectNotFound,
    VersionInvalid,
    VersionNotFound,
    WaiverNeeded,
)
from moorings_registry.http.confluent.answer import Answer
from moorings_registry.http.confluent.answer_shapes import VersionShape
from moorings_registry.http.confluent.body_shapes import TagBody
from moorings_registry.http.confluent.definitions import Presentation, version_content
from moorings_registry.http.confluent.query_shapes import DefinitionQuery
from moorings_registry.http.confluent.route import Route
from moorings_registry.http.confluent.scoping import name_to_show, subject_meant
from moorings_registry.http.requests import current_caller, current_registry, current_state
from moorings_registry.version_selectors import read_version, selector


def change_tags(subject: str, version: str, query: Mapping[str, Any], body: Mapping[str, Any]) -> Answer:
    """Register a version again with tags added and removed inside the schema, and rules merged and removed."""
    number = read_version(version)
    command = TagSchema(
        subject=subject_meant(current_state(), subject),
        version=selector(number),
        new_version=body["new_version"],
        add=tuple(body["tags_to_add"] or ()),
        remove=tuple(body["tags_to_remove"] or ()),
        metadata=body["metadata"],
        rule_set=body["rule_set"],
        rules_to_merge=body["rules_to_merge"],
        rules_to_remove=tuple(body["rules_to_remove"] or ()),
    )
    outcome, state = current_registry().execute(command, current_caller())
    name = name_to_show(state, subject)
    return Answer(version_content(state, outcome.existing_version, Presentation.of(query), name), written=state)


ROUTES = (
    Route(
        "POST",
        "/subjects/<subject>/versions/<version>/tags",
        "changeTags",
        change_tags,
        VersionShape(),
        DefinitionQuery(),
        TagBody(),
        errors=(
            SubjectInvalid,
            SubjectNotFound,
            VersionInvalid,
            VersionNotFound,
            MetadataInvalid,
            RuleSetInvalid,
            SchemaInvalid,
            SchemaLimitExceeded,
            SchemaIncompatible,
            MajorUnknown,
            MajorRetired,
            WaiverNeeded,
            OperationNotPermitted,
        ),
    ),
)
