"""What travels with a schema, in bodies as in answers: references, tags, metadata and rules."""

from typing import Any

from marshmallow import post_load, validate

from moorings_compat import Reference
from moorings_registry.http.confluent.fields import (
    LARGEST_INTEGER,
    AnyObject,
    BodyShape,
    Flag,
    Integer,
    ListOf,
    Object,
    Strings,
    Text,
)
from moorings_registry.schema_contents.inline_tags import FIELD, RECORD, Entity, Tagging
from moorings_registry.schema_contents.metadata import (
    ENABLED_AT,
    KINDS,
    read_metadata,
    read_rule_set,
)


class _ReferenceVersion(Integer):
    default_error_messages = {"range": "not a version from 1, or -1 for the latest"}  # noqa: RUF012

    def __init__(self) -> None:
        described = {"minimum": -1, "maximum": LARGEST_INTEGER, "not": {"const": 0}}
        super().__init__("-1 is the latest one.", required=True, metadata=described)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_rest: Any) -> int:
        number = super()._deserialize(value, attr, data)
        if number != -1 and not 0 < number <= LARGEST_INTEGER:
            raise self.make_error("range")
        return number


class ReferenceShape(BodyShape):
    """A schema's use of a version of another subject."""

    name = Text("What the schema calls it.", required=True)
    subject = Text(required=True)
    version = _ReferenceVersion()

    @post_load
    def _reference(self, read: dict[str, Any], **_rest: Any) -> Reference:
        return Reference(**read)


class _EntityType(Text):
    def _deserialize(self, value: Any, attr: str | None, data: Any, **_rest: Any) -> str:
        return str(super()._deserialize(value, attr, data)).lower()


class EntityShape(BodyShape):
    """A record or a field inside a schema."""

    entity_path = Text("With dots.", attribute="path", required=True, metadata={"example": "shop.Order.id"})
    entity_type = _EntityType(
        "In any letter case.",
        attribute="kind",
        required=True,
        validate=validate.OneOf([RECORD, FIELD], error=f"not {RECORD} or {FIELD}"),
    )

    @post_load
    def _entity(self, read: dict[str, Any], **_rest: Any) -> Entity:
        return Entity(**read)


class TaggingShape(BodyShape):
    """Tags of a record or a field."""

    schema_entity = Object(EntityShape(), attribute="entity", required=True)
    tags = Strings()

    @post_load
    def _tagging(self, read: dict[str, Any], **_rest: Any) -> Tagging:
        return Tagging(read["entity"], tuple(dict.fromkeys(read["tags"] or ())))


class MetadataShape(BodyShape):
    """What is said about a schema besides its text."""

    tags = AnyObject(
        "Strings of tags, by the pattern of paths that they are for.",
        metadata={"additionalProperties": {"type": ["array", "null"], "items": {"type": "string"}}},
    )
    properties = AnyObject(metadata={"additionalProperties": {"type": ["string", "null"]}})
    sensitive = Strings(
        "Names of properties that clients do not show; such a property cannot have a value here (42210)."
    )


class RuleShape(BodyShape):
    """A rule, which clients run."""

    name = Text("Of letters, digits, `_`, `-` and `.`; it begins with a letter or `_`.", required=True)
    doc = Text()
    kind = Text(metadata={"enum": [*KINDS, None]})
    mode = Text("WRITE, READ or WRITEREAD; in migration rules UPGRADE, DOWNGRADE or UPDOWN.", required=True)
    type = Text(required=True, metadata={"example": "CEL"})
    tags = Strings()
    params = AnyObject(metadata={"additionalProperties": {"type": ["string", "null"]}})
    expr = Text()
    on_success = Text("For modes of two directions, two joined by a comma.")
    on_failure = Text("For modes of two directions, two joined by a comma.")
    disabled = Flag()


class RuleSetShape(BodyShape):
    """Rules that travel with a schema."""

    migration_rules = ListOf(Object(RuleShape()))
    domain_rules = ListOf(Object(RuleShape()))
    encoding_rules = ListOf(Object(RuleShape()))
    enable_at = Text(metadata={"enum": [*ENABLED_AT, None]})


class Metadata(Object):
    """Metadata; read as every door of the registry reads it, and written as it is.

    An empty object stands for null. With *says_none* it stays one: a schema that brings it is to have none.
    """

    def __init__(self, about: str = "", *, says_none: bool = False, **options: Any) -> None:
        self._empty: dict[str, Any] | None = {} if says_none else None
        super().__init__(MetadataShape(), about, **options)

    def _deserialize(self, value: Any, attr: Any, data: Any, partial: Any = None, **_rest: Any) -> Any:
        return read_metadata(value) or self._empty

    def _serialize(self, value: Any, attr: Any, obj: Any, **_rest: Any) -> Any:  # type: ignore[override]
        return value


class RuleSet(Object):
    """A rule set; read as every door of the registry reads it, and written as it is; empty as `Metadata` is."""

    def __init__(self, about: str = "", *, says_none: bool = False, **options: Any) -> None:
        self._empty: dict[str, Any] | None = {} if says_none else None
        super().__init__(RuleSetShape(), about, **options)

    def _deserialize(self, value: Any, attr: Any, data: Any, partial: Any = None, **_rest: Any) -> Any:
        return read_rule_set(value) or self._empty

    def _serialize(self, value: Any, attr: Any, obj: Any, **_rest: Any) -> Any:  # type: ignore[override]
        return value
