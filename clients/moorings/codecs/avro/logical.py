"""Avro's logical types: the Python value on one side, the number, text or bytes that is written on the other.

Every `*_number`, `decimal_*` and `uuid_*` raises ValueError or TypeError for what it does not take, and the messages
never hold the value. Whole numbers are taken for dates and times as they are, all that the type holds. A date or time
that Python does not have (after the year 9999, before the year 1, 24:00) is read as that number: the event is valid,
and its other fields can be read. Source: Avro 1.12, Logical Types.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Context, Decimal
from typing import Any
from uuid import UUID

from moorings_compat.avro import Fixed, Logical, Primitive, read_big_decimal

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LOCAL_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - a local timestamp has no zone, and so has its epoch
EPOCH_ORDINAL = date(1970, 1, 1).toordinal()

_INT, _LONG = 2**31, 2**63
_DAY_S = 86_400
_UUID_BYTES = 16
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


def nanos_number(value: datetime) -> int:
    return _of_64_bits(micros_number(value) * 1000)


def local_nanos_number(value: datetime) -> int:
    return _of_64_bits(local_micros_number(value) * 1000)


def _of_64_bits(number: int) -> int:
    if not -_LONG <= number < _LONG:
        raise ValueError("not between 1677 and 2262, which 64 bits of nanoseconds hold")
    return number


def date_value(number: int) -> date | int:
    try:
        return date.fromordinal(number + EPOCH_ORDINAL)
    except (ValueError, OverflowError):
        return number


def millis_value(number: int) -> datetime | int:
    try:
        return EPOCH + timedelta(0, 0, 0, number)
    except OverflowError:
        return number


def micros_value(number: int) -> datetime | int:
    try:
        return EPOCH + timedelta(0, 0, number)
    except OverflowError:
        return number


def nanos_value(number: int) -> datetime:
    """Read nanoseconds since 1970; what is finer than a microsecond is dropped."""
    return EPOCH + timedelta(0, 0, number // 1000)


def local_millis_value(number: int) -> datetime | int:
    try:
        return LOCAL_EPOCH + timedelta(0, 0, 0, number)
    except OverflowError:
        return number


def local_micros_value(number: int) -> datetime | int:
    try:
        return LOCAL_EPOCH + timedelta(0, 0, number)
    except OverflowError:
        return number


def local_nanos_value(number: int) -> datetime:
    return LOCAL_EPOCH + timedelta(0, 0, number // 1000)


def time_millis_value(number: int) -> time | int:
    return number if number == _DAY_S * 1000 else _time_of_day(number * 1000)


def time_micros_value(number: int) -> time | int:
    return number if number == _DAY_S * 1_000_000 else _time_of_day(number)


def _time_of_day(micros_of_day: int) -> time:
    seconds, micros = divmod(micros_of_day, 1_000_000)
    minutes, second = divmod(seconds, 60)
    hour, minute = divmod(minutes, 60)
    return time(hour, minute, second, micros)


def _timestamp(number: Callable[[Any], int], value: Callable[[int], Any], zone: str) -> Clock:
    return Clock(datetime, -_LONG, _LONG - 1, number, value, f"a datetime {zone} time zone")


def _time(units: int, number: Callable[[Any], int], value: Callable[[int], Any]) -> Clock:
    return Clock(time, 0, _DAY_S * units, number, value, "a time of day without time zone")


CLOCKS = {
    "date": Clock(date, -_INT, _INT - 1, date_number, date_value, "a date"),
    "time-millis": _time(1000, time_millis_number, time_millis_value),
    "time-micros": _time(1_000_000, time_micros_number, time_micros_value),
    "timestamp-millis": _timestamp(millis_number, millis_value, "with a"),
    "timestamp-micros": _timestamp(micros_number, micros_value, "with a"),
    "local-timestamp-millis": _timestamp(local_millis_number, local_millis_value, "without a"),
    "local-timestamp-micros": _timestamp(local_micros_number, local_micros_value, "without a"),
    "timestamp-nanos": _timestamp(nanos_number, nanos_value, "with a"),
    "local-timestamp-nanos": _timestamp(local_nanos_number, local_nanos_value, "without a"),
}


_OTHERS = ("decimal", "big-decimal", "uuid")


def python_logical(type: Primitive | Fixed) -> Logical | None:
    """Return the logical type of *type* where this library has a Python type for it; any other is ignored."""
    logical = type.logical
    return logical if logical is None or logical.name in CLOCKS or logical.name in _OTHERS else None


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


def uuid_bytes(value: Any) -> bytes:
    """Return a UUID's 16 bytes: of a `UUID`, of those bytes, or of a text in the usual form with hyphens."""
    if type(value) is bytes and len(value) == _UUID_BYTES:
        return value
    return value.bytes if isinstance(value, UUID) else UUID(uuid_text(value)).bytes


def uuid_of_bytes(data: bytes) -> UUID:
    return UUID(bytes=data)


def reader_of_bytes(logical: Logical) -> Callable[[bytes], Any]:
    """Return the function that reads the bytes of a logical type: a decimal of either kind, or a UUID."""
    if logical.name == "uuid":
        return uuid_of_bytes
    return read_big_decimal if logical.name == "big-decimal" else decimal_reader(logical.precision, logical.scale)
