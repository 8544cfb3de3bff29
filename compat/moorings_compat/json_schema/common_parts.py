"""What two schemas have in common, cut off: versions of one subject differ in little, and only that has to be proven.

A property of which both say the same is taken out of both. The writer's slice asks for less than the writer, and the
reader's lacks only what the writer asserts too: so if the reader's slice reads all of the writer's slice, the reader
reads all that the writer writes. A payload for the slices is one for the schemas once the properties that were cut off
and have to be there are filled in again (`completing`); whether it is, the validators say, as they do of any payload.
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
    Reference,
    Required,
    Rest,
    Target,
    Types,
    UnevaluatedProperties,
)
from moorings_compat.json_schema.solving import Goal, Solver
from moorings_compat.json_schema.solving.property_names import Vocabulary
from moorings_compat.limits import Budget

Slot: TypeAlias = tuple[str, str | int]
"""Where an inner slice stands: under a property, at an item, at all items from one on, behind the reference."""
_DEEPEST = 20
_MOST_SLICES = 500
"""Pairs of nodes that are taken apart in one comparison."""
_OUTLINES = 16
_ABOUT_ALL = frozenset([PropertyCount, Names, UnevaluatedProperties])
"""What differs in these looks at every property, those that are alike included."""
_PLAIN = frozenset([Property, Required, Additional, Types])


@dataclass(frozen=True, slots=True)
class Slice:
    """What is left of a reader and a writer, and what was cut off of the writer."""

    reader: Node
    writer: Node
    cut: frozenset[str] = frozenset()
    """Properties that were cut off, and that the writer's objects have to have."""
    said: Mapping[str, Property] = field(default_factory=dict)
    """What the writer says of its properties, those that were cut off included."""
    inner: "dict[Slot, Slice]" = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Outline:
    """A node by what can be cut off of it, and what cannot."""

    properties: dict[str, Property]
    required: dict[str, Required]
    kept: frozenset[str]
    """Names that are spoken of in other ways too, or twice."""
    others: tuple[Atom, ...]
    """All that is neither among the properties nor among the required."""
    order: dict[str, int]
    """Where each described property stands."""

    @staticmethod
    def of(node: Node) -> "_Outline":
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
        order = {name: place for place, name in enumerate(properties)}
        return _Outline(properties, required, frozenset(kept), others, order)


class Slicer:
    """Cuts for all comparisons that share a budget."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._solver = budget.shared(Solver)
        self._proven: dict[tuple[bytes, bytes], bool] = {}
        """Whether a reader's node is known to read all that a writer's allows."""
        self._outlines: OrderedDict[Node, _Outline] = OrderedDict()
        self._known: dict[tuple[bytes, bytes], Slice | None] = {}
        self._depth = 0
        self._left = 0
        """Pairs that may still be taken apart in this comparison."""

    def sliced(self, reader: Node, writer: Node) -> Slice | None:
        """Cut off what *reader* and *writer* have in common; None where that is nothing.

        Raises:
            BudgetSpent: the budget ended first.
        """
        self._depth = 0
        self._left = _MOST_SLICES
        return self._sliced(reader, writer)

    def _sliced(self, reader: Node, writer: Node) -> Slice | None:
        """Cut one pair; one in progress is not cut again inside itself."""
        pair = (reader.key, writer.key)
        if pair in self._known or self._depth >= _DEEPEST or self._left <= 0:
            return self._known.get(pair)
        self._left -= 1
        self._budget.spend(10 + (len(reader.atoms) + len(writer.atoms)) // 16)
        self._known[pair] = None
        self._depth += 1
        made = self._known[pair] = self._made(reader, writer)
        self._depth -= 1
        return made

    def _made(self, reader: Node, writer: Node) -> Slice | None:
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
        inner = {slot: one for slot, one in inner.items() if slot[0] != "property" or slot[1] not in common}
        if not common and not inner:
            return None
        return Slice(
            _left(read, common, {slot: one.reader for slot, one in inner.items()}),
            _left(written, common, {slot: one.writer for slot, one in inner.items()}),
            frozenset(common & written.required.keys()),
            written.properties,
            inner,
        )

    def _agreed(self, read: _Outline, written: _Outline, ours: list[Atom], inner: dict[Slot, Slice]) -> set[str]:
        """The properties of which both say something else, and whatever the writer allows is proven to be read."""
        names = {one.name for one in ours if isinstance(one, Property)} & written.properties.keys()
        names -= read.kept | written.kept | (read.required.keys() ^ written.required.keys())
        return {name for name in sorted(names) if self._reads(read, written, name, inner.get(("property", name)))}

    def _reads(self, read: _Outline, written: _Outline, name: str, slice: Slice | None) -> bool:
        reader, writer = read.properties[name].node, written.properties[name].node
        known = self._proven.get((reader.key, writer.key))
        if known is None:
            left = Slice(reader, writer) if slice is None else slice
            known = self._solver.solve(Goal([left.writer], [left.reader])).none
            self._proven[reader.key, writer.key] = known
        return known

    def _outline(self, node: Node) -> _Outline:
        known = self._outlines.pop(node, None) or _Outline.of(node)
        self._outlines[node] = known
        if len(self._outlines) > _OUTLINES:
            self._outlines.popitem(last=False)
        return known

    def _inner(self, ours: list[Atom], theirs: list[Atom]) -> dict[Slot, Slice]:
        """Cut what differs inside the same property, item or reference of both."""
        found: dict[Slot, Slice] = {}
        writers = _by_slot(theirs)
        for slot, nodes in sorted(_by_slot(ours).items(), key=lambda one: str(one[0])):
            others = writers.get(slot, [])
            if len(nodes) == len(others) == 1:
                made = self._sliced(nodes[0], others[0])
                if made is not None:
                    found[slot] = made
        return found


def _by_slot(atoms: Iterable[Atom]) -> dict[Slot, list[Node]]:
    found: dict[Slot, list[Node]] = {}
    for atom in atoms:
        slot = _slot(atom)
        if slot is not None:
            node = atom.target.node if isinstance(atom, Reference) else atom.inner[0]
            found.setdefault(slot, []).append(node)
    return found


def _slot(atom: Atom) -> Slot | None:
    match atom:
        case Property():
            return "property", atom.name
        case Item():
            return "item", atom.index
        case Rest():
            return "items", atom.start
        case Reference():
            return "reference", 0
    return None


def _left(outline: _Outline, common: set[str], inner: dict[Slot, Node]) -> Node:
    names = sorted(outline.properties.keys() - common, key=outline.order.__getitem__)
    left: list[Atom] = [*outline.others, *(outline.properties[name] for name in names)]
    left.extend(outline.required[name] for name in sorted(outline.required.keys() - common))
    return Node(tuple(_with_slice(atom, inner) for atom in left) if inner else tuple(left))


def _with_slice(atom: Atom, inner: dict[Slot, Node]) -> Atom:
    slot = _slot(atom)
    if slot is None or slot not in inner:
        return atom
    node = inner[slot]
    if isinstance(atom, Reference):
        return Reference(atom.steps, Target(node.key, atom.target.pointer, lambda: node))
    assert isinstance(atom, Property | Item | Rest)
    return replace(atom, node=node)
