"""Avro's whole numbers: zigzag, then seven bits a byte, the lowest first. Tables make the common ones one look-up."""

import struct
from collections.abc import Callable

SMALL = 8192
"""Numbers from -SMALL to SMALL - 1 take one or two bytes, which `ZIGZAG` has."""

_LOW_13 = SMALL - 1
_LOW_14 = (1 << 14) - 1

# The tables are put together from ranges and slices: that takes milliseconds, where a loop over numbers takes a tenth
# of a second, for every consumer that starts.
_BYTES = [bytes((byte,)) for byte in range(256)]
_CONTINUED, _ENDING = _BYTES[128:], _BYTES[:128]
_LAST = _ENDING + [low + high for high in _ENDING[1:] for low in _CONTINUED]
"""The last one or two bytes, by the 14 bits they hold."""
_MORE = [low + high for high in _CONTINUED for low in _CONTINUED]
"""Two bytes that others follow, by the 14 bits they hold."""
_EVEN, _ODD = _MORE[0::2], _MORE[1::2]

ZIGZAG = _LAST[0::2] + _LAST[:0:-2]
"""Bytes by number; a negative number counts from the end, which is where Python looks for it."""

TWO_BYTES = [number for pair in zip(range(SMALL), range(-1, -SMALL - 1, -1), strict=True) for number in pair]
"""Numbers by their zigzag form, of up to two bytes."""
ONE_BYTE = TWO_BYTES[:128]

_PAIRS = struct.Struct("<4H").unpack_from
THREE_PAIRS = struct.Struct("<3H").unpack_from


def _by_pair(row: Callable[[int], list[int]]) -> list[int]:
    """Make a table by the value of two bytes, from a row for each seven bits of the second; highest bits are free."""
    table: list[int] = []
    for high in range(128):
        table += row(high) * 2
    return table * 2


SEVENS = _by_pair(lambda high: [*range(high << 7, (high + 1) << 7)])
"""The fourteen bits that two bytes hold."""
THIRTEEN = _by_pair(lambda high: [bits for bits in range(high << 6, (high + 1) << 6) for _ in (0, 1)])
"""The same without the lowest, which is the sign."""


def encode_int(number: int) -> bytes:
    """Write a number of 32 bits.

    Raises:
        OverflowError: it needs more.
    """
    if -0x80000000 <= number <= 0x7FFFFFFF:
        return encode_long(number)
    raise OverflowError


def encode_long(number: int) -> bytes:
    """Write a number of 64 bits.

    The zigzag form is never made: a number's lowest 13 bits choose from the even pairs of bytes, and those of the
    complement of a negative one from the odd pairs.

    Raises:
        OverflowError: it needs more.
    """
    if number >= 0:
        lowest = _EVEN
    else:
        number = ~number
        lowest = _ODD
    if number < 1 << 41:
        if number >= 1 << 27:
            return lowest[number & _LOW_13] + _MORE[number >> 13 & _LOW_14] + _LAST[number >> 27]
        if number >= SMALL:
            return lowest[number & _LOW_13] + _LAST[number >> 13]
        return ZIGZAG[number if lowest is _EVEN else ~number]
    middle = lowest[number & _LOW_13] + _MORE[number >> 13 & _LOW_14] + _MORE[number >> 27 & _LOW_14]
    if number < 1 << 55:
        return middle + _LAST[number >> 41]
    if number < 1 << 63:
        return middle + _MORE[number >> 41 & _LOW_14] + _LAST[number >> 55]
    raise OverflowError


def decode_longer(data: bytes, place: int) -> tuple[int, int]:
    """Read a number of three bytes or more that begins at *place*; return it and where it ends.

    Bytes are looked at in pairs, as far as eight follow; the lowest bit of the first is the sign.

    Raises:
        IndexError: the data end first.
        OverflowError: more than 64 bits.
    """
    try:
        first, second, third, fourth = _PAIRS(data, place)
    except struct.error:
        return decode_long(data, place)
    if second & 0x8080 == 0x8080:
        number = THIRTEEN[first] | SEVENS[second] << 13
        if not third & 0x80:
            number, end = number | (third & 0x7F) << 27, place + 5
        elif not third & 0x8000:
            number, end = number | SEVENS[third] << 27, place + 6
        elif not fourth & 0x80:
            number, end = number | SEVENS[third] << 27 | (fourth & 0x7F) << 41, place + 7
        elif not fourth & 0x8000:
            number, end = number | SEVENS[third] << 27 | SEVENS[fourth] << 41, place + 8
        else:
            return decode_long(data, place)
    elif second & 0x80:
        number, end = THIRTEEN[first] | SEVENS[second] << 13, place + 4
    else:
        number, end = THIRTEEN[first] | (second & 0x7F) << 13, place + 3
    return ~number if first & 1 else number, end


def decode_long(data: bytes, place: int) -> tuple[int, int]:
    """Read a number of any size that begins at *place*, one byte after the other; return it and where it ends.

    Raises:
        IndexError: the data end first.
        OverflowError: more than 64 bits.
    """
    zigzag = shift = 0
    while True:
        byte = data[place]
        place += 1
        zigzag |= (byte & 0x7F) << shift
        if byte < 0x80:
            break
        shift += 7
        if shift > 63:
            raise OverflowError
    if zigzag > 0xFFFFFFFFFFFFFFFF:
        raise OverflowError
    return (zigzag >> 1) ^ -(zigzag & 1), place
