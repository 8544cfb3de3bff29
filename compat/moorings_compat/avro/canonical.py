"""The texts of a schema: as it is stored, as it is identified, and in the normal form that equal schemas share.

========= ======================================================================================================
stored    what was sent, on one line; ``{"type": "string"}`` alone becomes ``"string"``, as implementations write it
identity  the same with the keys of every object in one order, so that equal JSON values have one identity
canonical full names, namespaces folded in, keys in one order, aliases sorted, objects that only name a type become
          that name; documentation, defaults, aliases and custom attributes are kept, other than in the
          specification's Parsing Canonical Form (`parsing`), which strips what a registry must not lose
========= ======================================================================================================
"""

import json
from functools import lru_cache
from typing import Any

from moorings_compat.avro.names import PRIMITIVES, defined_name, full_name, namespace_of
from moorings_compat.canonical_json import written
from moorings_compat.errors import Problem, SchemaInvalid
from moorings_compat.json_text import compact_json

_KEYS = (
    "type",
    "name",
    "namespace",
    "doc",
    "aliases",
    "fields",
    "symbols",
    "items",
    "values",
    "size",
    "default",
    "order",
    "logicalType",
    "precision",
    "scale",
)
_PLACE = {key: index for index, key in enumerate(_KEYS)}
_NAMED = ("record", "error", "enum", "fixed")
_PRIMITIVES = frozenset(PRIMITIVES)
"""To look for a text in; what may be an object is looked for in the tuple."""


def stored_text(text: str, value: Any, *, has_fractions: bool = True) -> str:
    """Return *text*, whose JSON is *value*, as it is stored and served: one line, otherwise as it was sent."""
    collapsed = _collapsed(value)
    # Strings can be written in several ways by escapes alone, and whole numbers only where they are zero.
    has_choices = has_fractions or "\\" in text or "-0" in text
    if collapsed is value and has_choices:
        return compact_json(text).strip()
    return _dump(collapsed, has_fractions=has_fractions)


def in_order(value: Any) -> Any:
    """Return *value*, the JSON of a schema, with the keys of every object in one order."""
    if isinstance(value, dict):
        # Most members are strings, which a look at their type passes for less than a call.
        return {key: one if type(one := value[key]) is str else in_order(one) for key in _key_order(tuple(value))}
    if isinstance(value, list):
        return [in_order(one) for one in value]
    return value


def identity_text(ordered: Any, *, has_fractions: bool = True) -> str:
    """Return the one text of all JSON that is equal to *ordered*, which is `in_order`."""
    return _dump(_collapsed(ordered), has_fractions=has_fractions)


def canonical_text(ordered: Any, *, has_fractions: bool = True) -> str:
    """Return the normal form of a valid schema, whose JSON is *ordered*; types of references stay names."""
    return _dump(_normal(ordered, ""), has_fractions=has_fractions)


def _collapsed(value: Any) -> Any:
    if isinstance(value, dict) and len(value) == 1 and value.get("type") in PRIMITIVES:
        return value["type"]
    return value


def _dump(value: Any, *, has_fractions: bool = True) -> str:
    """Write *value* on one line.

    Without fractions there are two encoders that write the same text, and one of them takes a tenth of the time.

    Raises:
        SchemaInvalid: a number in it is too large for any reader of JSON.
    """
    try:
        return _encode(value) if has_fractions else written(value).decode()
    except ValueError:
        raise SchemaInvalid(Problem("", "a number is beyond the range of a double")) from None


_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode


@lru_cache(maxsize=1024)  # the objects of a schema have few sets of keys among them
def _key_order(keys: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(keys, key=lambda key: (_PLACE.get(key, len(_KEYS)), key)))


def _normal(value: Any, namespace: str) -> Any:
    """Normalise a type within *namespace*; it is `in_order`."""
    if isinstance(value, str):
        return value if value in _PRIMITIVES else full_name(value, namespace)
    if isinstance(value, list):
        return [_normal(one, namespace) for one in value]
    kind = value["type"]
    if kind in _NAMED:
        return _normal_definition(value, namespace)
    if kind in ("array", "map"):
        part = "items" if kind == "array" else "values"
        return value | {part: _normal(value[part], namespace)}
    if kind in _PRIMITIVES:
        return kind if len(value) == 1 else value
    return full_name(kind, namespace)


def _normal_definition(value: dict[str, Any], namespace: str) -> dict[str, Any]:
    full = defined_name(value, namespace)
    own = namespace_of(full)
    kept = {key: one for key, one in value.items() if key not in ("name", "namespace", "fields", "aliases")}
    kept["name"] = full
    if namespace and not own:
        kept["namespace"] = ""
    if value.get("aliases"):
        kept["aliases"] = sorted({full_name(alias, own) for alias in value["aliases"]})
    if value["type"] in ("record", "error"):
        kept["fields"] = [_normal_field(field, own) for field in value["fields"]]
    return {key: kept[key] for key in _key_order(tuple(kept))}


def _normal_field(value: dict[str, Any], namespace: str) -> dict[str, Any]:
    kind = value["type"]
    if type(kind) is str and kind in _PRIMITIVES and "aliases" not in value:
        return value
    normal = {key: one for key, one in value.items() if key != "aliases" or one}
    normal["type"] = _normal(kind, namespace)
    if value.get("aliases"):
        normal["aliases"] = sorted(set(value["aliases"]))
    return normal
