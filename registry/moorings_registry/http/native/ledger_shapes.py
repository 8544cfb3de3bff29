"""Queries and answers about the ledger's entries."""

from marshmallow import Schema as Shape
from marshmallow import fields, validate

from moorings_registry.http.report_shapes import AnswerShape


class HeadShape(AnswerShape):
    position = fields.Integer()
    digest = fields.String()


class LedgerQuery(Shape):
    after = fields.Integer(load_default=0, validate=validate.Range(min=0, max=2**53))
    limit = fields.Integer(load_default=100, validate=validate.Range(min=1, max=1_000))
    domain = fields.String(
        load_default="", metadata={"description": "Entries about this domain and those below it alone."}
    )
    kind = fields.List(
        fields.String(),
        load_default=[],
        validate=validate.Length(max=100),
        metadata={"description": "Entries with a kind of event alone, such as `SchemaRefused`; may be repeated."},
    )
    wait = fields.Integer(
        load_default=0,
        validate=validate.Range(min=0, max=30),
        metadata={"description": "Seconds to wait for an entry, where there is none yet."},
    )


class EntryShape(AnswerShape):
    position = fields.Integer()
    recorded_at = fields.String()
    actor = fields.String()
    correlation_id = fields.String()
    provenance = fields.Dict(
        keys=fields.String(),
        allow_none=True,
        metadata={"description": "How a caller who signed in was known, and what allowed the write."},
    )
    idempotency_key = fields.String(allow_none=True)
    facts = fields.List(fields.Dict())
    previous = fields.String()
    digest = fields.String()


class LedgerShape(AnswerShape):
    entries = fields.List(fields.Nested(EntryShape))
    next = fields.Integer(metadata={"description": "What to send as `after` to continue."})
    head = fields.Nested(HeadShape)
