"""Avro's logical types: the Python value on one side, the number, text or bytes that is written on the other.

Every `*_number`, `decimal_*` and `uuid_text` raises ValueError or TypeError for what it does not take, and the messages
never hold the value. Whole numbers are taken for dates and times as they are, within the range that Python can show.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Context, Decimal
from typing import Any
from uuid import UUID

from moorings_compat.avro import Fixed, Logical, Primitive

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LOCAL_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - a local timestamp has no zone, and so has its epoch
EPOCH_ORDINAL = date(1970, 1, 1).toordinal()

_FIRST_DAY = date.min.toordinal() - EPOCH_ORDINAL
_LAST_DAY = date.max.toordinal() - EPOCH_ORDINAL
_DAY_S = 86_400
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Clock:
    """A date or time type: the numbers it takes, and how they are made and read."""

    python_type: type
    lowest: int
    highest: int
    number: Callable[[Any], int]
    value: Callable[[int], Any]
    expected: str


def date_number(value: date) -> int:
    if isinstance(value, datetime):
        raise TypeError("a date has no time of day")
    return value.toordinal() - EPOCH_ORDINAL


def millis_number(value: datetime) -> int:
    """Count the milliseconds since 1970; what is finer is dropped."""
    since = value - EPOCH
    return (since.days * _DAY_S + since.seconds) * 1000 + since.microseconds // 1000


def micros_number(value: datetime) -> int:
    since = value - EPOCH
    return (since.days * _DAY_S + since.seconds) * 1_000_000 + since.microseconds


def local_millis_number(value: datetime) -> int:
    since = value - LOCAL_EPOCH
    return (since.days * _DAY_S + since.seconds) * 1000 + since.microseconds // 1000


def local_micros_number(value: datetime) -> int:
    since = value - LOCAL_EPOCH
    return (since.days * _DAY_S + since.seconds) * 1_000_000 + since.microseconds


def time_micros_number(value: time) -> int:
    if value.tzinfo is not None:
        raise ValueError("a time of day has no time zone")
    return ((value.hour * 60 + value.minute) * 60 + value.second) * 1_000_000 + value.microsecond


def time_millis_number(value: time) -> int:
    return time_micros_number(value) // 1000


def date_value(number: int) -> date:
    return date.fromordinal(number + EPOCH_ORDINAL)


def millis_value(number: int) -> datetime:
    return EPOCH + timedelta(0, 0, 0, number)


def micros_value(number: int) -> datetime:
    return EPOCH + timedelta(0, 0, number)


def local_millis_value(number: int) -> datetime:
    return LOCAL_EPOCH + timedelta(0, 0, 0, number)


def local_micros_value(number: int) -> datetime:
    return LOCAL_EPOCH + timedelta(0, 0, number)


def time_millis_value(number: int) -> time:
    return time_micros_value(number * 1000)


def time_micros_value(number: int) -> time:
    seconds, micros = divmod(number, 1_000_000)
    minutes, second = divmod(seconds, 60)
    hour, minute = divmod(minutes, 60)
    return time(hour, minute, second, micros)


def _timestamp(units: int, number: Callable[[Any], int], value: Callable[[int], Any], zone: str) -> Clock:
    return Clock(
        datetime,
        _FIRST_DAY * _DAY_S * units,
        (_LAST_DAY + 1) * _DAY_S * units - 1,
        number,
        value,
        f"a datetime {zone} time zone",
    )


def _time(units: int, number: Callable[[Any], int], value: Callable[[int], Any]) -> Clock:
    return Clock(time, 0, _DAY_S * units - 1, number, value, "a time of day without time zone")


CLOCKS = {
    "date": Clock(date, _FIRST_DAY, _LAST_DAY, date_number, date_value, "a date"),
    "time-millis": _time(1000, time_millis_number, time_millis_value),
    "time-micros": _time(1_000_000, time_micros_number, time_micros_value),
    "timestamp-millis": _timestamp(1000, millis_number, millis_value, "with a"),
    "timestamp-micros": _timestamp(1_000_000, micros_number, micros_value, "with a"),
    "local-timestamp-millis": _timestamp(1000, local_millis_number, local_millis_value, "without a"),
    "local-timestamp-micros": _timestamp(1_000_000, local_micros_number, local_micros_value, "without a"),
}


def python_logical(type: Primitive | Fixed) -> Logical | None:
    """Return the logical type of *type* where this library has a Python type for it; any other is ignored."""
    logical = type.logical
    if logical is None or logical.name in CLOCKS or logical.name == "decimal":
        return logical
    return logical if logical.name == "uuid" and isinstance(type, Primitive) else None


def decimal_unscaled(value: Decimal, precision: int, scale: int) -> int:
    """Return *value* times ten to the power of *scale*.

    Raises:
        ValueError: not finite, or more digits than *precision* and *scale* keep.
    """
    sign, digits, exponent = value.as_tuple()
    if not isinstance(exponent, int):
        raise ValueError("not a finite decimal")
    if exponent + scale < 0:
        raise ValueError("more digits after the point than the scale")
    if value and value.adjusted() + 1 + scale > precision:
        raise ValueError("more digits than the precision")
    magnitude = int("".join(map(str, digits))) * 10 ** (exponent + scale) if value else 0
    return -magnitude if sign else magnitude


def decimal_bytes(value: Decimal, precision: int, scale: int) -> bytes:
    unscaled = decimal_unscaled(value, precision, scale)
    return unscaled.to_bytes((unscaled.bit_length() + 8) // 8, "big", signed=True)


def decimal_reader(precision: int, scale: int) -> Callable[[bytes], Decimal]:
    """Make the function that reads a decimal's bytes; it refuses more digits than *precision*."""
    largest = 10**precision
    context = Context(prec=max(precision, 1))

    def read(data: bytes) -> Decimal:
        unscaled = int.from_bytes(data, "big", signed=True)
        if not -largest < unscaled < largest:
            raise ValueError("more digits than the precision")
        return Decimal(unscaled).scaleb(-scale, context)

    return read


def uuid_text(value: Any) -> str:
    """Return a UUID's text: of a `UUID`, or of a text in the usual form with hyphens."""
    if isinstance(value, UUID):
        return str(value)
    if type(value) is str and _UUID.fullmatch(value):
        return value
    raise ValueError("not a UUID")
