"""How scalars travel, and which values of one type arrive changed when they are read as another.

Source: protobuf.dev, "Encoding", and "Language Guide", "Updating A Message Type".
"""

from collections.abc import Iterable
from enum import Enum, auto

from moorings_compat.protobuf.types import COMPOSITE, EnumType, Field


class WireType(Enum):
    """What the tag of a field says about the bytes that follow it."""

    VARINT = auto()
    I64 = auto()
    I32 = auto()
    LEN = auto()
    GROUP = auto()


_WIRE_TYPES = {
    "fixed64": WireType.I64,
    "sfixed64": WireType.I64,
    "double": WireType.I64,
    "fixed32": WireType.I32,
    "sfixed32": WireType.I32,
    "float": WireType.I32,
    "string": WireType.LEN,
    "bytes": WireType.LEN,
}
_BITS = {"bool": 1, "int64": 64, "uint64": 64, "sint64": 64}
_UNSIGNED = {"bool", "uint32", "uint64", "fixed32", "fixed64"}
ZIGZAG = {"sint32", "sint64"}
FLOATING = {"float", "double"}

_TELLING = (1, 2, -1, 2**31, 2**32, 2**63)
"""Values at which reading one varint type as another goes wrong, if it ever does: one for each way of failing."""


def wire_type(field: Field) -> WireType:
    """Return the wire type of one element of *field*."""
    if field.type == COMPOSITE:
        return WireType.GROUP if field.delimited else WireType.LEN
    return _WIRE_TYPES.get(field.type, WireType.VARINT)


def bits(scalar: str) -> int:
    """Return the width of a varint type; an enum's is 32."""
    return _BITS.get(scalar, 32)


def first_changed(reader: str, writer: str, numbers: Iterable[int] | None = None) -> int | None:
    """Return the first telling value that a varint written as *writer* changes when read as *reader*.

    *numbers* are the only values that may be written, where the writer's is a closed enum. The reader's enum counts as
    open here: which numbers it knows is a question of its own.
    """
    for value in _TELLING if numbers is None else numbers:
        if numbers is None and not in_range(writer, value):
            continue
        if _read(reader, _write(writer, value)) != value:
            return value
    return None


def in_range(scalar: str, value: int) -> bool:
    """Say whether a varint type has *value*; an open enum's range is that of int32."""
    width = bits(scalar)
    if scalar in _UNSIGNED:
        return 0 <= value < 1 << width
    return -(1 << width - 1) <= value < 1 << width - 1


def first_unknown(enum: EnumType, writer: str, *, zero_is_written: bool) -> int | None:
    """Return the smallest number of an int or open enum written as *writer* that the closed *enum* does not name."""
    start = 0 if zero_is_written else 1
    return next(
        (
            value
            for value in range(start, len(enum.numbers) + 2)
            if value not in enum.numbers and in_range(writer, value)
        ),
        None,
    )


def _write(scalar: str, value: int) -> int:
    if scalar in ZIGZAG:
        return 2 * value if value >= 0 else -2 * value - 1
    return value % 2**64


def _read(scalar: str, raw: int) -> int:
    if scalar == "bool":
        return int(raw != 0)
    low = raw % (1 << bits(scalar))
    if scalar in ZIGZAG:
        return low // 2 if low % 2 == 0 else -(low + 1) // 2
    if scalar in _UNSIGNED or low < 1 << bits(scalar) - 1:
        return low
    return low - (1 << bits(scalar))
