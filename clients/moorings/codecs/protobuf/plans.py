"""What the codec needs of each message, read once from its descriptor."""

from dataclasses import dataclass, field
from typing import Any

from google.protobuf.descriptor import FieldDescriptor

from moorings.codecs.protobuf.well_known import VALUE, WELL_KNOWN, WRAPPERS, WellKnown

_BOUNDS = {
    FieldDescriptor.CPPTYPE_INT32: (-(2**31), 2**31 - 1),
    FieldDescriptor.CPPTYPE_INT64: (-(2**63), 2**63 - 1),
    FieldDescriptor.CPPTYPE_UINT32: (0, 2**32 - 1),
    FieldDescriptor.CPPTYPE_UINT64: (0, 2**64 - 1),
}
_TYPE_NAMES = {
    FieldDescriptor.TYPE_DOUBLE: "double",
    FieldDescriptor.TYPE_FLOAT: "float",
    FieldDescriptor.TYPE_INT64: "int64",
    FieldDescriptor.TYPE_UINT64: "uint64",
    FieldDescriptor.TYPE_INT32: "int32",
    FieldDescriptor.TYPE_FIXED64: "fixed64",
    FieldDescriptor.TYPE_FIXED32: "fixed32",
    FieldDescriptor.TYPE_BOOL: "bool",
    FieldDescriptor.TYPE_STRING: "string",
    FieldDescriptor.TYPE_BYTES: "bytes",
    FieldDescriptor.TYPE_UINT32: "uint32",
    FieldDescriptor.TYPE_SFIXED32: "sfixed32",
    FieldDescriptor.TYPE_SFIXED64: "sfixed64",
    FieldDescriptor.TYPE_SINT32: "sint32",
    FieldDescriptor.TYPE_SINT64: "sint64",
}


@dataclass(slots=True)
class ValuePlan:
    """One value: a scalar, an enum or a message."""

    word: str
    """The type in the words of the source: ``int64``, ``shop.Money``."""
    bounds: tuple[int, int] | None = None
    """Integers only."""
    symbols: dict[str, int] | None = None
    """Enums only."""
    names: dict[int, str] | None = None
    """Enums only: the first name of each number."""
    message: "MessagePlan | None" = None


@dataclass(slots=True)
class FieldPlan:
    name: str
    value: ValuePlan
    repeated: bool
    key: ValuePlan | None
    """Maps only: the plan of the keys; `value` is that of the values."""
    presence: bool
    """Absent and empty differ."""
    required: bool
    oneof: str | None

    @property
    def takes_null(self) -> bool:
        """Whether None is a value, as ProtoJSON has it, and not absence."""
        return self.value.message is not None and self.value.message.name == VALUE


@dataclass(slots=True)
class MessagePlan:
    """One message; `fields` is complete once all plans of a file exist, since messages may contain themselves."""

    name: str
    descriptor: Any
    well_known: WellKnown | None = None
    wrapped: ValuePlan | None = None
    fields: dict[str, FieldPlan] = field(default_factory=dict)


class Plans:
    """The plans of all messages within a message."""

    def __init__(self) -> None:
        self._messages: dict[str, MessagePlan] = {}

    def message(self, descriptor: Any) -> MessagePlan:
        known = self._messages.get(descriptor.full_name)
        if known is not None:
            return known
        plan = self._messages[descriptor.full_name] = MessagePlan(
            descriptor.full_name, descriptor, WELL_KNOWN.get(descriptor.full_name)
        )
        if descriptor.full_name in WRAPPERS:
            plan.wrapped = self._value(descriptor.fields_by_name["value"])
        plan.fields = {one.name: self._field(one) for one in descriptor.fields}
        return plan

    def _field(self, field: FieldDescriptor) -> FieldPlan:
        entry = field.message_type if field.message_type and field.message_type.GetOptions().map_entry else None
        oneof = field.containing_oneof
        synthetic = oneof is not None and len(oneof.fields) == 1
        return FieldPlan(
            name=field.name,
            value=self._value(entry.fields_by_name["value"] if entry else field),
            repeated=field.is_repeated and entry is None,
            key=self._value(entry.fields_by_name["key"]) if entry else None,
            presence=field.has_presence,
            required=field.is_required,
            oneof=oneof.name if oneof is not None and not synthetic else None,
        )

    def _value(self, field: FieldDescriptor) -> ValuePlan:
        if field.message_type is not None:
            message = self.message(field.message_type)
            return ValuePlan(message.name, message=message)
        if field.enum_type is not None:
            enum = field.enum_type
            names: dict[int, str] = {}
            for value in enum.values:
                names.setdefault(value.number, value.name)
            symbols = {value.name: value.number for value in enum.values}
            return ValuePlan(enum.full_name, symbols=symbols, names=names)
        return ValuePlan(_TYPE_NAMES[field.type], bounds=_BOUNDS.get(field.cpp_type))


def plain(message: Any, plan: MessagePlan) -> Any:
    """Turn a message into a dict, fields without presence included, absent ones left out; enums by their names."""
    if plan.well_known is not None:
        return plan.well_known.value(message)
    if plan.wrapped is not None:
        return message.value
    event = {}
    for name, one in plan.fields.items():
        if one.presence:
            if message.HasField(name):
                event[name] = _plain_value(getattr(message, name), one.value)
        elif one.key is not None:
            values = getattr(message, name)
            event[name] = {key: _plain_value(values[key], one.value) for key in values}
        elif one.repeated:
            event[name] = _plain_items(getattr(message, name), one.value)
        else:
            event[name] = _plain_value(getattr(message, name), one.value)
    return event


def _plain_items(values: Any, plan: ValuePlan) -> list[Any]:
    if plan.message is None and plan.names is None:
        return list(values)
    return [_plain_value(value, plan) for value in values]


def _plain_value(value: Any, plan: ValuePlan) -> Any:
    if plan.message is not None:
        return plain(value, plan.message)
    if plan.names is not None:
        return plan.names.get(value, value)
    return value
