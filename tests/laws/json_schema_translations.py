"""A schema of draft 6 or 7, translated to draft 2020-12."""

from typing import Any

from tests.laws.json_schema_worlds import DRAFTS

_SCHEMAS = ("additionalProperties", "propertyNames", "contains", "not", "if", "then", "else")
_LISTS = ("allOf", "anyOf", "oneOf")
_NAMED = ("properties", "patternProperties")


def in_2020(document: dict[str, Any]) -> dict[str, Any]:
    """Translate a whole document."""
    return {"$schema": DRAFTS[2020], **_translated({key: one for key, one in document.items() if key != "$schema"})}


def _translated(schema: Any) -> Any:
    if not isinstance(schema, dict):
        return schema
    definitions = {"$defs": {name: _translated(one) for name, one in schema.get("definitions", {}).items()}}
    definitions = definitions if definitions["$defs"] else {}
    if "$ref" in schema:  # the keywords beside it had no meaning
        return {"$ref": schema["$ref"].replace("#/definitions/", "#/$defs/"), **definitions}
    said: dict[str, Any] = {**definitions}
    for key, value in schema.items():
        if key in _SCHEMAS:
            said[key] = _translated(value)
        elif key in _LISTS:
            said[key] = [_translated(one) for one in value]
        elif key in _NAMED:
            said[key] = {name: _translated(one) for name, one in value.items()}
        elif key == "dependencies":
            said.update(_dependencies(value))
        elif key not in ("definitions", "items", "additionalItems"):
            said[key] = value
    return said | _items(schema)


def _dependencies(value: dict[str, Any]) -> dict[str, Any]:
    names = {name: one for name, one in value.items() if isinstance(one, list)}
    schemas = {name: _translated(one) for name, one in value.items() if not isinstance(one, list)}
    return {"dependentRequired": names, "dependentSchemas": schemas}


def _items(schema: dict[str, Any]) -> dict[str, Any]:
    items = schema.get("items", True)
    if not isinstance(items, list):
        return {"items": _translated(items)} if "items" in schema else {}
    listed = {"prefixItems": [_translated(one) for one in items]}
    return listed | ({"items": _translated(schema["additionalItems"])} if "additionalItems" in schema else {})
