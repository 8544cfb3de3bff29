"""Who read and wrote what, by the hour, as this node of the service counted it."""

import sqlite3
from typing import Any

from marshmallow import Schema as Shape
from marshmallow import fields, validate

from moorings_registry.access import GRANTABLE
from moorings_registry.access_counts import AccessFilter
from moorings_registry.errors import AuditUnavailable
from moorings_registry.http.native.blueprint import Answer, NativeBlueprint
from moorings_registry.http.report_shapes import AnswerShape
from moorings_registry.http.requests import current_registry

audit = NativeBlueprint("audit", __name__, url_prefix="/v1/audit", description="Who did what, and was it allowed.")
_HOUR = validate.Regexp(r"(\d{4}-\d\d-\d\d(T\d\d.*)?)?\Z", error="Not a day, or a moment as RFC 3339 has it.")


class AuditQuery(Shape):
    principal = fields.String(load_default="", validate=validate.Length(max=512))
    node = fields.String(
        load_default="",
        validate=validate.Length(max=800),
        metadata={"description": "This subject or domain, and what is below it by dots."},
    )
    verb = fields.String(load_default="", validate=validate.OneOf(["", *map(str, GRANTABLE)]))
    ok = fields.Boolean(load_default=None, allow_none=True, metadata={"description": "Answered as asked, or not."})
    since = fields.String(load_default="", validate=_HOUR)
    until = fields.String(load_default="", validate=_HOUR)
    limit = fields.Integer(load_default=1_000, validate=validate.Range(min=1, max=10_000))


class AccessRowShape(AnswerShape):
    hour = fields.String(metadata={"description": "In UTC: `2026-11-29T22`."})
    principal = fields.String()
    verb = fields.String()
    node = fields.String(metadata={"description": "Empty for what names no subject or domain: a list, a search."})
    ok = fields.Boolean()
    count = fields.Integer()
    first = fields.String()
    last = fields.String()


class AuditShape(AnswerShape):
    rows = fields.List(fields.Nested(AccessRowShape))


@audit.get("")
@audit.operation("listAccess", AuditUnavailable)
@audit.arguments(AuditQuery, location="query")
@audit.response(200, AuditShape)
def list_access(query: dict[str, Any]) -> Answer:
    """List what callers did, the newest hour first; each node of the service has its own counts.

    What other workers of the node counted in the last minute may be missing.
    """
    counts = current_registry().access_counts
    counts.flush()
    try:
        return {"rows": counts.find(AccessFilter(**query))}
    except (sqlite3.Error, OSError):
        raise AuditUnavailable from None
