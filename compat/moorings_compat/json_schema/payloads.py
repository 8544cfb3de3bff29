"""Payloads as JSON text: exactly the value that was meant, ``1.0`` and ``1`` told apart."""

import json
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


def read_payload(text: str) -> Any:
    """Read a payload as its consumer would."""
    return json.loads(text)
