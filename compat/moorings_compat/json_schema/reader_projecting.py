"""A reader's schema for values from which it has not yet left anything out.

A value satisfies the projected node exactly if, once the undeclared fields are left out, it satisfies the node itself.
Keyword by keyword: an undeclared field does not count for `minProperties`, `maxProperties`, `propertyNames`,
`additionalProperties`, `unevaluatedProperties` and the `dependent...` keywords; a `required` one is always missing; a
`const` or `enum` value is compared field by field. Everything else keeps its meaning, with the schemas inside projected.
Branches and negations need nothing of their own, since what is declared does not depend on them.

Not expressed are `uniqueItems` where items lose fields (two of them may become equal), counts of properties where
patterns declare some, or that have too many combinations, and `unevaluatedProperties` where a branch decides whether a
declared field is evaluated. They are left out, and `inexact` is set: what is proven then is not proven.
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations
from math import comb
from typing import Any

from moorings_compat.json_schema.declared_fields import Location, locations
from moorings_compat.json_schema.location_keys import compile_targets, location_key
from moorings_compat.json_schema.nodes.evaluating import holds, is_additional
from moorings_compat.json_schema.nodes.nodes import (
    FALSE,
    OBJECT,
    SORTS,
    Additional,
    AnyOf,
    Atom,
    Conditional,
    Contains,
    Implies,
    Item,
    ItemCount,
    Matches,
    Names,
    Needs,
    Negation,
    Node,
    OneOf,
    PatternProperty,
    Property,
    PropertyCount,
    ReferenceTarget,
    Required,
    Rest,
    SchemaReference,
    Types,
    UnevaluatedItems,
    UnevaluatedProperties,
    Unique,
    Values,
    digest,
    sort_of,
    value_key,
)
from moorings_compat.limits import Budget

_MOST_COMBINATIONS = 64


class ReaderProjecting:
    """Projects nodes of one reader, for one writer: *dropping* are the locations where fields are left out."""

    def __init__(self, dropping: frozenset[Location], budget: Budget) -> None:
        self._dropping = dropping
        self._budget = budget
        self._above: dict[Location, bool] = {}
        self._keys: dict[Location, bytes] = {}
        self._targets: dict[bytes, ReferenceTarget] = {}
        self.inexact = False

    def whole(self, node: Node, location: Location | None) -> Node:
        """Return *node* projected, and all that it refers to, so that `inexact` is known.

        Raises:
            BudgetSpent: the budget ended first.
        """
        projected = self._node(node, location)
        compile_targets(self._targets)
        return projected

    def _node(self, node: Node, location: Location | None) -> Node:
        if location is None or not self._drops(location):
            return node
        self._budget.spend(1 + len(node.atoms))
        return Node(tuple(made for atom in node.atoms for made in self._atom(atom, location)))

    def _drops(self, location: Location) -> bool:
        """Say whether something is left out at *location* or below."""
        known = self._above.get(location)
        if known is None:
            self._budget.spend()
            known = self._above[location] = not self._dropping.isdisjoint(locations(location))
        return known

    def _atom(self, atom: Atom, location: Location) -> Iterator[Atom]:
        """Yield what *atom* asserts about a value before anything is left out."""
        match atom:
            case SchemaReference():
                yield self._reference(atom, location)
            case AnyOf() | OneOf():
                yield replace(atom, nodes=tuple(self._node(node, location) for node in atom.nodes))
            case Negation():
                yield replace(atom, node=self._node(atom.node, location))
            case Conditional():
                parts = (self._node(node, location) for node in (atom.condition, atom.then, atom.otherwise))
                yield Conditional(atom.steps, *parts)
            case Values():
                yield from self._of_values(atom, location)
            case Item() | Rest() | Contains():
                yield replace(atom, node=self._node(atom.node, location.items))
            case UnevaluatedItems():
                adjacent = self._node(atom.adjacent, location)
                yield replace(atom, adjacent=adjacent, node=self._node(atom.node, location.items))
            case Unique() if location.items is not None and self._drops(location.items):
                self.inexact = True
            case _ if atom.kind == OBJECT:
                yield from self._of_object(atom, location)
            case _:
                yield atom

    def _reference(self, atom: SchemaReference, location: Location) -> SchemaReference:
        target = atom.target
        key = digest("projected", target.key, location_key(location, self._keys, self._dropping))
        if key not in self._targets:
            self._targets[key] = ReferenceTarget(key, target.pointer, lambda: self._node(target.node, location))
        return SchemaReference(atom.steps, self._targets[key])

    def _of_object(self, atom: Atom, location: Location) -> Iterator[Atom]:
        drops = location in self._dropping
        match atom:
            case Property():
                if location.declares(atom.name):
                    yield replace(atom, node=self._node(atom.node, location.below(atom.name)))
            case PatternProperty() if atom.pattern in location.patterns:
                yield replace(atom, node=self._node(atom.node, location.of_patterns))
            case PatternProperty():
                self.inexact = True
            case Additional():
                yield from self._additional(atom, location)
            case Implies():
                if location.declares(atom.name):
                    yield replace(atom, node=self._node(atom.node, location))
            case UnevaluatedProperties():
                yield from self._unevaluated(atom, location)
            case _ if not drops:
                yield atom
            case Required():
                yield atom
                if not location.declares(atom.name):
                    yield Property(atom.steps, atom.name, FALSE)
            case Needs():
                yield from _needed(atom, location)
            case Names():
                yield from _named(atom, location)
            case PropertyCount():
                yield from self._counted(atom, location)

    def _additional(self, atom: Additional, location: Location) -> Iterator[Atom]:
        names = [name for name in location.names if is_additional(atom, name)]
        patterned = not set(location.patterns) <= set(atom.patterns)
        if location in self._dropping:
            for name in names:
                yield Property(atom.steps, name, self._node(atom.node, location.names[name]))
            if patterned and atom.node.key == FALSE.key:
                yield Names(atom.steps, _any_of(*_describing(atom.names, atom.patterns), _undeclared(location)))
            elif patterned:
                self.inexact = True
            return
        below = (*(location.names[name] for name in names), location.of_patterns, location.further)
        if atom.node.key == FALSE.key or not any(one is not None and self._drops(one) for one in below):
            yield atom
        elif patterned:
            self.inexact = True
        else:
            for name in names:
                yield Property(atom.steps, name, self._node(atom.node, location.names[name]))
            node = self._node(atom.node, location.further)
            yield replace(atom, names=atom.names | set(names), node=node)

    def _unevaluated(self, atom: UnevaluatedProperties, location: Location) -> Iterator[Atom]:
        """Where every declared field is always evaluated, only undeclared ones can be unevaluated."""
        names, patterns = _always_evaluated(atom.adjacent)
        certain = names >= location.names.keys() and patterns >= set(location.patterns)
        below = (*location.names.values(), location.of_patterns, location.further)
        if location in self._dropping:
            self.inexact = self.inexact or not certain
        elif certain or atom.node.key == FALSE.key or not any(one is not None and self._drops(one) for one in below):
            node = self._node(atom.node, location.further)
            yield replace(atom, adjacent=self._node(atom.adjacent, location), node=node)
        else:
            self.inexact = True

    def _counted(self, atom: PropertyCount, location: Location) -> Iterator[Atom]:
        """Yield which combinations of declared fields have to be there, or cannot all be there."""
        names, size = sorted(location.names), atom.bound if atom.lower else atom.bound + 1
        if not atom.lower and not location.patterns and size > len(names):
            return
        if location.patterns or comb(len(names), size) > _MOST_COMBINATIONS:
            self.inexact = True
        elif size > len(names):
            yield Types(atom.steps, SORTS - {OBJECT})
        elif atom.lower:
            yield atom
            parts = [Node(tuple(Required((), name) for name in chosen)) for chosen in combinations(names, size)]
            yield from (AnyOf(atom.steps, tuple(parts)),) if len(parts) > 1 else parts[0].atoms
        else:
            for chosen in combinations(names, size):
                nodes = tuple(Node((Property((), name, FALSE),)) for name in chosen)
                yield from (AnyOf(atom.steps, nodes),) if size > 1 else (Property(atom.steps, chosen[0], FALSE),)

    def _of_values(self, atom: Values, location: Location) -> Iterator[Atom]:
        parts = [value for value in atom.values if isinstance(value, dict | list)]
        if not parts:
            yield atom
            return
        alternatives = [self._equal(value, location) for value in parts]
        nodes = [node for node in alternatives if node is not None]
        scalars = tuple(value for value in atom.values if not isinstance(value, dict | list))
        if scalars or not nodes:
            nodes.append(Node((Values(atom.steps, scalars, frozenset(map(value_key, scalars))),)))
        yield from (AnyOf(atom.steps, tuple(nodes)),) if len(nodes) > 1 else nodes[0].atoms

    def _equal(self, value: Any, location: Location | None) -> Node | None:
        """Return the values that are *value* once something is left out; None if there are none."""
        if location is None or not self._drops(location) or not isinstance(value, dict | list):
            return Node((Values((), (value,), frozenset([value_key(value)])),))
        if isinstance(value, list):
            items = [self._equal(one, location.items) for one in value]
            count = (ItemCount((), True, len(value)), ItemCount((), False, len(value)))
            atoms: list[Atom] = [Types((), frozenset([sort_of(value)])), *count]
            atoms += [Item((), index, FALSE if node is None else node) for index, node in enumerate(items)]
            return None if None in items else Node(tuple(atoms))
        if not all(map(location.declares, value)):
            return None
        inner = {name: self._equal(one, location.below(name)) for name, one in value.items()}
        atoms = [Types((), frozenset([OBJECT])), *(Required((), name) for name in value)]
        atoms += [Property((), name, FALSE if node is None else node) for name, node in inner.items()]
        allowed = _describing(frozenset(value), ())
        if location in self._dropping:
            allowed.append(_undeclared(location))
        atoms.append(Names((), _any_of(*allowed)) if allowed else Additional((), frozenset(), (), FALSE))
        return None if None in inner.values() else Node(tuple(atoms))


def _needed(atom: Needs, location: Location) -> Iterator[Atom]:
    if not location.declares(atom.name):
        return
    yield atom if location.declares(atom.other) else Property(atom.steps, atom.name, FALSE)


def _named(atom: Names, location: Location) -> Iterator[Atom]:
    for name in location.names:
        if not holds(atom.node, name):
            yield Property(atom.steps, name, FALSE)
    if location.patterns:
        yield Names(atom.steps, _any_of(atom.node, _undeclared(location)))


def _always_evaluated(node: Node) -> tuple[set[str], set[str]]:
    """Collect the names and the patterns that *node* evaluates in every value that it accepts."""
    names: set[str] = set()
    patterns: set[str] = set()
    waiting, seen = [node], set()
    while waiting:
        one = waiting.pop()
        if one.key in seen:
            continue
        seen.add(one.key)
        for atom in one.atoms:
            match atom:
                case Property():
                    names.add(atom.name)
                case PatternProperty():
                    patterns.add(atom.pattern)
                case SchemaReference():
                    waiting.append(atom.target.node)
    return names, patterns


def _describing(names: frozenset[str], patterns: tuple[str, ...]) -> list[Node]:
    """Return conditions on a name, one of which holds if it is one of *names* or matches one of *patterns*."""
    listed = tuple(sorted(names))
    found = [Node((Values((), listed, frozenset(map(value_key, listed))),))] if listed else []
    return [*found, *(Node((Matches((), pattern),)) for pattern in patterns)]


def _undeclared(location: Location) -> Node:
    """Return the condition that a name is not declared at the closed *location*."""
    described = _describing(frozenset(location.names), location.patterns)
    return Node((Negation((), _any_of(*described)),)) if described else Node(())


def _any_of(*nodes: Node) -> Node:
    return nodes[0] if len(nodes) == 1 else Node((AnyOf((), nodes),))
