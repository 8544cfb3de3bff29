"""What the writer asserts at one location: the schemas that apply there, certainly or perhaps, each with its pointer.

A finding quotes them ("the writer allows 200 here"), and a proof for the location alone starts from them.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from moorings_compat.json_schema.documents.pointers import Steps, pointer_text
from moorings_compat.json_schema.nodes.evaluating import is_additional
from moorings_compat.json_schema.nodes.nodes import (
    Additional,
    AnyOf,
    Atom,
    Conditional,
    Implies,
    Item,
    Node,
    OneOf,
    PatternProperty,
    Property,
    Rest,
    SchemaReference,
)
from moorings_compat.json_schema.nodes.validator import matches


@dataclass(frozen=True, slots=True)
class WriterSchema:
    """A schema of the writer that applies here; `certain` if it does whichever branches were taken."""

    node: Node
    pointer: str
    certain: bool = True


@dataclass(frozen=True, slots=True)
class WriterAssertion:
    """One assertion of the writer: `pointer` leads to its keyword."""

    atom: Atom
    pointer: str
    certain: bool


class WriterConstraints:
    """All that the writer asserts at one location."""

    __slots__ = ("_assertions", "_named", "_wide", "schemas")

    def __init__(self, constraints: tuple[WriterSchema, ...]) -> None:
        self.schemas = constraints
        self._assertions: tuple[WriterAssertion, ...] | None = None
        self._named: dict[str, list[WriterAssertion]] | None = None
        self._wide: list[WriterAssertion] = []

    @property
    def key(self) -> frozenset[bytes]:
        return frozenset(writer_schema.node.key for writer_schema in self.schemas)

    @property
    def certain(self) -> list[Node]:
        return [writer_schema.node for writer_schema in self.schemas if writer_schema.certain]

    @property
    def pointer(self) -> str:
        """Where the writer describes this location; empty if it does not."""
        return self.schemas[0].pointer if self.schemas else ""

    @property
    def assertions(self) -> tuple[WriterAssertion, ...]:
        """Every assertion, those of branches and references included."""
        if self._assertions is None:
            self._assertions = tuple(_all_assertions(self.schemas))
        return self._assertions

    def at_property(self, name: str) -> "WriterConstraints":
        """Return what applies to the value under *name*."""
        return WriterConstraints(
            tuple(_writer_schema(one, inner) for one in self._about(name) for inner in one.atom.inner)
        )

    def declares(self, name: str) -> bool:
        """Say whether the writer describes *name* itself or by a pattern."""
        return any(not isinstance(one.atom, Additional) for one in self._about(name))

    def _about(self, name: str) -> Iterator[WriterAssertion]:
        if self._named is None:
            self._named = {}
            for one in self.assertions:
                if isinstance(one.atom, Property):
                    self._named.setdefault(one.atom.name, []).append(one)
                elif isinstance(one.atom, PatternProperty | Additional):
                    self._wide.append(one)
        yield from self._named.get(name, ())
        yield from (one for one in self._wide if _applies_to(one.atom, name))

    def at_pattern(self, pattern: str) -> "WriterConstraints":
        found = (
            one for one in self.assertions if isinstance(one.atom, PatternProperty) and one.atom.pattern == pattern
        )
        return WriterConstraints(tuple(_writer_schema(one, inner) for one in found for inner in one.atom.inner))

    def at_additional(self) -> "WriterConstraints":
        return WriterConstraints(
            tuple(_writer_schema(one, one.atom.node) for one in self.assertions if isinstance(one.atom, Additional))
        )

    def at_item(self, index: int) -> "WriterConstraints":
        """Return what applies to the item at *index*."""
        return WriterConstraints(
            tuple(
                _writer_schema(one, one.atom.node)
                for one in self.assertions
                if (isinstance(one.atom, Item) and one.atom.index == index)
                or (isinstance(one.atom, Rest) and one.atom.start <= index)
            )
        )

    def names(self) -> list[str]:
        """The names of all properties that the writer describes, in its order."""
        return list(dict.fromkeys(one.atom.name for one in self.assertions if isinstance(one.atom, Property)))


def _applies_to(atom: Atom, name: str) -> bool:
    if isinstance(atom, PatternProperty):
        return matches(atom.pattern, name)
    return isinstance(atom, Additional) and is_additional(atom, name)


def _writer_schema(asserted: WriterAssertion, node: Node) -> WriterSchema:
    return WriterSchema(node, asserted.pointer, asserted.certain)


def _all_assertions(constraints: tuple[WriterSchema, ...]) -> Iterator[WriterAssertion]:
    open_schemas = list(reversed(constraints))
    seen: set[tuple[bytes, bool]] = set()
    while open_schemas:
        writer_schema = open_schemas.pop()
        if (writer_schema.node.key, writer_schema.certain) in seen:
            continue
        seen.add((writer_schema.node.key, writer_schema.certain))
        inner: list[WriterSchema] = []
        for atom in writer_schema.node.atoms:
            pointer = writer_schema.pointer + pointer_text(atom.steps)
            yield WriterAssertion(atom, pointer, writer_schema.certain)
            inner.extend(_within(atom, pointer, writer_schema.certain))
        open_schemas.extend(reversed(inner))


def _within(atom: Atom, pointer: str, certain: bool) -> Iterator[WriterSchema]:
    match atom:
        case SchemaReference():
            yield WriterSchema(atom.target.node, atom.target.pointer, certain)
        case AnyOf() | OneOf():
            for index, node in enumerate(atom.nodes):
                yield WriterSchema(node, f"{pointer}/{index}", False)
        case Conditional():
            yield WriterSchema(atom.then, f"{pointer}/then", False)
            yield WriterSchema(atom.otherwise, f"{pointer}/else", False)
        case Implies():
            yield WriterSchema(atom.node, pointer, False)


def keyword_pointer(base: str, steps: Steps) -> str:
    """The pointer of a keyword, from that of its schema."""
    return base + pointer_text(steps)
