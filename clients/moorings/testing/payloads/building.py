"""Random events of a contract, from its shapes. What a JSON Schema asks beyond that, the caller's validator decides."""

from collections.abc import Mapping
from random import Random
from typing import Any

from moorings.event_model.model import Choice, Field, Items, Record, Rules, Shape, Shapes, Simple, Union, Use, inner
from moorings.testing.payloads import json_leaves, leaves

_DEEP = 4
"""Levels after which the shortest way out is taken."""
_ENDLESS = 1_000_000


class Endless(ValueError):
    """A type has no value: each would have to contain another one of the same type."""


class Builder:
    """Builds events; the same random numbers give the same events."""

    def __init__(self, known: Shapes, format: str) -> None:
        self.known = known
        self.format = format
        self._heights = _heights(known)

    def event(self, rng: Random) -> Any:
        """Build an event.

        Raises:
            Endless: there is none, since it would have to contain itself.
        """
        return self.value(self.known.root, rng, 0)

    def is_possible(self, shape: Shape) -> bool:
        """Say whether *shape* has any value that comes to an end."""
        return _height(shape, self._heights) < _ENDLESS

    def value(self, shape: Shape, rng: Random, depth: int) -> Any:
        if not self.is_possible(shape):
            raise Endless
        if isinstance(shape, Simple):
            return self._leaf(shape, rng)
        if isinstance(shape, Choice):
            return rng.choice(shape.values)
        if isinstance(shape, Use):
            named = self.known.named[shape.name]
            return rng.choice(named.values) if isinstance(named, Choice) else self._record(named, rng, depth + 1)
        if isinstance(shape, Union):
            return self.value(self._branch(shape, rng, depth), rng, depth)
        least, most = self._sizes(shape.rules, "Items" if isinstance(shape, Items) else "Properties")
        possible = all(map(self.is_possible, inner(shape)))
        size = least if depth > _DEEP or not possible else rng.randrange(least, min(most, least + 3) + 1)
        if isinstance(shape, Items):
            return [self.value(shape.items, rng, depth + 1) for _ in range(size)]
        return {self._key(shape.keys, rng): self.value(shape.values, rng, depth + 1) for _ in range(size)}

    def edges(self, simple: Simple) -> list[leaves.Leaf]:
        """Return the values at the edges of a plain type."""
        return list(json_leaves.edges(simple) if self.format == "JSON" else leaves.edges(simple))

    def _leaf(self, simple: Simple, rng: Random) -> Any:
        return (json_leaves if self.format == "JSON" else leaves).usual(simple, rng)

    def _key(self, shape: Shape, rng: Random) -> Any:
        return leaves.text(rng) if self.format != "PROTOBUF" else self.value(shape, rng, 0)

    def _branch(self, union: Union, rng: Random, depth: int) -> Shape:
        if depth <= _DEEP:
            return rng.choice([one for one in union.branches if self.is_possible(one)])
        return min(union.branches, key=lambda one: _height(one, self._heights))

    def _record(self, record: Record, rng: Random, depth: int) -> dict[str, Any]:
        given: dict[str, Any] = {}
        chosen: set[str] = set()
        for field in record.fields:
            if self._is_given(field, rng, depth) and field.oneof not in chosen:
                given[field.name] = self.value(field.shape, rng, depth)
                chosen |= {field.oneof} - {""}
        if record.extra is not None and depth <= _DEEP and rng.randrange(4) == 0:
            given.setdefault("further", self.value(record.extra, rng, depth + 1))
        return given

    def _is_given(self, field: Field, rng: Random, depth: int) -> bool:
        return field.needed or (depth <= _DEEP and self.is_possible(field.shape) and rng.randrange(3) > 0)

    def _sizes(self, rules: Rules | None, what: str) -> tuple[int, int]:
        least, most = 0, 1000
        for schema in rules.schemas if rules else ():
            least = max(least, _number(schema, f"min{what}", 0), _number(schema, "minContains", 0))
            most = min(most, _number(schema, f"max{what}", most))
        return least, max(least, most)


def _number(schema: Mapping[str, Any], keyword: str, otherwise: int) -> int:
    value = schema.get(keyword)
    return int(value) if isinstance(value, int | float) and not isinstance(value, bool) else otherwise


def _heights(known: Shapes) -> dict[str, int]:
    """Measure how many records stand in one another at least in a value of each record."""
    heights = {name: _ENDLESS for name, one in known.named.items() if isinstance(one, Record)}
    heights |= {name: 0 for name, one in known.named.items() if isinstance(one, Choice)}
    changed = True
    while changed:
        changed = False
        for name, one in known.named.items():
            if isinstance(one, Record):
                height = 1 + max((_height(f.shape, heights) for f in one.fields if f.needed), default=0)
                if height < heights[name]:
                    heights[name], changed = height, True
    return heights


def _height(shape: Shape, heights: Mapping[str, int]) -> int:
    if isinstance(shape, Use):
        return heights[shape.name]
    if isinstance(shape, Union):
        return min(_height(one, heights) for one in inner(shape))
    return 0
