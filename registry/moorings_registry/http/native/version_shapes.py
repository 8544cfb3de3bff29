"""Drafts of schemas, and what answers say of definitions and versions."""

from marshmallow import Schema as Shape
from marshmallow import fields, validate

from moorings_compat import JsonFields
from moorings_registry.http.native.schema_fields import FORMATS, MajorField, SchemaText
from moorings_registry.http.report_shapes import OPTIONAL, AnswerShape
from moorings_registry.state import MajorState


class ReferenceShape(Shape):
    name = fields.String(required=True, validate=validate.Length(min=1, max=1_000))
    subject = fields.String(required=True, validate=validate.Length(min=1, max=1_000))
    version = fields.Integer(required=True, strict=True, validate=validate.Range(min=1, max=2**31 - 1))


class MetadataShape(Shape):
    tags = fields.Dict(keys=fields.String(), values=fields.List(fields.String()))
    properties = fields.Dict(keys=fields.String(), values=fields.String())
    sensitive = fields.List(fields.String())


_INHERITED = "Without it, and without `major`, those of the version before hold; an empty object means none."


class DraftBody(Shape):
    schema = SchemaText(
        required=True,
        metadata={
            "oneOf": [{"type": "string"}, {"type": "object"}, {"type": "array"}, {"type": "boolean"}],
            "example": '{"type": "string"}',
        },
    )
    format = fields.String(load_default="AVRO", validate=validate.OneOf(FORMATS))
    references = fields.List(fields.Nested(ReferenceShape), load_default=list)
    metadata = fields.Nested(MetadataShape, load_default=None, allow_none=True, metadata={"description": _INHERITED})
    rule_set = fields.Dict(load_default=None, allow_none=True, metadata={"description": _INHERITED})


class RegisterBody(DraftBody):
    state = fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.OneOf([str(MajorState.DRAFT)]),
        metadata={"description": "Of the major that this opens: draft, or left out for active."},
    )
    major = MajorField(
        load_default=None,
        allow_none=True,
        metadata={
            "oneOf": [
                {"type": "integer", "minimum": 1, "maximum": 2**31 - 1},
                {"type": "string", "const": "next"},
                {"type": "null"},
            ]
        },
    )


class ReferenceAnswerShape(AnswerShape):
    name = fields.String()
    subject = fields.String()
    version = fields.Integer()


class MetadataAnswerShape(AnswerShape):
    tags = fields.Dict(keys=fields.String(), values=fields.List(fields.String()), metadata={OPTIONAL: True})
    properties = fields.Dict(keys=fields.String(), values=fields.String(), metadata={OPTIONAL: True})
    sensitive = fields.List(fields.String(), metadata={OPTIONAL: True})


DIALECT = "The draft that a policy chose for a dialect of another party that `$schema` names; else empty."
UNREADABLE = "Why it cannot be read here, where it was imported as the other registry had it; else empty."


class DefinitionShape(AnswerShape):
    """A definition by itself; written from a `Definition` as `definition`."""

    guid = fields.UUID(attribute="definition.guid")
    format = fields.String(attribute="definition.format")
    schema = fields.String(attribute="definition.text")
    references = fields.List(fields.Nested(ReferenceAnswerShape), attribute="definition.references")
    metadata = fields.Nested(MetadataAnswerShape, attribute="definition.metadata", allow_none=True)
    rule_set = fields.Dict(attribute="definition.rule_set", allow_none=True)
    dialect = fields.String(attribute="definition.dialect", metadata={"description": DIALECT})
    unreadable = fields.String(attribute="definition.unreadable", metadata={"description": UNREADABLE})


class NamedDefinitionShape(DefinitionShape):
    """A definition with its id, and its guids elsewhere."""

    id = fields.Integer()
    aliases = fields.List(fields.UUID(), metadata={"description": "Its guids in registries that it came from."})


class ListedVersionShape(AnswerShape):
    """A version without its text; written from a `Version`, its `Definition` and the state of its major."""

    subject = fields.String(attribute="version.subject")
    version = fields.Integer(attribute="version.number")
    major = fields.Integer(attribute="version.major")
    revision = fields.Integer(attribute="version.revision")
    label = fields.String(attribute="version.label", metadata={"example": "2.1"})
    id = fields.Integer(attribute="version.id")
    guid = fields.UUID(attribute="definition.guid")
    format = fields.String(attribute="definition.format")
    references = fields.List(fields.Nested(ReferenceAnswerShape), attribute="definition.references")
    metadata = fields.Nested(MetadataAnswerShape, attribute="definition.metadata", allow_none=True)
    rule_set = fields.Dict(attribute="definition.rule_set", allow_none=True)
    state = fields.String(metadata={"description": "Of its major: draft, active, deprecated or retired."})
    json_fields = fields.String(
        validate=validate.OneOf([str(one) for one in JsonFields]),
        metadata={"description": "Whether writers of its JSON events write declared fields alone."},
    )
    dialect = fields.String(attribute="definition.dialect", metadata={"description": DIALECT})
    unreadable = fields.String(attribute="definition.unreadable", metadata={"description": UNREADABLE})
    deleted = fields.Boolean(attribute="version.deleted")
    registered_at = fields.String(attribute="version.registered_at")
    registered_by = fields.String(attribute="version.registered_by")
    position = fields.Integer(attribute="version.position")


class VersionShape(ListedVersionShape):
    """A version in full."""

    schema = fields.String(attribute="definition.text")
    fingerprint = fields.String()
    internal_fields = fields.List(
        fields.String(),
        metadata={"description": "Its fields with the tag internal; the schema has them, since events do."},
    )


class VersionsShape(AnswerShape):
    versions = fields.List(fields.Nested(ListedVersionShape))


class NumbersShape(AnswerShape):
    versions = fields.List(fields.Integer())


class RevisionShape(AnswerShape):
    version = fields.Integer(attribute="number")
    label = fields.String()
    id = fields.Integer()
    guid = fields.UUID()
    deleted = fields.Boolean()
    registered_at = fields.String()
    registered_by = fields.String()
    waiver = fields.Integer(metadata={"description": "The waiver that let it break those before it; 0 for none."})
