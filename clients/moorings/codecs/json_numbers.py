"""JSON with integers of any size: orjson's text and values, and Python's own where an integer takes more than 64 bits.

orjson reads such an integer as a float, which is another number, or refuses it, and does not write it.
"""

import json
import math
import re
from typing import Any

import orjson

MOST_DIGITS = 4_300
"""Of an integer: as many as Python reads of a text; more take quadratic time."""
LARGEST = 10**MOST_DIGITS - 1

_DIGITS = bytes.maketrans(b"123456789", b"000000000")
_LONG = b"0" * 19
"""2^63 and 2^64 have 19 and 20 digits."""
_BEYOND_DOUBLE = re.compile(rb"[0-9]{300,}")


def loads(text: bytes) -> Any:
    """Read JSON in UTF-8; integers are exact.

    Raises:
        json.JSONDecodeError: not JSON.
        ValueError: an integer has more than `MOST_DIGITS` digits, or a fraction is beyond a double.
    """
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        shorter, runs = _BEYOND_DOUBLE.subn(b"1", text)
        if not runs:
            raise
        orjson.loads(shorter)  # nothing else is wrong with it: Python's reader takes more than JSON
    else:
        if _LONG not in text.translate(_DIGITS):
            return value
    return json.loads(text, parse_float=_finite)


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError("a number beyond those of 64 bits")
    return number


def dumps(value: Any) -> bytes:
    """Write plain JSON types in UTF-8, without spaces; integers are exact."""
    try:
        return orjson.dumps(value)
    except TypeError:  # an integer of more than 64 bits
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
