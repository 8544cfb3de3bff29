"""Variants of an event, each changed at one place: edge values, branches, omitted fields, sizes."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

from moorings.event_model.model import (
    EnumerationType,
    ListType,
    MapType,
    RecordType,
    ScalarType,
    TypeReference,
    UnionType,
    ValueType,
)
from moorings.testing.payloads.building import Builder
from moorings.testing.payloads.edge_values import KEYS

MANY = 1000
_DEEPEST = 12
_MOST_OF_ONE = 2
"""How deep records of one type may be nested in a variant."""
_Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Variant:
    """A changed event: where and how it was changed, and the whole event."""

    path: _Path
    shows: str
    event: Any


class Varying:
    """Makes variants of events of one contract; the caller's validator sorts out the invalid ones."""

    def __init__(self, builder: Builder, rng: Random) -> None:
        self._builder = builder
        self._known = builder.known
        self._rng = rng
        self._open: list[str] = []

    def variants(self, event: Any) -> Iterator[Variant]:
        yield from self._shape(self._known.root, event, ())

    def _shape(self, shape: ValueType, value: Any, path: _Path) -> Iterator[Variant]:
        if len(path) > _DEEPEST or not self._builder.is_possible(shape):
            return
        if isinstance(shape, ScalarType):
            yield from (Variant(path, leaf.shows, leaf.value) for leaf in self._builder.edges(shape))
        elif isinstance(shape, EnumerationType):
            yield from (Variant(path, f"the value {one!r}", one) for one in shape.values)
        elif isinstance(shape, TypeReference):
            named = self._known.named[shape.name]
            if isinstance(named, EnumerationType):
                yield from (Variant(path, f"the symbol {one!r}", one) for one in named.values)
            elif self._open.count(named.name) < _MOST_OF_ONE:
                self._open.append(named.name)
                yield from self._record(named, value, path)
                self._open.pop()
        elif isinstance(shape, ListType):
            yield from self._items(shape, value, path)
        elif isinstance(shape, MapType):
            yield from self._entries(shape, value, path)
        else:
            yield from self._union(shape, path)

    def _union(self, shape: UnionType, path: _Path) -> Iterator[Variant]:
        for number, branch in enumerate(shape.branches):
            if not self._builder.is_possible(branch):
                continue
            made = self._builder.value(branch, self._rng, len(path))
            yield Variant(path, f"alternative {number + 1}", made)
            yield from self._shape(branch, made, path)

    def _record(self, record: RecordType, value: Any, path: _Path) -> Iterator[Variant]:
        if not isinstance(value, dict):
            return
        needed = {one.name for one in record.fields if one.required}
        if needed != value.keys():
            least = {name: one for name, one in value.items() if name in needed}
            yield Variant(path, "every field left out that may be", least)
        for field in record.fields:
            if not self._builder.is_possible(field.type):
                continue
            here = (*path, field.name)
            others = {one.name for one in record.fields if field.oneof and one.oneof == field.oneof}
            rest = {name: one for name, one in value.items() if name not in others}
            present = value.get(field.name)
            if field.name not in value:
                present = self._builder.value(field.type, self._rng, len(here))
                yield Variant(here, "a field that may be left out", {**rest, field.name: present})
            elif not field.required:
                yield Variant(here, "the field left out", {k: v for k, v in value.items() if k != field.name})
            for one in self._shape(field.type, present, here):
                yield Variant(one.path, one.shows, {**rest, field.name: one.event})
        if record.extra is not None:
            made = self._builder.value(record.extra, self._rng, len(path))
            yield from (Variant(path, f"a further field: {key.shows}", {**value, key.value: made}) for key in KEYS)

    def _items(self, shape: ListType, value: Any, path: _Path) -> Iterator[Variant]:
        yield Variant(path, "no items", [])
        if not self._builder.is_possible(shape.items):
            return
        first = value[0] if value else self._builder.value(shape.items, self._rng, len(path))
        yield Variant(path, "one item", [first])
        yield Variant(path, "two equal items", [first, first])
        yield Variant(path, f"{MANY} items", [first] * MANY)
        for one in self._shape(shape.items, first, (*path, 0)):
            yield Variant(one.path, one.shows, [one.event, *value[1:]])

    def _entries(self, shape: MapType, value: Any, path: _Path) -> Iterator[Variant]:
        yield Variant(path, "no entries", {})
        if not self._builder.is_possible(shape.values):
            return
        key = next(iter(value), None)
        first = value[key] if value else self._builder.value(shape.values, self._rng, len(path))
        if not self._builder.format.typed_keys or (isinstance(shape.keys, ScalarType) and shape.keys.kind == "str"):
            yield Variant(path, f"{MANY} entries", {f"key {n}": first for n in range(MANY)})
            yield from (Variant((*path, one.value), f"a key: {one.shows}", {one.value: first}) for one in KEYS)
            key = "key" if key is None else key
        elif isinstance(shape.keys, ScalarType):
            yield from (
                Variant(path, f"a key: {one.shows}", {one.value: first}) for one in self._builder.edges(shape.keys)
            )
        if key is not None:
            for one in self._shape(shape.values, first, (*path, str(key))):
                yield Variant(one.path, one.shows, {**value, key: one.event})
