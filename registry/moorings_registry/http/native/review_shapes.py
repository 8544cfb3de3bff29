"""Shapes of what people say about checks."""

from marshmallow import Schema as Shape
from marshmallow import fields, validate

from moorings_registry.commands.reviews import LONGEST_ASSIGNEE, LONGEST_COMMENT
from moorings_registry.http.report_shapes import AnswerShape


class ReviewBody(Shape):
    comment = fields.String(load_default="", validate=validate.Length(max=LONGEST_COMMENT))
    assignee = fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.Length(max=LONGEST_ASSIGNEE),
        metadata={"description": "Who is to act on it; empty for nobody, left out for no change."},
    )
    handled = fields.Boolean(
        load_default=None, allow_none=True, metadata={"description": "Whether nothing is left to be done."}
    )


class ReviewShape(AnswerShape):
    comment = fields.String()
    assignee = fields.String(allow_none=True)
    handled = fields.Boolean(allow_none=True)
    by = fields.String()
    at = fields.String()
    position = fields.Integer()


class ReviewsShape(AnswerShape):
    assignee = fields.String(metadata={"description": "Who acts on it now; empty for nobody."})
    handled = fields.Boolean()
    reviews = fields.List(fields.Nested(ReviewShape))
