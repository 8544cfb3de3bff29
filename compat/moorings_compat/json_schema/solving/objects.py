"""Branches about objects: which properties there are, and what their values have to be."""

from collections.abc import Iterator
from typing import Any, Self

from moorings_compat.json_schema.nodes.evaluating import holds, is_additional
from moorings_compat.json_schema.nodes.nodes import (
    OBJECT,
    Additional,
    Atom,
    Implies,
    Names,
    Needs,
    Node,
    PatternProperty,
    Property,
    PropertyCount,
    Required,
)
from moorings_compat.json_schema.nodes.validator import matches
from moorings_compat.json_schema.solving.branches import Branch, allows_name
from moorings_compat.json_schema.solving.facts import Absent, Fact, Option, Present, SomeProperty, Unexplored, Yes
from moorings_compat.json_schema.solving.goals import NONE, OPEN, Goal, GoalAnswer, Status, found_whole
from moorings_compat.json_schema.solving.property_names import NameSearch, Signed, Vocabulary, matching
from moorings_compat.json_schema.solving.search import Search

MOST_NEW_NAMES = 24
"""New names that are tried for one property that has to exist somewhere."""
MOST_TELLING = 6
"""Conditions on names up to which all kinds of name are tried."""
MOST_PROPERTIES = 5_000
"""Properties that are made up for `minProperties`, at most."""


class ObjectBranch(Branch):
    """Facts about an object."""

    kind = OBJECT

    def __init__(self, search: Search, goal: Goal) -> None:
        super().__init__(search, goal)
        self.collected: Vocabulary | None = None
        self.properties: dict[str, tuple[Node, ...]] = {}
        self.patterns: tuple[PatternProperty, ...] = ()
        self.additional: tuple[Additional, ...] = ()
        self.names: tuple[Node, ...] = ()
        self.present: dict[str, tuple[tuple[Node, ...], tuple[Node, ...]]] = {}
        """Nodes that the values of existing properties satisfy and violate, beyond those of the other facts."""
        self.absent: frozenset[str] = frozenset()
        self.needs: tuple[Needs, ...] = ()
        self.implied: tuple[Implies, ...] = ()
        self.least = 0
        self.most: int | None = None
        self.answers: dict[str, GoalAnswer] = {}
        """What is known about the values; cleared by whatever may change it."""

    def _copy_facts(self, copied: Self) -> None:
        copied.collected = self.collected
        copied.properties, copied.present = self.properties.copy(), self.present.copy()
        copied.patterns, copied.additional, copied.names = self.patterns, self.additional, self.names
        copied.absent = self.absent
        copied.needs, copied.implied = self.needs, self.implied
        copied.least, copied.most = self.least, self.most
        copied.answers = self.answers.copy()

    @property
    def vocabulary(self) -> Vocabulary:
        """The names that the goal mentions; collected when the first name has to be chosen."""
        if self.collected is None:
            self.collected = Vocabulary.of(self.goal)
            self.search.budget.spend(self.goal.weight)
        return self.collected

    def _assert_own(self, atom: Atom) -> bool:
        match atom:
            case Property():
                self.properties[atom.name] = (*self.properties.get(atom.name, ()), atom.node)
                self.answers.pop(atom.name, None)
            case PatternProperty():
                self.patterns = (*self.patterns, atom)
                self.answers.clear()
            case Additional():
                self.additional = (*self.additional, atom)
                self.answers.clear()
            case Names():
                self.names = (*self.names, atom.node)
                self.answers.clear()
            case Required():
                return self._exists(atom.name)
            case Needs():
                self.needs = (*self.needs, atom)
            case Implies():
                self.implied = (*self.implied, atom)
            case PropertyCount():
                if atom.lower:
                    self.least = max(self.least, atom.bound)
                else:
                    self.most = atom.bound if self.most is None else min(self.most, atom.bound)
                return self.most is None or self.least <= self.most
        return True

    def _learn_own(self, fact: Fact) -> bool:
        if isinstance(fact, Absent):
            self.absent |= {fact.name}
            return fact.name not in self.present
        assert isinstance(fact, Present)
        yes, no = self.present.get(fact.name, ((), ()))
        if fact.node is not None:
            yes, no = ((*yes, fact.node), no) if fact.positive else (yes, (*no, fact.node))
        self.present[fact.name] = (yes, no)
        self.answers.pop(fact.name, None)
        return fact.name not in self.absent

    def possible(self, fact: Fact) -> bool:
        if not isinstance(fact, Present) or fact.node is None or fact.positive:
            return True
        if fact.name in self.absent:
            return False
        return not self.search.solve(self._value_goal(fact.name, (fact.node,))).none

    def _exists(self, name: str) -> bool:
        if name not in self.present:
            self.present[name] = ((), ())
        return name not in self.absent

    def settled(self) -> bool:
        """Add what existing properties require, and check the new values."""
        while True:
            needed = [one.other for one in self.needs if one.name in self.present and one.other not in self.present]
            if not all(self._exists(name) for name in needed):
                return False
            implied = [one for one in self.implied if one.name in self.present]
            if not needed and not implied:
                break
            self.implied = tuple(one for one in self.implied if one not in implied)
            if not all(self.learn(Yes(one.node)) for one in implied):
                return False
        if self.most is not None and len(self.present) > self.most:
            return False
        return not any(self._value_of(name).none for name in self.present if name not in self.answers)

    def _value_of(self, name: str) -> GoalAnswer:
        answer = self.answers.get(name)
        if answer is None:
            named = all(holds(node, name) for node in self.names)
            answer = self.search.solve(self._value_goal(name)) if named else NONE
            self.answers[name] = answer
        return answer

    def _value_goal(self, name: str, more: tuple[Node, ...] = ()) -> Goal:
        yes, no = self.present.get(name, ((), ()))
        nodes = [*yes, *self.properties.get(name, ())]
        nodes.extend(one.node for one in self.patterns if matches(one.pattern, name))
        nodes.extend(one.node for one in self.additional if is_additional(one, name))
        return Goal(nodes, (*no, *more))

    def find(self) -> GoalAnswer:
        if not self.settled():
            return NONE
        if self.least > MOST_PROPERTIES:
            return OPEN
        self.search.budget.spend(len(self.present))
        value = {}
        size = 1
        for name in self.present:
            answer = self._value_of(name)
            if answer.none:
                return NONE
            if answer.status is Status.OPEN:
                return OPEN
            value[name] = answer.value
            size += answer.size
        if len(value) < self.least:
            return self._filled(value, size)
        return found_whole(value, size)

    def _filled(self, value: dict[str, Any], size: int) -> GoalAnswer:
        """Add optional properties until there are enough; those that require others come last."""
        certain = True
        bringing: list[str] = []
        for name in self._more_names(value):
            self.search.budget.spend()
            if name is None:
                certain = False
                continue
            answer = self.search.solve(self._value_goal(name))
            certain = certain and answer.status is not Status.OPEN
            if answer.found and self._brings_more(name):
                bringing.append(name)
            elif answer.found:
                value[name] = answer.value
                size += answer.size
                if len(value) >= self.least:
                    return found_whole(value, size)
        return self._filled_by_cases(bringing, certain=certain)

    def _filled_by_cases(self, bringing: list[str], *, certain: bool) -> GoalAnswer:
        ruled_out: list[Fact] = []
        for name in bringing:
            answer = self._with([*ruled_out, Present(name)])
            if answer.found:
                return answer
            certain = certain and answer.none
            ruled_out.append(Absent(name))
        return NONE if certain else OPEN

    def _with(self, facts: list[Fact]) -> GoalAnswer:
        """Pursue the case that these *facts* hold too."""
        branch = self.copy()
        if not all(map(branch.learn, facts)) or not branch.settled():
            return NONE
        if branch.candidates is not None:
            return self.search.from_candidates(branch.candidates, self.goal)
        answer = branch.find()
        return OPEN if answer.found and branch.unsatisfied(answer.value) else answer

    def _brings_more(self, name: str) -> bool:
        return any(one.name == name for one in self.needs) or any(one.name == name for one in self.implied)

    def _more_names(self, value: dict[str, Any]) -> Iterator[str | None]:
        """Yield names that can be added; None if some may have been missed."""
        for name in self.vocabulary.names:
            if name not in value and name not in self.absent and all(holds(node, name) for node in self.names):
                yield name
        search = NameSearch(self.search, {*self.vocabulary.names, *value}, self.names, ())
        while (fresh := search.next()) is not None:
            if self.search.solve(self._value_goal(fresh)).none:
                search.rule_out(self._refusal(fresh, ()))
            else:
                search.put_aside(fresh)
                yield fresh
        if search.uncertain:
            yield None

    def placements(self, fact: SomeProperty) -> list[Option]:
        """Try every name that is mentioned anywhere, and new names of every kind that makes a difference."""
        found: list[Option] = []
        self.search.budget.spend(len(self.vocabulary.names))
        for name in self.vocabulary.names:
            if name in self.absent or not allows_name(fact, name):
                continue
            if not self.search.solve(self._value_goal(name, _violated(fact))).none:
                found.append([Present(name, fact.node, False)])
        others = [name for name in self.present if name not in self.vocabulary.names and allows_name(fact, name)]
        found.extend([Present(name, fact.node, False)] for name in others)
        yes = [*self.names, *([matching(fact.pattern)] if fact.pattern is not None else [])]
        no = [*map(matching, fact.others), *([fact.name_node] if fact.name_node is not None else [])]
        search = NameSearch(self.search, {*self.vocabulary.names, *self.present}, yes, no)
        for _ in range(MOST_NEW_NAMES):
            if found and len(self.vocabulary.conditions) > MOST_TELLING:
                break  # distinguishing the remaining names could take exponentially long
            fresh = search.next()
            if fresh is None:
                return [*found, [Unexplored()]] if search.uncertain else found
            if self.search.solve(self._value_goal(fresh, _violated(fact))).none:
                search.rule_out(self._refusal(fresh, _violated(fact)))
            else:
                found.append([Present(fresh, fact.node, False)])
                search.rule_out(self.vocabulary.signs(fresh))
        return [*found, [Unexplored()]]

    def _refusal(self, name: str, no: tuple[Node, ...]) -> list[Signed]:
        """Return the signs of *name* that make every value impossible there, as few as suffice."""
        conditions: list[tuple[list[Signed], Node]] = [
            ([(matching(one.pattern), True)], one.node) for one in self.patterns if matches(one.pattern, name)
        ]
        conditions.extend(
            ([(matching(pattern), False) for pattern in one.patterns], one.node)
            for one in self.additional
            if is_additional(one, name)
        )
        for one in list(conditions):
            rest = [other for other in conditions if other is not one]
            if self.search.solve(Goal([node for _, node in rest], no)).none:
                conditions = rest
        return [sign for signs, _ in conditions for sign in signs]


def _violated(fact: SomeProperty) -> tuple[Node, ...]:
    return () if fact.node is None else (fact.node,)
