"""Random JSON Schemas of every draft, edits of them, and values that have a good chance of being valid.

Everything is drawn from a `random.Random` with a seed, so that a pair is named by a number and found again. Names and
constants come from small pools: two schemas should speak of the same things often enough to interact.
"""

import random
from typing import Any

DRAFTS = {
    4: "http://json-schema.org/draft-04/schema#",
    6: "http://json-schema.org/draft-06/schema#",
    7: "http://json-schema.org/draft-07/schema#",
    2019: "https://json-schema.org/draft/2019-09/schema",
    2020: "https://json-schema.org/draft/2020-12/schema",
}
NAMES = ["a", "b", "c", "kind", "x-1", "ab"]
STRINGS = ["", "a", "b", "ab", "abc", "1", "x-1", "2020-01-01", "a b"]
NUMBERS: list[Any] = [0, 1, 2, 3, -1, 10, 0.5, 1.5, 1.0, 100]
SCALARS: list[Any] = [None, True, False, *NUMBERS, *STRINGS]
PATTERNS = ["^a", "b$", "^x-", "^[a-z]+$", "[0-9]", "^.{2,3}$", "^(a|b)$", "a", "^$", "^[^a]*$"]
FORMATS = ["date", "ipv4", "uuid", "date-time", "email"]
TYPES = ["null", "boolean", "integer", "number", "string", "array", "object"]


class World:
    """Draws schemas of one draft."""

    def __init__(self, rng: random.Random, draft: int) -> None:
        self.rng = rng
        self.draft = draft
        self.definitions: list[str] = []

    def document(self) -> dict[str, Any]:
        """One whole schema, with `$schema`, sometimes with definitions that it refers to."""
        keyword = "$defs" if self.draft >= 2019 else "definitions"
        if self.rng.random() < 0.25:
            self.definitions = self.rng.sample(["d", "e", "f"], self.rng.randint(1, 2))
        root = self.schema(3)
        root = root if isinstance(root, dict) else {}
        if self.definitions:
            root[keyword] = {name: self.guarded(2) for name in self.definitions}
        return {"$schema": DRAFTS[self.draft], **root}

    def guarded(self, depth: int) -> Any:
        """A schema that refers to others only below a property or an item, so that no reference goes in circles."""
        kept = self.definitions
        self.definitions = []
        schema = self.schema(depth - 1)
        self.definitions = kept
        if isinstance(schema, dict) and self.rng.random() < 0.6:
            schema.setdefault("properties", {})[self.rng.choice(NAMES)] = self.reference()
        return schema

    def reference(self) -> dict[str, Any]:
        keyword = "$defs" if self.draft >= 2019 else "definitions"
        return {"$ref": f"#/{keyword}/{self.rng.choice(self.definitions)}"}

    def schema(self, depth: int) -> Any:
        roll = self.rng.random()
        if self.definitions and roll < 0.12:
            return self.reference()
        if self.draft >= 6 and roll > 0.96:
            return self.rng.random() < 0.6
        if roll < 0.16:
            return {"enum": self.rng.sample(SCALARS, self.rng.randint(1, 4))}
        if roll < 0.2 and self.draft >= 6:
            return {"const": self.rng.choice([*SCALARS, ["a"], {"a": 1}, {}])}
        if roll < 0.45 and depth > 0:
            return self.applicator(depth)
        schema: dict[str, Any] = {}
        kinds = [self.rng.choice(TYPES)] if self.rng.random() < 0.8 else self.rng.sample(TYPES, 2)
        if self.rng.random() < 0.9:
            schema["type"] = kinds[0] if len(kinds) == 1 else kinds
        for kind in kinds:
            schema.update(self.keywords(kind, depth))
        return schema

    def applicator(self, depth: int) -> dict[str, Any]:
        rng = self.rng
        schema: dict[str, Any] = {}
        if rng.random() < 0.5:
            schema.update(self.keywords(rng.choice(["object", "object", "array", "string", "integer"]), depth - 1))
        kind = rng.choice(["anyOf", "oneOf", "allOf", "not", "if"])
        if kind == "not":
            schema["not"] = self.schema(depth - 1)
        elif kind == "if" and self.draft >= 7:
            schema["if"] = self.schema(depth - 1)
            for word in ("then", "else"):
                if rng.random() < 0.7:
                    schema[word] = self.schema(depth - 1)
        else:
            schema[kind if kind != "if" else "anyOf"] = [self.schema(depth - 1) for _ in range(rng.randint(1, 3))]
        if self.draft >= 2019 and rng.random() < 0.25:
            schema[rng.choice(["unevaluatedProperties", "unevaluatedItems"])] = rng.choice([False, False, {"type": "string"}])
        return schema

    def keywords(self, kind: str, depth: int) -> dict[str, Any]:
        draw = {
            "integer": self.of_numbers,
            "number": self.of_numbers,
            "string": self.of_strings,
            "array": lambda: self.of_arrays(depth),
            "object": lambda: self.of_objects(depth),
        }.get(kind)
        return draw() if draw is not None else {}

    def of_numbers(self) -> dict[str, Any]:
        rng, schema = self.rng, {}
        for keyword, strict in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
            roll = rng.random()
            if roll < 0.35:
                schema[keyword] = rng.choice(NUMBERS)
                if self.draft == 4 and roll < 0.1:
                    schema[strict] = rng.random() < 0.8
            elif roll < 0.45 and self.draft > 4:
                schema[strict] = rng.choice(NUMBERS)
        if rng.random() < 0.2:
            schema["multipleOf"] = rng.choice([1, 2, 3, 0.5, 1.5])
        return schema

    def of_strings(self) -> dict[str, Any]:
        rng, schema = self.rng, {}
        if rng.random() < 0.3:
            schema["minLength"] = rng.randint(0, 3)
        if rng.random() < 0.3:
            schema["maxLength"] = rng.randint(0, 4)
        if rng.random() < 0.25:
            schema["pattern"] = rng.choice(PATTERNS)
        if rng.random() < 0.08:
            schema["format"] = rng.choice(FORMATS)
        return schema

    def of_arrays(self, depth: int) -> dict[str, Any]:
        rng, schema = self.rng, {}
        if depth > 0 and rng.random() < 0.6:
            schema["items"] = self.schema(depth - 1)
        if depth > 0 and rng.random() < 0.25:
            listed = [self.schema(depth - 1) for _ in range(rng.randint(1, 2))]
            if self.draft >= 2020:
                schema["prefixItems"] = listed
            else:
                schema["items"] = listed
                if rng.random() < 0.5:
                    schema["additionalItems"] = rng.choice([False, True, {"type": "string"}])
        if rng.random() < 0.25:
            schema["minItems"] = rng.randint(0, 3)
        if rng.random() < 0.25:
            schema["maxItems"] = rng.randint(0, 3)
        if rng.random() < 0.2:
            schema["uniqueItems"] = True
        if self.draft >= 6 and depth > 0 and rng.random() < 0.2:
            schema["contains"] = self.schema(depth - 1)
            if self.draft >= 2019 and rng.random() < 0.5:
                schema["minContains"] = rng.randint(0, 2)
            if self.draft >= 2019 and rng.random() < 0.4:
                schema["maxContains"] = rng.randint(0, 2)
        return schema

    def of_objects(self, depth: int) -> dict[str, Any]:
        rng, schema = self.rng, {}
        if depth > 0 and rng.random() < 0.8:
            names = rng.sample(NAMES, rng.randint(1, 3))
            schema["properties"] = {name: self.schema(depth - 1) for name in names}
        if rng.random() < 0.4:
            names = list(schema.get("properties", {})) or NAMES
            schema["required"] = rng.sample(names, rng.randint(1, min(2, len(names))))
        if depth > 0 and rng.random() < 0.35:
            schema["additionalProperties"] = rng.choice([False, False, True, self.schema(depth - 1)])
        if depth > 0 and rng.random() < 0.15:
            schema["patternProperties"] = {rng.choice(PATTERNS): self.schema(depth - 1)}
        if self.draft >= 6 and rng.random() < 0.1:
            schema["propertyNames"] = rng.choice([{"maxLength": 2}, {"pattern": "^[a-z]"}, {"enum": ["a", "b", "kind"]}])
        if rng.random() < 0.12:
            schema["minProperties"] = rng.randint(0, 3)
        if rng.random() < 0.12:
            schema["maxProperties"] = rng.randint(0, 3)
        if depth > 0 and rng.random() < 0.12:
            self.add_dependency(schema, depth)
        return schema

    def add_dependency(self, schema: dict[str, Any], depth: int) -> None:
        rng = self.rng
        name, other = rng.sample(NAMES, 2)
        if self.draft >= 2019:
            if rng.random() < 0.5:
                schema["dependentRequired"] = {name: [other]}
            else:
                schema["dependentSchemas"] = {name: self.schema(depth - 1)}
        else:
            schema["dependencies"] = {name: [other] if rng.random() < 0.5 else self.schema(depth - 1)}


def edited(world: World, schema: Any, depth: int = 3) -> Any:
    """Copy *schema* with one small change somewhere in it."""
    rng = world.rng
    if not isinstance(schema, dict) or rng.random() < 0.12:
        return world.schema(depth) if rng.random() < 0.7 else schema
    copied = dict(schema)
    keys = [key for key in copied if key not in ("$schema", "$ref", "$defs", "definitions")]
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
    if key in ("properties", "patternProperties") and value:
        name = rng.choice(list(value))
        roll = rng.random()
        if roll < 0.2:
            return {other: one for other, one in value.items() if other != name} or value
        if roll < 0.4 and key == "properties":
            return {**value, rng.choice(NAMES): world.schema(max(depth - 1, 0))}
        return {**value, name: edited(world, value[name], max(depth - 1, 0))}
    if key in ("anyOf", "oneOf", "allOf", "prefixItems") or (key == "items" and isinstance(value, list)):
        index = rng.randrange(len(value))
        roll = rng.random()
        if roll < 0.2 and len(value) > 1:
            return value[:index] + value[index + 1 :]
        if roll < 0.4:
            return [*value, world.schema(max(depth - 1, 0))]
        return [*value[:index], edited(world, value[index], max(depth - 1, 0)), *value[index + 1 :]]
    if key in ("required", "type", "enum") and isinstance(value, list):
        more = {"required": NAMES, "type": TYPES, "enum": SCALARS}[key]
        if rng.random() < 0.5 and len(value) > 1:
            return value[1:]
        added = rng.choice(more)
        return value if any(added is one or (added == one and type(added) is type(one)) for one in value) else [*value, added]
    if key == "type":
        return rng.choice([world.rng.choice(TYPES), "number" if value == "integer" else value])
    if isinstance(value, bool):
        return not value if key not in ("exclusiveMinimum", "exclusiveMaximum") else value
    if isinstance(value, int | float):
        changed = value + rng.choice([-1, 1])
        return changed if key in ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum") else max(changed, 1)
    if key == "pattern":
        return rng.choice(PATTERNS)
    if key == "format":
        return rng.choice(FORMATS)
    if isinstance(value, dict) and key not in ("dependentRequired", "dependencies", "dependentSchemas"):
        return edited(world, value, max(depth - 1, 0))
    return value


def guided(rng: random.Random, root: Any, schema: Any, depth: int = 4) -> Any:
    """A value that has a fair chance of being valid under *schema*; recursion ends with *depth*."""
    if not isinstance(schema, dict) or depth <= 0 or rng.random() < 0.06:
        return anything(rng, min(depth, 2))
    if "$ref" in schema and schema["$ref"].startswith("#/"):
        target = root
        for step in schema["$ref"].split("/")[1:]:
            target = target[step]
        return guided(rng, root, target, depth - 1)
    if "const" in schema:
        return schema["const"]
    if "enum" in schema and schema["enum"]:
        return rng.choice(schema["enum"])
    schema = _merged_choices(rng, schema)
    if "$ref" in schema:
        return guided(rng, root, schema, depth - 1)
    kinds = schema.get("type") or _implied(rng, schema)
    kind = rng.choice(kinds) if isinstance(kinds, list) else kinds
    if kind == "object":
        return _guided_object(rng, root, schema, depth)
    if kind == "array":
        return _guided_array(rng, root, schema, depth)
    if kind in ("integer", "number"):
        near = [schema[word] for word in ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf") if word in schema]
        near = [one for one in near if not isinstance(one, bool)]
        value = rng.choice([*NUMBERS, *near, *(one + 1 for one in near), *(one - 1 for one in near)])
        return int(value) if kind == "integer" and rng.random() < 0.9 else value
    if kind == "string":
        return rng.choice([*STRINGS, "aaaa", "bb", "zz9", "127.0.0.1", "a@b.c"])
    return {"null": None, "boolean": rng.random() < 0.5}[kind]


def _implied(rng: random.Random, schema: dict[str, Any]) -> str:
    words = {"properties": "object", "required": "object", "items": "array", "prefixItems": "array", "contains": "array"}
    words |= {"minimum": "number", "maximum": "number", "pattern": "string", "maxLength": "string", "minLength": "string"}
    words |= {"additionalProperties": "object", "patternProperties": "object", "minProperties": "object", "minItems": "array"}
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
    length = rng.randint(min(schema.get("minItems", 0), 4), max(min(schema.get("maxItems", 3), 4), schema.get("minItems", 0)))
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
