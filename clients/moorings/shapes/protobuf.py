"""The shape of a Protobuf message, as the dict that stands for it."""

from moorings.codecs.protobuf.codec import main_message
from moorings.codecs.protobuf.plans import MessagePlan, Plans, ValuePlan
from moorings.shapes.model import ANY, ARRAY, MAP, OBJECT, FieldShape, Shape
from moorings_compat import Schema
from moorings_compat.protobuf import message_class

_KINDS = {
    **dict.fromkeys(("int32", "sint32", "sfixed32"), "int32"),
    **dict.fromkeys(("int64", "sint64", "sfixed64"), "int64"),
    **dict.fromkeys(("uint32", "fixed32"), "uint32"),
    **dict.fromkeys(("uint64", "fixed64"), "uint64"),
    "bool": "boolean",
}
_WELL_KNOWN = {"google.protobuf.Timestamp": "datetime", "google.protobuf.Duration": "duration"}


def protobuf_shape(schema: Schema, event: str) -> Shape:
    """Return the shape of the message that the contract of *event* is about."""
    descriptor = message_class(schema, main_message(schema, event)).DESCRIPTOR
    return _Building().message(Plans().message(descriptor))


class _Building:
    def __init__(self) -> None:
        self._messages: dict[str, Shape] = {}

    def message(self, plan: MessagePlan) -> Shape:
        if plan.name in _WELL_KNOWN:
            return Shape(frozenset((_WELL_KNOWN[plan.name],)))
        if plan.well_known is not None:
            return ANY
        if plan.wrapped is not None:
            return self._value(plan.wrapped)
        known = self._messages.get(plan.name)
        if known is not None:
            return known
        shape = self._messages[plan.name] = Shape(frozenset((OBJECT,)))
        for field in plan.fields.values():
            inner = self._value(field.value)
            if field.key is not None:
                inner = Shape(frozenset((MAP,)), values=inner)
            elif field.repeated:
                inner = Shape(frozenset((ARRAY,)), items=inner)
            shape.fields[field.name] = FieldShape(inner, field.required, present=not field.presence or field.required)
        return shape

    def _value(self, plan: ValuePlan) -> Shape:
        if plan.message is not None:
            return self.message(plan.message)
        if plan.symbols is not None:
            return Shape(frozenset(("enum",)), symbols=frozenset(plan.symbols))
        return Shape(frozenset((_KINDS.get(plan.word, plan.word),)))
