"""Queries that several lists and deletions share."""

from marshmallow import Schema as Shape
from marshmallow import fields, validate


class PageQuery(Shape):
    limit = fields.Integer(load_default=100, validate=validate.Range(min=1, max=1_000))
    offset = fields.Integer(load_default=0, validate=validate.Range(min=0, max=2**31 - 1))


class DeletedQuery(Shape):
    deleted = fields.Boolean(load_default=False, metadata={"description": "Show soft-deleted versions too."})


class PermanentQuery(Shape):
    permanent = fields.Boolean(load_default=False, metadata={"description": "Permanently delete what is soft-deleted."})
    reason = fields.String(
        load_default="",
        validate=validate.Length(max=500),
        metadata={"description": "Why; a permanent delete in a registered domain needs it."},
    )
