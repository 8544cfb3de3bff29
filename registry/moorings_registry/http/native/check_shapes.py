"""Queries and answers about comparisons, checks, reports and rules."""

from typing import Any

from marshmallow import Schema as Shape
from marshmallow import fields, validate

from moorings_compat import Severity, Verdict
from moorings_registry.http.native.list_queries import PageQuery
from moorings_registry.http.native.reader_shapes import ImpactShape
from moorings_registry.http.native.schema_fields import FORMATS, MomentField
from moorings_registry.http.native.version_shapes import DefinitionShape, ReferenceAnswerShape
from moorings_registry.http.report_shapes import AnswerShape, FindingShape, VerdictShape


def _moment(says: str) -> dict[str, Any]:
    return {"type": "string", "description": f"{says} A day, or RFC 3339.", "example": "2027-01-31T12:00:00Z"}


class CompareQuery(Shape):
    reader = fields.String(required=True, metadata={"example": "2.1"})
    writer = fields.String(required=True, metadata={"example": "1.0"})


class ComparedShape(AnswerShape):
    reader = fields.String()
    writer = fields.String()
    verdict = fields.String()
    findings = fields.List(fields.Nested(FindingShape))


class CandidateShape(AnswerShape):
    """A schema that was checked and not registered; written from a `Candidate`."""

    guid = fields.UUID()
    format = fields.String(attribute="schema.format")
    schema = fields.String(attribute="schema.text")
    references = fields.List(fields.Nested(ReferenceAnswerShape))
    fingerprint = fields.String(attribute="schema.fingerprint")


class CheckReportShape(VerdictShape):
    """The report of a check that left no trace, and therefore has no id, moment or caller."""

    id = fields.Integer(allow_none=True)
    subject = fields.String()
    at = fields.String(allow_none=True)
    by = fields.String(allow_none=True)
    accepted = fields.Boolean(allow_none=True)
    major = fields.Integer()
    candidate = fields.Nested(CandidateShape)
    consumers = fields.List(
        fields.Nested(ImpactShape),
        metadata={"description": "How it affects those who read the major; the most affected first."},
    )


class ReportQuery(Shape):
    positions = fields.Boolean(
        load_default=False,
        metadata={"description": "Say line and column of each finding, in the texts as they are kept."},
    )


class ReportsQuery(PageQuery):
    domain = fields.String(load_default="")
    subject = fields.String(load_default="")
    verdict = fields.String(load_default="", validate=validate.OneOf(["", *map(str, Verdict)]))
    rule = fields.String(load_default="")
    since = MomentField(load_default="", metadata=_moment("Checks from then on."))
    until = MomentField(load_default="", metadata=_moment("Checks up to then; of a day, all of it."))
    accepted = fields.Boolean(
        load_default=None, allow_none=True, metadata={"description": "Registrations accepted, or refused, alone."}
    )


class ListedReportShape(AnswerShape):
    """One line of the list of reports; written from a `CheckRecord`."""

    id = fields.Integer(attribute="record.id")
    subject = fields.String(attribute="record.subject")
    guid = fields.UUID(attribute="record.guid")
    major = fields.Integer(attribute="record.major")
    version = fields.Integer(attribute="record.number", allow_none=True)
    accepted = fields.Boolean(attribute="record.accepted")
    level = fields.String(attribute="record.level")
    verdict = fields.String(attribute="record.verdict")
    rules = fields.List(fields.String(), attribute="record.rules")
    compared = fields.List(fields.Integer(), attribute="record.compared")
    waiver = fields.Integer(
        attribute="record.waiver", metadata={"description": "The waiver under which it was accepted; 0 for none."}
    )
    at = fields.String(attribute="record.at")
    by = fields.String(attribute="record.by")


class ReportShape(VerdictShape, ListedReportShape):
    """A report in full."""

    candidate = fields.Nested(DefinitionShape)
    consumers = fields.List(
        fields.Nested(ImpactShape), metadata={"description": "What the change does to those who read the major today."}
    )


class ReportsShape(AnswerShape):
    reports = fields.List(fields.Nested(ListedReportShape))
    total = fields.Integer()


class RuleShape(AnswerShape):
    """One way in which a reader can fail a writer."""

    code = fields.String(metadata={"description": "It never changes its meaning."})
    format = fields.String(
        validate=validate.OneOf(FORMATS),
        allow_none=True,
        metadata={"description": "Null: any format."},
    )
    severity = fields.String(validate=validate.OneOf([str(one) for one in Severity]))
    title = fields.String()
    why = fields.String()
    fix = fields.String()
    source = fields.String()
    mirror = fields.String(metadata={"description": "The rule that sees the opposite change, or why there is not one."})
    example = fields.String()


class RulesShape(AnswerShape):
    rules = fields.List(fields.Nested(RuleShape))
