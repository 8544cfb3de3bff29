"""The forms of those who read an event, and of what a change does to them."""

from collections.abc import Iterable
from typing import Any

from marshmallow import fields, validate

from moorings_compat.fields import pointer_of
from moorings_compat.impact import EvidenceKind, FieldUse, ImpactStatus, Use
from moorings_registry.commands import CLAIMED, DECLARED, OBSERVED, PRINCIPAL, Reader, ReaderImpact
from moorings_registry.http.report_shapes import AnswerShape


class FieldUseShape(AnswerShape):
    path = fields.String()
    use = fields.String(validate=validate.OneOf([str(one) for one in Use]))


class ReaderShape(AnswerShape):
    """Somebody who reads a major; made by `reader_value`."""

    application = fields.String(metadata={"description": "Empty: further applications, observed without a name kept."})
    team = fields.String()
    environment = fields.String()
    source = fields.String(validate=validate.OneOf([DECLARED, OBSERVED]))
    identity = fields.String(
        validate=validate.OneOf([CLAIMED, PRINCIPAL]),
        metadata={"description": "Whether a caller who signs in answers for the name, or it is a claim."},
    )
    reported_by = fields.String(
        metadata={"description": "The caller who signed in to report it; empty where nobody did."}
    )
    opaque = fields.Boolean(metadata={"description": "Nobody knows which fields it reads."})
    fields_ = fields.List(fields.Nested(FieldUseShape), data_key="fields")
    expired = fields.Boolean()
    renewed_at = fields.String(metadata={"description": "Empty where it is only observed."})
    last_seen = fields.String(metadata={"description": "Empty where it was not observed within 30 days."})
    revision = fields.String(metadata={"description": "What it was seen reading events as."})


class EventReaderShape(ReaderShape):
    major = fields.Integer()


class EvidenceShape(AnswerShape):
    kind = fields.String(validate=validate.OneOf([str(one) for one in EvidenceKind]))
    path = fields.String()
    message = fields.String()
    rule = fields.String()
    payload = fields.String(metadata={"description": "An event made of the consumer's fields; its values are made up."})
    error = fields.String()
    encoded = fields.String()
    engine = fields.String()


class ImpactShape(ReaderShape):
    """What a change does to a reader; made by `impact_value`."""

    status = fields.String(validate=validate.OneOf([str(one) for one in ImpactStatus]))
    holds = fields.Boolean(metadata={"description": "The change is held back for it, in a registered domain."})
    evidence = fields.List(fields.Nested(EvidenceShape))


def reader_value(reader: Reader) -> dict[str, Any]:
    """What `ReaderShape` writes."""
    return {
        "application": reader.application,
        "team": reader.team,
        "environment": reader.environment,
        "source": reader.source,
        "identity": reader.identity,
        "reported_by": reader.reported_by,
        "opaque": not reader.reads.known,
        "fields_": use_values(reader.reads.fields) if reader.reads.known else [],
        "expired": reader.expired,
        "renewed_at": reader.renewed_at,
        "last_seen": reader.last_seen,
        "revision": reader.revision,
    }


def impact_value(one: ReaderImpact) -> dict[str, Any]:
    """What `ImpactShape` writes."""
    impact = one.impact
    return {
        **reader_value(one.reader),
        "status": impact.status,
        "holds": impact.holds,
        "evidence": impact.evidence,
    }


def use_values(uses: Iterable[FieldUse]) -> list[dict[str, Any]]:
    """What lists of `FieldUseShape` write."""
    return [{"path": pointer_of(one.path), "use": one.use} for one in uses]
