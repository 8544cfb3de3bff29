"""Protobuf's well-known types: the Python value of each in an event's dict.

| message | value |
|---|---|
| Timestamp, Duration | `datetime` with a time zone, `timedelta`: to the microsecond |
| the wrappers (`Int64Value`, ...) | the value alone |
| Struct, ListValue, Value | dict, list, any JSON value; None is its null |
| NullValue, Any, Empty, FieldMask | as their fields say |

`fields` functions turn a value into what the message class takes, and raise TypeError or ValueError for what
they do not take; `value` functions read a message back.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_LONGEST_DURATION = timedelta(seconds=315_576_000_000)
_DEEPEST = 100


@dataclass(frozen=True, slots=True)
class WellKnown:
    """How one message is written as a plain value; `expected` describes the value."""

    expected: str
    fields: Callable[[Any], Any]
    value: Callable[[Any], Any]
    is_json: bool = False
    """What `fields` returns is the message's ProtoJSON: the message class takes it in some places and not in others."""


def _timestamp_fields(value: Any) -> dict[str, Any]:
    if not isinstance(value, datetime):
        raise TypeError
    seconds, micros = divmod((value - _EPOCH) // _MICROSECOND, 1_000_000)
    return {"seconds": seconds, "nanos": micros * 1000}


def _timestamp_value(message: Any) -> datetime:
    return _EPOCH + timedelta(seconds=message.seconds, microseconds=message.nanos // 1000)


def _duration_fields(value: Any) -> dict[str, Any]:
    if not isinstance(value, timedelta):
        raise TypeError
    if not -_LONGEST_DURATION <= value <= _LONGEST_DURATION:
        raise ValueError
    micros = value // _MICROSECOND
    seconds = int(math.copysign(abs(micros) // 1_000_000, micros))
    return {"seconds": seconds, "nanos": (micros - seconds * 1_000_000) * 1000}


def _duration_value(message: Any) -> timedelta:
    return timedelta(seconds=message.seconds, microseconds=int(message.nanos / 1000))


def _plain_json(value: Any, depth: int = 0) -> Any:
    """Check that a value is JSON that these messages can hold, and copy it."""
    if depth > _DEEPEST:
        raise ValueError
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int | float):
        number = float(value)
        if not math.isfinite(number) or number != value:
            raise ValueError
        return number
    if isinstance(value, list | tuple):
        return [_plain_json(one, depth + 1) for one in value]
    return _struct_fields(value, depth + 1)


def _struct_fields(value: Any, depth: int = 0) -> dict[str, Any]:
    if not isinstance(value, Mapping) or not all(isinstance(key, str) for key in value):
        raise TypeError
    return {key: _plain_json(one, depth) for key, one in value.items()}


def _list_fields(value: Any) -> list[Any]:
    if not isinstance(value, list | tuple):
        raise TypeError
    return [_plain_json(one) for one in value]


def _json_value(message: Any) -> Any:
    kind = message.WhichOneof("kind")
    if kind == "struct_value":
        return _struct_value(message.struct_value)
    if kind == "list_value":
        return _list_value(message.list_value)
    return None if kind is None or kind == "null_value" else getattr(message, kind)


def _struct_value(message: Any) -> dict[str, Any]:
    return {key: _json_value(value) for key, value in message.fields.items()}


def _list_value(message: Any) -> list[Any]:
    return [_json_value(value) for value in message.values]


VALUE = "google.protobuf.Value"

WELL_KNOWN = {
    "google.protobuf.Timestamp": WellKnown("a datetime with a time zone", _timestamp_fields, _timestamp_value),
    "google.protobuf.Duration": WellKnown("a timedelta of at most 10,000 years", _duration_fields, _duration_value),
    "google.protobuf.Struct": WellKnown("a JSON object", _struct_fields, _struct_value, is_json=True),
    "google.protobuf.ListValue": WellKnown("a JSON array", _list_fields, _list_value, is_json=True),
    VALUE: WellKnown("a JSON value", _plain_json, _json_value, is_json=True),
}

WRAPPERS = frozenset(
    f"google.protobuf.{kind}Value"
    for kind in ("Double", "Float", "Int64", "UInt64", "Int32", "UInt32", "Bool", "String", "Bytes")
)
