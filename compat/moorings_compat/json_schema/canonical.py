"""The canonical form: one text for all documents that say the same in another order.

Keys are sorted, numbers are written one way (``1.0`` and ``1e0`` as ``1``), and the lists whose order means nothing are
sorted: `required`, the names under `dependentRequired` and `dependencies`, and `type`. The order inside `enum`,
`anyOf`, `allOf` and `oneOf` means nothing to a validator either, but people read it and generators take names from
it, so it stays. Nothing is left out: two schemas that differ in a title or a default remain two.
"""

import json
from decimal import Decimal
from typing import Any

from moorings_compat.json_schema.documents import Document
from moorings_compat.json_schema.pointers import Steps

_ENCODE = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode


def canonical_text(document: Document) -> str:
    """Write the whole document in canonical form."""
    return write_json(_ordered(document.content, (), document))


def _ordered(value: Any, steps: Steps, document: Document) -> Any:
    if isinstance(value, list):
        return [_ordered(one, (*steps, index), document) for index, one in enumerate(value)]
    if not isinstance(value, dict):
        return value
    copied = {key: _ordered(one, (*steps, key), document) for key, one in value.items()}
    if steps in document.places:
        for keyword in ("required", "type"):
            if isinstance(copied.get(keyword), list):
                copied[keyword] = sorted(copied[keyword])
        for keyword in ("dependentRequired", "dependencies"):
            for name, names in copied.get(keyword, {}).items():
                if isinstance(names, list):
                    copied[keyword][name] = sorted(names)
    return copied


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
