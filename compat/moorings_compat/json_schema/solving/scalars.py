"""Branches about numbers and strings."""

from typing import Self

from moorings_compat.json_schema.nodes.nodes import NUMBER, STRING, Atom, Formatted, Length, Limit, Matches, Multiple
from moorings_compat.json_schema.solving.branches import Branch
from moorings_compat.json_schema.solving.facts import Fact, NotAmong, NotFormatted, NotMatching, NotMultiple, Sorts
from moorings_compat.json_schema.solving.goals import Goal, GoalAnswer
from moorings_compat.json_schema.solving.numbers import NumberFacts
from moorings_compat.json_schema.solving.search import Search
from moorings_compat.json_schema.solving.strings import StringFacts


class NumberBranch(Branch):
    """Facts about a number."""

    kind = NUMBER

    def __init__(self, search: Search, goal: Goal) -> None:
        super().__init__(search, goal)
        self.facts = NumberFacts()

    def _copy_facts(self, copied: Self) -> None:
        copied.facts = self.facts.copy()

    def _assert_own(self, atom: Atom) -> bool:
        if isinstance(atom, Limit):
            self.facts.limit(atom)
        else:
            assert isinstance(atom, Multiple)
            self.facts.multiple(atom)
        return self.facts.consistent

    def _learn_own(self, fact: Fact) -> bool:
        if isinstance(fact, Sorts):
            self.facts.sorts &= fact.sorts
        elif isinstance(fact, NotMultiple):
            self.facts.not_multiples |= {fact.of}
        else:
            assert isinstance(fact, NotAmong)
            self.facts.exclude(fact.values)
        return self.facts.consistent

    def find(self) -> GoalAnswer:
        return self.facts.solve(self.search.budget)


class StringBranch(Branch):
    """Facts about a string."""

    kind = STRING

    def __init__(self, search: Search, goal: Goal) -> None:
        super().__init__(search, goal)
        self.facts = StringFacts()

    def _copy_facts(self, copied: Self) -> None:
        copied.facts = self.facts.copy()

    def _assert_own(self, atom: Atom) -> bool:
        facts = self.facts
        if isinstance(atom, Length):
            (facts.at_least if atom.lower else facts.at_most)(atom.bound)
        elif isinstance(atom, Matches):
            facts.patterns |= {atom.pattern}
        else:
            assert isinstance(atom, Formatted)
            facts.formats |= {atom.name}
        return facts.consistent

    def _learn_own(self, fact: Fact) -> bool:
        facts = self.facts
        if isinstance(fact, NotMatching):
            facts.not_patterns |= {fact.pattern}
        elif isinstance(fact, NotFormatted):
            facts.not_formats |= {fact.name}
        else:
            assert isinstance(fact, NotAmong)
            facts.excluded |= set(fact.values)
        return facts.consistent

    def find(self) -> GoalAnswer:
        return self.facts.solve(self.search.languages)
