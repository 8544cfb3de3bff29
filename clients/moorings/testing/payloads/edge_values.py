"""Edge values of each scalar type."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from typing import Any
from uuid import UUID

from moorings.event_model import model
from moorings.event_model.model import ScalarType

LONG_TEXT = 65_536
_LETTERS = "abcxyzABCXYZ0123456789 _-.äßçñ漢字😀"


@dataclass(frozen=True, slots=True)
class EdgeValue:
    """A value, and what is unusual about it."""

    shows: str
    value: Any


TEXTS = (
    EdgeValue("empty text", ""),
    EdgeValue("a null byte", "a\x00b"),
    EdgeValue("characters beyond the basic plane", "😀👩‍👩‍👧‍👦\U0010fffd"),
    EdgeValue("right to left", "\u200fשלום\u202e"),
    EdgeValue("a combining character", "e\u0301"),
    EdgeValue("letters that change length with their case", "İıßﬃ"),
    EdgeValue("line breaks of all kinds", "a\r\nb\u2028c\x85d"),
    EdgeValue("white space alone", " \t\u00a0"),
    EdgeValue("quotes and escapes", "\"'`\\<&>{}%s${x}"),
    EdgeValue("a byte order mark", "\ufeffa"),
    EdgeValue("text that looks like a value", "null"),
    EdgeValue("text that looks like a number", "-1e999"),
    EdgeValue(f"{LONG_TEXT} characters", "x" * LONG_TEXT),
)
KEYS = (*(leaf for leaf in TEXTS if len(leaf.value) < 100), EdgeValue("a key of JavaScript", "__proto__"))


def edges(simple: ScalarType) -> Iterator[EdgeValue]:
    """Yield the values at the edges of a type of Avro or Protobuf."""
    make = _EDGES.get(simple.kind)
    if make is not None:
        yield from make(simple)


def usual(simple: ScalarType, rng: Random) -> Any:
    """Make an ordinary value of a type of Avro or Protobuf."""
    return _USUAL[simple.kind](simple, rng)


def text(rng: Random, longest: int = 12) -> str:
    return "".join(rng.choice(_LETTERS) for _ in range(rng.randrange(longest + 1)))


def _integer_edges(simple: ScalarType) -> Iterator[EdgeValue]:
    low, high = simple.bounds or (-(2**63), 2**63 - 1)
    yield EdgeValue("the least number", low)
    yield EdgeValue("the greatest number", high)
    for number in (0, 1, -1, 2**53 + 1, -(2**31) - 1):
        if low < number < high:
            yield EdgeValue(f"the number {number}", number)


def _fractions(simple: ScalarType) -> Iterator[EdgeValue]:
    narrow = simple.primitive == "float"
    largest, smallest = (3.4028234663852886e38, 1.401298464324817e-45) if narrow else (1.7976931348623157e308, 5e-324)
    for number in (largest, -largest, smallest, 0.0, -0.0, 1.5, math.inf, -math.inf, math.nan):
        yield EdgeValue(f"the number {number}", number)


def _byte_edges(simple: ScalarType) -> Iterator[EdgeValue]:
    if simple.bounds is not None:
        size = simple.bounds[0]
        yield EdgeValue("null bytes", bytes(size))
        yield EdgeValue("bytes with every bit set", b"\xff" * size)
        return
    yield from (
        EdgeValue("no bytes", b""),
        EdgeValue("a null byte", b"\x00"),
        EdgeValue("every byte", bytes(range(256))),
    )
    yield EdgeValue(f"{LONG_TEXT} bytes", b"\xfe" * LONG_TEXT)


def _moments(simple: ScalarType) -> Iterator[EdgeValue]:
    zone = None if simple.kind == model.LOCAL else UTC
    finest = 999_000 if "millis" in simple.label else 999_999
    first, last = datetime(1, 1, 1), datetime(9999, 12, 31, 23, 59, 59, finest)  # noqa: DTZ001 - the zone follows
    if "nanos" in simple.label:  # what 64 bits of nanoseconds hold
        first, last = datetime(1677, 9, 21, 0, 12, 43, 145_225), datetime(2262, 4, 11, 23, 47, 16, 854_775)  # noqa: DTZ001
    yield EdgeValue("the first moment", first.replace(tzinfo=zone))
    yield EdgeValue("the last moment", last.replace(tzinfo=zone))
    yield EdgeValue("the epoch", datetime(1970, 1, 1, tzinfo=zone))
    yield EdgeValue("a moment before the epoch", datetime(1969, 12, 31, 23, 59, 59, finest, tzinfo=zone))
    yield EdgeValue("a leap day", datetime(2028, 2, 29, 12, tzinfo=zone))


def _dates(_: ScalarType) -> Iterator[EdgeValue]:
    yield from (
        EdgeValue("the first day", date.min),
        EdgeValue("the last day", date.max),
        EdgeValue("a leap day", date(2028, 2, 29)),
    )


def _times(simple: ScalarType) -> Iterator[EdgeValue]:
    finest = 999_000 if "millis" in simple.label else 999_999
    yield from (EdgeValue("midnight", time(0)), EdgeValue("the last moment of a day", time(23, 59, 59, finest)))


def _durations(_: ScalarType) -> Iterator[EdgeValue]:
    longest = timedelta(seconds=315_576_000_000)
    for span in (timedelta(0), longest, -longest, timedelta(microseconds=-1)):
        yield EdgeValue(f"a span of {span.total_seconds()} s", span)


def _decimals(simple: ScalarType) -> Iterator[EdgeValue]:
    digits, behind = simple.bounds or (9, 2)
    largest = Decimal((0, (9,) * digits, -behind))
    for number in (largest, -largest, Decimal((0, (1,), -behind)), Decimal(0).scaleb(-behind)):
        yield EdgeValue(f"the decimal {number}", number)


def _uuids(_: ScalarType) -> Iterator[EdgeValue]:
    yield from (EdgeValue("the nil UUID", UUID(int=0)), EdgeValue("the greatest UUID", UUID(int=2**128 - 1)))


def _text_edges(_: ScalarType) -> Iterator[EdgeValue]:
    yield from TEXTS


def _flags(_: ScalarType) -> Iterator[EdgeValue]:
    yield from (EdgeValue("true", True), EdgeValue("false", False))


_EDGES: dict[str, Callable[[ScalarType], Iterator[EdgeValue]]] = {
    model.BOOL: _flags,
    model.INT: _integer_edges,
    model.FLOAT: _fractions,
    model.STR: _text_edges,
    model.BYTES: _byte_edges,
    model.AWARE: _moments,
    model.LOCAL: _moments,
    model.DATE: _dates,
    model.TIME: _times,
    model.TIMEDELTA: _durations,
    model.DECIMAL: _decimals,
    model.UUID: _uuids,
}


def _some_number(simple: ScalarType, rng: Random) -> int:
    low, high = simple.bounds or (-(2**63), 2**63 - 1)
    return rng.randrange(max(low, -1000), 10_000) if rng.randrange(4) else rng.randrange(low, high + 1)


def _some_bytes(simple: ScalarType, rng: Random) -> bytes:
    size = simple.bounds[0] if simple.bounds is not None else rng.randrange(12)
    return bytes(rng.randrange(256) for _ in range(size))


def _some_moment(simple: ScalarType, rng: Random) -> datetime:
    zone = None if simple.kind == model.LOCAL else UTC
    return datetime(2020, 1, 1, tzinfo=zone) + timedelta(milliseconds=rng.randrange(10 * 365 * 86_400_000))


def _some_decimal(simple: ScalarType, rng: Random) -> Decimal:
    digits, behind = simple.bounds or (9, 2)
    return Decimal(rng.randrange(10 ** min(digits, 20))).scaleb(-behind)


_USUAL: dict[str, Callable[[ScalarType, Random], Any]] = {
    model.NONE: lambda _, __: None,
    model.BOOL: lambda _, rng: rng.randrange(2) == 1,
    model.INT: _some_number,
    model.FLOAT: lambda _, rng: rng.randrange(-(10**6), 10**6) / 8,
    model.STR: lambda _, rng: text(rng),
    model.BYTES: _some_bytes,
    model.AWARE: _some_moment,
    model.LOCAL: _some_moment,
    model.DATE: lambda _, rng: date(2020, 1, 1) + timedelta(days=rng.randrange(3650)),
    model.TIME: lambda _, rng: time(rng.randrange(24), rng.randrange(60), rng.randrange(60)),
    model.TIMEDELTA: lambda _, rng: timedelta(milliseconds=rng.randrange(10**9)),
    model.DECIMAL: _some_decimal,
    model.UUID: lambda _, rng: UUID(int=rng.randrange(2**128), version=4),
    model.ANY: lambda _, rng: rng.choice([None, True, 1.5, "any", ["any", 1.0], {"any": "thing"}]),
}
