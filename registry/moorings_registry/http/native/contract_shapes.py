"""Shapes of all contracts of a domain: what a repository says of it, written and read in one go."""

from marshmallow import Schema as Shape
from marshmallow import fields, validate

from moorings_registry.commands.decision import Change, Part
from moorings_registry.http.native.domain_shapes import DomainBody, DomainShape
from moorings_registry.http.native.event_shapes import DeclarationShape, EventBody
from moorings_registry.http.native.lifecycle_shapes import LifecycleBody, LifecycleShape, MigrationBody, MigrationShape
from moorings_registry.http.native.version_shapes import DraftBody, VersionShape
from moorings_registry.http.report_shapes import AnswerShape

MOST_EVENTS = 2_000
MOST_MAJORS = 100
_MAJOR = validate.Range(min=1, max=2**31 - 1)


class MajorContractBody(Shape):
    major = fields.Integer(required=True, strict=True, validate=_MAJOR)
    lifecycle = fields.Nested(LifecycleBody, load_default=None, allow_none=True)
    version = fields.Nested(DraftBody, load_default=None, allow_none=True)
    migration = fields.Nested(MigrationBody, load_default=None, allow_none=True)


class EventContractBody(Shape):
    subject = fields.String(required=True, validate=validate.Length(min=1, max=1_000))
    event = fields.Nested(EventBody, load_default=None, allow_none=True)
    majors = fields.List(fields.Nested(MajorContractBody), load_default=list, validate=validate.Length(max=MOST_MAJORS))


class ContractsBody(Shape):
    """What is said of a domain; null, or left out, where nothing is said. What is not mentioned stays as it is."""

    domain = fields.Nested(DomainBody, load_default=None, allow_none=True)
    events = fields.List(
        fields.Nested(EventContractBody),
        load_default=list,
        validate=validate.Length(max=MOST_EVENTS),
        metadata={"description": "A version may refer to those before it in this order."},
    )


class ContractsQuery(Shape):
    dry_run = fields.Boolean(load_default=False, metadata={"description": "Decide and answer, and write nothing."})


class PartResultShape(AnswerShape):
    """What a part of the request came to; written from a `PartResult` and the id of its report."""

    pointer = fields.String(metadata={"description": "JSON Pointer of the part in the request."})
    part = fields.String(validate=validate.OneOf([str(one) for one in Part]))
    subject = fields.String(allow_none=True)
    major = fields.Integer(allow_none=True)
    change = fields.String(
        validate=validate.OneOf([str(one) for one in Change]),
        metadata={"description": "`created`: the domain or the version is new."},
    )
    version = fields.Integer(allow_none=True)
    label = fields.String(allow_none=True, metadata={"example": "2.1"})
    report = fields.Integer(allow_none=True, metadata={"description": "The id of the report of a version's check."})


class ContractsWrittenShape(AnswerShape):
    dry_run = fields.Boolean()
    results = fields.List(
        fields.Nested(PartResultShape), metadata={"description": "One a part, in the order of the request."}
    )
    etag = fields.String(metadata={"description": "What `If-Match` of the next change names it by."})


class MajorContractShape(AnswerShape):
    major = fields.Integer()
    lifecycle = fields.Nested(LifecycleShape)
    version = fields.Nested(VersionShape, metadata={"description": "Its newest revision."})
    migration = fields.Nested(MigrationShape, allow_none=True)


class EventContractShape(AnswerShape):
    subject = fields.String()
    event = fields.Nested(DeclarationShape)
    majors = fields.List(fields.Nested(MajorContractShape))


class ContractsShape(AnswerShape):
    """All contracts of a domain, in the form in which they are written."""

    domain = fields.Nested(DomainShape)
    events = fields.List(fields.Nested(EventContractShape))
    etag = fields.String(metadata={"description": "What `If-Match` of a change names it by, in double quotes there."})
