"""Bodies of requests."""

from collections.abc import Mapping
from typing import Any

from marshmallow import INCLUDE, ValidationError, fields, missing, pre_load, validates_schema

from moorings_compat import Format, Level, Problem
from moorings_registry.commands import Draft
from moorings_registry.configuration import SETTINGS
from moorings_registry.errors import AssociationInvalid, SchemaInvalid
from moorings_registry.http.confluent.contract_shapes import (
    Metadata,
    ReferenceShape,
    RuleSet,
    TaggingShape,
)
from moorings_registry.http.confluent.fields import (
    AnyObject,
    BodyShape,
    Flag,
    JsonShape,
    ListOf,
    Member,
    Object,
    ObjectsReadLater,
    SentId,
    SentVersion,
    Strings,
    Text,
)
from moorings_registry.modes import MODES

MOST_RESOURCES = 1_000
"""In one request."""
OPERATIONS = CREATE, UPSERT, DELETE = ("CREATE", "UPSERT", "DELETE")


class SchemaType(Text):
    """The language of a schema; absent, null and empty mean Avro."""

    def __init__(self) -> None:
        super().__init__("Absent means AVRO.", metadata={"enum": [*map(str, Format), "", None]})

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_rest: Any) -> Format:
        try:
            return Format.AVRO if value == "" else Format(value)
        except ValueError:
            raise SchemaInvalid(
                f"unknown schema type {str(value)[:40]!r}: use one of {', '.join(Format)}",
                [Problem("/schemaType", "unknown schema type")],
            ) from None


class DraftBody(BodyShape):
    """A schema with what travels with it."""

    schema = Text("Its text; empty takes the latest one, to change metadata and rules alone.")
    schema_type = SchemaType()
    references = ListOf(Object(ReferenceShape()))
    metadata = Metadata("Absent means that of the version before, an empty object none.", says_none=True)
    rule_set = RuleSet("Absent means that of the version before, an empty object none.", says_none=True)


def draft_of(body: Mapping[str, Any], *, normalize: bool) -> Draft:
    """The schema that a read `DraftBody` brings, with what travels with it."""
    return Draft(
        format=body["schema_type"] or Format.AVRO,
        text=body["schema"] or "",
        references=tuple(body["references"] or ()),
        metadata=body["metadata"],
        rule_set=body["rule_set"],
        normalize=normalize,
    )


class RegisterBody(DraftBody):
    """A schema to register."""

    id = SentId("Only in mode IMPORT; 0 and -1 mean none.")
    version = SentVersion("In mode IMPORT any; else the next number, or -1 for the latest that matches.")
    schema_tags_to_add = ListOf(Object(TaggingShape()))
    schema_tags_to_remove = ListOf(Object(TaggingShape()))
    propagate_schema_tags = Flag("Keep the tags of the latest version.")


class TagBody(BodyShape):
    """Changes of the tags, the metadata and the rules of a version."""

    new_version = SentVersion("The next number, if given.")
    tags_to_add = ListOf(Object(TaggingShape()))
    tags_to_remove = ListOf(Object(TaggingShape()))
    metadata = Metadata("In place of that of the version.", says_none=True)
    rule_set = RuleSet("In place of that of the version.", says_none=True)
    rules_to_merge = RuleSet()
    rules_to_remove = Strings("Strings of rules; not together with `ruleSet`.")

    @validates_schema(pass_original=True)
    def _require_one_way(self, _read: Any, sent: Mapping[str, Any], **_rest: Any) -> None:
        if sent.get("rulesToRemove") and sent.get("ruleSet") is not None:
            raise ValidationError("ruleSet excludes rulesToRemove", "rulesToRemove")


class _Setting(Member):
    """A setting. What it may be, `configuration` says, for every door of the registry."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_rest: Any) -> Any:
        return SETTINGS[str(self.data_key)](str(self.data_key), value)

    def _serialize(self, value: Any, attr: str | None, obj: Any, **_rest: Any) -> Any:
        return value


class _TextSetting(_Setting, Text):
    pass


class _FlagSetting(_Setting, Flag):
    pass


class SettingsShape(JsonShape):
    """Settings other than the level, under the names that the state keeps them by."""

    compatibility_policy = _TextSetting("STRICT or LENIENT, in any letter case.")
    compatibility_group = _TextSetting("The metadata property that names the major of a version.")
    normalize = _FlagSetting("Compare and keep the normal form of schemas.")
    alias = _TextSetting("The subject that this one is another name of.")
    alias_for_deks = _TextSetting("Another subject, whose encryption keys are meant.")
    validate_fields = _FlagSetting("Refuse fields with reserved names.")
    validate_new_schemas = _FlagSetting("New schemas are always validated; false is refused.")
    validate_rules = _FlagSetting(
        "Compile conditions outside registered domains too; the form of rules is always checked."
    )
    default_metadata = Metadata("Below the metadata of each version.")
    override_metadata = Metadata("Over the metadata of each version.")
    default_rule_set = RuleSet("Below the rules of each version.")
    override_rule_set = RuleSet("Over the rules of each version.")

    def on_bind_field(self, field_name: str, field_obj: "fields.Field[Any]") -> None:
        super().on_bind_field(field_name, field_obj)
        if field_obj.attribute is None:
            field_obj.attribute = field_obj.data_key


class ConfigBody(SettingsShape):
    """Settings to change: null clears one, absence keeps it."""

    compatibility = _TextSetting(f"The level: {', '.join(Level)}; in any letter case.")

    def on_bind_field(self, field_name: str, field_obj: "fields.Field[Any]") -> None:
        super().on_bind_field(field_name, field_obj)
        field_obj.allow_none = True

    @pre_load
    def _read_level(self, sent: Any, **_rest: Any) -> Any:
        """Take the level under the name that answers give it, too."""
        if isinstance(sent, Mapping) and "compatibility" not in sent and "compatibilityLevel" in sent:
            return {**sent, "compatibility": sent["compatibilityLevel"]}
        return sent


class ModeBody(BodyShape):
    """A mode to set; null removes the one that was set."""

    mode = Text(f"{', '.join(MODES)}; in any letter case.")


class AssociationBody(BodyShape):
    """An association that is asked for."""

    subject = Text("Absent: named after the resource.")
    association_type = Text("key, or value by default.")
    lifecycle = Text("STRONG: the subject belongs to the resource alone; WEAK: it exists on its own.")
    frozen = Flag("Only with the lifecycle STRONG.")
    schema = Object(DraftBody(), "Registered with the association.")
    normalize = Flag("Compare and keep the normal form of the schema.")


class _ResourceBody(BodyShape):
    resource_id = Text()
    resource_name = Text()
    resource_namespace = Text("The cluster that the resource is in.")
    resource_type = Text("topic by default.")


class AssociateBody(_ResourceBody):
    """A resource, and the associations that it is to have."""

    associations = ListOf(Object(AssociationBody()))


class _OperationType(Text):
    def deserialize(self, value: Any, attr: str | None = None, data: Any = None, **rest: Any) -> str:
        operation = "" if value is missing or value is None else super().deserialize(value, attr, data, **rest).upper()
        if operation not in OPERATIONS:
            raise AssociationInvalid(f"opType: not one of {', '.join(OPERATIONS)}")
        return operation


class OperationBody(AssociationBody):
    """A change of one association."""

    op_type = _OperationType(f"{', '.join(OPERATIONS)}; in any letter case.", required=True)
    cascade_lifecycle = Flag("On DELETE: what belongs to the resource alone is deleted with it.")


class _Operations(ListOf):
    def deserialize(self, value: Any, attr: str | None = None, data: Any = None, **rest: Any) -> Any:
        if not isinstance(value, list) or not value or not all(isinstance(one, Mapping) for one in value):
            raise AssociationInvalid("associations: not a list of at least one operation")
        return super().deserialize(value, attr, data, **rest)


class ResourceChangeBody(_ResourceBody):
    """Changes of the associations of one resource."""

    associations = _Operations(Object(OperationBody()), required=True, metadata={"minItems": 1})


class ResourceQueryBody(_ResourceBody):
    """A resource whose associations are asked for."""

    association_types = Strings("Of these types alone; `associationType` names a single one.")
    association_type = Text()


class _BatchBody(BodyShape):
    @validates_schema
    def _require_few(self, read: Mapping[str, Any], **_rest: Any) -> None:
        if len(read["requests"]) > MOST_RESOURCES:
            raise ValidationError(f"more than {MOST_RESOURCES} resources", "requests")


class BatchGetBody(_BatchBody):
    """Resources whose associations are asked for."""

    requests = ObjectsReadLater(Object(ResourceQueryBody()), required=True, metadata={"maxItems": MOST_RESOURCES})


class BatchChangeBody(_BatchBody):
    """Changes of the associations of several resources."""

    requests = ObjectsReadLater(Object(ResourceChangeBody()), required=True, metadata={"maxItems": MOST_RESOURCES})


class ExporterBody(BodyShape):
    """What an exporter does; absent members stay, or get their default."""

    context_type = Text("AUTO, CUSTOM, NONE or DEFAULT.")
    context = Text("Where subjects are exported to, with CUSTOM.")
    subjects = Strings("Strings, or beginnings of names that end with `*`.")
    subject_rename_format = Text("With `${subject}` in the place of the name.")
    config = AnyObject("Where it exports to: `schema.registry.url`.")


class NewExporterBody(ExporterBody):
    """An exporter."""

    name = Text("Of letters, digits, `_`, `.` and `-`.", required=True)


class ExporterConfigBody(JsonShape):
    """Where an exporter exports to: `schema.registry.url`."""

    class Meta:
        unknown = INCLUDE
