"""Random JSON Schemas of every draft, edits of them, and values that have a good chance of being valid.

Everything is drawn from a `random.Random` with a seed, so that a pair is named by a number and found again. Names and
constants come from small pools: two schemas should use the same names often enough to interact.
"""

import random
from typing import Any

from tests.compat.json_schema.drafts import DRAFTS

NAMES = ["a", "b", "c", "kind", "x-1", "ab"]
STRINGS = ["", "a", "b", "ab", "abc", "1", "x-1", "2020-01-01", "a b", "a-b", "a\rb", "\u2028"]
NUMBERS: list[Any] = [0, 1, 2, 3, -1, 10, 0.5, 1.5, 1.0, 100]
SCALARS: list[Any] = [None, True, False, *NUMBERS, *STRINGS]
WHOLES: list[Any] = [[], {}, ["a"], [1], [1, 1], {"a": 1}, {"a": "a", "b": None}, {"kind": "a"}]
"""Arrays and objects for `enum` and `const`."""
PATTERNS = [
    *("^a", "b$", "^x-", "^[a-z]+$", "[0-9]", "^.{2,3}$", "^(a|b)$", "a", "^$", "^[^a]*$"),
    *("^a|b$", "^\\d{1,2}$", "^(?!a)", "^(ab)*$", "^\\w-", "\\bb"),
    *("^\\p{L}+$", "^[^]{1,3}$", "^(?=.*\\d)\\w+$", "^[a-z]{1,300}$", "^[^\\ud800-\\udfff]*$", "^(?<x>a|b)\\k<x>$"),
    *("^[a-z]+-?[a-z]+$", "^.$", "a.b", "^(?:a+b?){2}a+$", "(?<!.)[ab]+", "(?<!\\w(?!b).?)[ab]"),
]
FORMATS = ["date", "ipv4", "uuid", "date-time", "email", "hostname", "uri"]
TYPES = ["null", "boolean", "integer", "number", "string", "array", "object"]


class World:
    """Draws schemas of one draft."""

    def __init__(self, rng: random.Random, draft: int) -> None:
        self.rng = rng
        self.draft = draft
        self.definitions: list[str] = []
        self.below: list[dict[str, Any]] = []
        """References that may stand where a property or an item is described: schemas that contain themselves."""

    def document(self) -> dict[str, Any]:
        """One whole schema, with `$schema`, sometimes with definitions that it refers to, or one that it extends."""
        if self.draft >= 2019 and self.rng.random() < 0.1:
            return {"$schema": DRAFTS[self.draft], **self.extension()}
        if self.rng.random() < 0.3:
            self.definitions = self.rng.sample(["d", "e", "f"], self.rng.randint(1, 2))
        if self.rng.random() < 0.2:
            self.below = [{"$ref": "#"}]
        root = self.schema(3)
        root = root if isinstance(root, dict) else {}
        if self.definitions:
            root[self.keyword] = {name: self.guarded(2) for name in self.definitions}
        return {"$schema": DRAFTS[self.draft], **root}

    @property
    def keyword(self) -> str:
        return "$defs" if self.draft >= 2019 else "definitions"

    def extension(self) -> dict[str, Any]:
        """A schema that extends another, which refers to whatever extends it."""
        if self.draft >= 2020:
            anchor, again = {"$dynamicAnchor": "node"}, {"$dynamicRef": "#node"}
        else:
            anchor, again = {"$recursiveAnchor": True}, {"$recursiveRef": "#"}
        self.below = [again]
        base = {"$id": "base", **anchor, "type": "object", **self.of_objects(2)}
        base.setdefault("properties", {})[self.rng.choice(NAMES)] = self.rng.choice([again, {"items": again}])
        own = self.of_objects(2) | (anchor if self.rng.random() < 0.8 else {})
        if self.rng.random() < 0.4:
            own["unevaluatedProperties"] = False
        return {"$id": "https://example.test/root", **own, "$ref": "base", "$defs": {"base": base}}

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
        return {"$ref": f"#/{self.keyword}/{self.rng.choice(self.definitions)}"}

    def inner(self, depth: int) -> Any:
        """A schema for a property or an item."""
        if self.below and self.rng.random() < 0.15:
            return dict(self.rng.choice(self.below))
        return self.schema(depth)

    def schema(self, depth: int) -> Any:
        roll = self.rng.random()
        if self.definitions and roll < 0.12:
            return self.reference()
        if self.draft >= 6 and roll > 0.96:
            return self.rng.random() < 0.6
        if roll < 0.16:
            return {"enum": self.rng.sample(SCALARS + WHOLES[: self.rng.choice([0, 0, 8])], self.rng.randint(1, 4))}
        if roll < 0.2 and self.draft >= 6:
            return {"const": self.rng.choice(SCALARS + WHOLES)}
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
            schema[rng.choice(["unevaluatedProperties", "unevaluatedItems"])] = rng.choice(
                [False, False, {"type": "string"}]
            )
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
            schema["multipleOf"] = rng.choice([1, 2, 3, 0.5, 1.5, 0.1, 0.3])
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
            schema["items"] = self.inner(depth - 1)
        if depth > 0 and rng.random() < 0.25:
            schema.update(self.tuple(depth))
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
        if self.draft >= 2019 and rng.random() < 0.1:
            schema["unevaluatedItems"] = rng.choice([False, {"type": "string"}])
        return schema

    def tuple(self, depth: int) -> dict[str, Any]:
        listed = [self.schema(depth - 1) for _ in range(self.rng.randint(1, 2))]
        if self.draft >= 2020:
            return {"prefixItems": listed}
        if self.rng.random() < 0.5:
            return {"items": listed, "additionalItems": self.rng.choice([False, True, {"type": "string"}])}
        return {"items": listed}

    def of_objects(self, depth: int) -> dict[str, Any]:
        rng, schema = self.rng, {}
        if depth > 0 and rng.random() < 0.8:
            names = rng.sample(NAMES, rng.randint(1, 3))
            schema["properties"] = {name: self.inner(depth - 1) for name in names}
        if rng.random() < 0.4:
            names = list(schema.get("properties", {})) or NAMES
            schema["required"] = rng.sample(names, rng.randint(1, min(2, len(names))))
        if depth > 0 and rng.random() < 0.35:
            schema["additionalProperties"] = rng.choice([False, False, True, self.inner(depth - 1)])
        if depth > 0 and rng.random() < 0.15:
            schema["patternProperties"] = {rng.choice(PATTERNS): self.schema(depth - 1)}
        if self.draft >= 6 and rng.random() < 0.1:
            schema["propertyNames"] = rng.choice(
                [{"maxLength": 2}, {"pattern": "^[a-z]"}, {"enum": ["a", "b", "kind"]}]
            )
        if rng.random() < 0.12:
            schema["minProperties"] = rng.randint(0, 3)
        if rng.random() < 0.12:
            schema["maxProperties"] = rng.randint(0, 3)
        if depth > 0 and rng.random() < 0.15:
            self.add_dependency(schema, depth)
        if self.draft >= 2019 and rng.random() < 0.1:
            schema["unevaluatedProperties"] = rng.choice([False, {"type": "string"}])
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
