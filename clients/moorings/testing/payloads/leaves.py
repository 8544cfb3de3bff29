"""Values at the edges of each plain type: what handlers stumble over."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from typing import Any
from uuid import UUID

from moorings.event_model import model
from moorings.event_model.model import Simple

LONG_TEXT = 65_536
_LETTERS = "abcxyzABCXYZ0123456789 _-.äßçñ漢字😀"


@dataclass(frozen=True, slots=True)
class Leaf:
    """A value, and what is odd about it."""

    shows: str
    value: Any


TEXTS = (
    Leaf("empty text", ""),
    Leaf("a null byte", "a\x00b"),
    Leaf("characters beyond the basic plane", "😀👩‍👩‍👧‍👦\U0010fffd"),
    Leaf("right to left", "\u200fשלום\u202e"),
    Leaf("a combining character", "e\u0301"),
    Leaf("letters that change length with their case", "İıßﬃ"),
    Leaf("line breaks of all kinds", "a\r\nb\u2028c\x85d"),
    Leaf("white space alone", " \t\u00a0"),
    Leaf("quotes and escapes", "\"'`\\<&>{}%s${x}"),
    Leaf("a byte order mark", "\ufeffa"),
    Leaf("text that looks like a value", "null"),
    Leaf("text that looks like a number", "-1e999"),
    Leaf(f"{LONG_TEXT} characters", "x" * LONG_TEXT),
)
KEYS = (*(leaf for leaf in TEXTS if len(leaf.value) < 100), Leaf("a key of JavaScript", "__proto__"))


def edges(simple: Simple) -> Iterator[Leaf]:
    """Yield the values at the edges of a type of Avro or Protobuf."""
    make = _EDGES.get(simple.kind)
    if make is not None:
        yield from make(simple)


def usual(simple: Simple, rng: Random) -> Any:
    """Make an ordinary value of a type of Avro or Protobuf."""
    return _USUAL[simple.kind](simple, rng)


def text(rng: Random, longest: int = 12) -> str:
    return "".join(rng.choice(_LETTERS) for _ in range(rng.randrange(longest + 1)))


def _whole(simple: Simple) -> Iterator[Leaf]:
    low, high = simple.bounds or (-(2**63), 2**63 - 1)
    yield Leaf("the least number", low)
    yield Leaf("the greatest number", high)
    for number in (0, 1, -1, 2**53 + 1, -(2**31) - 1):
        if low < number < high:
            yield Leaf(f"the number {number}", number)


def _fractions(simple: Simple) -> Iterator[Leaf]:
    narrow = simple.said == "float"
    largest, smallest = (3.4028234663852886e38, 1.401298464324817e-45) if narrow else (1.7976931348623157e308, 5e-324)
    for number in (largest, -largest, smallest, 0.0, -0.0, 1.5, math.inf, -math.inf, math.nan):
        yield Leaf(f"the number {number}", number)


def _bytes(simple: Simple) -> Iterator[Leaf]:
    if simple.bounds is not None:
        size = simple.bounds[0]
        yield Leaf("null bytes", bytes(size))
        yield Leaf("bytes with every bit set", b"\xff" * size)
        return
    yield from (Leaf("no bytes", b""), Leaf("a null byte", b"\x00"), Leaf("every byte", bytes(range(256))))
    yield Leaf(f"{LONG_TEXT} bytes", b"\xfe" * LONG_TEXT)


def _moments(simple: Simple) -> Iterator[Leaf]:
    zone = None if simple.kind == model.LOCAL else UTC
    finest = 999_000 if "millis" in simple.said else 999_999
    yield Leaf("the first moment", datetime(1, 1, 1, tzinfo=zone))
    yield Leaf("the last moment", datetime(9999, 12, 31, 23, 59, 59, finest, tzinfo=zone))
    yield Leaf("the epoch", datetime(1970, 1, 1, tzinfo=zone))
    yield Leaf("a moment before the epoch", datetime(1969, 12, 31, 23, 59, 59, finest, tzinfo=zone))
    yield Leaf("a leap day", datetime(2028, 2, 29, 12, tzinfo=zone))


def _dates(_: Simple) -> Iterator[Leaf]:
    yield from (Leaf("the first day", date.min), Leaf("the last day", date.max), Leaf("a leap day", date(2028, 2, 29)))


def _times(simple: Simple) -> Iterator[Leaf]:
    finest = 999_000 if "millis" in simple.said else 999_999
    yield from (Leaf("midnight", time(0)), Leaf("the last moment of a day", time(23, 59, 59, finest)))


def _durations(_: Simple) -> Iterator[Leaf]:
    longest = timedelta(seconds=315_576_000_000)
    for span in (timedelta(0), longest, -longest, timedelta(microseconds=-1)):
        yield Leaf(f"a span of {span.total_seconds()} s", span)


def _decimals(simple: Simple) -> Iterator[Leaf]:
    digits, behind = simple.bounds or (9, 2)
    largest = Decimal((0, (9,) * digits, -behind))
    for number in (largest, -largest, Decimal((0, (1,), -behind)), Decimal(0).scaleb(-behind)):
        yield Leaf(f"the decimal {number}", number)


def _uuids(_: Simple) -> Iterator[Leaf]:
    yield from (Leaf("the nil UUID", UUID(int=0)), Leaf("the greatest UUID", UUID(int=2**128 - 1)))


def _texts(_: Simple) -> Iterator[Leaf]:
    yield from TEXTS


def _flags(_: Simple) -> Iterator[Leaf]:
    yield from (Leaf("true", True), Leaf("false", False))


_EDGES: dict[str, Callable[[Simple], Iterator[Leaf]]] = {
    model.BOOL: _flags,
    model.INT: _whole,
    model.FLOAT: _fractions,
    model.STR: _texts,
    model.BYTES: _bytes,
    model.AWARE: _moments,
    model.LOCAL: _moments,
    model.DATE: _dates,
    model.TIME: _times,
    model.TIMEDELTA: _durations,
    model.DECIMAL: _decimals,
    model.UUID_: _uuids,
}


def _some_number(simple: Simple, rng: Random) -> int:
    low, high = simple.bounds or (-(2**63), 2**63 - 1)
    return rng.randrange(max(low, -1000), 10_000) if rng.randrange(4) else rng.randrange(low, high + 1)


def _some_bytes(simple: Simple, rng: Random) -> bytes:
    size = simple.bounds[0] if simple.bounds is not None else rng.randrange(12)
    return bytes(rng.randrange(256) for _ in range(size))


def _some_moment(simple: Simple, rng: Random) -> datetime:
    zone = None if simple.kind == model.LOCAL else UTC
    return datetime(2020, 1, 1, tzinfo=zone) + timedelta(milliseconds=rng.randrange(10 * 365 * 86_400_000))


def _some_decimal(simple: Simple, rng: Random) -> Decimal:
    digits, behind = simple.bounds or (9, 2)
    return Decimal(rng.randrange(10 ** min(digits, 20))).scaleb(-behind)


_USUAL: dict[str, Callable[[Simple, Random], Any]] = {
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
    model.UUID_: lambda _, rng: UUID(int=rng.randrange(2**128), version=4),
    model.ANY: lambda _, rng: rng.choice([None, True, 1.5, "any", ["any", 1.0], {"any": "thing"}]),
}
