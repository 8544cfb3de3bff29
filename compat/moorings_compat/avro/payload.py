"""Payloads: values of a writer's schema, made up, as small as can be, with one thing in them that matters.

A value is what fastavro takes: numbers, strings, bytes, lists, dicts; a value of a union is the pair of the branch's
name and the value. The JSON text is the specification's JSON encoding.
"""

import json
from typing import Any

from moorings_compat.avro.faults import Trail
from moorings_compat.avro.model import (
    Array,
    AvroModel,
    Enum,
    Fixed,
    Map,
    Node,
    Primitive,
    Record,
    TypeName,
    Union,
    branch_name,
    type_name,
)
from moorings_compat.avro.smallest_values import smallest_values_of

LARGEST = 50_000
"""Pieces of the largest payload that is built."""
_DEEPEST = 150  # a record in a union takes two
_KEY = "key"
_SMALLEST: dict[str, Any] = {
    "null": None,
    "boolean": False,
    "int": 0,
    "long": 0,
    "float": 0.0,
    "double": 0.0,
    "bytes": b"",
    "string": "",
}


class PayloadTooLarge(Exception):
    """Even the smallest payload has too many pieces, or nests too deep, to be written down."""


class Payloads:
    """Builds values of one writer's schema."""

    def __init__(self, model: AvroModel) -> None:
        self._model = model
        self._smallest_values = smallest_values_of(model)
        self._made: dict[str, Any] = {}

    def pieces(self, trail: Trail | None, node: Node) -> int:
        """Count the pieces of a payload that follows *trail* to *node*, roughly."""
        total = self._smallest_values.size(node) if self._smallest_values.exists(node) else 1
        while trail is not None:
            total += self._smallest_values.sizes[trail.node.full] if isinstance(trail.node, Record) else 1
            trail = trail.outer
        return total

    def is_smallest(self, trail: Trail | None) -> bool:
        """Tell whether the smallest payload of all follows *trail* anyway."""
        while trail is not None:
            if isinstance(trail.node, Array | Map):
                return False
            if isinstance(trail.node, Union) and self._smallest_values.branch(trail.node)[0] != trail.index:
                return False
            trail = trail.outer
        return True

    def smallest(self, node: Node, depth: int = 0) -> Any:
        """Return the smallest value of *node*, which has one.

        Raises:
            PayloadTooLarge: it has more than `LARGEST` pieces, or nests too deep.
        """
        if depth > _DEEPEST or self._smallest_values.size(node) > LARGEST:
            raise PayloadTooLarge
        if isinstance(node, Primitive):
            return _SMALLEST[node.kind]
        if isinstance(node, Array):
            return []
        if isinstance(node, Map):
            return {}
        if isinstance(node, Union):
            branch = self._smallest_values.branch(node)[1]
            return branch_name(branch), self.smallest(branch, depth + 1)
        if node.full not in self._made:
            self._made[node.full] = self._smallest_of_named(node, depth)
        return self._made[node.full]

    def _smallest_of_named(self, node: TypeName, depth: int) -> Any:
        named = self._model.types[node.full]
        if isinstance(named, Record):
            return {field.name: self.smallest(field.type, depth + 1) for field in named.fields}
        if isinstance(named, Enum):
            return named.symbols[0]
        assert isinstance(named, Fixed)
        return bytes(named.size)

    def along(self, trail: Trail | None, value: Any) -> Any:
        """Return the smallest payload that has *value* where *trail* leads.

        Raises:
            PayloadTooLarge: it has more than `LARGEST` pieces, or nests too deep.
        """
        depth = 0
        while trail is not None:
            depth += 1
            if depth > _DEEPEST:
                raise PayloadTooLarge
            node = trail.node
            if isinstance(node, Record):
                value = {**self.smallest(type_name(node.full)), node.fields[trail.index].name: value}
            elif isinstance(node, Union):
                value = (branch_name(node.branches[trail.index]), value)
            elif isinstance(node, Array):
                value = [] if trail.empty else [value]
            else:
                value = {} if trail.empty else {_KEY: value}
            trail = trail.outer
        return value


def json_text(value: Any) -> str:
    """Write *value* in the specification's JSON encoding, on one line."""
    return json.dumps(_encodable(value), separators=(",", ":"))


def _encodable(value: Any) -> Any:
    if isinstance(value, tuple):
        name, inner = value
        return None if name == "null" else {name: _encodable(inner)}
    if isinstance(value, dict):
        return {key: _encodable(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_encodable(one) for one in value]
    return value.decode("latin-1") if isinstance(value, bytes) else value


def nested_types(model: AvroModel) -> int:
    """Count the types within each other, every reference inlined: records, arrays and maps; without recursion."""
    deepest = 0
    written: set[str] = set()
    waiting: list[tuple[Node, int]] = [(model.root, 0)]
    while waiting:
        node, depth = waiting.pop()
        deepest = max(deepest, depth)
        if isinstance(node, Array):
            waiting.append((node.items, depth + 1))
        elif isinstance(node, Map):
            waiting.append((node.values, depth + 1))
        elif isinstance(node, Union):
            waiting.extend((branch, depth) for branch in reversed(node.branches))
        elif isinstance(node, TypeName) and node.full not in written:
            written.add(node.full)
            named = model.types[node.full]
            if isinstance(named, Record):
                waiting.extend((field.type, depth + 1) for field in reversed(named.fields))
    return deepest
