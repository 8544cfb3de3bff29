"""Random values that have a good chance of being valid under a given JSON Schema."""

import random
from typing import Any

from tests.laws.json_schema_worlds import NAMES, NUMBERS, SCALARS, STRINGS, TYPES


def guided(rng: random.Random, root: Any, schema: Any, depth: int = 4) -> Any:
    """A value that has a fair chance of being valid under *schema*; recursion ends with *depth*."""
    if not isinstance(schema, dict) or depth <= 0 or rng.random() < 0.06:
        return anything(rng, min(depth, 2))
    if not schema.keys().isdisjoint(_REFERRING) and (len(schema) == 1 or rng.random() < 0.5):
        return guided(rng, root, _target(root, schema), depth - 1)
    if "const" in schema:
        return schema["const"]
    if schema.get("enum"):
        return rng.choice(schema["enum"])
    merged = _merged_choices(rng, schema)
    if "$ref" in merged and "$ref" not in schema:
        return guided(rng, root, merged, depth - 1)
    kinds = merged.get("type") or _implied(rng, merged)
    return _guided_kind(rng, root, merged, rng.choice(kinds) if isinstance(kinds, list) else kinds, depth)


_REFERRING = ("$ref", "$dynamicRef", "$recursiveRef")


def _target(root: Any, schema: dict[str, Any]) -> Any:
    reference = next(schema[word] for word in _REFERRING if word in schema)
    if not reference.startswith("#/"):
        return root["$defs"]["base"] if reference == "base" else root
    target = root
    for step in reference.split("/")[1:]:
        target = target[step]
    return target


def _guided_kind(rng: random.Random, root: Any, schema: dict[str, Any], kind: str, depth: int) -> Any:
    if kind == "object":
        return _guided_object(rng, root, schema, depth)
    if kind == "array":
        return _guided_array(rng, root, schema, depth)
    if kind in ("integer", "number"):
        return _guided_number(rng, schema, kind)
    if kind == "string":
        return rng.choice([*STRINGS, "aaaa", "bb", "zz9", "127.0.0.1", "a@b.c"])
    return {"null": None, "boolean": rng.random() < 0.5}[kind]


def _guided_number(rng: random.Random, schema: dict[str, Any], kind: str) -> Any:
    words = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")
    near = [schema[word] for word in words if word in schema and not isinstance(schema[word], bool)]
    value = rng.choice([*NUMBERS, *near, *(one + 1 for one in near), *(one - 1 for one in near)])
    return int(value) if kind == "integer" and rng.random() < 0.9 else value


def _implied(rng: random.Random, schema: dict[str, Any]) -> str:
    words = {
        "properties": "object",
        "required": "object",
        "items": "array",
        "prefixItems": "array",
        "contains": "array",
    }
    words |= {
        "minimum": "number",
        "maximum": "number",
        "pattern": "string",
        "maxLength": "string",
        "minLength": "string",
    }
    words |= {
        "additionalProperties": "object",
        "patternProperties": "object",
        "minProperties": "object",
        "minItems": "array",
    }
    found = [kind for word, kind in words.items() if word in schema]
    return rng.choice(found) if found and rng.random() < 0.8 else rng.choice(TYPES)


def _merged_choices(rng: random.Random, schema: dict[str, Any]) -> dict[str, Any]:
    merged = dict(schema)
    parts = [rng.choice(schema[word]) for word in ("anyOf", "oneOf") if schema.get(word)]
    parts += schema.get("allOf", [])
    parts += [schema[rng.choice(["then", "else", "if"])]] if {"if", "then", "else"} <= schema.keys() else []
    for part in parts:
        if isinstance(part, dict):
            for key, value in part.items():
                if key in ("properties", "patternProperties") and key in merged:
                    merged[key] = {**merged[key], **value}
                elif key == "required":
                    merged[key] = [*merged.get(key, []), *value]
                elif key not in merged or rng.random() < 0.5:
                    merged[key] = value
    return merged


def _guided_object(rng: random.Random, root: Any, schema: dict[str, Any], depth: int) -> dict[str, Any]:
    properties = schema.get("properties", {})
    names = set(schema.get("required", []))
    names |= {name for name in properties if rng.random() < 0.5}
    if rng.random() < 0.4:
        names.add(rng.choice([*NAMES, "zz", "x-2", "9"]))
    for name in [name for name in NAMES if name in names]:
        names.update(schema.get("dependentRequired", {}).get(name, []))
    more = schema.get("additionalProperties", True)
    return {name: guided(rng, root, properties.get(name, more), depth - 1) for name in sorted(names)}


def _guided_array(rng: random.Random, root: Any, schema: dict[str, Any], depth: int) -> list[Any]:
    items = schema.get("items", True)
    prefix = schema.get("prefixItems", items if isinstance(items, list) else [])
    rest = schema.get("additionalItems", True) if isinstance(items, list) else items
    length = rng.randint(
        min(schema.get("minItems", 0), 4), max(min(schema.get("maxItems", 3), 4), schema.get("minItems", 0))
    )
    values = [guided(rng, root, prefix[i] if i < len(prefix) else rest, depth - 1) for i in range(length)]
    if "contains" in schema and values and rng.random() < 0.7:
        values[rng.randrange(len(values))] = guided(rng, root, schema["contains"], depth - 1)
    return values


def anything(rng: random.Random, depth: int) -> Any:
    """Any small value."""
    roll = rng.random()
    if depth > 0 and roll < 0.2:
        return [anything(rng, depth - 1) for _ in range(rng.randint(0, 3))]
    if depth > 0 and roll < 0.45:
        return {rng.choice([*NAMES, "zz"]): anything(rng, depth - 1) for _ in range(rng.randint(0, 3))}
    return rng.choice(SCALARS)
