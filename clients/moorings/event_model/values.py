"""Does a plain value, as an event holds it, belong to a shape?"""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from moorings.event_model import model
from moorings.event_model.model import Choice, Entries, Items, Record, Shape, Shapes, Simple, Use


def fits(value: Any, shape: Shape, known: Shapes) -> bool:
    """Say whether *value* is one of *shape*; a whole number is taken for a fraction, a boolean never for a number."""
    if isinstance(shape, Simple):
        return _SIMPLE[shape.kind](value)
    if isinstance(shape, Use):
        return _fits_named(value, shape, known)
    if isinstance(shape, Choice):
        return _is_one_of(value, shape)
    if isinstance(shape, Items):
        return isinstance(value, list) and all(fits(one, shape.items, known) for one in value)
    if isinstance(shape, Entries):
        return isinstance(value, dict) and all(
            fits(key, shape.keys, known) and fits(one, shape.values, known) for key, one in value.items()
        )
    return any(fits(value, branch, known) for branch in shape.branches)


def _fits_named(value: Any, shape: Use, known: Shapes) -> bool:
    named = known.named[shape.name]
    if not isinstance(named, Record):
        return _is_one_of(value, named)
    if not isinstance(value, dict):
        return False
    fields = {one.name: one for one in named.fields}
    if any(one.needed and one.name not in value for one in named.fields):
        return False
    for key, item in value.items():
        expected = fields[key].shape if key in fields else named.extra
        if expected is None or not fits(item, expected, known):
            return False
    return True


def _is_one_of(value: Any, choice: Choice) -> bool:
    return any(one == value and isinstance(one, bool) == isinstance(value, bool) for one in choice.values)


def _of(kind: type | tuple[type, ...]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, kind)


_SIMPLE: dict[str, Callable[[Any], bool]] = {
    model.NONE: _of(type(None)),
    model.BOOL: _of(bool),
    model.INT: lambda value: isinstance(value, int) and not isinstance(value, bool),
    model.FLOAT: lambda value: isinstance(value, float | int) and not isinstance(value, bool),
    model.STR: _of(str),
    model.BYTES: _of(bytes),
    model.AWARE: lambda value: isinstance(value, datetime) and value.tzinfo is not None,
    model.LOCAL: lambda value: isinstance(value, datetime) and value.tzinfo is None,
    model.ANY_DATETIME: _of(datetime),
    model.DATE: lambda value: isinstance(value, date) and not isinstance(value, datetime),
    model.TIME: _of(time),
    model.TIMEDELTA: _of(timedelta),
    model.DECIMAL: _of(Decimal),
    model.UUID_: _of(UUID),
    model.ANY: _of(object),
    model.UNKNOWN: _of(()),
}
