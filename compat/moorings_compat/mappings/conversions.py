"""The table of conversions: each from certain kinds of value to another, none with side effects.

One that cannot convert a value raises `CannotConvert`, whose text never holds the value.
"""

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

_INTEGER_KINDS = frozenset(("int32", "int64", "uint32", "uint64", "integer"))
_NUMBER_KINDS = frozenset(("float", "double", "number"))
_TEXT_KINDS = frozenset(("string", "enum"))
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_LONGEST_DIGITS = 400


class CannotConvert(ValueError):
    """A value of the right kind that cannot be converted; says why, and nothing of the value."""


@dataclass(frozen=True, slots=True)
class Conversion:
    """One named conversion. `gives` is the kind of its result; empty: an array of what it takes, or an item of it."""

    name: str
    about: str
    takes: frozenset[str]
    gives: str
    convert: Callable[[Any], Any]
    may_fail: bool = False
    """Some values of the kind cannot be converted; an event with such a value cannot be read."""


def _to_integer(value: str) -> int:
    text = value.strip()
    if len(text) > _LONGEST_DIGITS or not text.removeprefix("-").removeprefix("+").isdecimal() or not text.isascii():
        raise CannotConvert("the text is not an integer")
    return int(text)


def _to_number(value: str) -> float:
    try:
        found = float(value)
    except ValueError:
        raise CannotConvert("the text is not a number") from None
    if found - found != 0.0:
        raise CannotConvert("the text is not a finite number")
    return found


def _integer_of(value: float) -> int:
    if value != value or value in (float("inf"), float("-inf")) or value != int(value):
        raise CannotConvert("the number is not an integer")
    return int(value)


def _decimal(value: str) -> Decimal:
    try:
        found = Decimal(value)
    except InvalidOperation:
        raise CannotConvert("the text is not a decimal") from None
    if not found.is_finite():
        raise CannotConvert("the text is not a finite decimal")
    return found


def _to_cents(value: Decimal) -> int:
    cents = _shifted(value, 2)
    if cents != cents.to_integral_value():
        raise CannotConvert("the decimal has more than two decimal places")
    return int(cents)


def _shifted(value: Decimal, digits: int) -> Decimal:
    """Move the point, exactly: `Decimal.scaleb` rounds to the precision of the thread's context."""
    sign, figures, exponent = value.as_tuple()
    if not isinstance(exponent, int):
        raise CannotConvert("the decimal is not finite")
    return Decimal((sign, figures, exponent + digits))


def _moment(milliseconds: int) -> datetime:
    try:
        return _EPOCH + timedelta(milliseconds=milliseconds)
    except OverflowError:
        raise CannotConvert("the moment is beyond the years 1 to 9999") from None


def _moment_of_text(value: str) -> datetime:
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        raise CannotConvert("the text is not a date and time") from None
    if found.tzinfo is None:
        raise CannotConvert("the date and time has no time zone")
    return found


def _date_of_text(value: str) -> date:
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise CannotConvert("the text is not a date") from None


def _uuid_of_text(value: str) -> UUID:
    try:
        return UUID(value)
    except ValueError:
        raise CannotConvert("the text is not a UUID") from None


def _bytes_of_base64(value: str) -> bytes:
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        raise CannotConvert("the text is not base64") from None


def _text_of_bytes(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        raise CannotConvert("the bytes are not UTF-8") from None


def _first(value: list[Any]) -> Any:
    if not value:
        raise CannotConvert("the array is empty")
    return value[0]


def _milliseconds(value: datetime) -> int:
    return (value - _EPOCH) // _MILLISECOND


_ONE = frozenset(("any",))
_TABLE = (
    Conversion("integer_to_text", '42 becomes "42"', _INTEGER_KINDS, "string", str),
    Conversion("text_to_integer", '"42" becomes 42', _TEXT_KINDS, "int64", _to_integer, may_fail=True),
    Conversion("number_to_text", '2.5 becomes "2.5"', _INTEGER_KINDS | _NUMBER_KINDS, "string", str),
    Conversion("text_to_number", '"2.5" becomes 2.5', _TEXT_KINDS, "double", _to_number, may_fail=True),
    Conversion("integer_to_number", "42 becomes 42.0", _INTEGER_KINDS, "double", float),
    Conversion("number_to_integer", "42.0 becomes 42; 42.5 fails", _NUMBER_KINDS, "int64", _integer_of, may_fail=True),
    Conversion("round_to_integer", "42.5 becomes 42, half to even", _NUMBER_KINDS, "int64", round, may_fail=True),
    Conversion("boolean_to_text", 'true becomes "true"', frozenset(("boolean",)), "string", lambda x: str(x).lower()),
    Conversion("cents_to_decimal", "4200 becomes 42.00", _INTEGER_KINDS, "decimal", lambda x: _shifted(Decimal(x), -2)),
    Conversion("decimal_to_cents", "42.00 becomes 4200", frozenset(("decimal",)), "int64", _to_cents, may_fail=True),
    Conversion("text_to_decimal", '"42.00" becomes 42.00', _TEXT_KINDS, "decimal", _decimal, may_fail=True),
    Conversion("decimal_to_text", '42.00 becomes "42.00"', frozenset(("decimal",)), "string", lambda x: f"{x:f}"),
    Conversion("seconds_to_milliseconds", "1 becomes 1000", _INTEGER_KINDS, "int64", lambda x: x * 1000, may_fail=True),
    Conversion("milliseconds_to_seconds", "1999 becomes 1", _INTEGER_KINDS, "int64", lambda x: x // 1000),
    Conversion(
        "milliseconds_to_moment", "milliseconds since 1970, UTC", _INTEGER_KINDS, "datetime", _moment, may_fail=True
    ),
    Conversion(
        "seconds_to_moment",
        "seconds since 1970, UTC",
        _INTEGER_KINDS,
        "datetime",
        lambda x: _moment(x * 1000),
        may_fail=True,
    ),
    Conversion("moment_to_milliseconds", "since 1970", frozenset(("datetime",)), "int64", _milliseconds),
    Conversion(
        "moment_to_seconds", "since 1970", frozenset(("datetime",)), "int64", lambda x: _milliseconds(x) // 1000
    ),
    Conversion("text_to_moment", "RFC 3339 with a time zone", _TEXT_KINDS, "datetime", _moment_of_text, may_fail=True),
    Conversion("moment_to_text", "RFC 3339", frozenset(("datetime",)), "string", datetime.isoformat),
    Conversion(
        "moment_to_date", "the day in UTC", frozenset(("datetime",)), "date", lambda x: x.astimezone(UTC).date()
    ),
    Conversion("text_to_date", '"2027-01-31"', _TEXT_KINDS, "date", _date_of_text, may_fail=True),
    Conversion("date_to_text", '"2027-01-31"', frozenset(("date",)), "string", date.isoformat),
    Conversion("text_to_uuid", "of any usual spelling", _TEXT_KINDS, "uuid", _uuid_of_text, may_fail=True),
    Conversion("uuid_to_text", "with hyphens", frozenset(("uuid",)), "string", str),
    Conversion("base64_to_bytes", "standard alphabet, padded", _TEXT_KINDS, "bytes", _bytes_of_base64, may_fail=True),
    Conversion(
        "bytes_to_base64",
        "standard alphabet, padded",
        frozenset(("bytes",)),
        "string",
        lambda x: base64.b64encode(x).decode("ascii"),
    ),
    Conversion("text_to_bytes", "as UTF-8", _TEXT_KINDS, "bytes", str.encode),
    Conversion("bytes_to_text", "from UTF-8", frozenset(("bytes",)), "string", _text_of_bytes, may_fail=True),
    Conversion("upper", '"ab" becomes "AB"', _TEXT_KINDS, "string", str.upper),
    Conversion("lower", '"AB" becomes "ab"', _TEXT_KINDS, "string", str.lower),
    Conversion("trim", "without white space around it", _TEXT_KINDS, "string", str.strip),
    Conversion("to_array", "x becomes [x]", _ONE, "", lambda x: [x]),
    Conversion("first_item", "[x, y] becomes x; [] fails", frozenset(("array",)), "", _first, may_fail=True),
)

CONVERSIONS = {one.name: one for one in _TABLE}
"""By name; `docs/replay.md` lists them. One more has a table of its own in the mapping: ``symbols``."""
