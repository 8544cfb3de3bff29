"""Random edits of random JSON Schemas: changes as teams make them, and rewritings that keep the meaning."""

import random
from typing import Any

from tests.laws.json_schema_worlds import FORMATS, NAMES, PATTERNS, SCALARS, TYPES, World


def edited(world: World, schema: Any, depth: int = 3) -> Any:
    """Copy *schema* with one small change somewhere in it."""
    rng = world.rng
    if not isinstance(schema, dict) or rng.random() < 0.12:
        return world.schema(depth) if rng.random() < 0.7 else schema
    copied = dict(schema)
    definitions = copied.get(world.keyword)
    if definitions and rng.random() < 0.5:
        copied[world.keyword] = _edited_members(world, world.keyword, definitions, depth - 1)
        return copied
    keys = [key for key in copied if key not in _KEPT]
    roll = rng.random()
    if keys and roll < 0.2:
        del copied[rng.choice(keys)]
        return copied
    if roll < 0.4:
        kind = rng.choice(["integer", "string", "array", "object", "object"])
        for keyword, value in world.keywords(kind, max(depth - 1, 0)).items():
            if keyword not in copied or rng.random() < 0.5:
                copied[keyword] = value
        return copied
    if not keys:
        return copied
    key = rng.choice(keys)
    copied[key] = _edited_value(world, key, copied[key], depth)
    return copied


def _edited_value(world: World, key: str, value: Any, depth: int) -> Any:
    rng = world.rng
    inner = max(depth - 1, 0)
    if key in ("properties", "patternProperties") and value:
        return _edited_members(world, key, value, inner)
    if key in ("anyOf", "oneOf", "allOf", "prefixItems") or (key == "items" and isinstance(value, list)):
        return _edited_list(world, value, inner)
    if key in _CHOICES and isinstance(value, list):
        return _edited_choice(rng, key, value)
    if isinstance(value, int | float | str):
        return _edited_scalar(rng, key, value)
    if isinstance(value, dict) and key not in ("dependentRequired", "dependencies", "dependentSchemas"):
        return edited(world, value, inner)
    return value


_KEPT = frozenset(
    [
        "$schema",
        "$id",
        "$ref",
        "$defs",
        "definitions",
        "$recursiveRef",
        "$dynamicRef",
        "$recursiveAnchor",
        "$dynamicAnchor",
    ]
)
_CHOICES: dict[str, list[Any]] = {"required": NAMES, "type": TYPES, "enum": SCALARS}


def _edited_members(world: World, key: str, value: dict[str, Any], depth: int) -> dict[str, Any]:
    rng = world.rng
    name = rng.choice(list(value))
    roll = rng.random()
    if roll < 0.2 and key != world.keyword:
        return {other: one for other, one in value.items() if other != name} or value
    if roll < 0.4 and key == "properties":
        return {**value, rng.choice(NAMES): world.schema(depth)}
    changed = edited(world, value[name], depth)
    if key == world.keyword and isinstance(value[name], dict) and "$id" in value[name]:
        changed = {**(changed if isinstance(changed, dict) else {}), "$id": value[name]["$id"]}
    return {**value, name: changed}


def _edited_list(world: World, value: list[Any], depth: int) -> list[Any]:
    rng = world.rng
    index = rng.randrange(len(value))
    roll = rng.random()
    if roll < 0.2 and len(value) > 1:
        return value[:index] + value[index + 1 :]
    if roll < 0.4:
        return [*value, world.schema(depth)]
    return [*value[:index], edited(world, value[index], depth), *value[index + 1 :]]


def _edited_choice(rng: random.Random, key: str, value: list[Any]) -> list[Any]:
    if rng.random() < 0.5 and len(value) > 1:
        return value[1:]
    added = rng.choice(_CHOICES[key])
    there = any(added is one or (added == one and type(added) is type(one)) for one in value)
    return value if there else [*value, added]


def _edited_scalar(rng: random.Random, key: str, value: Any) -> Any:
    bounds = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
    if key == "type":
        return rng.choice([rng.choice(TYPES), "number" if value == "integer" else value])
    if isinstance(value, bool):
        return value if key in bounds else not value
    if isinstance(value, int | float):
        changed = value + rng.choice([-1, 1])
        return changed if key in bounds else max(changed, 1)
    return rng.choice({"pattern": PATTERNS, "format": FORMATS}.get(key, [value]))
