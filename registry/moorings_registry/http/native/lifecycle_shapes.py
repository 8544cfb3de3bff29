"""Bodies and answers about the lifecycle of majors, and the mappings between them."""

from marshmallow import Schema as Shape
from marshmallow import fields, validate

from moorings_registry.http.report_shapes import AnswerShape
from moorings_registry.state import MajorState


class SuccessorShape(AnswerShape):
    subject = fields.String()
    major = fields.Integer()


class MigrationShape(AnswerShape):
    steps = fields.List(
        fields.Dict(),
        metadata={"description": "How an event of the major before becomes one of this; empty where it does not."},
    )
    reason = fields.String(metadata={"description": "Why there is not a mapping; empty where there is one."})


class LifecycleShape(AnswerShape):
    """The life of a major, in the form in which it is written."""

    state = fields.String(validate=validate.OneOf([str(one) for one in MajorState]))
    sunset = fields.String(allow_none=True)
    since = fields.String(
        data_key="from", allow_none=True, metadata={"description": "The day from which it is deprecated."}
    )
    replacement = fields.String(metadata={"description": "What its deprecation names; empty where it names nothing."})
    page = fields.String(metadata={"description": "The address of a page that says how to migrate."})


class LifecycleBody(Shape):
    """The life of a major. A deprecation replaces the one before: what it leaves out is not set."""

    state = fields.String(required=True, validate=validate.OneOf([str(one) for one in MajorState]))
    since = fields.Date(
        data_key="from",
        load_default=None,
        allow_none=True,
        metadata={"description": "The day from which it is deprecated; today, or as it was, where it is left out."},
    )
    sunset = fields.Date(
        load_default=None,
        allow_none=True,
        metadata={"description": "The last day on which consumers may rely on it."},
    )
    replacement = fields.String(
        load_default="",
        validate=validate.Length(max=600),
        metadata={"description": "What to use instead: a subject, or subject@major; empty for the next major."},
    )
    page = fields.String(
        load_default="",
        validate=validate.Length(max=500),
        metadata={"description": "The address of a page that says how to migrate."},
    )


class MigrationBody(Shape):
    """The mapping from the major before; neither steps nor a reason: nothing is said any more."""

    steps = fields.List(
        fields.Dict(),
        load_default=list,
        validate=validate.Length(max=1_000),
        metadata={"description": "As files have them.", "example": [{"rename": "/customer", "to": "customer_id"}]},
    )
    reason = fields.String(
        load_default="",
        validate=validate.Length(max=500),
        metadata={"description": "Why there is not a mapping, in one line."},
    )


class DoubtShape(AnswerShape):
    """A conversion that fails for some values."""

    step = fields.Integer()
    path = fields.String()
    reason = fields.String()


class ShownMigrationShape(MigrationShape):
    tried = fields.Integer(metadata={"description": "How many events were made up and mapped."})
    may_fail = fields.List(
        fields.Nested(DoubtShape), metadata={"description": "Conversions that fail for some of those events."}
    )


class BlockerShape(AnswerShape):
    """One reason against retiring a major."""

    code = fields.String(metadata={"description": "It never changes its meaning."})
    message = fields.String()
    until = fields.String(metadata={"description": "The day on which it ends by itself; empty where it does not."})


class RetirementShape(AnswerShape):
    allowed = fields.Boolean(metadata={"description": "Whether the major may be retired today."})
    earliest = fields.String(
        allow_none=True, metadata={"description": "The earliest day; null where somebody has to do something before."}
    )
    blockers = fields.List(fields.Nested(BlockerShape))
