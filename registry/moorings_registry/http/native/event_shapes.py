"""Shapes of what an event is besides its schemas: what `PUT /v1/events/{subject}` takes, and how answers show it."""

from decimal import Decimal
from typing import Any

from marshmallow import Schema as Shape
from marshmallow import ValidationError, fields, validate

from moorings_compat.event_names import EventKind
from moorings_compat.field_pointers import is_field_pointer
from moorings_registry.http.report_shapes import AnswerShape
from moorings_registry.state import Classification, Declaration, Expectations, Idempotency, Replay

KINDS = [str(one) for one in EventKind]
CLASSIFICATIONS = [str(one) for one in Classification]
MOST_TOPICS = 50
_TOPIC = validate.Regexp(r"\A(?!\.{1,2}\Z)[A-Za-z0-9._-]{1,249}\Z", error="Not the name of a Kafka topic.")
_LINE = (validate.Length(max=500), validate.Regexp(r"\A[^\x00-\x1f\x7f]*\Z", error="Not one line of text."))
_SHORT = validate.Length(max=200)
_KINDS = {"description": "`fact` happened, `type` is referred to by others, `command` is for its one handler."}
_POINTER = {"description": "A JSON Pointer to a field of the event.", "example": "/order_id"}


def _require_pointer(value: str) -> None:
    if not is_field_pointer(value):
        raise ValidationError("Not a JSON Pointer to a field, such as /order_id.")


def _require_pointer_or_nothing(value: str) -> None:
    if value:
        _require_pointer(value)


class AmountField(fields.Field[Any]):
    """A number above zero, which may have a fraction; kept as the decimal that was sent."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if type(value) in (int, float) and 0.001 <= value <= 10**12:
            return Decimal(str(value))
        raise ValidationError("Not a number from 0.001 to 1000000000000.")

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        return None if value is None else float(value)


_NUMBER = {"type": "number"}


class ReplayBody(Shape):
    source = fields.String(load_default="", validate=_SHORT, metadata={"example": "s3://archive/orders"})
    retention_days = fields.Integer(
        load_default=None, allow_none=True, strict=True, validate=validate.Range(min=1, max=36_525)
    )
    ordering_key = fields.String(load_default="", validate=_require_pointer_or_nothing, metadata=_POINTER)
    replayable = fields.Boolean(load_default=True)
    reason = fields.String(load_default="", validate=_LINE, metadata={"description": "Why it is not replayable."})


class IdempotencyBody(Shape):
    key = fields.List(
        fields.String(validate=_require_pointer, metadata=_POINTER),
        required=True,
        validate=validate.Length(min=1, max=20),
        metadata={"description": "The fields whose values identify an event."},
    )


class ExpectationsBody(Shape):
    peak_per_second = AmountField(load_default=None, allow_none=True, metadata=_NUMBER)
    largest_bytes = fields.Integer(
        load_default=None, allow_none=True, strict=True, validate=validate.Range(min=1, max=2**40)
    )
    delivery_p99_ms = AmountField(load_default=None, allow_none=True, metadata=_NUMBER)


class EventBody(Shape):
    """What an event is; the whole of it, so that what is left out is taken back."""

    kind = fields.String(required=True, validate=validate.OneOf(KINDS), metadata=_KINDS)
    description = fields.String(load_default="", validate=validate.Length(max=10_000))
    classification = fields.String(load_default="", validate=validate.OneOf(CLASSIFICATIONS))
    topics = fields.List(
        fields.String(validate=_TOPIC),
        load_default=list,
        validate=validate.Length(max=MOST_TOPICS),
        metadata={"description": "The Kafka topics that carry it.", "example": ["orders"]},
    )
    handler = fields.String(
        load_default="", validate=_SHORT, metadata={"description": "Of a command: the application that acts on it."}
    )
    name_reviewed = fields.String(
        load_default="",
        validate=_LINE,
        metadata={"description": "Why the name is right, where the lint cannot tell and asks."},
    )
    replay = fields.Nested(ReplayBody, load_default=None, allow_none=True)
    idempotency = fields.Nested(IdempotencyBody, load_default=None, allow_none=True)
    expectations = fields.Nested(ExpectationsBody, load_default=None, allow_none=True)


class ReplayShape(AnswerShape):
    source = fields.String()
    retention_days = fields.Integer(allow_none=True)
    ordering_key = fields.String()
    replayable = fields.Boolean()
    reason = fields.String()


class IdempotencyShape(AnswerShape):
    key = fields.List(fields.String())


class ExpectationsShape(AnswerShape):
    peak_per_second = AmountField(allow_none=True, metadata=_NUMBER)
    largest_bytes = fields.Integer(allow_none=True)
    delivery_p99_ms = AmountField(allow_none=True, metadata=_NUMBER)


class DeclarationShape(AnswerShape):
    """What an event is; written from `declared` and a `Declaration`, defaults where nobody declared it."""

    declared = fields.Boolean(metadata={"description": "Whether somebody declared it."})
    kind = fields.String(attribute="declaration.kind", validate=validate.OneOf(KINDS), metadata=_KINDS)
    description = fields.String(attribute="declaration.description")
    classification = fields.String(attribute="declaration.classification", validate=validate.OneOf(CLASSIFICATIONS))
    topics = fields.List(fields.String(), attribute="declaration.topics")
    handler = fields.String(attribute="declaration.handler")
    name_reviewed = fields.String(attribute="declaration.name_reviewed")
    replay = fields.Nested(ReplayShape, attribute="declaration.replay", allow_none=True)
    idempotency = fields.Nested(IdempotencyShape, attribute="declaration.idempotency", allow_none=True)
    expectations = fields.Nested(ExpectationsShape, attribute="declaration.expectations", allow_none=True)


def declaration_of_body(body: dict[str, Any]) -> Declaration:
    """Make a declaration of a validated `EventBody`."""
    replay, idempotency, expectations = (body[name] for name in ("replay", "idempotency", "expectations"))
    return Declaration(
        kind=EventKind(body["kind"]),
        description=body["description"],
        classification=Classification(body["classification"]),
        topics=tuple(body["topics"]),
        handler=body["handler"],
        name_reviewed=body["name_reviewed"],
        replay=Replay(**replay) if replay is not None else None,
        idempotency=Idempotency(tuple(idempotency["key"])) if idempotency is not None else None,
        expectations=Expectations(**expectations) if expectations is not None else None,
    )
