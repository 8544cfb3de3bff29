"""Bodies and answers about domains, their policies, and compatibility levels."""

from marshmallow import Schema as Shape
from marshmallow import fields, validate

from moorings_compat import Level
from moorings_registry.http.native.event_shapes import KINDS
from moorings_registry.http.report_shapes import OPTIONAL, AnswerShape
from moorings_registry.policy import MOST_DAYS, POLICY_CHOICES

LEVELS = [str(one) for one in Level]
_SHORT = validate.Length(min=1, max=200)


def _days(description: str) -> fields.Integer:
    return fields.Integer(
        strict=True, validate=validate.Range(min=0, max=MOST_DAYS), metadata={"description": description}
    )


class PolicyShape(Shape):
    level = fields.String(
        validate=validate.OneOf(POLICY_CHOICES["level"]),
        metadata={"description": "Compatibility level of the domain's subjects."},
    )
    names = fields.String(
        validate=validate.OneOf(POLICY_CHOICES["names"]),
        metadata={"description": "Whether names of events must be facts in the past tense."},
    )
    formats = fields.String(
        validate=validate.OneOf(POLICY_CHOICES["formats"]),
        metadata={"description": "Whether JSON Schema's `format` refuses values, or says something about them."},
    )
    protobuf_level = fields.String(
        validate=validate.OneOf(POLICY_CHOICES["protobuf_level"]),
        metadata={"description": "Which surface of Protobuf gates a change: the wire, ProtoJSON too, or code as well."},
    )
    json_fields = fields.String(
        validate=validate.OneOf(POLICY_CHOICES["json_fields"]),
        metadata={
            "description": "Whether JSON events have declared fields alone, or anything that validates. "
            "A new domain has declared."
        },
    )
    notice_days = _days("Least days between the deprecation of a major and its sunset.")
    quiet_days = _days("Days without use after which a major may be retired.")
    type_names = fields.String(
        validate=validate.OneOf(POLICY_CHOICES["type_names"]),
        metadata={
            "description": "Whether the type inside a schema has to have the name of its event. A new domain has event."
        },
    )

    internal = fields.String(
        validate=validate.OneOf(POLICY_CHOICES["internal"]),
        metadata={
            "description": "What clients of applications outside the domain do with fields that have the tag internal: "
            "leave them out, unless it says flag."
        },
    )
    json_dialect = fields.String(
        validate=validate.OneOf(POLICY_CHOICES["json_dialect"]),
        metadata={
            "description": "The draft in which a JSON Schema is read whose `$schema` names a dialect of another party: "
            "draft-07 unless it says otherwise. What is registered keeps the draft that it was read in."
        },
    )
    kinds = fields.List(
        fields.String(validate=validate.OneOf(KINDS)),
        validate=validate.Length(min=1, max=len(KINDS)),
        metadata={"description": "The kinds of events that the domain has: facts and types unless it says otherwise."},
    )
    complete = fields.Boolean(
        metadata={"description": "Whether facts are to say how they are replayed, identified and sized; lint asks."}
    )


class DomainBody(Shape):
    owner = fields.String(required=True, validate=_SHORT, metadata={"example": "team-orders"})
    contacts = fields.List(fields.String(validate=_SHORT), load_default=list, validate=validate.Length(max=50))
    description = fields.String(load_default="", validate=validate.Length(max=10_000))
    policy = fields.Nested(PolicyShape, load_default=None, allow_none=True)
    receiver = fields.String(
        load_default="",
        validate=validate.Length(max=512),
        metadata={"description": "The one caller who may accept the domain for another owner, where callers sign in."},
    )


class EffectiveShape(AnswerShape):
    level = fields.String()
    names = fields.String()
    formats = fields.String()
    protobuf_level = fields.String()
    json_fields = fields.String()
    notice_days = fields.Integer()
    quiet_days = fields.Integer()
    kinds = fields.List(fields.String())
    complete = fields.Boolean()
    type_names = fields.String()
    internal = fields.String()
    json_dialect = fields.String()


class OwnPolicyShape(AnswerShape):
    """What the domain's own policy sets."""

    level = fields.String(metadata={OPTIONAL: True})
    names = fields.String(metadata={OPTIONAL: True})
    formats = fields.String(metadata={OPTIONAL: True})
    protobuf_level = fields.String(metadata={OPTIONAL: True})
    json_fields = fields.String(metadata={OPTIONAL: True})
    notice_days = fields.Integer(metadata={OPTIONAL: True})
    quiet_days = fields.Integer(metadata={OPTIONAL: True})
    kinds = fields.List(fields.String(), metadata={OPTIONAL: True})
    complete = fields.Boolean(metadata={OPTIONAL: True})
    type_names = fields.String(metadata={OPTIONAL: True})
    json_dialect = fields.String(metadata={OPTIONAL: True})
    internal = fields.String(metadata={OPTIONAL: True})


class DomainShape(AnswerShape):
    """A domain with what holds in it; written from a `Domain`, `effective` and `events`."""

    domain = fields.String(attribute="domain.name")
    owner = fields.String(attribute="domain.owner")
    contacts = fields.List(fields.String(), attribute="domain.contacts")
    description = fields.String(attribute="domain.description")
    policy = fields.Nested(OwnPolicyShape, attribute="domain.policy")
    effective = fields.Nested(EffectiveShape)
    events = fields.Integer(metadata={"description": "How many active events it and the domains below it have."})
    registered_at = fields.String(attribute="domain.registered_at")
    changed_at = fields.String(attribute="domain.changed_at")
    etag = fields.String(metadata={"description": "What `If-Match` of a change names it by, in double quotes there."})


class DomainsShape(AnswerShape):
    domains = fields.List(fields.Nested(DomainShape))


class LevelBody(Shape):
    level = fields.String(required=True, allow_none=True, validate=validate.OneOf(LEVELS))


class LevelShape(AnswerShape):
    level = fields.String(metadata={"description": "The level that holds."})
    own = fields.String(allow_none=True, metadata={"description": "The level set here, if any."})
