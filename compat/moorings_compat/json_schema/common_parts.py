"""What remains of two schemas without their common parts: versions of one subject differ little, so little is proven.

A property that both describe alike is removed from both. The writer's remainder demands less than the writer, and the
reader's lacks only what the writer asserts too: if the reader's remainder reads all of the writer's, then the reader
reads all of the writer. A payload for the remainders is one for the schemas once the required properties that were
removed are back (`payload_completion`); the validators confirm it, as they do every payload.
"""

from collections import Counter, OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from moorings_compat.json_schema.nodes.nodes import (
    NUMBER,
    STRING,
    Additional,
    Atom,
    Item,
    Names,
    Node,
    Property,
    PropertyCount,
    ReferenceTarget,
    Required,
    Rest,
    SchemaReference,
    Types,
    UnevaluatedProperties,
)
from moorings_compat.json_schema.solving import Goal, Solver
from moorings_compat.json_schema.solving.property_names import Vocabulary
from moorings_compat.limits import Budget

PartKey: TypeAlias = tuple[str, str | int]
"""Which part of a schema: a property, an item, all items from one on, or the target of the reference."""
_DEEPEST = 20
_MOST_PAIRS = 500
"""Pairs of nodes that are compared part by part in one comparison."""
_OUTLINES = 16
_ABOUT_ALL = frozenset([PropertyCount, Names, UnevaluatedProperties])
"""A difference in one of these concerns every property, the common ones too."""
_PLAIN = frozenset([Property, Required, Additional, Types])


@dataclass(frozen=True, slots=True)
class Remainder:
    """What remains of a reader and a writer, and what was removed from the writer."""

    reader: Node
    writer: Node
    removed: frozenset[str] = frozenset()
    """Properties that were removed, and that the writer requires."""
    described: Mapping[str, Property] = field(default_factory=dict)
    """The writer's properties, the removed ones included."""
    inner: "dict[PartKey, Remainder]" = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Parts:
    """A node by what can be removed from it, and what cannot."""

    properties: dict[str, Property]
    required: dict[str, Required]
    kept: frozenset[str]
    """Names that other assertions mention too, or that are described twice."""
    others: tuple[Atom, ...]
    """Every assertion that is neither in `properties` nor in `required`."""
    order: dict[str, int]
    """The index of each described property."""

    @staticmethod
    def of(node: Node) -> "_Parts":
        described = [one for one in node.atoms if type(one) is Property]
        required = {one.name: one for one in node.atoms if type(one) is Required}
        properties = {one.name: one for one in described}
        kept: set[str] = set()
        if len(properties) < len(described):
            kept.update(name for name, count in Counter(one.name for one in described).items() if count > 1)
            described = [one for one in described if one.name not in kept]
            properties = {one.name: one for one in described}
        cut = {one.key for one in (*described, *required.values())}
        others = tuple(one for one in node.atoms if one.key not in cut)
        mentioning = [one for one in others if type(one) not in _PLAIN and one.kind not in (NUMBER, STRING)]
        if mentioning:
            kept.update(Vocabulary.of(Goal([Node(tuple(mentioning))])).names)
        order = {name: index for index, name in enumerate(properties)}
        return _Parts(properties, required, frozenset(kept), others, order)


class CommonParts:
    """Removes common parts, for all comparisons that share a budget."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._solver = budget.shared(Solver)
        self._proven: dict[tuple[bytes, bytes], bool] = {}
        """Whether a reader's node is known to read all that a writer's node allows."""
        self._outlines: OrderedDict[Node, _Parts] = OrderedDict()
        self._known: dict[tuple[bytes, bytes], Remainder | None] = {}
        self._depth = 0
        self._left = 0
        """Pairs that may still be compared part by part in this comparison."""

    def remainder(self, reader: Node, writer: Node) -> Remainder | None:
        """Return what remains of *reader* and *writer* without their common parts; None if they have none.

        Raises:
            BudgetSpent: the budget ended first.
        """
        self._depth = 0
        self._left = _MOST_PAIRS
        return self._pair_remainder(reader, writer)

    def _pair_remainder(self, reader: Node, writer: Node) -> Remainder | None:
        """Do so for one pair; a pair in progress is not compared again inside itself."""
        pair = (reader.key, writer.key)
        if pair in self._known or self._depth >= _DEEPEST or self._left <= 0:
            return self._known.get(pair)
        self._left -= 1
        self._budget.spend(10 + (len(reader.atoms) + len(writer.atoms)) // 16)
        self._known[pair] = None
        self._depth += 1
        made = self._known[pair] = self._computed(reader, writer)
        self._depth -= 1
        return made

    def _computed(self, reader: Node, writer: Node) -> Remainder | None:
        differing = reader.by_key.keys() ^ writer.by_key.keys()
        ours = [reader.by_key[key] for key in differing & reader.by_key.keys()]
        theirs = [writer.by_key[key] for key in differing & writer.by_key.keys()]
        self._budget.spend(2 * len(differing))
        read, written = self._outline(reader), self._outline(writer)
        common = read.properties.keys() & written.properties.keys() - read.kept - written.kept
        common -= {one.name for one in (*ours, *theirs) if isinstance(one, Property | Required)}
        inner = self._inner(ours, theirs)
        common |= self._agreed(read, written, ours, inner)
        if any(type(one) in _ABOUT_ALL for one in (*ours, *theirs)):
            common = set()
        inner = {part: one for part, one in inner.items() if part[0] != "property" or part[1] not in common}
        if not common and not inner:
            return None
        return Remainder(
            _without(read, common, {part: one.reader for part, one in inner.items()}),
            _without(written, common, {part: one.writer for part, one in inner.items()}),
            frozenset(common & written.required.keys()),
            written.properties,
            inner,
        )

    def _agreed(self, read: _Parts, written: _Parts, ours: list[Atom], inner: dict[PartKey, Remainder]) -> set[str]:
        """Return the properties that the two describe differently, and whose values are proven to be read."""
        names = {one.name for one in ours if isinstance(one, Property)} & written.properties.keys()
        names -= read.kept | written.kept | (read.required.keys() ^ written.required.keys())
        return {name for name in sorted(names) if self._reads(read, written, name, inner.get(("property", name)))}

    def _reads(self, read: _Parts, written: _Parts, name: str, remainder: Remainder | None) -> bool:
        reader, writer = read.properties[name].node, written.properties[name].node
        known = self._proven.get((reader.key, writer.key))
        if known is None:
            left = Remainder(reader, writer) if remainder is None else remainder
            known = self._solver.solve(Goal([left.writer], [left.reader])).none
            self._proven[reader.key, writer.key] = known
        return known

    def _outline(self, node: Node) -> _Parts:
        known = self._outlines.pop(node, None) or _Parts.of(node)
        self._outlines[node] = known
        if len(self._outlines) > _OUTLINES:
            self._outlines.popitem(last=False)
        return known

    def _inner(self, ours: list[Atom], theirs: list[Atom]) -> dict[PartKey, Remainder]:
        """Compute the remainders of what differs inside the same property, item or reference of both."""
        found: dict[PartKey, Remainder] = {}
        theirs_by_part = _by_part(theirs)
        for part, nodes in sorted(_by_part(ours).items(), key=lambda one: str(one[0])):
            others = theirs_by_part.get(part, [])
            if len(nodes) == len(others) == 1:
                made = self._pair_remainder(nodes[0], others[0])
                if made is not None:
                    found[part] = made
        return found


def _by_part(atoms: Iterable[Atom]) -> dict[PartKey, list[Node]]:
    found: dict[PartKey, list[Node]] = {}
    for atom in atoms:
        part = _part_key(atom)
        if part is not None:
            node = atom.target.node if isinstance(atom, SchemaReference) else atom.inner[0]
            found.setdefault(part, []).append(node)
    return found


def _part_key(atom: Atom) -> PartKey | None:
    match atom:
        case Property():
            return "property", atom.name
        case Item():
            return "item", atom.index
        case Rest():
            return "items", atom.start
        case SchemaReference():
            return "reference", 0
    return None


def _without(outline: _Parts, common: set[str], inner: dict[PartKey, Node]) -> Node:
    names = sorted(outline.properties.keys() - common, key=outline.order.__getitem__)
    left: list[Atom] = [*outline.others, *(outline.properties[name] for name in names)]
    left.extend(outline.required[name] for name in sorted(outline.required.keys() - common))
    return Node(tuple(_with_remainder(atom, inner) for atom in left) if inner else tuple(left))


def _with_remainder(atom: Atom, inner: dict[PartKey, Node]) -> Atom:
    part = _part_key(atom)
    if part is None or part not in inner:
        return atom
    node = inner[part]
    if isinstance(atom, SchemaReference):
        return SchemaReference(atom.steps, ReferenceTarget(node.key, atom.target.pointer, lambda: node))
    assert isinstance(atom, Property | Item | Rest)
    return replace(atom, node=node)
