"""Schemas in one internal form, whatever draft they were written in: a node is a conjunction of atoms.

Each atom is one assertion about one value: ``maximum``, or what ``properties`` says about one name. A node holds when
all of its atoms do, so that the negation of a node is a choice between negated atoms; every proof and every search for
a payload works on that form. `allOf` is dissolved, annotations and keywords that can never matter are left out.

Atoms and nodes carry a digest of what they say (`key`): equal keys mean equal meaning, across documents and drafts.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from hashlib import blake2b
from typing import Any, ClassVar

from moorings_compat.json_schema.documents.pointers import Steps

NULL, BOOLEAN, STRING, ARRAY, OBJECT = "null", "boolean", "string", "array", "object"
INTEGER, WHOLE, FRACTION = "integer", "whole", "fraction"
"""Numbers fall into three sorts: ``1``, ``1.0`` (an integer since draft 6, but not in draft 4) and ``1.5``."""
NUMBER_SORTS = frozenset([INTEGER, WHOLE, FRACTION])
NUMBER = "number"
KINDS = (NULL, BOOLEAN, NUMBER, STRING, ARRAY, OBJECT)
SORTS = frozenset([NULL, BOOLEAN, STRING, ARRAY, OBJECT]) | NUMBER_SORTS


def digest(*parts: object) -> bytes:
    """Digest the representation of *parts*: strings, numbers, bytes, tuples of them."""
    return blake2b(repr(parts).encode("utf-8", "surrogatepass"), digest_size=12).digest()


@dataclass(frozen=True, slots=True, eq=False)
class Atom:
    """One assertion. `steps` lead from the schema to its keyword and are not a part of its meaning."""

    kind: ClassVar[str | None] = None
    """The kind of value that it constrains; None: any."""

    steps: Steps
    key: bytes = field(init=False)
    weight: int = field(init=False, repr=False)
    """The number of assertions in it, those inside included."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "key", digest(type(self).__name__, *self._meaning()))
        object.__setattr__(self, "weight", 1 + sum(node.weight for node in self.inner))

    def _meaning(self) -> Iterable[object]:
        return ()

    @property
    def inner(self) -> "tuple[Node, ...]":
        """The nodes written inside this assertion; what a reference leads to is not among them."""
        return ()


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """A conjunction of atoms, without duplicates, in the order in which they were written."""

    atoms: tuple[Atom, ...]
    key: bytes = field(init=False)
    by_key: dict[bytes, Atom] = field(init=False, repr=False)
    weight: int = field(init=False, repr=False)
    """The number of assertions in it, those inside included."""

    def __post_init__(self) -> None:
        by_key: dict[bytes, Atom] = {}
        for atom in self.atoms:
            by_key.setdefault(atom.key, atom)
        object.__setattr__(self, "by_key", by_key)
        object.__setattr__(self, "atoms", tuple(by_key.values()))
        object.__setattr__(self, "key", digest("node", *sorted(by_key)))
        object.__setattr__(self, "weight", sum(atom.weight for atom in self.atoms))


@dataclass(frozen=True, slots=True, eq=False)
class Never(Atom):
    """The schema ``false``."""


@dataclass(frozen=True, slots=True, eq=False)
class Types(Atom):
    sorts: frozenset[str]

    def _meaning(self) -> Iterable[object]:
        return sorted(self.sorts)


@dataclass(frozen=True, slots=True, eq=False)
class Values(Atom):
    """`enum` or `const`: the value is one of these."""

    values: tuple[Any, ...]
    keys: frozenset[object]
    """`value_key` of each."""

    def _meaning(self) -> Iterable[object]:
        return sorted(map(repr, self.keys))


@dataclass(frozen=True, slots=True, eq=False)
class Limit(Atom):
    """A bound of a number."""

    kind: ClassVar[str | None] = NUMBER
    lower: bool
    bound: Fraction
    exclusive: bool

    def _meaning(self) -> Iterable[object]:
        return self.lower, self.bound, self.exclusive


@dataclass(frozen=True, slots=True, eq=False)
class Multiple(Atom):
    kind: ClassVar[str | None] = NUMBER
    of: Fraction

    def _meaning(self) -> Iterable[object]:
        return (self.of,)


@dataclass(frozen=True, slots=True, eq=False)
class Length(Atom):
    """A bound of a string's length in characters."""

    kind: ClassVar[str | None] = STRING
    lower: bool
    bound: int

    def _meaning(self) -> Iterable[object]:
        return self.lower, self.bound


@dataclass(frozen=True, slots=True, eq=False)
class Matches(Atom):
    kind: ClassVar[str | None] = STRING
    pattern: str

    def _meaning(self) -> Iterable[object]:
        return (self.pattern,)


@dataclass(frozen=True, slots=True, eq=False)
class Formatted(Atom):
    """An asserted `format`."""

    kind: ClassVar[str | None] = STRING
    name: str

    def _meaning(self) -> Iterable[object]:
        return (self.name,)


@dataclass(frozen=True, slots=True, eq=False)
class ItemCount(Atom):
    kind: ClassVar[str | None] = ARRAY
    lower: bool
    bound: int

    def _meaning(self) -> Iterable[object]:
        return self.lower, self.bound


@dataclass(frozen=True, slots=True, eq=False)
class Unique(Atom):
    kind: ClassVar[str | None] = ARRAY


@dataclass(frozen=True, slots=True, eq=False)
class Item(Atom):
    """The schema of the item at one position, if there is one."""

    kind: ClassVar[str | None] = ARRAY
    index: int
    node: Node

    def _meaning(self) -> Iterable[object]:
        return self.index, self.node.key

    @property
    def inner(self) -> tuple[Node, ...]:
        return (self.node,)


@dataclass(frozen=True, slots=True, eq=False)
class Rest(Atom):
    """The schema of every item from position `start` on."""

    kind: ClassVar[str | None] = ARRAY
    start: int
    node: Node

    def _meaning(self) -> Iterable[object]:
        return self.start, self.node.key

    @property
    def inner(self) -> tuple[Node, ...]:
        return (self.node,)


@dataclass(frozen=True, slots=True, eq=False)
class Contains(Atom):
    """At least `least` and at most `most` items satisfy `node`."""

    kind: ClassVar[str | None] = ARRAY
    node: Node
    least: int
    most: int | None

    def _meaning(self) -> Iterable[object]:
        return self.node.key, self.least, self.most

    @property
    def inner(self) -> tuple[Node, ...]:
        return (self.node,)


@dataclass(frozen=True, slots=True, eq=False)
class PropertyCount(Atom):
    kind: ClassVar[str | None] = OBJECT
    lower: bool
    bound: int

    def _meaning(self) -> Iterable[object]:
        return self.lower, self.bound


@dataclass(frozen=True, slots=True, eq=False)
class Required(Atom):
    kind: ClassVar[str | None] = OBJECT
    name: str

    def _meaning(self) -> Iterable[object]:
        return (self.name,)


@dataclass(frozen=True, slots=True, eq=False)
class Property(Atom):
    """The schema of the value under `name`, if there is one."""

    kind: ClassVar[str | None] = OBJECT
    name: str
    node: Node

    def _meaning(self) -> Iterable[object]:
        return self.name, self.node.key

    @property
    def inner(self) -> tuple[Node, ...]:
        return (self.node,)


@dataclass(frozen=True, slots=True, eq=False)
class PatternProperty(Atom):
    kind: ClassVar[str | None] = OBJECT
    pattern: str
    node: Node

    def _meaning(self) -> Iterable[object]:
        return self.pattern, self.node.key

    @property
    def inner(self) -> tuple[Node, ...]:
        return (self.node,)


@dataclass(frozen=True, slots=True, eq=False)
class Additional(Atom):
    """The schema of the values under all names except `names` and those that match `patterns`."""

    kind: ClassVar[str | None] = OBJECT
    names: frozenset[str]
    patterns: tuple[str, ...]
    node: Node

    def _meaning(self) -> Iterable[object]:
        return sorted(self.names), self.patterns, self.node.key

    @property
    def inner(self) -> tuple[Node, ...]:
        return (self.node,)


@dataclass(frozen=True, slots=True, eq=False)
class Names(Atom):
    """The schema of every property name."""

    kind: ClassVar[str | None] = OBJECT
    node: Node

    def _meaning(self) -> Iterable[object]:
        return (self.node.key,)

    @property
    def inner(self) -> tuple[Node, ...]:
        return (self.node,)


@dataclass(frozen=True, slots=True, eq=False)
class Needs(Atom):
    """`dependentRequired`: where `name` is, `other` is too."""

    kind: ClassVar[str | None] = OBJECT
    name: str
    other: str

    def _meaning(self) -> Iterable[object]:
        return self.name, self.other


@dataclass(frozen=True, slots=True, eq=False)
class Implies(Atom):
    """`dependentSchemas`: where `name` is, the whole object satisfies `node`."""

    kind: ClassVar[str | None] = OBJECT
    name: str
    node: Node

    def _meaning(self) -> Iterable[object]:
        return self.name, self.node.key

    @property
    def inner(self) -> tuple[Node, ...]:
        return (self.node,)


@dataclass(frozen=True, slots=True, eq=False)
class AnyOf(Atom):
    nodes: tuple[Node, ...]

    def _meaning(self) -> Iterable[object]:
        return sorted(node.key for node in self.nodes)

    @property
    def inner(self) -> tuple[Node, ...]:
        return self.nodes


@dataclass(frozen=True, slots=True, eq=False)
class OneOf(Atom):
    nodes: tuple[Node, ...]

    def _meaning(self) -> Iterable[object]:
        return sorted(node.key for node in self.nodes)

    @property
    def inner(self) -> tuple[Node, ...]:
        return self.nodes


@dataclass(frozen=True, slots=True, eq=False)
class Negation(Atom):
    node: Node

    def _meaning(self) -> Iterable[object]:
        return (self.node.key,)

    @property
    def inner(self) -> tuple[Node, ...]:
        return (self.node,)


@dataclass(frozen=True, slots=True, eq=False)
class Conditional(Atom):
    """`if` with `then` and `else`; what is absent is the schema ``true``."""

    condition: Node
    then: Node
    otherwise: Node

    def _meaning(self) -> Iterable[object]:
        return self.condition.key, self.then.key, self.otherwise.key

    @property
    def inner(self) -> tuple[Node, ...]:
        return (self.condition, self.then, self.otherwise)


@dataclass(frozen=True, slots=True, eq=False)
class UnevaluatedProperties(Atom):
    """The schema of property values that nothing in `adjacent`, the rest of the schema, has evaluated."""

    kind: ClassVar[str | None] = OBJECT
    adjacent: Node
    node: Node

    def _meaning(self) -> Iterable[object]:
        return self.adjacent.key, self.node.key

    @property
    def inner(self) -> tuple[Node, ...]:
        return (self.adjacent, self.node)


@dataclass(frozen=True, slots=True, eq=False)
class UnevaluatedItems(Atom):
    kind: ClassVar[str | None] = ARRAY
    adjacent: Node
    node: Node

    def _meaning(self) -> Iterable[object]:
        return self.adjacent.key, self.node.key

    @property
    def inner(self) -> tuple[Node, ...]:
        return (self.adjacent, self.node)


@dataclass(slots=True, eq=False)
class ReferenceTarget:
    """The target of a reference; its node is compiled when it is first needed, because schemas contain themselves."""

    key: bytes
    pointer: str
    compile: Callable[[], Node]
    _node: Node | None = None

    @property
    def node(self) -> Node:
        if self._node is None:
            self._node = self.compile()
        return self._node


@dataclass(frozen=True, slots=True, eq=False)
class SchemaReference(Atom):
    target: ReferenceTarget

    def _meaning(self) -> Iterable[object]:
        return (self.target.key,)


TRUE = Node(())
FALSE = Node((Never(()),))


def value_key(value: Any) -> object:
    """A hashable stand-in under which JSON values are equal exactly when JSON Schema calls them equal.

    Numbers inside arrays and objects are ints and Decimals, as everywhere in schemas and in payloads that are made.
    """
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return (type(value).__name__, value)
    if isinstance(value, list | dict):
        return ("parts", _PARTS(value))
    return ("number", Fraction(value))


def _as_integer(value: Decimal) -> object:
    """A number as an integer if it is one, otherwise as a text that no JSON value can have."""
    exact = Fraction(value)
    return exact.numerator if exact.denominator == 1 else f"\ud800{exact}"


_PARTS = json.JSONEncoder(separators=(",", ":"), sort_keys=True, default=_as_integer).encode


def kind_of(value: Any) -> str:
    """Which of `KINDS` *value* is."""
    if value is None:
        return NULL
    kinds = {bool: BOOLEAN, str: STRING, list: ARRAY, dict: OBJECT}
    return kinds.get(type(value), NUMBER)


def sort_of(value: Any) -> str:
    """Which of `SORTS` *value* is: its kind, or the sort of a number."""
    kind = kind_of(value)
    if kind != NUMBER:
        return kind
    if isinstance(value, int):
        return INTEGER
    return WHOLE if Fraction(value).denominator == 1 else FRACTION
