"""Payloads: values of a writer's schema, made up, as small as can be, with one thing in them that matters.

A value is what fastavro takes: numbers, strings, bytes, lists, dicts; a value of a union is the pair of the branch's
name and the value. The JSON text is the specification's JSON encoding.
"""

import json
from typing import Any

from moorings_compat.avro.faults import Trail
from moorings_compat.avro.model import Array, Enum, Fixed, Map, Model, Name, Node, Primitive, Record, Union, name_of
from moorings_compat.avro.smallest_values import least_of

LARGEST = 50_000
"""Pieces of the largest payload that is built."""
_DEEPEST = 100
_KEY = "key"
_LEAST: dict[str, Any] = {
    "null": None,
    "boolean": False,
    "int": 0,
    "long": 0,
    "float": 0.0,
    "double": 0.0,
    "bytes": b"",
    "string": "",
}


class TooLarge(Exception):
    """Even the smallest payload has too many pieces, or nests too deep, to be written down."""


class Payloads:
    """Builds values of one writer's schema."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._least = least_of(model)
        self._made: dict[str, Any] = {}

    def pieces(self, trail: Trail | None, node: Node) -> int:
        """Count the pieces of a payload that follows *trail* to *node*, roughly."""
        total = self._least.size(node) if self._least.exists(node) else 1
        while trail is not None:
            total += self._least.sizes[trail.node.full] if isinstance(trail.node, Record) else 1
            trail = trail.outer
        return total

    def is_least(self, trail: Trail | None) -> bool:
        """Tell whether the smallest payload of all follows *trail* anyway."""
        while trail is not None:
            if isinstance(trail.node, Array | Map):
                return False
            if isinstance(trail.node, Union) and self._least.branch(trail.node)[0] != trail.index:
                return False
            trail = trail.outer
        return True

    def least(self, node: Node, depth: int = 0) -> Any:
        """Return the smallest value of *node*, which has one.

        Raises:
            TooLarge: it has more than `LARGEST` pieces, or nests too deep.
        """
        if depth > _DEEPEST or self._least.size(node) > LARGEST:
            raise TooLarge
        if isinstance(node, Primitive):
            return _LEAST[node.kind]
        if isinstance(node, Array):
            return []
        if isinstance(node, Map):
            return {}
        if isinstance(node, Union):
            branch = self._least.branch(node)[1]
            return branch_name(branch), self.least(branch, depth + 1)
        if node.full not in self._made:
            self._made[node.full] = self._least_named(node, depth)
        return self._made[node.full]

    def _least_named(self, node: Name, depth: int) -> Any:
        named = self._model.types[node.full]
        if isinstance(named, Record):
            return {field.name: self.least(field.type, depth + 1) for field in named.fields}
        if isinstance(named, Enum):
            return named.symbols[0]
        assert isinstance(named, Fixed)
        return bytes(named.size)

    def along(self, trail: Trail | None, value: Any) -> Any:
        """Return the smallest payload that has *value* where *trail* leads.

        Raises:
            TooLarge: it has more than `LARGEST` pieces, or nests too deep.
        """
        depth = 0
        while trail is not None:
            depth += 1
            if depth > _DEEPEST:
                raise TooLarge
            node = trail.node
            if isinstance(node, Record):
                value = {**self.least(name_of(node.full)), node.fields[trail.index].name: value}
            elif isinstance(node, Union):
                value = (branch_name(node.branches[trail.index]), value)
            elif isinstance(node, Array):
                value = [] if trail.empty else [value]
            else:
                value = {} if trail.empty else {_KEY: value}
            trail = trail.outer
        return value


def branch_name(node: Node) -> str:
    """Return what the JSON encoding calls a branch of a union."""
    if isinstance(node, Primitive):
        return node.kind
    if isinstance(node, Name):
        return node.full
    return "array" if isinstance(node, Array) else "map"


def json_text(value: Any) -> str:
    """Write *value* in the specification's JSON encoding, on one line."""
    return json.dumps(_json(value), separators=(",", ":"))


def _json(value: Any) -> Any:
    if isinstance(value, tuple):
        name, inner = value
        return None if name == "null" else {name: _json(inner)}
    if isinstance(value, dict):
        return {key: _json(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_json(one) for one in value]
    return value.decode("latin-1") if isinstance(value, bytes) else value
