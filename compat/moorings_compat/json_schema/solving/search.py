"""The search as its branches see it; `Solver` implements this protocol."""

from collections.abc import Iterable
from typing import Any, Protocol

from moorings_compat.json_schema.patterns.regex_language import Languages
from moorings_compat.json_schema.solving.goals import Goal, GoalAnswer
from moorings_compat.limits import Budget


class Search(Protocol):
    """Answers goals about the parts of a value; one search shares its budget and its languages."""

    budget: Budget
    languages: Languages

    def solve(self, goal: Goal) -> GoalAnswer:
        """Find a value that reaches *goal*, prove that there is none, or say that neither was possible.

        Raises:
            BudgetSpent: the budget ended first.
        """

    def from_candidates(self, candidates: Iterable[Any], goal: Goal) -> GoalAnswer:
        """Answer with the first of *candidates* that reaches *goal*; there is nothing else to try."""
