"""Functions that convert values of a shape, written as straight-line Python; one direction is a subclass."""

import itertools
from collections.abc import Callable
from dataclasses import is_dataclass
from typing import Any

from moorings.event_model.model import Choice, Entries, Items, Record, Shape, Shapes, Simple, Union, Use, without_none

Convert = Callable[[Any], Any]


class Writing:
    """Writes functions of one direction; what they need besides Python's own comes in as constants, by name."""

    def __init__(self, known: Shapes, format: str) -> None:
        self.known = known
        self.format = format
        self.constants: dict[str, Any] = {}
        self.lines: list[str] = []
        self.functions: dict[str, str] = {}
        self.pending: list[Record] = []
        self.numbers = itertools.count(1)
        self._plain: dict[int, tuple[bool, Shape]] = {}
        """What is known by the identity of a shape, which is kept with it so that no other one gets it."""

    def function(self, root: Shape) -> Convert:
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

    def value(self, shape: Shape, given: str) -> str:
        """Return the expression that converts the expression *given*; *given* itself where nothing has to be done."""
        if isinstance(shape, Use):
            return self._named(self.known.named[shape.name], given)
        if isinstance(shape, Items):
            return self._items(shape, given)
        if isinstance(shape, Entries):
            return self._entries(shape, given)
        if isinstance(shape, Union):
            return self._union(shape, given)
        return self.simple(shape, given)

    def is_plain(self, shape: Shape) -> bool:
        """Say whether values of *shape* are the same in an event and in an object."""
        if id(shape) not in self._plain:
            self._plain[id(shape)] = (self._looks_plain(shape), shape)
        return self._plain[id(shape)][0]

    def _looks_plain(self, shape: Shape) -> bool:
        if isinstance(shape, Use):
            named = self.known.named[shape.name]
            return isinstance(named, Record) and not is_dataclass(named.python)
        if isinstance(shape, Items):
            return self.is_plain(shape.items) and self.items(shape, "v") == "v"
        if isinstance(shape, Entries):
            return self.is_plain(shape.values)
        if isinstance(shape, Union):
            return all(map(self.is_plain, shape.branches))
        return self.simple(shape, "v") == "v"

    def simple(self, shape: Simple | Choice, given: str) -> str:
        return given

    def symbol(self, choice: Choice, given: str) -> str:
        raise NotImplementedError

    def record(self, record: Record) -> None:
        raise NotImplementedError

    def choice_of(self, union: Union) -> str:
        """Write the function that converts a value of a union, and return its name."""
        raise NotImplementedError

    def items(self, shape: Items, converted: str) -> str:
        return converted

    def _named(self, named: Record | Choice, given: str) -> str:
        if isinstance(named, Choice):
            return self.symbol(named, given)
        if not is_dataclass(named.python):
            return given
        if named.name not in self.functions:
            self.functions[named.name] = self.name("record")
            self.pending.append(named)
        return f"{self.functions[named.name]}({given})"

    def _items(self, shape: Items, given: str) -> str:
        if self.is_plain(shape.items):
            return self.items(shape, given)
        item = self.name("v")
        return self.items(shape, f"[{self.value(shape.items, item)} for {item} in {given}]")

    def _entries(self, shape: Entries, given: str) -> str:
        if self.is_plain(shape.values):
            return given
        key, item = self.name("k"), self.name("v")
        return f"{{{key}: {self.value(shape.values, item)} for {key}, {item} in {given}.items()}}"

    def _union(self, shape: Union, given: str) -> str:
        if all(map(self.is_plain, shape.branches)):
            return given
        inner = without_none(shape)
        if isinstance(inner, Union):
            return f"{self.choice_of(inner)}({given})"
        item = self.name("v")
        return f"(None if ({item} := {given}) is None else {self.value(inner, item)})"

    def choosing(self, cases: list[tuple[str, str]], otherwise: str) -> str:
        """Write a function of tests in turn, and return its name."""
        name = self.name("choose")
        body = "".join(f"\n if {test}: return {value}" for test, value in cases)
        self.lines.append(f"def {name}(v):\n k = v.__class__{body}\n return {otherwise}")
        return name
