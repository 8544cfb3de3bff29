"""The inbox: what waits for somebody."""

from typing import Any

from marshmallow import Schema as Shape
from marshmallow import fields, validate

from moorings_registry.http.native.blueprint import Answer, NativeBlueprint
from moorings_registry.http.report_shapes import AnswerShape
from moorings_registry.http.requests import consult, current_registry
from moorings_registry.inbox import InboxItem, InboxKind, in_any, inbox
from moorings_registry.state import State

inbox_api = NativeBlueprint("inbox", __name__, url_prefix="/v1/inbox", description="What waits for somebody.")


class InboxQuery(Shape):
    domain = fields.String(load_default="", metadata={"description": "This domain and those below it."})


class InboxItemShape(AnswerShape):
    kind = fields.String(validate=validate.OneOf([str(one) for one in InboxKind]))
    owner = fields.String(metadata={"description": "Who answers for it; empty for nobody."})
    domain = fields.String()
    subject = fields.String()
    id = fields.String(metadata={"description": "Of the report, the kept check or the waiver; empty for others."})
    since = fields.String(metadata={"description": "The moment or the day from when, or until when, it waits."})
    what = fields.String()
    assignee = fields.String()


class InboxShape(AnswerShape):
    items = fields.List(fields.Nested(InboxItemShape))


@inbox_api.get("")
@inbox_api.operation("showInbox")
@inbox_api.arguments(InboxQuery, location="query")
@inbox_api.response(200, InboxShape)
def show_inbox(query: dict[str, Any]) -> Answer:
    """List what waits, the most urgent kinds first, at most 100 of a kind; what is done disappears by itself."""

    def find(state: State) -> Answer:
        domain = query["domain"]
        found = inbox(current_registry(), state, in_any([domain])) if domain else inbox(current_registry(), state)
        return {"items": [_value(one) for one in found]}

    return consult(find)


def _value(item: InboxItem) -> dict[str, Any]:
    names = ("kind", "owner", "domain", "id", "since", "what", "assignee")
    return {**{name: getattr(item, name) for name in names}, "subject": str(item.subject or "")}
