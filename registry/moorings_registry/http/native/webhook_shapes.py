"""The forms of webhooks: what is asked for, and how far they have come."""

from marshmallow import Schema as Shape
from marshmallow import fields, validate

from moorings_registry.commands import MODES
from moorings_registry.commands.webhooks import LONGEST_BECAUSE, LONGEST_URL
from moorings_registry.http.report_shapes import AnswerShape

STATES = ("current", "delivering", "failing", "stopped")


class WebhookBody(Shape):
    url = fields.String(
        required=True,
        validate=validate.Length(min=1, max=LONGEST_URL),
        metadata={"description": "Where events are posted: https, without a user, a query or any other secret."},
    )
    node = fields.String(
        required=True,
        validate=validate.Length(min=1, max=800),
        metadata={"description": "What the events are about: a domain and all below it, an event, or `*`."},
    )
    kinds = fields.List(
        fields.String(),
        load_default=[],
        validate=validate.Length(max=100),
        metadata={"description": "The kinds of events that are sent, such as `SchemaRefused`; empty: all."},
    )
    mode = fields.String(
        load_default="structured",
        validate=validate.OneOf(MODES),
        metadata={
            "description": "How CloudEvents are written: in the body as a whole, or their attributes as headers."
        },
    )
    after = fields.Integer(
        load_default=None,
        allow_none=True,
        strict=True,
        validate=validate.Range(min=0, max=2**53),
        metadata={"description": "What follows this position is sent; left out: what happens from now on."},
    )


class WebhookReplayBody(Shape):
    after = fields.Integer(
        load_default=None,
        allow_none=True,
        strict=True,
        validate=validate.Range(min=0, max=2**53),
        metadata={"description": "Send everything that follows this position again."},
    )
    dead_letters = fields.Boolean(
        load_default=False, metadata={"description": "Send what the receiver did not take again, before anything else."}
    )


class WebhookRemoveQuery(Shape):
    because = fields.String(load_default="", validate=validate.Length(max=LONGEST_BECAUSE))


class DeadLetterShape(AnswerShape):
    """An event that a receiver did not take; written from a `DeadLetter`."""

    position = fields.Integer()
    index = fields.Integer(metadata={"description": "The place of its fact in the entry, from 0."})
    kind = fields.String()
    reason = fields.String()
    attempts = fields.Integer()
    at = fields.String()


class WebhookShape(AnswerShape):
    """A webhook; written from a `Webhook` as `webhook`, a `Progress` as `progress`, its state and its lag."""

    id = fields.Integer(attribute="webhook.id")
    url = fields.String(attribute="webhook.url")
    node = fields.String(attribute="webhook.node")
    kinds = fields.List(fields.String(), attribute="webhook.kinds")
    mode = fields.String(attribute="webhook.mode")
    created_by = fields.String(attribute="webhook.created_by")
    created_at = fields.String(attribute="webhook.created_at")
    state = fields.String(
        validate=validate.OneOf(STATES),
        metadata={
            "description": "`current`: the receiver has everything. `delivering`: some is on its way. `failing`: the "
            "last attempt failed, and is repeated. `stopped`: its author may no longer know what happens there."
        },
    )
    position = fields.Integer(
        attribute="progress.position", metadata={"description": "The last entry of which nothing is left to send."}
    )
    lag = fields.Integer(metadata={"description": "Entries of the ledger that have not been processed."})
    delivered = fields.Integer(attribute="progress.delivered")
    delivered_at = fields.String(
        attribute="progress.delivered_at", metadata={"description": "When it last took an event; empty for never."}
    )
    failures = fields.Integer(attribute="progress.failures", metadata={"description": "Attempts in a row that failed."})
    error = fields.String(attribute="progress.error", metadata={"description": "Why the last attempt failed."})
    failed_at = fields.String(attribute="progress.failed_at")
    dead_letters = fields.List(
        fields.Nested(DeadLetterShape),
        attribute="progress.dead",
        metadata={"description": "What the receiver did not take, oldest first; the last 100."},
    )
    dead_letters_dropped = fields.Integer(
        attribute="progress.dropped",
        metadata={"description": "Dead letters that there was no room for; a replay from a position sends them."},
    )


class WebhooksShape(AnswerShape):
    webhooks = fields.List(fields.Nested(WebhookShape))


class WebhookTestShape(AnswerShape):
    """What became of a test event; written from an `Answer`."""

    fate = fields.String(metadata={"description": "`delivered`, or what went wrong."})
    status = fields.Integer(metadata={"description": "The receiver's HTTP status; 0 where there was no answer."})
    reason = fields.String(metadata={"description": "Why it was not delivered; empty where it was."})
