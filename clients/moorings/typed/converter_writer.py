"""Functions that convert values of a type, written as straight-line Python; each direction is a subclass."""

import itertools
from collections.abc import Callable
from dataclasses import is_dataclass
from typing import Any

from moorings.event_model.event_formats import EventFormat
from moorings.event_model.model import (
    EnumerationType,
    EventModel,
    ListType,
    MapType,
    RecordType,
    ScalarType,
    TypeReference,
    UnionType,
    ValueType,
    without_none,
)

Convert = Callable[[Any], Any]


class ConverterWriter:
    """Writes functions of one direction; whatever they need besides Python itself is a constant, by name."""

    def __init__(self, known: EventModel, format: EventFormat) -> None:
        self.known = known
        self.format = format
        self.constants: dict[str, Any] = {}
        self.lines: list[str] = []
        self.functions: dict[str, str] = {}
        self.pending: list[RecordType] = []
        self.numbers = itertools.count(1)
        self._plain: dict[int, tuple[bool, ValueType]] = {}
        """By the identity of a type, which is kept too, so that no other type gets the same identity."""

    def function(self, root: ValueType) -> Convert:
        value = self.value(root, "value")
        while self.pending:
            self.record(self.pending.pop())
        self.lines.append(f"def convert(value): return {value}")
        only = value.removesuffix("(value)")  # one function is called for all: hand out that one
        exec(compile("\n".join(self.lines), "<moorings typed>", "exec"), self.constants)  # noqa: S102 - our own text
        convert: Convert = self.constants[only if only.isidentifier() and only in self.constants else "convert"]
        return convert

    def name(self, prefix: str) -> str:
        return f"{prefix}{next(self.numbers)}"

    def constant(self, value: Any) -> str:
        name = self.name("K")
        self.constants[name] = value
        return name

    def value(self, type: ValueType, given: str) -> str:
        """Return the expression that converts the expression *given*; *given* itself where nothing changes."""
        if isinstance(type, TypeReference):
            return self._named(self.known.named[type.name], given)
        if isinstance(type, ListType):
            return self._items(type, given)
        if isinstance(type, MapType):
            return self._entries(type, given)
        if isinstance(type, UnionType):
            return self._union(type, given)
        return self.scalar(type, given)

    def is_plain(self, type: ValueType) -> bool:
        """Say whether values of *type* are the same in an event and in an object."""
        if id(type) not in self._plain:
            self._plain[id(type)] = (self._looks_plain(type), type)
        return self._plain[id(type)][0]

    def _looks_plain(self, type: ValueType) -> bool:
        if isinstance(type, TypeReference):
            named = self.known.named[type.name]
            return isinstance(named, RecordType) and not is_dataclass(named.python_type)
        if isinstance(type, ListType):
            return self.is_plain(type.items) and self.items(type, "v") == "v"
        if isinstance(type, MapType):
            return self.is_plain(type.values)
        if isinstance(type, UnionType):
            return all(map(self.is_plain, type.branches))
        return self.scalar(type, "v") == "v"

    def scalar(self, type: ScalarType | EnumerationType, given: str) -> str:
        return given

    def symbol(self, enumeration: EnumerationType, given: str) -> str:
        raise NotImplementedError

    def record(self, record: RecordType) -> None:
        raise NotImplementedError

    def union_function(self, union: UnionType) -> str:
        """Write the function that converts a value of a union, and return its name."""
        raise NotImplementedError

    def items(self, type: ListType, converted: str) -> str:
        return converted

    def _named(self, named: RecordType | EnumerationType, given: str) -> str:
        if isinstance(named, EnumerationType):
            return self.symbol(named, given)
        if not is_dataclass(named.python_type):
            return given
        if named.name not in self.functions:
            self.functions[named.name] = self.name("record")
            self.pending.append(named)
        return f"{self.functions[named.name]}({given})"

    def _items(self, type: ListType, given: str) -> str:
        if self.is_plain(type.items):
            return self.items(type, given)
        item = self.name("v")
        return self.items(type, f"[{self.value(type.items, item)} for {item} in {given}]")

    def _entries(self, type: MapType, given: str) -> str:
        if self.is_plain(type.values):
            return given
        key, item = self.name("k"), self.name("v")
        return f"{{{key}: {self.value(type.values, item)} for {key}, {item} in {given}.items()}}"

    def _union(self, type: UnionType, given: str) -> str:
        if all(map(self.is_plain, type.branches)):
            return given
        inner = without_none(type)
        if isinstance(inner, UnionType):
            return f"{self.union_function(inner)}({given})"
        item = self.name("v")
        return f"(None if ({item} := {given}) is None else {self.value(inner, item)})"

    def choosing(self, cases: list[tuple[str, str]], otherwise: str) -> str:
        """Write a function of tests in turn, and return its name."""
        name = self.name("choose")
        body = "".join(f"\n if {test}: return {value}" for test, value in cases)
        self.lines.append(f"def {name}(v):\n k = v.__class__{body}\n return {otherwise}")
        return name
