"""Is one value valid under a node? This module defines what nodes mean, and decides about every candidate payload.

Values that the search builds share their parts, and so do schemas: a result is kept for the rest of the evaluation, so
that a value of thirty lines that writes out to a billion costs what its thirty lines cost.
"""

from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from moorings_compat.json_schema.nodes.nodes import (
    ARRAY,
    OBJECT,
    Additional,
    AnyOf,
    Atom,
    Conditional,
    Contains,
    Formatted,
    Implies,
    Item,
    ItemCount,
    Length,
    Limit,
    Matches,
    Multiple,
    Names,
    Needs,
    Negation,
    Never,
    Node,
    OneOf,
    PatternProperty,
    Property,
    PropertyCount,
    Required,
    Rest,
    SchemaReference,
    Types,
    UnevaluatedItems,
    UnevaluatedProperties,
    Unique,
    Values,
    kind_of,
    sort_of,
    value_key,
)
from moorings_compat.json_schema.nodes.validator import fits_format, matches
from moorings_compat.limits import Budget

_CHARACTERS_A_STEP = 16


def holds(node: Node, value: Any, budget: Budget | None = None) -> bool:
    """Say whether *value* is valid under *node*; each assertion looked at is a step of *budget*.

    Raises:
        BudgetSpent: the budget ended first.
    """
    return _Evaluation(budget).holds(node, value)


def atom_holds(atom: Atom, value: Any, budget: Budget | None = None) -> bool:
    """Say whether *value* satisfies one assertion; a value of a kind that it does not constrain does."""
    return _Evaluation(budget).atom_holds(atom, value)


def is_additional(atom: Additional, name: str) -> bool:
    """Say whether *atom* applies to the property *name*."""
    return name not in atom.names and not any(matches(pattern, name) for pattern in atom.patterns)


class _Evaluation:
    """One evaluation; it remembers its results for arrays and objects, by identity."""

    __slots__ = ("_budget", "_results")

    def __init__(self, budget: Budget | None) -> None:
        self._budget = budget
        self._results: dict[tuple[bytes, int], bool] = {}

    def holds(self, node: Node, value: Any) -> bool:
        if self._budget is not None:
            self._budget.spend(1 + len(node.atoms))
        kind = kind_of(value)
        if kind not in (ARRAY, OBJECT):
            return self._all_hold(node, value, kind)
        key = (node.key, id(value))
        judged = self._results.get(key)
        if judged is None:
            judged = self._results[key] = self._all_hold(node, value, kind)
        return judged

    def _all_hold(self, node: Node, value: Any, kind: str) -> bool:
        for atom in node.atoms:
            if (atom.kind is None or atom.kind == kind) and not self.atom_holds(atom, value):
                return False
        return True

    def atom_holds(self, atom: Atom, value: Any) -> bool:
        if atom.kind is not None and atom.kind != kind_of(value):
            return True
        if atom.kind is None:
            return self._any_holds(atom, value)
        if isinstance(value, str):
            return self._string_holds(atom, value)
        if isinstance(value, list):
            return self._array_holds(atom, value)
        if isinstance(value, dict):
            return self._object_holds(atom, value)
        return self._number_holds(atom, Fraction(value))

    def _any_holds(self, atom: Atom, value: Any) -> bool:
        match atom:
            case Types():
                return sort_of(value) in atom.sorts
            case Values():
                return self._key_of(value) in atom.keys
            case SchemaReference():
                return self.holds(atom.target.node, value)
            case AnyOf():
                return any(self.holds(node, value) for node in atom.nodes)
            case OneOf():
                return sum(self.holds(node, value) for node in atom.nodes) == 1
            case Negation():
                return not self.holds(atom.node, value)
            case Conditional():
                return self.holds(atom.then if self.holds(atom.condition, value) else atom.otherwise, value)
        assert isinstance(atom, Never)
        return False

    def _key_of(self, value: Any) -> object:
        key = value_key(value)
        if self._budget is not None and isinstance(key, tuple) and isinstance(value, list | dict):
            self._budget.spend(len(key[1]) // _CHARACTERS_A_STEP)
        return key

    def _number_holds(self, atom: Atom, value: Fraction) -> bool:
        if isinstance(atom, Multiple):
            return (value / atom.of).denominator == 1
        assert isinstance(atom, Limit)
        if value == atom.bound:
            return not atom.exclusive
        return (value > atom.bound) == atom.lower

    def _string_holds(self, atom: Atom, value: str) -> bool:
        if isinstance(atom, Matches):
            return matches(atom.pattern, value)
        if isinstance(atom, Formatted):
            return fits_format(atom.name, value)
        assert isinstance(atom, Length)
        return len(value) >= atom.bound if atom.lower else len(value) <= atom.bound

    def _array_holds(self, atom: Atom, value: list[Any]) -> bool:
        match atom:
            case Item():
                return len(value) <= atom.index or self.holds(atom.node, value[atom.index])
            case Rest():
                return all(self.holds(atom.node, one) for one in value[atom.start :])
            case ItemCount():
                return len(value) >= atom.bound if atom.lower else len(value) <= atom.bound
            case Unique():
                return len({value_key(one) for one in value}) == len(value)
            case Contains():
                count = sum(self.holds(atom.node, one) for one in value)
                return atom.least <= count and (atom.most is None or count <= atom.most)
        assert isinstance(atom, UnevaluatedItems)
        seen = self._evaluated_items(atom.adjacent, value)
        return all(self.holds(atom.node, one) for index, one in enumerate(value) if index not in seen)

    def _object_holds(self, atom: Atom, value: dict[str, Any]) -> bool:
        match atom:
            case Property():
                return atom.name not in value or self.holds(atom.node, value[atom.name])
            case PatternProperty():
                return all(self.holds(atom.node, one) for name, one in value.items() if matches(atom.pattern, name))
            case Additional():
                return all(self.holds(atom.node, value[name]) for name in value if is_additional(atom, name))
            case Required():
                return atom.name in value
            case PropertyCount():
                return len(value) >= atom.bound if atom.lower else len(value) <= atom.bound
            case Names():
                return all(self.holds(atom.node, name) for name in value)
            case Needs():
                return atom.name not in value or atom.other in value
            case Implies():
                return atom.name not in value or self.holds(atom.node, value)
        assert isinstance(atom, UnevaluatedProperties)
        seen = self._evaluated_names(atom.adjacent, value)
        return all(self.holds(atom.node, one) for name, one in value.items() if name not in seen)

    def _evaluated_names(self, node: Node, value: dict[str, Any]) -> set[str]:
        """Collect the properties that *node*, which holds, has evaluated (Core 2020-12, section 7.7.1)."""
        seen: set[str] = set()
        for atom in node.atoms:
            match atom:
                case Property():
                    seen.update({atom.name} & value.keys())
                case PatternProperty():
                    seen.update(name for name in value if matches(atom.pattern, name))
                case Additional():
                    seen.update(name for name in value if is_additional(atom, name))
                case UnevaluatedProperties():
                    seen.update(value)
                case _:
                    for inner in self._applied(atom, value):
                        seen |= self._evaluated_names(inner, value)
        return seen

    def _evaluated_items(self, node: Node, value: list[Any]) -> set[int]:
        """Collect the positions that *node*, which holds, has evaluated."""
        seen: set[int] = set()
        for atom in node.atoms:
            match atom:
                case Item():
                    seen.add(atom.index)
                case Rest():
                    seen.update(range(atom.start, len(value)))
                case Contains():
                    seen.update(index for index, one in enumerate(value) if self.holds(atom.node, one))
                case UnevaluatedItems():
                    seen.update(range(len(value)))
                case _:
                    for inner in self._applied(atom, value):
                        seen |= self._evaluated_items(inner, value)
        return seen

    def _applied(self, atom: Atom, value: Any) -> Iterable[Node]:
        """Yield the schemas within *atom* that are applied to *value* itself and accept it."""
        match atom:
            case SchemaReference():
                yield atom.target.node
            case AnyOf() | OneOf():
                yield from (node for node in atom.nodes if self.holds(node, value))
            case Conditional():
                if self.holds(atom.condition, value):
                    yield atom.condition
                    yield atom.then
                else:
                    yield atom.otherwise
            case Implies():
                if isinstance(value, dict) and atom.name in value:
                    yield atom.node
