"""Problem details (RFC 9457), as every refusal is answered."""

from marshmallow import fields

from moorings_registry.http.report_shapes import OPTIONAL, AnswerShape, RefusedReportShape


class ProblemPlaceShape(AnswerShape):
    pointer = fields.String(
        metadata={"description": "JSON Pointer into the request, or a line and a column of a text."}
    )
    detail = fields.String()
    code = fields.String(metadata={OPTIONAL: True, "description": "Of a refused part of contracts: its own error."})
    fix = fields.String(metadata={OPTIONAL: True})
    errors = fields.List(
        fields.Nested(lambda: ProblemPlaceShape(only=("pointer", "detail"))),
        metadata={OPTIONAL: True, "description": "Of a refused part: the locations inside it."},
    )
    report = fields.Nested(RefusedReportShape, metadata={OPTIONAL: True})
    links = fields.Dict(metadata={OPTIONAL: True})


class ProblemShape(AnswerShape):
    """An error (RFC 9457); one of SCHEMA_INCOMPATIBLE carries the report and links as well."""

    type = fields.String(metadata={"example": "urn:moorings:error:SUBJECT_NOT_FOUND"})
    code = fields.String(metadata={"description": "It never changes its meaning.", "example": "SUBJECT_NOT_FOUND"})
    title = fields.String()
    status = fields.Integer()
    detail = fields.String()
    audience = fields.String(metadata={"description": "Who can fix it: caller, owner or operator."})
    retryable = fields.Boolean(metadata={"description": "Whether the same request may succeed later without a change."})
    fix = fields.String(metadata={"description": "What to do next."})
    errors = fields.List(fields.Nested(ProblemPlaceShape))
    correlation_id = fields.String()
    report = fields.Nested(RefusedReportShape, metadata={OPTIONAL: True})
    links = fields.Dict(metadata={OPTIONAL: True})
