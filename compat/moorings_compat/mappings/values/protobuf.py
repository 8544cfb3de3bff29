"""Protobuf events as values: dicts with the names of the source, as clients take and give them."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import EncodeError, Message
from google.protobuf.timestamp_pb2 import Timestamp

from moorings_compat.conditions.events.port import Event
from moorings_compat.conditions.events.protobuf import message_class_of
from moorings_compat.mappings.values.port import Invalid, Values
from moorings_compat.policies import Policy
from moorings_compat.protobuf.reflection import is_map
from moorings_compat.schema import Schema

_TIMESTAMP, _DURATION = "google.protobuf.Timestamp", "google.protobuf.Duration"
_JSON = ("google.protobuf.Struct", "google.protobuf.ListValue", "google.protobuf.Value")
_WRAPPERS = frozenset(
    f"google.protobuf.{kind}Value"
    for kind in ("Double", "Float", "Int64", "UInt64", "Int32", "UInt32", "Bool", "String", "Bytes")
)


def values(schema: Schema, event: str, policy: Policy) -> Values:  # noqa: ARG001 - of other formats
    """Return the values of *schema*."""
    return ProtobufValues(schema, event)


class ProtobufValues:
    """The events of one message."""

    def __init__(self, schema: Schema, event: str) -> None:
        self._class: Any = message_class_of(schema, event)

    def read(self, event: Event) -> Any:
        """Return an event as a dict; fields without presence are always there."""
        try:
            return _plain(self._class.FromString(bytes.fromhex(event.encoded)))
        except (OverflowError, ValueError) as error:  # beyond what Python's dates can hold
            raise Invalid("", str(error)) from None

    def require_valid(self, value: Any) -> None:
        """Pass, or say which field a writer of the message refuses."""
        message = self._class()
        _fill(message, value, "")
        try:
            message.SerializeToString()
        except EncodeError as error:
            raise Invalid("", str(error)) from None


def _plain(message: Any) -> Any:
    name = message.DESCRIPTOR.full_name
    if name in _JSON:
        return message
    if isinstance(message, Timestamp):
        return message.ToDatetime(UTC)
    if isinstance(message, Duration):
        return message.ToTimedelta()
    if name in _WRAPPERS:
        return message.value
    found: dict[str, Any] = {}
    for field in message.DESCRIPTOR.fields:
        held = getattr(message, field.name)
        if is_map(field):
            inner = field.message_type.fields_by_name["value"]
            found[field.name] = {key: _plain_value(held[key], inner) for key in held}
        elif field.is_repeated:
            found[field.name] = [_plain_value(one, field) for one in held]
        elif not field.has_presence or message.HasField(field.name):
            found[field.name] = _plain_value(held, field)
    return found


def _plain_value(value: Any, field: Any) -> Any:
    if field.message_type is not None:
        return _plain(value)
    if field.enum_type is not None:
        known = field.enum_type.values_by_number.get(value)
        return known.name if known else value
    return value


def _fill(message: Any, value: Any, path: str) -> None:
    if not isinstance(value, Mapping):
        raise Invalid(path, f"expected {message.DESCRIPTOR.full_name}")
    for name, one in value.items():
        at = f"{path}/{name}"
        field = message.DESCRIPTOR.fields_by_name.get(name)
        if field is None:
            raise Invalid(at, f"{message.DESCRIPTOR.full_name} has no such field")
        if one is None and field.has_presence:
            continue
        try:
            _set(message, field, one, at)
        except (TypeError, ValueError, AttributeError, OverflowError) as error:
            if isinstance(error, Invalid):
                raise
            raise Invalid(at, f"not a value of the field: {type(error).__name__}") from None


def _set(message: Any, field: Any, value: Any, path: str) -> None:
    held = getattr(message, field.name)
    if is_map(field):
        inner = field.message_type.fields_by_name["value"]
        for key, one in value.items():
            if inner.message_type is not None:
                _fill_message(held[key], one, f"{path}/{key}")
            else:
                held[key] = _scalar(inner, one)
    elif field.is_repeated:
        for number, one in enumerate(value):
            if field.message_type is not None:
                _fill_message(held.add(), one, f"{path}/{number}")
            else:
                held.append(_scalar(field, one))
    elif field.message_type is not None:
        held.SetInParent()
        _fill_message(held, value, path)
    else:
        setattr(message, field.name, _scalar(field, value))


def _fill_message(message: Any, value: Any, path: str) -> None:
    name = message.DESCRIPTOR.full_name
    if isinstance(value, Message):
        message.CopyFrom(value)
    elif name == _TIMESTAMP and isinstance(value, datetime):
        message.FromDatetime(value)
    elif name == _DURATION and isinstance(value, timedelta):
        message.FromTimedelta(value)
    elif name in _WRAPPERS:
        message.value = value
    else:
        _fill(message, value, path)


def _scalar(field: Any, value: Any) -> Any:
    if isinstance(value, bool) is not (field.cpp_type == field.CPPTYPE_BOOL):
        raise TypeError
    if field.enum_type is None or not isinstance(value, str):
        return value
    symbol = field.enum_type.values_by_name.get(value)
    if symbol is None:
        raise ValueError
    return symbol.number
