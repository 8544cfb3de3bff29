"""Random events of a contract, from its model. The caller's validator checks what a JSON Schema demands beyond."""

from collections.abc import Mapping
from random import Random
from typing import Any

from moorings.event_model.event_formats import EventFormat
from moorings.event_model.model import (
    EnumerationType,
    EventField,
    EventModel,
    JsonConstraints,
    ListType,
    RecordType,
    ScalarType,
    TypeReference,
    UnionType,
    ValueType,
    inner,
)
from moorings.testing.payloads import edge_values, json_edge_values

_DEEP = 4
"""Levels after which the shortest value is chosen."""
_ENDLESS = 1_000_000


class Endless(ValueError):
    """A type has no finite value: each would contain another one of the same type."""


class Builder:
    """Builds events; the same random numbers give the same events."""

    def __init__(self, known: EventModel, format: EventFormat) -> None:
        self.known = known
        self.format = format
        self._heights = _heights(known)

    def event(self, rng: Random) -> Any:
        """Build an event.

        Raises:
            Endless: there is none, as it would contain itself.
        """
        return self.value(self.known.root, rng, 0)

    def is_possible(self, shape: ValueType) -> bool:
        """Say whether *shape* has any value that comes to an end."""
        return _height(shape, self._heights) < _ENDLESS

    def value(self, shape: ValueType, rng: Random, depth: int) -> Any:
        if not self.is_possible(shape):
            raise Endless
        if isinstance(shape, ScalarType):
            return self._leaf(shape, rng)
        if isinstance(shape, EnumerationType):
            return rng.choice(shape.values)
        if isinstance(shape, TypeReference):
            named = self.known.named[shape.name]
            return (
                rng.choice(named.values) if isinstance(named, EnumerationType) else self._record(named, rng, depth + 1)
            )
        if isinstance(shape, UnionType):
            return self.value(self._branch(shape, rng, depth), rng, depth)
        least, most = self._sizes(shape.constraints, "Items" if isinstance(shape, ListType) else "Properties")
        possible = all(map(self.is_possible, inner(shape)))
        size = least if depth > _DEEP or not possible else rng.randrange(least, min(most, least + 3) + 1)
        if isinstance(shape, ListType):
            return [self.value(shape.items, rng, depth + 1) for _ in range(size)]
        return {self._key(shape.keys, rng): self.value(shape.values, rng, depth + 1) for _ in range(size)}

    def edges(self, simple: ScalarType) -> list[edge_values.EdgeValue]:
        """Return the values at the edges of a plain type."""
        return list(json_edge_values.edges(simple) if self.format.is_json else edge_values.edges(simple))

    def _leaf(self, simple: ScalarType, rng: Random) -> Any:
        return (json_edge_values if self.format.is_json else edge_values).usual(simple, rng)

    def _key(self, shape: ValueType, rng: Random) -> Any:
        return self.value(shape, rng, 0) if self.format.typed_keys else edge_values.text(rng)

    def _branch(self, union: UnionType, rng: Random, depth: int) -> ValueType:
        if depth <= _DEEP:
            return rng.choice([one for one in union.branches if self.is_possible(one)])
        return min(union.branches, key=lambda one: _height(one, self._heights))

    def _record(self, record: RecordType, rng: Random, depth: int) -> dict[str, Any]:
        given: dict[str, Any] = {}
        chosen: set[str] = set()
        for field in record.fields:
            if self._is_given(field, rng, depth) and field.oneof not in chosen:
                given[field.name] = self.value(field.type, rng, depth)
                chosen |= {field.oneof} - {""}
        if record.extra is not None and depth <= _DEEP and rng.randrange(4) == 0:
            given.setdefault("further", self.value(record.extra, rng, depth + 1))
        return given

    def _is_given(self, field: EventField, rng: Random, depth: int) -> bool:
        return field.required or (depth <= _DEEP and self.is_possible(field.type) and rng.randrange(3) > 0)

    def _sizes(self, rules: JsonConstraints | None, what: str) -> tuple[int, int]:
        least, most = 0, 1000
        for schema in rules.schemas if rules else ():
            least = max(least, _schema_number(schema, f"min{what}", 0), _schema_number(schema, "minContains", 0))
            most = min(most, _schema_number(schema, f"max{what}", most))
        return least, max(least, most)


def _schema_number(schema: Mapping[str, Any], keyword: str, otherwise: int) -> int:
    value = schema.get(keyword)
    return int(value) if isinstance(value, int | float) and not isinstance(value, bool) else otherwise


def _heights(known: EventModel) -> dict[str, int]:
    """Return the least nesting of records in a value of each record."""
    heights = {name: _ENDLESS for name, one in known.named.items() if isinstance(one, RecordType)}
    heights |= {name: 0 for name, one in known.named.items() if isinstance(one, EnumerationType)}
    changed = True
    while changed:
        changed = False
        for name, one in known.named.items():
            if isinstance(one, RecordType):
                height = 1 + max((_height(f.type, heights) for f in one.fields if f.required), default=0)
                if height < heights[name]:
                    heights[name], changed = height, True
    return heights


def _height(shape: ValueType, heights: Mapping[str, int]) -> int:
    if isinstance(shape, TypeReference):
        return heights[shape.name]
    if isinstance(shape, UnionType):
        return min(_height(one, heights) for one in inner(shape))
    return 0
