"""A branch of the search for a value of one kind: the facts that are given, and the assertions that wait.

A branch first ignores every disjunction: it finds a value for the plain facts, and then takes up only the disjunctions
that the value violates, by splitting the branch over their options. Most disjunctions never need a look, and plain
facts that contradict each other prove the whole goal unreachable.
"""

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Self, TypeAlias

from moorings_compat.json_schema.nodes.evaluating import atom_holds, holds
from moorings_compat.json_schema.nodes.nodes import (
    NUMBER,
    AnyOf,
    Atom,
    Conditional,
    Negation,
    Never,
    Node,
    OneOf,
    SchemaReference,
    Types,
    UnevaluatedItems,
    UnevaluatedProperties,
    Values,
    value_key,
)
from moorings_compat.json_schema.nodes.validator import matches as matched
from moorings_compat.json_schema.solving.facts import Fact, No, Option, SomeProperty, Sorts, Unexplored, Yes
from moorings_compat.json_schema.solving.goals import Goal, GoalAnswer
from moorings_compat.json_schema.solving.search import Search
from moorings_compat.json_schema.solving.unevaluated import TooManyVariants
from moorings_compat.json_schema.solving.violations import ways_to_satisfy, ways_to_violate
from moorings_compat.limits import Budget

Waiting: TypeAlias = Atom | No | SomeProperty
"""A disjunctive atom that must hold, a node that must be violated, or a property that must exist somewhere."""

_DISJUNCTIVE = (AnyOf, OneOf, Conditional, UnevaluatedItems, UnevaluatedProperties)


class Branch(ABC):
    """Facts about a value of one kind."""

    kind: str

    def __init__(self, search: Search, goal: Goal) -> None:
        self.search = search
        self.goal = goal
        self.known: set[bytes] = set()
        """Keys of all atoms that the value satisfies."""
        self.waiting: list[Waiting] = []
        self.candidates: list[Any] | None = None
        """The only possible values, if an `enum` lists them."""
        self.unexplored = False
        """There may be more ways for this branch than were listed, so that it proves nothing."""
        self.reduced: frozenset[bytes] = frozenset()
        """Keys of waiting alternatives of which some have been excluded: there are few left to choose between."""

    def copy(self) -> Self:
        copied = type(self)(self.search, self.goal)
        copied.known = set(self.known)
        copied.waiting = list(self.waiting)
        copied.candidates = self.candidates
        copied.reduced = self.reduced
        self._copy_facts(copied)
        return copied

    @abstractmethod
    def _copy_facts(self, copied: Self) -> None: ...

    @abstractmethod
    def _assert_own(self, atom: Atom) -> bool:
        """Add a plain atom of this kind; False if it contradicts what is known."""

    @abstractmethod
    def _learn_own(self, fact: Fact) -> bool: ...

    @abstractmethod
    def find(self) -> GoalAnswer:
        """Find a value for the plain facts."""

    def settled(self) -> bool:
        """Add what follows directly; False if that is a contradiction."""
        return True

    def placements(self, fact: SomeProperty) -> list[Option]:
        """Every way to place a property that must exist somewhere."""
        raise NotImplementedError

    def learn(self, fact: Fact) -> bool:
        """Add *fact*; False if it contradicts what is known."""
        if isinstance(fact, Yes):
            return all(self.assert_atom(atom) for atom in fact.node.atoms)
        if isinstance(fact, No):
            if fact.node.by_key.keys() <= self.known:
                return False
            self.waiting.append(fact)
            return True
        if isinstance(fact, SomeProperty):
            self.waiting.append(fact)
            return True
        if isinstance(fact, Unexplored):
            self.unexplored = True
            return True
        return self._learn_own(fact)

    def assert_atom(self, atom: Atom) -> bool:
        """Add *atom*; False if it contradicts what is known."""
        if atom.key in self.known or (atom.kind is not None and atom.kind != self.kind):
            return True
        self.known.add(atom.key)
        if isinstance(atom, _DISJUNCTIVE):
            self.waiting.append(atom)
            return True
        match atom:
            case Never():
                return False
            case Types():
                return self._learn_own(Sorts(atom.sorts)) if self.kind == NUMBER else self.kind in atom.sorts
            case Values():
                return self._narrow(atom)
            case SchemaReference():
                return all(self.assert_atom(one) for one in atom.target.node.atoms)
            case Negation():
                return self.learn(No(atom.node))
        return self._assert_own(atom)

    def _narrow(self, atom: Values) -> bool:
        if self.candidates is None:
            self.candidates = list(atom.values)
        else:
            self.candidates = [value for value in self.candidates if value_key(value) in atom.keys]
        return bool(self.candidates)

    def reduced_alternatives(self, wrong: list[Waiting]) -> list[Waiting]:
        """List the waiting alternatives that have been reduced, except those that are *wrong*."""
        there = {id(one) for one in wrong}
        few = (one for one in self.waiting if isinstance(one, AnyOf | OneOf) and one.key in self.reduced)
        return [one for one in few if id(one) not in there]

    def unsatisfied(self, value: Any) -> list[Waiting]:
        """List the waiting assertions that *value* does not satisfy."""
        return [one for one in self.waiting if not _true_of(one, value, self.search.budget)]

    def options(self, waiting: Waiting) -> "Iterator[Branch]":
        """Split over the ways to satisfy *waiting*, without those that contradict what is known."""
        try:
            found = self._ways(waiting)
        except TooManyVariants:
            found = [[Unexplored()]]
        rest = [one for one in self.waiting if one is not waiting]
        for option in found:
            self.search.budget.spend(20)
            if not all(self.possible(fact) for fact in option):
                continue
            self.search.budget.spend(100 + len(self.known) // 8)
            branch = self.copy()
            branch.waiting = list(rest)
            if all(branch.learn(fact) for fact in option) and branch.narrowed() and branch.settled():
                yield branch

    def narrowed(self) -> bool:
        """Drop alternatives that imply a node that must fail, and add the last alternative if only one is left.

        False if none is left, or if all atoms of a node that must fail are known.
        """
        while True:
            failing = [frozenset(one.node.by_key) for one in self.waiting if isinstance(one, No)]
            if any(keys <= self.known for keys in failing):
                return False
            found = self._with_excluded(failing) if failing else None
            if found is None:
                return True
            atom, left = found
            self.waiting = [other for other in self.waiting if other is not atom]
            if len(left) > 1:
                rest = replace(atom, nodes=left)
                self.waiting.append(rest)
                self.reduced |= {rest.key}
            elif not left or not self.learn(Yes(left[0])):
                return False

    def _with_excluded(self, failing: list[frozenset[bytes]]) -> tuple[AnyOf | OneOf, tuple[Node, ...]] | None:
        """Find alternatives some of which are excluded, and return the remaining ones."""
        by_part = self._by_rarest_part(failing)
        self.search.budget.spend(len(by_part) // 4)
        for one in self.waiting:
            if isinstance(one, AnyOf | OneOf):
                self.search.budget.spend(len(one.nodes) // 8)
                left = tuple(node for node in one.nodes if not _is_excluded(node, by_part))
                if len(left) < len(one.nodes):
                    return one, left
        return None

    def _by_rarest_part(self, failing: list[frozenset[bytes]]) -> dict[bytes, list[set[bytes]]]:
        """List the unknown atoms of every node that must fail, each list under the atom that fewest others have."""
        left = [keys - self.known for keys in failing]
        counted = Counter(key for keys in left for key in keys)
        found: dict[bytes, list[set[bytes]]] = {}
        for keys in left:
            found.setdefault(min(keys, key=lambda key: (counted[key], key)), []).append(set(keys))
        return found

    def possible(self, _: Fact) -> bool:
        """False if a fact contradicts what is known so plainly that no branch is needed to find out."""
        return True

    def _ways(self, waiting: Waiting) -> list[Option]:
        if isinstance(waiting, No):
            return ways_to_violate(waiting.node, self.kind, self.known)
        if isinstance(waiting, SomeProperty):
            return self.placements(waiting)
        return ways_to_satisfy(waiting)


def _is_excluded(node: Node, by_part: dict[bytes, list[set[bytes]]]) -> bool:
    """Say whether adding *node* would make all atoms of a node that must fail known."""
    own = node.by_key.keys()
    return any(keys <= own for key in own for keys in by_part.get(key, ()))


def _true_of(waiting: Waiting, value: Any, budget: Budget) -> bool:
    if isinstance(waiting, No):
        return not holds(waiting.node, value, budget)
    if isinstance(waiting, SomeProperty):
        return isinstance(value, dict) and any(_shows(waiting, name, one, budget) for name, one in value.items())
    return atom_holds(waiting, value, budget)


def _shows(fact: SomeProperty, name: str, value: Any, budget: Budget) -> bool:
    return allows_name(fact, name) and (fact.node is None or not holds(fact.node, value, budget))


def allows_name(fact: SomeProperty, name: str) -> bool:
    """Say whether *name* is one that *fact* allows."""
    from_outside = name not in fact.names and not any(matched(pattern, name) for pattern in fact.others)
    if not from_outside or (fact.pattern is not None and not matched(fact.pattern, name)):
        return False
    return fact.name_node is None or not holds(fact.name_node, name)
