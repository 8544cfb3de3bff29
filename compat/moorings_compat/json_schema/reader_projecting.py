"""A reader's schema for values from which it has not yet left anything out.

A value satisfies the projected node exactly if, once the undeclared fields are left out, it satisfies the node itself.
Keyword by keyword: an undeclared field does not count for `minProperties`, `maxProperties`, `propertyNames`,
`additionalProperties`, `unevaluatedProperties` and the `dependent...` keywords; a `required` one is always missing; a
`const` or `enum` value is compared field by field. All else keeps its meaning, with the schemas inside projected.
Branches and negations need nothing of their own, since what is declared does not depend on them.

Not expressed are `uniqueItems` where items lose fields (two of them may become equal), counts of properties where
patterns declare some, or that have too many combinations, and values of unevaluated fields that lose something where a
branch decides whether they are evaluated. In their place comes something stronger, so that what is proven is true;
under a negation, something weaker. Where neither is right (`oneOf`, the condition of `if`), `inexact` is set: a proof
is worth nothing then. A payload is worth the same in every case, since the real writer and reader confirm it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import combinations
from math import comb
from typing import Any

from moorings_compat.json_schema.declared_fields import Location, locations
from moorings_compat.json_schema.location_keys import compile_targets, location_key
from moorings_compat.json_schema.nodes.evaluating import holds, is_additional
from moorings_compat.json_schema.nodes.nodes import (
    ARRAY,
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
        self._polarity = 1
        """1 where a stronger assertion makes the whole stronger, -1 where it weakens it, 0 where it can do both."""
        self.inexact = False

    def whole(self, node: Node, location: Location | None) -> Node:
        """Return *node* projected, and all that it refers to, so that `inexact` is known.

        Raises:
            BudgetSpent: the budget ended first.
        """
        projected = self._node(node, location)
        compile_targets(self._targets)
        return projected

    def _node(self, node: Node, location: Location | None, factor: int = 1) -> Node:
        """Project *node*; *factor* is what its place makes of the polarity."""
        if location is None or not self._drops(location):
            return node
        self._budget.spend(1 + len(node.atoms))
        around = self._polarity
        self._polarity *= factor
        made = Node(tuple(made for atom in node.atoms for made in self._atom(atom, location)))
        self._polarity = around
        return made

    def _approximated(self, stronger: Iterable[Atom], weaker: Iterable[Atom]) -> Iterable[Atom]:
        """Choose what comes in the place of an assertion that is not expressed."""
        self.inexact = self.inexact or self._polarity == 0
        return stronger if self._polarity > 0 else weaker

    def _drops(self, location: Location) -> bool:
        """Say whether something is left out at *location* or below."""
        known = self._above.get(location)
        if known is None:
            self._budget.spend()
            known = self._above[location] = not self._dropping.isdisjoint(locations(location))
        return known

    def _atom(self, atom: Atom, location: Location) -> Iterable[Atom]:
        """Return what *atom* asserts about a value before anything is left out."""
        if atom.kind == OBJECT:
            return self._of_object(atom, location)
        return self._of_array(atom, location) if atom.kind == ARRAY else self._of_any(atom, location)

    def _of_any(self, atom: Atom, location: Location) -> Iterator[Atom]:
        match atom:
            case SchemaReference():
                yield self._reference(atom, location)
            case AnyOf():
                yield replace(atom, nodes=tuple(self._node(node, location) for node in atom.nodes))
            case OneOf():
                yield replace(atom, nodes=tuple(self._node(node, location, 0) for node in atom.nodes))
            case Negation():
                yield replace(atom, node=self._node(atom.node, location, -1))
            case Conditional():
                branches = (self._node(node, location) for node in (atom.then, atom.otherwise))
                yield Conditional(atom.steps, self._node(atom.condition, location, 0), *branches)
            case Values():
                yield from self._of_values(atom, location)
            case _:
                yield atom

    def _of_array(self, atom: Atom, location: Location) -> Iterator[Atom]:
        match atom:
            case Item() | Rest():
                yield replace(atom, node=self._node(atom.node, location.items))
            case Contains():
                yield replace(atom, node=self._node(atom.node, location.items, 1 if atom.most is None else 0))
            case UnevaluatedItems():
                adjacent = self._node(atom.adjacent, location, 0)
                yield replace(atom, adjacent=adjacent, node=self._node(atom.node, location.items))
            case Unique() if location.items is not None and self._drops(location.items):
                yield from self._approximated(_plainly_unique(atom), [])
            case _:
                yield atom

    def _reference(self, atom: SchemaReference, location: Location) -> SchemaReference:
        target, polarity = atom.target, self._polarity
        key = digest("projected", target.key, location_key(location, self._keys, self._dropping), polarity)
        if key not in self._targets:
            self._targets[key] = ReferenceTarget(
                key, target.pointer, lambda: self._target_node(target.node, location, polarity)
            )
        return SchemaReference(atom.steps, self._targets[key])

    def _target_node(self, node: Node, location: Location, polarity: int) -> Node:
        self._polarity = polarity
        return self._node(node, location)

    def _of_object(self, atom: Atom, location: Location) -> Iterator[Atom]:
        match atom:
            case Property():
                if location.declares(atom.name):
                    yield replace(atom, node=self._node(atom.node, location.below(atom.name)))
            case PatternProperty() if atom.pattern in location.patterns:
                yield replace(atom, node=self._node(atom.node, location.of_patterns))
            case PatternProperty():
                yield from self._approximated(_never(atom), [])
            case Additional():
                yield from self._additional(atom, location)
            case Implies():
                if location.declares(atom.name):
                    yield replace(atom, node=self._node(atom.node, location))
            case UnevaluatedProperties():
                yield from self._unevaluated(atom, location)
            case _:
                yield from self._of_names(atom, location) if location in self._dropping else [atom]

    def _of_names(self, atom: Atom, location: Location) -> Iterable[Atom]:
        """Return what *atom* asserts about the names of an object that may lose some."""
        match atom:
            case Required() if not location.declares(atom.name):
                return [atom, Property(atom.steps, atom.name, FALSE)]
            case Needs():
                return _needed(atom, location)
            case Names():
                return _named(atom, location)
            case PropertyCount():
                return self._counted(atom, location)
        return [atom]

    def _additional(self, atom: Additional, location: Location) -> Iterator[Atom]:
        names = [name for name in location.names if is_additional(atom, name)]
        patterned = not set(location.patterns) <= set(atom.patterns)
        if location in self._dropping:
            for name in names:
                yield Property(atom.steps, name, self._node(atom.node, location.names[name]))
            if patterned and atom.node.key == FALSE.key:
                yield Names(atom.steps, _any_of(*_describing(atom.names, atom.patterns), _undeclared(location)))
            elif patterned:
                yield from self._approximated(_never(atom), [])
            return
        below = (*(location.names[name] for name in names), location.of_patterns, location.further)
        if atom.node.key == FALSE.key or not any(one is not None and self._drops(one) for one in below):
            yield atom
        elif patterned:
            yield from self._approximated(_never(atom), [])
        else:
            for name in names:
                yield Property(atom.steps, name, self._node(atom.node, location.names[name]))
            node = self._node(atom.node, location.further)
            yield replace(atom, names=atom.names | set(names), node=node)

    def _unevaluated(self, atom: UnevaluatedProperties, location: Location) -> Iterator[Atom]:
        """Where every declared field is always evaluated, only undeclared ones can be unevaluated."""
        names, patterns = _always_evaluated(atom.adjacent)
        unsure: list[Atom] = [
            *(Property(atom.steps, name, FALSE) for name in location.names if name not in names),
            *(PatternProperty(atom.steps, one, FALSE) for one in location.patterns if one not in patterns),
        ]
        below = (*location.names.values(), location.of_patterns, location.further)
        if location in self._dropping and unsure and atom.node.key == FALSE.key:
            # What is left out is evaluated, as it were; what is declared has to be, by the branches that hold.
            evaluated = Additional(atom.steps, frozenset(location.names), location.patterns, Node(()))
            adjacent = self._node(atom.adjacent, location, 0)
            yield replace(atom, adjacent=Node((*adjacent.atoms, evaluated)))
        elif location in self._dropping:
            yield from self._approximated(unsure, []) if unsure else ()
        elif not unsure or atom.node.key == FALSE.key or not any(one is not None and self._drops(one) for one in below):
            node = self._node(atom.node, location.further)
            yield replace(atom, adjacent=self._node(atom.adjacent, location, 0), node=node)
        else:
            yield from self._approximated(_never(atom), [])

    def _counted(self, atom: PropertyCount, location: Location) -> Iterator[Atom]:
        """Yield which combinations of declared fields have to be there, or cannot all be there."""
        names, size = sorted(location.names), atom.bound if atom.lower else atom.bound + 1
        few = comb(len(names), size) <= _MOST_COMBINATIONS
        if not atom.lower:
            exact = _not_all(atom, names, size) if few else []
            yield from self._approximated([atom], exact) if location.patterns or not few else exact
            return
        exact = _never(atom) if size > len(names) else _some(atom, names, size) if few else _never(atom)
        yield from self._approximated(exact, [atom]) if location.patterns or not few else exact

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


def _never(atom: Atom) -> list[Atom]:
    """Allow no object, in the place of *atom*."""
    return [Types(atom.steps, SORTS - {OBJECT})]


def _plainly_unique(atom: Unique) -> list[Atom]:
    """Allow arrays of one item at most, and of different items that can lose nothing."""
    plain = Node((Unique(atom.steps), Rest((), 0, Node((Types((), SORTS - {ARRAY, OBJECT}),)))))
    return [AnyOf(atom.steps, (Node((ItemCount((), False, 1),)), plain))]


def _some(atom: Atom, names: list[str], size: int) -> list[Atom]:
    """Require *size* of *names*."""
    parts = [Node(tuple(Required((), name) for name in chosen)) for chosen in combinations(names, size)]
    return [atom, AnyOf(atom.steps, tuple(parts))] if len(parts) > 1 else [atom, *parts[0].atoms]


def _not_all(atom: Atom, names: list[str], size: int) -> list[Atom]:
    """Forbid *size* of *names* in one object."""
    found: list[Atom] = []
    for chosen in combinations(names, size):
        nodes = tuple(Node((Property((), name, FALSE),)) for name in chosen)
        found.append(AnyOf(atom.steps, nodes) if size > 1 else Property(atom.steps, chosen[0], FALSE))
    return found


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
