"""The outline of a JSON Schema: objects with properties, arrays with items, choices with branches.

A schema is one definition, whose facets are its own keywords; the schemas in it are its parts. A local `$ref` leads to
the definition that it names.
"""

from collections.abc import Iterator
from typing import Any

from moorings_compat.changes.outline import REFERENCE, Definition, Outline, Part
from moorings_compat.json_schema.model import model_of
from moorings_compat.json_schema.payloads import write_payload
from moorings_compat.json_text import pointer
from moorings_compat.schema import Schema

_ONE = ("items", "additionalItems", "contains", "unevaluatedItems", "propertyNames", "not", "if", "then", "else")
"""Keywords that hold one schema; without a step in a dotted path."""
_FURTHER = ("additionalProperties", "unevaluatedProperties")
_NAMED = ("properties", "patternProperties", "dependentSchemas")
_LISTED = ("allOf", "anyOf", "oneOf", "prefixItems", "items")
_DEFINED = ("$defs", "definitions")
_STRUCTURE = frozenset((*_NAMED, *_DEFINED, "required", "$schema", "$id", "id", "$comment"))
_MOST_TYPES = 4
_DEEPEST_LABEL = 4


def outline(schema: Schema) -> Outline:
    """Return the outline of a JSON Schema."""
    reading = _Reading(model_of(schema).document.content)
    return Outline("", reading.definitions())


class _Reading:
    """One document; definitions are made once for each location that the root leads to."""

    def __init__(self, content: Any) -> None:
        self._content = content

    def definitions(self) -> dict[str, Definition]:
        made: dict[str, Definition] = {}
        waiting = [("", self._content)]
        while waiting:
            at, schema = waiting.pop()
            if at in made:
                continue
            made[at] = self._definition(at, schema)
            for part in made[at].parts:
                waiting += [(key, _value_at(self._content, key)) for key in part.definitions]
        return made

    def _definition(self, at: str, schema: Any) -> Definition:
        if not isinstance(schema, dict):
            return Definition(at, at, "value", facets={"schema": write_payload(schema)})
        declared = schema.get("properties")
        names = declared if isinstance(declared, dict) else {}
        facets = {word: write_payload(value) for word, value in schema.items() if self._is_facet(word, value)}
        further = [one for one in _required(schema) if one not in names]
        if further:
            facets["required"] = write_payload(further)
        symbols = schema.get("enum")
        listed: dict[str, str] = {}
        if isinstance(symbols, list) and symbols and all(isinstance(one, str) for one in symbols):
            facets.pop("enum", None)
            listed = dict.fromkeys(symbols, "")
        noun = "object" if names else "value"
        return Definition(at, at, noun, "", facets, tuple(self._parts(at, schema)), listed)

    def _is_facet(self, word: str, value: Any) -> bool:
        if word in _STRUCTURE:
            return False
        if word in _LISTED and isinstance(value, list):
            return False
        return not (word in (*_ONE, *_FURTHER) and isinstance(value, dict))

    def _parts(self, at: str, schema: dict[str, Any]) -> Iterator[Part]:
        required = _required(schema)
        for name, inner in _members(schema, "properties"):
            yield self._property(at, name, inner, required=name in required)
        for word in ("patternProperties", "dependentSchemas"):
            for name, inner in _members(schema, word):
                step = f"/{name}/" if word == "patternProperties" else ""
                yield self._inner(f"{word} {name}", at + pointer(word, name), inner, step)
        for word in (*_ONE, *_FURTHER):
            if isinstance(schema.get(word), dict):
                yield self._inner(word, at + pointer(word), schema[word], "*" if word in _FURTHER else "")
        for word in _LISTED:
            listed = schema.get(word)
            if isinstance(listed, list):
                yield from self._listed(at, word, listed)
        target = self._target(schema)
        if target is not None:
            yield Part(REFERENCE, at, "", "", definitions=(target,))

    def _listed(self, at: str, word: str, listed: list[Any]) -> Iterator[Part]:
        for index, inner in enumerate(listed):
            title = _branch_name(inner) if word in ("anyOf", "oneOf") else ""
            several = sum(one != {"type": "null"} for one in listed) > 1
            yield self._inner(f"{word} {title or index}", at + pointer(word, index), inner, title if several else "")

    def _property(self, at: str, name: str, schema: Any, *, required: bool) -> Part:
        where = at + pointer("properties", name)
        doc = schema.get("description", "") if isinstance(schema, dict) else ""
        facets = {"required": "true"} if required else {}
        return Part(
            name,
            where,
            self._label(schema),
            name,
            facets,
            (where,),
            doc=doc if isinstance(doc, str) else "",
            fillable=not required,
        )

    def _inner(self, name: str, where: str, schema: Any, step: str) -> Part:
        return Part(name, where, "", step, definitions=(where,))

    def _target(self, schema: dict[str, Any]) -> str | None:
        """Return the location in this document that `$ref` leads to; None where it leads elsewhere."""
        reference = schema.get("$ref")
        if not isinstance(reference, str) or not reference.startswith("#"):
            return None
        at = reference[1:]
        found = at == "" or (at.startswith("/") and _value_at(self._content, at) is not None)
        return at if found else None

    def _label(self, schema: Any, depth: int = 0) -> str:
        """Name the type of a schema: ``string or null``, ``array of object``."""
        if not isinstance(schema, dict):
            return "any value" if schema is True else "no value"
        if depth > _DEEPEST_LABEL:
            return "..."
        if "$ref" in schema:
            target = self._target(schema)
            return self._label(_value_at(self._content, target), depth + 1) if target else str(schema["$ref"])
        kinds = schema.get("type")
        if isinstance(kinds, str):
            return self._typed(kinds, schema, depth)
        if isinstance(kinds, list):
            return " or ".join(self._typed(str(one), schema, depth) for one in kinds)
        for word in ("oneOf", "anyOf"):
            if isinstance(schema.get(word), list):
                labels = list(dict.fromkeys(self._label(one, depth + 1) for one in schema[word]))
                return " or ".join(labels[:_MOST_TYPES]) + (" or ..." if len(labels) > _MOST_TYPES else "")
        if "const" in schema or "enum" in schema:
            return "constant" if "const" in schema else "enum"
        return "object" if "properties" in schema else "any value"

    def _typed(self, kind: str, schema: dict[str, Any], depth: int) -> str:
        if kind == "array" and isinstance(schema.get("items"), dict):
            return f"array of {self._label(schema['items'], depth + 1)}"
        return kind


def _required(schema: dict[str, Any]) -> list[str]:
    names = schema.get("required")
    return [one for one in names if isinstance(one, str)] if isinstance(names, list) else []


def _members(schema: dict[str, Any], word: str) -> list[tuple[str, Any]]:
    held = schema.get(word)
    return list(held.items()) if isinstance(held, dict) else []


def _branch_name(schema: Any) -> str:
    """What people call a branch: its title, the definition that it refers to, or the constant that tells it apart."""
    if not isinstance(schema, dict):
        return ""
    if isinstance(schema.get("title"), str):
        return str(schema["title"])
    reference = schema.get("$ref")
    if isinstance(reference, str):
        return reference.rpartition("/")[2]
    for _, inner in _members(schema, "properties"):
        if isinstance(inner, dict) and isinstance(inner.get("const"), str):
            return str(inner["const"])
    kind = schema.get("type")
    return kind if isinstance(kind, str) and kind != "object" else ""


def _value_at(content: Any, at: str) -> Any:
    """Follow a JSON Pointer; None where it leads nowhere."""
    for step in at.split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        try:
            content = content[int(name) if isinstance(content, list) else name]
        except (KeyError, ValueError, IndexError, TypeError):
            return None
    return content
