"""Facts about one value that the search can assume.

An option is a list of facts that hold together; a disjunction is explored as a choice between options.
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any, TypeAlias

from moorings_compat.json_schema.nodes.nodes import Node


@dataclass(frozen=True, slots=True)
class Yes:
    """The value satisfies the node."""

    node: Node


@dataclass(frozen=True, slots=True)
class No:
    """The value violates the node."""

    node: Node


@dataclass(frozen=True, slots=True)
class Sorts:
    """A number is of one of these sorts."""

    sorts: frozenset[str]


@dataclass(frozen=True, slots=True)
class NotMultiple:
    of: Fraction


@dataclass(frozen=True, slots=True)
class NotAmong:
    """A scalar is none of these values."""

    values: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class NotMatching:
    pattern: str


@dataclass(frozen=True, slots=True)
class NotFormatted:
    name: str


@dataclass(frozen=True, slots=True)
class BadItem:
    """There is an item at `index`, and it violates the node."""

    index: int
    node: Node


@dataclass(frozen=True, slots=True)
class SomeItem:
    """Some item from `start` on violates the node."""

    start: int
    node: Node


@dataclass(frozen=True, slots=True)
class AtLeast:
    """At least `count` items satisfy the node."""

    node: Node
    count: int


@dataclass(frozen=True, slots=True)
class AtMost:
    """At most `count` items satisfy the node."""

    node: Node
    count: int


@dataclass(frozen=True, slots=True)
class Repeated:
    """Two items are equal."""


@dataclass(frozen=True, slots=True)
class Present:
    """There is a property `name`; its value satisfies or violates the node, if one is given."""

    name: str
    node: Node | None = None
    positive: bool = True


@dataclass(frozen=True, slots=True)
class Absent:
    name: str


@dataclass(frozen=True, slots=True, eq=False)
class SomeProperty:
    """Some property violates `node`; the name is not in `names`, matches none of `others`, and any `pattern`.

    With `name_node` it is the name itself that violates that node, and the value is free.
    """

    node: Node | None
    names: frozenset[str] = frozenset()
    others: tuple[str, ...] = ()
    pattern: str | None = None
    name_node: Node | None = None


@dataclass(frozen=True, slots=True)
class Unexplored:
    """There may be more ways than were listed: a branch with this fact proves nothing."""


Fact: TypeAlias = (
    Yes
    | No
    | Sorts
    | NotMultiple
    | NotAmong
    | NotMatching
    | NotFormatted
    | BadItem
    | SomeItem
    | AtLeast
    | AtMost
    | Repeated
    | Present
    | Absent
    | SomeProperty
    | Unexplored
)
Option: TypeAlias = list[Fact]
