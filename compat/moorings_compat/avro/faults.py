"""What the walk works with: a pair of nodes, the path of a payload to it, and what is wrong there."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from moorings_compat.avro.model import Array, Field, Map, Node, Record, Union, type_name
from moorings_compat.findings import Suggestion
from moorings_compat.rules import Rule


@dataclass(frozen=True, slots=True)
class Trail:
    """The path of a payload to a node of the writer, one step: into field or branch *index* of *node*, or into an
    item or entry. `empty` ends the path at an array or map that stays empty, because it can have no items.
    """

    outer: "Trail | None"
    node: Record | Union | Array | Map
    index: int = 0
    empty: bool = False


@dataclass(frozen=True, slots=True)
class NodePair:
    """A node of the reader and the node of the writer that it reads, with their locations in the texts.

    A location is a JSON Pointer into the schema's own text. Inside a referenced schema it is ``NAME#POINTER``: the name
    that the declaring schema gives to the reference, and the pointer into the text that it leads to.
    """

    reader: Node
    writer: Node
    reader_at: str
    writer_at: str
    trail: Trail | None = None
    reader_field: Field | None = None
    """The field that this node belongs to, if one encloses it in its definition."""
    writer_field: Field | None = None

    def into_items(self, reader: Array, writer: Array, *, empty: bool) -> "NodePair":
        trail = Trail(self.trail, writer, empty=empty)
        return self._below(reader.items, writer.items, "/items", "/items", trail)

    def into_values(self, reader: Map, writer: Map, *, empty: bool) -> "NodePair":
        trail = Trail(self.trail, writer, empty=empty)
        return self._below(reader.values, writer.values, "/values", "/values", trail)

    def into_writer_branch(self, union: Union, index: int) -> "NodePair":
        trail = Trail(self.trail, union, index)
        return self._below(self.reader, union.branches[index], "", f"/{index}", trail)

    def into_reader_branch(self, union: Union, index: int) -> "NodePair":
        return self._below(union.branches[index], self.writer, f"/{index}", "", self.trail)

    def _below(self, reader: Node, writer: Node, reader_step: str, writer_step: str, trail: Trail | None) -> "NodePair":
        return NodePair(
            reader,
            writer,
            self.reader_at + reader_step,
            self.writer_at + writer_step,
            trail,
            self.reader_field,
            self.writer_field,
        )


class _Smallest:
    """Marks the smallest value of a type."""


SMALLEST = _Smallest()

Edit = Callable[[], Suggestion | None]


def _none() -> None:
    return None


@dataclass(frozen=True, slots=True)
class Fault:
    """What a rule found at a pair of nodes; `compare` adds the witness and makes it a finding."""

    rule: Rule
    nodes: NodePair
    reader_has: str
    writer_has: str
    message: str
    advice: str
    reader_path: str
    writer_path: str
    value: Any = SMALLEST
    """The written value that shows it, at the writer's node."""
    reader_edit: Edit = _none
    """What the reader's text could do about it; asked only for findings that are listed."""
    writer_edit: Edit = _none


def pair_of_definitions(reader: Record, writer: Record, trail: Trail | None) -> NodePair:
    """Return the pair of two records at the locations of their definitions."""
    return NodePair(type_name(reader.full), type_name(writer.full), reader.at, writer.at, trail)
