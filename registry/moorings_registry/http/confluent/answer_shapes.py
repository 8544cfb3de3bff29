"""Answers: what they are written by, and what the description shows."""

from typing import ClassVar

from marshmallow import fields

from moorings_registry.http.confluent.body_shapes import SettingsShape
from moorings_registry.http.confluent.contract_shapes import Metadata, ReferenceShape, RuleSet, TaggingShape
from moorings_registry.http.confluent.fields import (
    AnyObject,
    Flag,
    Integer,
    JsonShape,
    ListOf,
    Milliseconds,
    Object,
    Strings,
    Text,
)

STRINGS = fields.List(fields.String())
"""A list that is written as it is."""
INTEGERS = fields.List(fields.Integer())
"""A list that is written as it is."""
INTEGER = fields.Integer()
STRING_MAP = fields.Dict(keys=fields.String(), values=fields.String())
"""An object that is written as it is."""


class SchemaText(fields.Raw):
    """The text of a schema, which is the whole answer: JSON for Avro and JSON Schema, `.proto` text for Protobuf."""


SCHEMA_TEXT = SchemaText(metadata={"description": "The text of the schema as it is; for Protobuf not JSON."})


class ErrorShape(JsonShape):
    """Every refusal."""

    error_code = Integer("Its first three digits are the status.", data_key="error_code", required=True)
    message = Text(required=True)


class EmptyShape(JsonShape):
    """An object without members."""


class ClusterScopeShape(JsonShape):
    path = Strings(required=True)
    clusters = AnyObject(metadata={"additionalProperties": {"type": "string"}}, required=True)


class ClusterShape(JsonShape):
    """The scope of role bindings."""

    scope = Object(ClusterScopeShape(), required=True)


class ReleaseShape(JsonShape):
    """The release that runs."""

    version = Text(required=True)
    commit_id = Text(required=True)


class DeploymentShape(JsonShape):
    """How the registry is run."""

    attributes = Strings(required=True)


class DefinitionShape(JsonShape):
    """A schema with what travels with it; members without content are left out."""

    known_before: ClassVar = frozenset(
        ("schemaType", "references", "metadata", "ruleSet", "schema", "schemaTags", "maxId")
    )
    """The members that older clients are sent; they fail on others."""

    guid = Text("The same in every Moorings registry.", required=True)
    schema_type = Text(required=True)
    references = ListOf(Object(ReferenceShape()))
    metadata = Metadata()
    rule_set = RuleSet()
    schema = Text(required=True)
    schema_tags = ListOf(Object(TaggingShape()), "With `findTags`: where those tags are.")


class VersionShape(DefinitionShape):
    """A version in full."""

    known_before: ClassVar = DefinitionShape.known_before | {"subject", "version", "id"}

    subject = Text(required=True)
    version = Integer(required=True)
    id = Integer("Strings the schema in every subject of the context.", required=True)
    ts = Milliseconds("When it was registered, in milliseconds since 1970.", required=True)
    deleted = Flag("Present where it is soft-deleted.")


class SchemaByIdShape(DefinitionShape):
    """A schema; with `subject`, also the version of that subject that uses it."""

    subject = Text()
    version = Integer()
    ts = Milliseconds("When that version was registered, in milliseconds since 1970.")
    deleted = Flag("Present where that version is soft-deleted.")
    max_id = Integer("With `fetchMaxId`: the highest id given so far.")


class SubjectVersionShape(JsonShape):
    """A version by its subject and number."""

    subject = Text(required=True)
    version = Integer(required=True)


class ContextIdShape(JsonShape):
    """The id of a schema in one context."""

    context = Text(required=True)
    id = Integer(required=True)


class VerdictShape(JsonShape):
    """Whether a schema is compatible."""

    is_compatible = Flag(data_key="is_compatible", required=True)
    messages = Strings("With `verbose`: every finding of every version that the schema is not compatible with.")


class ConfigShape(SettingsShape):
    """Settings; those that are not set are left out."""

    compatibility = Text("The level.", data_key="compatibilityLevel", attribute="compatibility")


class ChangedConfigShape(SettingsShape):
    """The settings that the request set."""

    compatibility = Text("The level.")


class ModeShape(JsonShape):
    """A mode; without members where the request removed it."""

    mode = Text()


class AssociationShape(JsonShape):
    """An association in full."""

    subject = Text(required=True)
    guid = Text(required=True)
    resource_name = Text(required=True)
    resource_namespace = Text(required=True)
    resource_id = Text(required=True)
    resource_type = Text(required=True)
    association_type = Text(required=True)
    lifecycle = Text(required=True)
    frozen = Flag(required=True)
    create_ts = Milliseconds("In milliseconds since 1970.", attribute="created_at", required=True)
    update_ts = Milliseconds("In milliseconds since 1970.", attribute="changed_at", required=True)


class AssociatedSchemaShape(JsonShape):
    """The newest schema of an associated subject."""

    schema = Text(attribute="text", required=True)
    schema_type = Text(attribute="format", required=True)


class AssociatedSubjectShape(JsonShape):
    """An association, without the resource."""

    subject = Text(required=True)
    association_type = Text(required=True)
    lifecycle = Text(required=True)
    frozen = Flag(required=True)
    schema = Object(AssociatedSchemaShape())


class ResourceShape(JsonShape):
    """A resource with its associations."""

    resource_name = Text()
    resource_namespace = Text()
    resource_id = Text()
    resource_type = Text()
    associations = ListOf(Object(AssociatedSubjectShape()), required=True)


class ResourceResultShape(JsonShape):
    """What came of one resource: a result, or an error."""

    result = Object(ResourceShape())
    error = Object(ErrorShape())


class BatchShape(JsonShape):
    """One result for each resource of the request, in its order."""

    results = ListOf(Object(ResourceResultShape()), required=True)


class ListedVersionShape(VersionShape):
    """A version in full, with what else the request asks for."""

    known_before: ClassVar = VersionShape.known_before | {"aliases", "associations"}

    aliases = Strings("With `aliases`: other names of the subject.")
    associations = ListOf(Object(AssociationShape()), "Where the request names a type or a lifecycle of associations.")


class ExporterShape(JsonShape):
    """What an exporter does."""

    name = Text(required=True)
    context_type = Text(required=True)
    context = Text(required=True)
    subjects = Strings(required=True)
    subject_rename_format = Text(attribute="rename_format", required=True)
    config = AnyObject(metadata={"additionalProperties": {"type": "string"}}, required=True)


class ExporterNameShape(JsonShape):
    """Which exporter was changed."""

    name = Text(required=True)


class ExporterStatusShape(JsonShape):
    """How an exporter is doing."""

    name = Text(required=True)
    state = Text(metadata={"enum": ["STARTING", "RUNNING", "PAUSED", "ERROR"]}, required=True)
    offset = Integer("Up to this position of the ledger, the target is in step.", required=True)
    ts = Integer("In milliseconds since 1970.", required=True)
    trace = Text("What went wrong, if anything did.")
