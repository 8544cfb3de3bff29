"""Shapes of drift reports, and of drift counts."""

from typing import Any

from marshmallow import Schema as Shape
from marshmallow import fields, validate

from moorings_registry.http.native.list_queries import PageQuery
from moorings_registry.http.report_shapes import AnswerShape

MOST_ROWS = 500
_LABEL = validate.Regexp(r"\A([0-9]{1,6}\.[0-9]{1,6})?\Z", error="Not a label such as 2.1, and not empty.")
_RULE = validate.Regexp(r"\A[A-Z][A-Z0-9_]{0,63}\Z", error="Not the code of a rule.")
_PATH = validate.And(
    validate.Length(max=500),
    validate.Regexp(r"\A(/[^\x00-\x1f\x7f-\x9f\ud800-\udfff]*)?\Z", error="Not a JSON Pointer."),
)
_NAME = validate.And(
    validate.Length(max=100), validate.Regexp(r"\A[^\x00-\x1f\x7f-\x9f\ud800-\udfff]*\Z", error="Not printable.")
)
_DIRECTIONS = ("produce", "consume")


class ReporterShape(Shape):
    client = fields.String(load_default="", validate=_NAME, metadata={"example": "moorings-python/0.1.0"})
    service = fields.String(load_default="", validate=_NAME, metadata={"example": "billing"})


class ObservationBody(Shape):
    subject = fields.String(required=True, validate=validate.Length(min=1, max=1_000))
    direction = fields.String(required=True, validate=validate.OneOf(_DIRECTIONS))
    revision = fields.String(
        load_default="", validate=_LABEL, metadata={"description": "Written, or read as.", "example": "2.1"}
    )
    writer = fields.String(
        load_default="", validate=_LABEL, metadata={"description": "What wrote it, where that is known."}
    )
    path = fields.String(
        load_default="",
        validate=_PATH,
        metadata={"description": "JSON Pointer of declared names; `*` for anything else.", "example": "/items/*/price"},
    )
    rule = fields.String(required=True, validate=_RULE, metadata={"example": "FIELD_MISSING"})
    count = fields.Integer(load_default=1, strict=True, validate=validate.Range(min=1, max=10**9))


class DriftBody(Shape):
    reporter = fields.Nested(ReporterShape, required=True)
    observations = fields.List(
        fields.Nested(ObservationBody), required=True, validate=validate.Length(min=1, max=MOST_ROWS)
    )
    lost = fields.Integer(
        load_default=0,
        strict=True,
        validate=validate.Range(min=0, max=2**53),
        metadata={"description": "Observations for which the client had no room."},
    )


class DriftCountedShape(AnswerShape):
    counted = fields.Integer(metadata={"description": "Observations that were counted now."})
    left_out = fields.Integer(metadata={"description": "Observations of subjects that the registry does not have."})
    again = fields.Boolean(metadata={"description": "This batch was counted before."})


class DriftQuery(PageQuery):
    direction = fields.String(load_default="", validate=validate.OneOf(["", *_DIRECTIONS]))
    revision = fields.String(load_default="", metadata={"description": "As a label: `2.1`."})


class ReporterAnswerShape(AnswerShape):
    client = fields.String()
    service = fields.String()


class LabelOrNull(fields.String):
    """A label such as ``2.1``; an empty one is written as null."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return super()._serialize(value or None, attr, obj, **kwargs)


class DriftRowShape(AnswerShape):
    """One count; written from a `DriftRow`."""

    direction = fields.String(attribute="observed.direction")
    revision = LabelOrNull(attribute="observed.revision", allow_none=True)
    writer = LabelOrNull(attribute="observed.writer", allow_none=True)
    path = fields.String(attribute="observed.path")
    rule = fields.String(attribute="observed.rule")
    reporter = fields.Nested(ReporterAnswerShape)
    count = fields.Integer()
    first_seen = fields.String()
    last_seen = fields.String()


class DriftShape(AnswerShape):
    subject = fields.String()
    drift = fields.List(fields.Nested(DriftRowShape))
    total = fields.Integer(metadata={"description": "Rows."})
    count = fields.Integer(metadata={"description": "Observations in all of them."})
