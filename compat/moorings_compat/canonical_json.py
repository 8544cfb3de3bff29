"""Canonical JSON (RFC 8785) for values without fractions: what digests are computed over.

Strings, integers up to 2^53, booleans, null, lists and objects. orjson and the standard encoder both write strings and
such numbers as section 3.2.2 requires; this module adds the order of keys (by UTF-16 code units, section 3.2.3), which
differs from Python's only for keys beyond ASCII.
"""

import json
from typing import Any

_LARGEST = 2**53


def canonical_bytes(value: Any) -> bytes:
    """Return the UTF-8 bytes of the canonical form.

    Raises:
        TypeError: a float, or anything that is not JSON.
        ValueError: an integer beyond 2^53, or a string with a lone surrogate.
    """
    return written(_ordered(value))


def written(value: Any) -> bytes:
    """Write *value*, which has no floats, as it is: one line of UTF-8, keys in their order.

    Raises:
        ValueError: a lone surrogate.
    """
    import orjson  # takes 15 to 30 ms, which those who only import the client do not need

    try:
        return orjson.dumps(value)
    except orjson.JSONEncodeError:  # too deep or too large for it, or a lone surrogate, which is refused as below
        return _encode(value).encode()


_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode


_AS_THEY_ARE = frozenset((str, bool, type(None)))
"""The types of most values, of which a look passes for less than a call."""


def _ordered(value: Any) -> Any:
    if value is None or isinstance(value, (str, bool)):
        return value
    if isinstance(value, int):
        if abs(value) > _LARGEST:
            raise ValueError(f"{value} is beyond 2^53, the largest integer of canonical JSON")
        return value
    if isinstance(value, dict):
        keys = sorted(value) if all(map(str.isascii, value)) else sorted(value, key=_utf16)
        return {key: one if type(one := value[key]) in _AS_THEY_ARE else _ordered(one) for key in keys}
    if isinstance(value, list | tuple):
        return [one if type(one) in _AS_THEY_ARE else _ordered(one) for one in value]
    raise TypeError(f"a {type(value).__name__} has no canonical JSON")


def _utf16(key: str) -> bytes:
    return key.encode("utf-16-be")
