"""Is a plain value, as an event holds it, a value of a type?"""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from moorings.event_model import model
from moorings.event_model.model import (
    EnumerationType,
    EventModel,
    ListType,
    MapType,
    RecordType,
    ScalarType,
    TypeReference,
    ValueType,
)


def fits(value: Any, type: ValueType, known: EventModel) -> bool:
    """Say whether *value* is a value of *type*; a whole number counts as a fraction, a boolean never as a number."""
    if isinstance(type, ScalarType):
        return _SCALARS[type.kind](value)
    if isinstance(type, TypeReference):
        return _fits_named(value, type, known)
    if isinstance(type, EnumerationType):
        return _is_one_of(value, type)
    if isinstance(type, ListType):
        return isinstance(value, list) and all(fits(one, type.items, known) for one in value)
    if isinstance(type, MapType):
        return isinstance(value, dict) and all(
            fits(key, type.keys, known) and fits(one, type.values, known) for key, one in value.items()
        )
    return any(fits(value, branch, known) for branch in type.branches)


def _fits_named(value: Any, type: TypeReference, known: EventModel) -> bool:
    named = known.named[type.name]
    if not isinstance(named, RecordType):
        return _is_one_of(value, named)
    if not isinstance(value, dict):
        return False
    fields = {one.name: one for one in named.fields}
    if any(one.required and one.name not in value for one in named.fields):
        return False
    for key, item in value.items():
        expected = fields[key].type if key in fields else named.extra
        if expected is None or not fits(item, expected, known):
            return False
    return True


def _is_one_of(value: Any, enumeration: EnumerationType) -> bool:
    return any(one == value and isinstance(one, bool) == isinstance(value, bool) for one in enumeration.values)


def _instance_of(kind: type | tuple[type, ...]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, kind)


_SCALARS: dict[str, Callable[[Any], bool]] = {
    model.NONE: _instance_of(type(None)),
    model.BOOL: _instance_of(bool),
    model.INT: lambda value: isinstance(value, int) and not isinstance(value, bool),
    model.FLOAT: lambda value: isinstance(value, float | int) and not isinstance(value, bool),
    model.STR: _instance_of(str),
    model.BYTES: _instance_of(bytes),
    model.AWARE: lambda value: isinstance(value, datetime) and value.tzinfo is not None,
    model.LOCAL: lambda value: isinstance(value, datetime) and value.tzinfo is None,
    model.ANY_DATETIME: _instance_of(datetime),
    model.DATE: lambda value: isinstance(value, date) and not isinstance(value, datetime),
    model.TIME: _instance_of(time),
    model.TIMEDELTA: _instance_of(timedelta),
    model.DECIMAL: _instance_of(Decimal),
    model.UUID: _instance_of(UUID),
    model.ANY: _instance_of(object),
    model.UNKNOWN: _instance_of(()),
}
