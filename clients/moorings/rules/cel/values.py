"""Events as CEL sees them, and back: defaults filled in, dates and times as timestamps, all else as plain values.

Dates are numbers of days, times of day are text, decimals are doubles, UUIDs are text; enums are text in Avro and
numbers in Protobuf.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp

from moorings.event_model.model import (
    ANYTHING,
    NO_DEFAULT,
    EnumerationType,
    ListType,
    MapType,
    RecordType,
    ScalarType,
    TypeReference,
    UnionType,
    ValueType,
)
from moorings.rules.fields import branch_of, named_branch
from moorings.rules.tagged_fields import TaggedModel
from moorings_compat.cel.values import NoCelValue, Size, from_cel, text_to_cel

__all__ = ["NoCelValue", "Size", "from_cel", "to_cel"]

_EPOCH = date(1970, 1, 1).toordinal()
_DEEPEST = 200
_LOWEST, _HIGHEST = -(2**63), 2**64 - 1
_AS_THEY_ARE = frozenset((type(None), bool, float))


def to_cel(model: TaggedModel, type: ValueType | RecordType, value: Any, size: Size, depth: int = 0) -> Any:
    """Turn a value into what CEL takes.

    Raises:
        NoCelValue: CEL has no such value.
    """
    kind = value.__class__
    if kind is str:
        size.values += 1
        numbers = _numbers(model, type) if model.numbered_symbols else None
        return text_to_cel(value, size) if numbers is None else numbers.get(value, value)
    if kind in _AS_THEY_ARE or (kind is int and _LOWEST <= value <= _HIGHEST):
        size.values += 1
        return value
    if depth > _DEEPEST:
        raise NoCelValue
    if isinstance(type, UnionType):
        branch = branch_of(model, type, value) or ANYTHING
        return to_cel(model, branch, named_branch(value)[1], size, depth + 1)
    return _container_to_cel(model, model.resolve(type), value, size, depth)


def _numbers(model: TaggedModel, type: ValueType | RecordType) -> Mapping[str, int] | None:
    """Return the numbers of an enumeration's symbols, where numbers are what is written."""
    if isinstance(type, UnionType):
        return next((found for one in type.branches if (found := _numbers(model, one)) is not None), None)
    meant = model.resolve(type) if isinstance(type, TypeReference) else type
    return meant.numbers if isinstance(meant, EnumerationType) else None


def _container_to_cel(model: TaggedModel, type: ValueType | RecordType, value: Any, size: Size, depth: int) -> Any:
    if isinstance(value, Mapping):
        size.values += 1
        return _object_to_cel(model, type, value, size, depth)
    if isinstance(value, list | tuple):
        name, inner = named_branch(value)
        if name is not None and not isinstance(type, ListType) and not _is_anything(type):
            return to_cel(model, type, inner, size, depth + 1)  # the one branch that a union has
        size.values += 1
        items = type.items if isinstance(type, ListType) else ANYTHING
        return [to_cel(model, items, item, size, depth + 1) for item in value]
    if isinstance(type, EnumerationType) and type.numbers is not None and isinstance(value, str):
        return type.numbers.get(value, value)
    return _scalar_to_cel(value, size)


def _is_anything(type: ValueType | RecordType) -> bool:
    return isinstance(type, ScalarType) and not type.primitive


def _object_to_cel(
    model: TaggedModel, type: ValueType | RecordType, value: Mapping[Any, Any], size: Size, depth: int
) -> dict[Any, Any]:
    values = type.values if isinstance(type, MapType) else ANYTHING
    fields = model.fields(type) if isinstance(type, RecordType) else {}
    found = {}
    for key, item in value.items():
        field = fields.get(key)
        name = key if key.__class__ is str and field is not None else _scalar_to_cel(key, size)
        found[name] = to_cel(model, field.type if field is not None else values, item, size, depth + 1)
    if len(found) < len(fields):
        for name, field in fields.items():
            if name not in found and field.default is not NO_DEFAULT:
                found[name] = to_cel(model, field.type, field.default, size, depth + 1)
    return found


def _scalar_to_cel(value: Any, size: Size) -> Any:
    size.values += 1
    if value is None or isinstance(value, bool | float):
        return value
    if isinstance(value, str):
        return text_to_cel(value, size)
    if isinstance(value, int):
        if not _LOWEST <= value <= _HIGHEST:
            raise NoCelValue
        return int(value)
    if isinstance(value, bytes | bytearray | memoryview):
        size.longest = max(size.longest, len(value))
        return bytes(value)
    return _python_to_cel(value)


def _python_to_cel(value: Any) -> Any:
    if isinstance(value, datetime):
        stamp = Timestamp()
        stamp.FromDatetime(value if value.tzinfo is not None else value.replace(tzinfo=UTC))
        return stamp
    if isinstance(value, date):
        return value.toordinal() - _EPOCH
    if isinstance(value, timedelta):
        duration = Duration()
        duration.FromTimedelta(value)
        return duration
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, UUID | time):
        return value.isoformat() if isinstance(value, time) else str(value)
    raise NoCelValue
