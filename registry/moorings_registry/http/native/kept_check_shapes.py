"""Shapes of checks, and of those that are kept: where a check comes from, and what became of it."""

from marshmallow import Schema as Shape
from marshmallow import fields, validate

from moorings_compat import Verdict
from moorings_registry.check_keeping import Fate
from moorings_registry.http.native.check_shapes import CheckReportShape, ReportShape
from moorings_registry.http.native.domain_shapes import LEVELS
from moorings_registry.http.native.version_shapes import RegisterBody
from moorings_registry.http.report_shapes import AnswerShape

_TEXT = validate.And(
    validate.Length(max=300), validate.Regexp(r"\A[^\x00-\x1f\x7f-\x9f\ud800-\udfff]*\Z", error="Not printable.")
)
_URL = validate.And(
    validate.Length(max=1_000),
    validate.Regexp(r"\A(https?://[^\s\x00-\x1f\x7f-\x9f\ud800-\udfff<>\"]+)?\Z", error="Not an http or https URL."),
)
_ID = validate.Regexp(r"\A[0-9a-f]{40}([0-9a-f]{24})?\Z|\A\Z", error="Not the id of a commit.")


class JobBody(Shape):
    """The job that asks; every member is its claim, shown as such."""

    repository = fields.String(load_default="", validate=_TEXT, metadata={"example": "acme/shop"})
    branch = fields.String(load_default="", validate=_TEXT, metadata={"example": "rename-amount"})
    commit = fields.String(load_default="", validate=_ID)
    pull_request = fields.String(load_default="", validate=_TEXT, metadata={"example": "42"})
    pull_request_url = fields.String(load_default="", validate=_URL)
    system = fields.String(load_default="", validate=_TEXT, metadata={"example": "GitHub Actions"})
    job = fields.String(load_default="", validate=_TEXT)
    job_url = fields.String(load_default="", validate=_URL)
    author = fields.String(load_default="", validate=_TEXT)


class CheckBody(RegisterBody):
    class Meta:
        exclude = ("state",)

    subject = fields.String(required=True, validate=validate.Length(min=1, max=1_000))
    level = fields.String(load_default=None, allow_none=True, validate=validate.OneOf(LEVELS))
    positions = fields.Boolean(
        load_default=False,
        metadata={"description": "Say line and column of each finding: of the candidate in its text as it was sent."},
    )
    job = fields.Nested(
        JobBody,
        load_default=None,
        allow_none=True,
        metadata={"description": "The CI job that asks: its check is kept for 90 days, if it signed in."},
    )


class SourceShape(AnswerShape):
    repository = fields.String()
    branch = fields.String()
    commit = fields.String()
    pull_request = fields.String()
    pull_request_url = fields.String()
    system = fields.String()
    job = fields.String()
    job_url = fields.String()
    author = fields.String()


class KeptCheckRefShape(AnswerShape):
    """Where a kept check is."""

    id = fields.String()
    page = fields.String(metadata={"description": "The path of its page."})


class CheckedShape(AnswerShape):
    report = fields.Nested(CheckReportShape)
    kept = fields.Nested(KeptCheckRefShape, allow_none=True)
    not_kept = fields.String(metadata={"description": "Why a check with a job is not kept; else empty."})


class BecameShape(AnswerShape):
    fate = fields.String(validate=validate.OneOf([str(one) for one in Fate]))
    version = fields.Integer(
        allow_none=True, metadata={"description": "The number of the version that it is, or that came since."}
    )
    label = fields.String(allow_none=True)
    later = fields.String(allow_none=True, metadata={"description": "The id of the check that supersedes it."})
    also_on = fields.List(fields.String(), metadata={"description": "Other branches with the same candidate."})


class KeptCheckShape(AnswerShape):
    """One line of the list of kept checks."""

    id = fields.String(attribute="kept.id")
    page = fields.String()
    subject = fields.String(attribute="kept.subject")
    guid = fields.UUID(attribute="kept.guid")
    major = fields.Integer(attribute="kept.major")
    level = fields.String(attribute="kept.level")
    verdict = fields.String(attribute="kept.verdict")
    rules = fields.List(fields.String(), attribute="kept.rules")
    source = fields.Nested(SourceShape, attribute="kept.source")
    kept_by = fields.String(attribute="kept.kept_by")
    first_at = fields.String(attribute="kept.first_at")
    at = fields.String(attribute="kept.at")
    became = fields.Nested(BecameShape)


class KeptChecksShape(AnswerShape):
    checks = fields.List(fields.Nested(KeptCheckShape))
    total = fields.Integer()


class FullKeptCheckShape(KeptCheckShape):
    """A kept check with its report, derived again."""

    report = fields.Nested(ReportShape)


class KeptChecksQuery(Shape):
    limit = fields.Integer(load_default=100, validate=validate.Range(min=1, max=1_000))
    offset = fields.Integer(load_default=0, validate=validate.Range(min=0, max=2**31 - 1))
    domain = fields.String(load_default="", metadata={"description": "This domain and those below it."})
    subject = fields.String(load_default="")
    repository = fields.String(load_default="")
    branch = fields.String(load_default="")
    pull_request = fields.String(load_default="")
    verdict = fields.String(load_default="", validate=validate.OneOf(["", *map(str, Verdict)]))
