"""The forms of waivers: what is asked for, and what is shown."""

from marshmallow import Schema as Shape
from marshmallow import fields, validate

from moorings_registry.commands.waivers import LONGEST_PERSON, LONGEST_REASON
from moorings_registry.http.report_shapes import AnswerShape
from moorings_registry.state import WaiverKind

_KINDS = validate.OneOf([str(one) for one in WaiverKind])
_PERSON = validate.Length(max=LONGEST_PERSON)


class WaiverBody(Shape):
    kind = fields.String(required=True, validate=_KINDS, metadata={"description": "What the waiver allows."})
    domain = fields.String(required=True, validate=validate.Length(min=1, max=500))
    subject = fields.String(
        load_default="",
        validate=validate.Length(max=1_000),
        metadata={"description": "The only subject that it is for; empty for every subject in the domain."},
    )
    major = fields.Integer(
        load_default=0,
        strict=True,
        validate=validate.Range(min=0, max=2**31 - 1),
        metadata={"description": "The only major that it is for; 0 for every major."},
    )
    guid = fields.UUID(
        load_default=None,
        allow_none=True,
        metadata={"description": "Of kind finding: the refused definition, as its report names it."},
    )
    reason = fields.String(required=True, validate=validate.Length(min=1, max=LONGEST_REASON))
    requested_by = fields.String(
        load_default="",
        validate=_PERSON,
        metadata={"description": "Who requests it; left out where callers sign in: it is the caller."},
    )
    approved_by = fields.String(
        load_default="",
        validate=_PERSON,
        metadata={"description": "Another person, who approves; left out where callers sign in: see `/approval`."},
    )
    until = fields.AwareDateTime(
        load_default=None,
        allow_none=True,
        format="iso",
        metadata={"description": "When it ends, at most 90 days away; left out for kind finding."},
    )


class WaiverShape(AnswerShape):
    """A waiver; written from a `Waiver` as `waiver`, whether it is open, and whether it is unused."""

    id = fields.Integer(attribute="waiver.id")
    kind = fields.String(attribute="waiver.kind", validate=_KINDS)
    domain = fields.String(attribute="waiver.domain")
    subject = fields.String(attribute="waiver.subject")
    major = fields.Integer(attribute="waiver.major")
    guid = fields.String(attribute="waiver.guid")
    reason = fields.String(attribute="waiver.reason")
    requested_by = fields.String(attribute="waiver.requested_by")
    approved_by = fields.String(
        attribute="waiver.approved_by", metadata={"description": "Empty while nobody has approved it."}
    )
    until = fields.String(attribute="waiver.until", metadata={"description": "Empty for one that does not end."})
    open = fields.Boolean(metadata={"description": "Whether it is in effect now."})
    granted_at = fields.String(attribute="waiver.granted_at")
    granted_by = fields.String(attribute="waiver.granted_by")
    withdrawn_at = fields.String(attribute="waiver.withdrawn_at", metadata={"description": "Empty where it was not."})
    uses = fields.List(
        fields.Integer(),
        attribute="waiver.uses",
        metadata={"description": "Positions of the ledger entries that it allowed, oldest first."},
    )
    unused = fields.Boolean(metadata={"description": "Whether it was never used."})


class WaiversShape(AnswerShape):
    waivers = fields.List(fields.Nested(WaiverShape))


class WaiversQuery(Shape):
    domain = fields.String(load_default="", metadata={"description": "This domain and those below it."})
    kind = fields.String(load_default="", validate=validate.OneOf(["", *map(str, WaiverKind)]))
    open = fields.Boolean(load_default=None, allow_none=True, metadata={"description": "Open ones, or ended ones."})
    unused = fields.Boolean(
        load_default=None, allow_none=True, metadata={"description": "Those that were never used, or the others."}
    )
    format = fields.String(
        load_default="",
        validate=validate.OneOf(["", "json", "csv", "ndjson"]),
        metadata={
            "description": "The form of the list: `csv` (text/csv, with a header) or `ndjson` (application/x-ndjson), "
            "one waiver a line, with the members of `waivers`; else as `Accept` prefers."
        },
    )
