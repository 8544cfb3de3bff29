"""What counts as evaluated, case by case: `unevaluatedProperties` and `unevaluatedItems` made explicit.

Which properties a schema evaluates depends on which of its branches accept the value. Each variant is one case, as
facts, together with the region that is then evaluated; the variants cover all cases. Branches that evaluate nothing are
left out. Source: JSON Schema Core 2020-12, sections 11.2 and 11.3.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations
from typing import TypeAlias

from moorings_compat.json_schema.nodes.nodes import (
    ARRAY,
    Additional,
    AnyOf,
    Atom,
    Conditional,
    Contains,
    Implies,
    Item,
    Node,
    OneOf,
    PatternProperty,
    Property,
    Rest,
    SchemaReference,
    UnevaluatedItems,
    UnevaluatedProperties,
)
from moorings_compat.json_schema.solving.facts import Absent, No, Option, Present, Yes

MOST_VARIANTS = 64


class TooManyVariants(Exception):
    """There are more cases than the limit."""


@dataclass(frozen=True, slots=True)
class Region:
    """What is evaluated: properties by name and pattern, items by position and by what they are."""

    names: frozenset[str] = frozenset()
    patterns: tuple[str, ...] = ()
    prefix: int = 0
    contained: tuple[Node, ...] = ()
    everything: bool = False

    def with_(self, other: "Region") -> "Region":
        """What either evaluates."""
        return Region(
            self.names | other.names,
            tuple(sorted({*self.patterns, *other.patterns})),
            max(self.prefix, other.prefix),
            self.contained + other.contained,
            self.everything or other.everything,
        )

    def rest(self, node: Node) -> Rest:
        """Hold all items that are not evaluated to *node*."""
        if not self.contained:
            return Rest((), self.prefix, node)
        return Rest((), self.prefix, Node((AnyOf((), (*self.contained, node)),)))


Variant: TypeAlias = tuple[Option, Region]


def variants(node: Node, kind: str) -> list[Variant]:
    """List the cases for *node*.

    Raises:
        TooManyVariants: there are more than the limit.
    """
    found: list[Variant] = [([], Region())]
    for atom in node.atoms:
        more = _of_atom(atom, kind)
        if more is not None:
            found = _product(found, more)
    return found


def _product(left: list[Variant], right: list[Variant]) -> list[Variant]:
    if len(left) * len(right) > MOST_VARIANTS:
        raise TooManyVariants
    return [(facts + more, region.with_(other)) for facts, region in left for more, other in right]


def _of_atom(atom: Atom, kind: str) -> list[Variant] | None:
    """The cases that *atom* adds; None where it evaluates nothing."""
    own = _own_region(atom, kind)
    if own is not None:
        return [([], own)]
    match atom:
        case SchemaReference():
            return variants(atom.target.node, kind)
        case AnyOf():
            return _of_any_of(atom.nodes, kind)
        case OneOf():
            return _of_one_of(atom.nodes, kind)
        case Conditional():
            return _of_conditional(atom, kind)
        case Implies() if kind != ARRAY and evaluates([atom.node], kind):
            applied = [
                ([Present(atom.name), Yes(atom.node), *facts], region) for facts, region in variants(atom.node, kind)
            ]
            return [([Absent(atom.name)], Region()), *applied]
    return None


def _own_region(atom: Atom, kind: str) -> Region | None:
    if kind == ARRAY:
        match atom:
            case Item():
                return Region(prefix=atom.index + 1)
            case Rest() | UnevaluatedItems():
                return Region(everything=True)
            case Contains():
                return Region(contained=(atom.node,))
        return None
    match atom:
        case Property():
            return Region(names=frozenset([atom.name]))
        case PatternProperty():
            return Region(patterns=(atom.pattern,))
        case Additional() | UnevaluatedProperties():
            return Region(everything=True)
    return None


def _of_any_of(nodes: tuple[Node, ...], kind: str) -> list[Variant] | None:
    telling = [node for node in nodes if evaluates([node], kind)]
    if not telling:
        return None
    if 2 ** len(telling) > MOST_VARIANTS:
        raise TooManyVariants
    found: list[Variant] = []
    for count in range(len(telling) + 1):
        for chosen in combinations(range(len(telling)), count):
            cases: list[Variant] = [
                ([Yes(node) if index in chosen else No(node) for index, node in enumerate(telling)], Region())
            ]
            for index in chosen:
                cases = _product(cases, variants(telling[index], kind))
            found.extend(cases)
    return _not_too_many(found)


def _of_one_of(nodes: tuple[Node, ...], kind: str) -> list[Variant] | None:
    telling = [node for node in nodes if evaluates([node], kind)]
    if not telling:
        return None
    found: list[Variant] = [([No(node) for node in telling], Region())]
    for node in telling:
        found.extend(([Yes(node), *facts], region) for facts, region in variants(node, kind))
    return _not_too_many(found)


def _of_conditional(atom: Conditional, kind: str) -> list[Variant] | None:
    if not evaluates([atom.condition, atom.then, atom.otherwise], kind):
        return None
    taken = _product(variants(atom.condition, kind), variants(atom.then, kind))
    found: list[Variant] = [([Yes(atom.condition), Yes(atom.then), *facts], region) for facts, region in taken]
    found.extend(
        ([No(atom.condition), Yes(atom.otherwise), *facts], region) for facts, region in variants(atom.otherwise, kind)
    )
    return _not_too_many(found)


def _not_too_many(found: list[Variant]) -> list[Variant]:
    if len(found) > MOST_VARIANTS:
        raise TooManyVariants
    return found


def evaluates(nodes: Iterable[Node], kind: str) -> bool:
    """Say whether any of *nodes* may mark something as evaluated."""
    open_nodes = list(nodes)
    seen: set[bytes] = set()
    while open_nodes:
        node = open_nodes.pop()
        if node.key in seen:
            continue
        seen.add(node.key)
        for atom in node.atoms:
            if _own_region(atom, kind) is not None:
                return True
            open_nodes.extend(same_value_nodes(atom))
    return False


def same_value_nodes(atom: Atom) -> Iterable[Node]:
    """Yield the nodes in *atom* that apply to the same value, `not` left out."""
    match atom:
        case SchemaReference():
            yield atom.target.node
        case AnyOf() | OneOf():
            yield from atom.nodes
        case Conditional():
            yield from (atom.condition, atom.then, atom.otherwise)
        case Implies():
            yield atom.node
