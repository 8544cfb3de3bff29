"""A narrower schema by which a reader notices, at no cost, that an integer of an event takes more than 64 bits.

orjson reads such an integer as a float. Where a schema is closed and says the type of every value, draft 4 finds that:
to it, a float is not an integer. Numbers get bounds. An event that fits was read exactly, and any other is read again.
Only keywords are taken under which refusing more further in means refusing more; for other schemas the text is looked
through (`json_numbers`).
"""

import json
from collections.abc import Mapping
from typing import Any

from moorings_compat import Format, Schema, SchemaInvalid, parse

_DRAFT_4 = "http://json-schema.org/draft-04/schema#"
_LARGEST = 2**53
"""Up to here a float is exact, so that rounding cannot matter."""
_NOTES = frozenset(
    ("$schema", "$id", "id", "$comment", "title", "description", "examples", "default", "deprecated", "readOnly",
     "writeOnly", "confluent:tags")
)  # fmt: skip
_KEPT = frozenset(
    ("type", "minLength", "maxLength", "pattern", "format", "minItems", "maxItems", "minProperties", "maxProperties")
)


class _OtherSchema(Exception):
    """Something that would mean something else in the narrower schema, or a value without a type."""


def narrowed(schema: Schema, *, closed: bool = False) -> Schema | None:
    """Return the narrower schema; None where there is none that would find every large integer.

    With *closed*, objects that leave it open whether they have further fields have none: an event that fits has
    nothing that the schema does not declare.
    """
    try:
        return parse(json.dumps({"$schema": _DRAFT_4, **_node(json.loads(schema.text), closed)}), Format.JSON)
    except (_OtherSchema, SchemaInvalid):
        return None


def _node(node: Any, closed: bool) -> dict[str, Any]:
    if not isinstance(node, Mapping):
        raise _OtherSchema
    types = _types(node)
    if closed and "object" in types:
        node = {"additionalProperties": False, **node}
    made = {
        keyword: made
        for keyword, value in node.items()
        if (made := _keyword(keyword, value, types, closed)) is not None
    }
    if ("object" in types and "additionalProperties" not in node) or ("array" in types and "items" not in node):
        raise _OtherSchema
    if "number" in types:
        made["minimum"] = max(node.get("minimum", -_LARGEST), -_LARGEST)
        made["maximum"] = min(node.get("maximum", _LARGEST), _LARGEST)
    return made


def _keyword(keyword: str, value: Any, types: frozenset[str], closed: bool) -> Any:
    """What a keyword is in the narrower schema; None where it says nothing of events."""
    if keyword in _NOTES or (keyword == "required" and not value):
        return None
    if keyword == "properties":
        return {name: _node(one, closed) for name, one in value.items()}
    if keyword == "items" or (keyword == "additionalProperties" and value is not False):
        return _node(value, closed)
    texts = keyword in ("enum", "required") and all(isinstance(one, str) for one in value)
    numbers = keyword in ("minimum", "maximum") and bool(types & {"integer", "number"})
    if keyword in _KEPT or keyword == "additionalProperties" or texts or numbers:
        return value
    raise _OtherSchema


def _types(node: Mapping[str, Any]) -> frozenset[str]:
    found = node.get("type")
    types = [found] if isinstance(found, str) else found
    if not isinstance(types, list) or not types:
        raise _OtherSchema
    return frozenset(types)
