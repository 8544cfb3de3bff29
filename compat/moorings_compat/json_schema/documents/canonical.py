"""The canonical form: one text for all documents that differ only in order.

Keys are sorted, numbers are written in one form (``1.0`` and ``1e0`` as ``1``), and lists without a meaningful order
are sorted: `required`, the names under `dependentRequired` and `dependencies`, and `type`. The order inside `enum`,
`anyOf`, `allOf` and `oneOf` does not matter to a validator either, but people read it and generators take names from
it, so it stays. Nothing is left out: schemas that differ in a title or a default have different forms.
"""

import json
import re
from decimal import Decimal
from typing import Any

from jsonschema_rs.canonical.schema import clone

from moorings_compat.json_schema.documents.documents import Document
from moorings_compat.json_schema.documents.pointers import value_at

_UNORDERED = frozenset(["required", "type", "dependentRequired", "dependencies"])
_FRACTION = re.compile(r"[0-9][.eE]")
"""Matches in every number that is not a plain integer; without one the standard encoder writes the canonical form."""
_ENCODE = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode


def canonical_text(document: Document, text: str) -> str:
    """Write the whole document, which *text* is the source of, in canonical form."""
    content = clone(document.content)
    for place in document.places.values():
        if isinstance(place.content, dict) and not place.content.keys().isdisjoint(_UNORDERED):
            _sort_names(place.content, value_at(content, place.steps))
    return write_json(content) if _FRACTION.search(text) else _ENCODE(content)


def _sort_names(schema: dict[str, Any], copied: dict[str, Any]) -> None:
    for keyword in ("required", "type"):
        if isinstance(schema.get(keyword), list):
            copied[keyword] = sorted(schema[keyword])
    for keyword in ("dependentRequired", "dependencies"):
        for name, names in schema.get(keyword, {}).items():
            if isinstance(names, list):
                copied[keyword][name] = sorted(names)


def write_json(value: Any) -> str:
    """Write *value* (ints, Decimals, floats, strings, lists, dicts) compactly, keys sorted, numbers in one form."""
    if isinstance(value, dict):
        return "{" + ",".join(f"{_ENCODE(key)}:{write_json(value[key])}" for key in sorted(value)) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(map(write_json, value)) + "]"
    if isinstance(value, Decimal):
        return write_number(value)
    return _ENCODE(value)


def write_number(value: Decimal) -> str:
    """Write a number without an exponent where that stays short, and without needless zeros."""
    if value == value.to_integral_value() and value.adjusted() < _LONG:
        return str(int(value))
    plain = value.normalize()
    return f"{plain:f}" if -_LONG < plain.adjusted() < _LONG else str(plain)


_LONG = 21
