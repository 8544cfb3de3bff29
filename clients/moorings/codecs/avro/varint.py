"""Avro's whole numbers: zigzag, then seven bits a byte, the lowest first. Tables make the common ones one look-up."""

SMALL = 8192
"""Numbers from -SMALL to SMALL - 1 take one or two bytes and stand in `ZIGZAG`."""

_CHUNK = 1 << 14
_LOW_14 = _CHUNK - 1


def _last(number: int) -> bytes:
    return bytes((number,)) if number < 0x80 else bytes((number & 0x7F | 0x80, number >> 7))


_LAST = [_last(number) for number in range(_CHUNK)]
_MORE = [bytes((number & 0x7F | 0x80, number >> 7 | 0x80)) for number in range(_CHUNK)]

ZIGZAG = _LAST[0::2] + _LAST[:0:-2]
"""Bytes by number; a negative number counts from the end, which is where Python looks for it."""


def encode_int(number: int) -> bytes:
    """Write a number of 32 bits.

    Raises:
        OverflowError: it needs more.
    """
    if -0x80000000 <= number <= 0x7FFFFFFF:
        return _encode((number << 1) ^ (number >> 31))
    raise OverflowError


def encode_long(number: int) -> bytes:
    """Write a number of 64 bits.

    Raises:
        OverflowError: it needs more.
    """
    if -0x8000000000000000 <= number <= 0x7FFFFFFFFFFFFFFF:
        return _encode((number << 1) ^ (number >> 63))
    raise OverflowError


def _encode(zigzag: int) -> bytes:
    if zigzag < 1 << 28:
        if zigzag < _CHUNK:
            return _LAST[zigzag]
        return _MORE[zigzag & _LOW_14] + _LAST[zigzag >> 14]
    if zigzag < 1 << 42:
        return _MORE[zigzag & _LOW_14] + _MORE[zigzag >> 14 & _LOW_14] + _LAST[zigzag >> 28]
    if zigzag < 1 << 56:
        return (
            _MORE[zigzag & _LOW_14]
            + _MORE[zigzag >> 14 & _LOW_14]
            + _MORE[zigzag >> 28 & _LOW_14]
            + _LAST[zigzag >> 42]
        )
    return (
        _MORE[zigzag & _LOW_14]
        + _MORE[zigzag >> 14 & _LOW_14]
        + _MORE[zigzag >> 28 & _LOW_14]
        + _MORE[zigzag >> 42 & _LOW_14]
        + _LAST[zigzag >> 56]
    )


def decode_rest(data: bytes, place: int, first: int) -> tuple[int, int]:
    """Read what follows *first*, a byte above 127 that stood before *place*; return the number and where it ends.

    Raises:
        IndexError: the data end first.
        OverflowError: more than 64 bits.
    """
    byte = data[place]
    zigzag = first & 0x7F | byte << 7
    if byte < 0x80:
        return (zigzag >> 1) ^ -(zigzag & 1), place + 1
    zigzag &= 0x3FFF
    shift = 14
    while True:
        place += 1
        byte = data[place]
        if byte < 0x80:
            break
        zigzag |= (byte & 0x7F) << shift
        shift += 7
        if shift > 63:
            raise OverflowError
    zigzag |= byte << shift
    if zigzag > 0xFFFFFFFFFFFFFFFF:
        raise OverflowError
    return (zigzag >> 1) ^ -(zigzag & 1), place + 1
