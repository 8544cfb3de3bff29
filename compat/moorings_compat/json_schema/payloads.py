"""Payloads as JSON text: exactly the value, so that ``1.0`` and ``1`` differ."""

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

_ENCODE = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def write_payload(value: Any) -> str:
    """Write *value* (ints, Decimals, strings, lists, dicts) compactly, in its own order."""
    try:
        return _ENCODE(value)
    except TypeError:  # a Decimal somewhere inside
        return _written(value)


def _written(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ",".join(f"{_ENCODE(key)}:{_written(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_written, value)) + "]"
    if isinstance(value, Decimal):
        text = format(value, "f") if -20 < value.adjusted() < 20 else str(value)
        return text if set(text) & set(".eE") else text + ".0"
    return _ENCODE(value)


def clipped(value: Any, longest: int) -> str:
    """Write no more of *value* than the first *longest* characters; what is left out shows as three dots."""
    text = ""
    for part in _text_chunks(value):
        text += part
        if len(text) > longest:
            return text[: longest - 3] + "..."
    return text


def _text_chunks(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield "{"
        for index, (key, one) in enumerate(value.items()):
            yield ("," if index else "") + _ENCODE(key) + ":"
            yield from _text_chunks(one)
        yield "}"
    elif isinstance(value, list):
        yield "["
        for index, one in enumerate(value):
            yield "," if index else ""
            yield from _text_chunks(one)
        yield "]"
    else:
        yield _written(value)


def read_payload(text: str) -> Any:
    """Read a payload as its consumer would."""
    return json.loads(text)
