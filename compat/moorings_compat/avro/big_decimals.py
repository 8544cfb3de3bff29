"""Avro's big-decimal: bytes that hold an unscaled number, sized, and the scale that goes with it.

Source: Avro 1.12, Logical Types, Decimal (alternative encoding).
"""

from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal

MOST_DIGITS = 4_300
"""A schema does not bound them: as many as Python reads of a text; more take quadratic time."""

_INT = 2**31
_MOST_BYTES = 1_787
"""Of an unscaled number with as many digits."""
_WIDE = Context(prec=MOST_DIGITS, Emax=MAX_EMAX, Emin=MIN_EMIN)


def read_big_decimal(data: bytes) -> Decimal:
    """Return the decimal.

    Raises:
        ValueError, IndexError: the bytes are not one, or it has more than `MOST_DIGITS` digits.
    """
    size, start = _long(data, 0)
    scale, end = _long(data, start + size) if 0 < size <= _MOST_BYTES else (0, -1)
    if end != len(data) or not -_INT <= scale < _INT:
        raise ValueError("not an unscaled number and a scale")
    unscaled = int.from_bytes(data[start : start + size], "big", signed=True)
    if abs(unscaled) >= 10**MOST_DIGITS:
        raise ValueError(f"more than {MOST_DIGITS:,} digits")
    return Decimal(unscaled).scaleb(-scale, _WIDE)


def write_big_decimal(value: Decimal) -> bytes:
    """Return the bytes of a decimal.

    Raises:
        ValueError: not finite, more than `MOST_DIGITS` digits, or a scale that is not of 32 bits.
    """
    sign, digits, exponent = value.as_tuple()
    if not isinstance(exponent, int):
        raise ValueError("not a finite decimal")
    if len(digits) > MOST_DIGITS or not -_INT <= -exponent < _INT:
        raise ValueError(f"more than {MOST_DIGITS:,} digits, or a scale that is not of 32 bits")
    magnitude = int("".join(map(str, digits)))
    unscaled = -magnitude if sign else magnitude
    data = unscaled.to_bytes((unscaled.bit_length() + 8) // 8, "big", signed=True)
    return _zigzag(len(data)) + data + _zigzag(-exponent)


def _long(data: bytes, at: int) -> tuple[int, int]:
    """Read a zigzag number; return it and where it ends."""
    zigzag = shift = 0
    while shift < 70:
        byte = data[at]
        at += 1
        zigzag |= (byte & 0x7F) << shift
        if byte < 0x80:
            return (zigzag >> 1) ^ -(zigzag & 1), at
        shift += 7
    raise ValueError("a number of more than 64 bits")


def _zigzag(number: int) -> bytes:
    rest, out = (number << 1) ^ (number >> 63), bytearray()
    while rest > 0x7F:
        out.append(rest & 0x7F | 0x80)
        rest >>= 7
    return bytes([*out, rest])
