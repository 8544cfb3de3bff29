"""The search: goals to answers, with a memory, and without endless recursion.

A schema that contains itself leads from a goal back to the same goal for a part of the value. Values are finite: a
smallest value for a goal has no part that reaches the same goal, so that while a goal is being pursued, meeting it
again counts as unreachable. Conclusions from that are kept only while they are certain: permanently once the goal is
unreachable, and not at all if a value is found.
"""

from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import Any

from moorings_compat.errors import BudgetSpent
from moorings_compat.json_schema.nodes.nodes import (
    ARRAY,
    BOOLEAN,
    KINDS,
    NULL,
    NUMBER,
    NUMBER_SORTS,
    OBJECT,
    SORTS,
    STRING,
    SchemaReference,
    Types,
    Values,
)
from moorings_compat.json_schema.patterns.regex_language import Languages
from moorings_compat.json_schema.solving.arrays import ArrayBranch
from moorings_compat.json_schema.solving.branches import Branch, Waiting
from moorings_compat.json_schema.solving.facts import No
from moorings_compat.json_schema.solving.goals import NONE, OPEN, Goal, GoalAnswer, GoalKey, Status
from moorings_compat.json_schema.solving.numbers import spellings
from moorings_compat.json_schema.solving.objects import ObjectBranch
from moorings_compat.json_schema.solving.scalars import NumberBranch, StringBranch
from moorings_compat.limits import Budget

_BRANCHES: dict[str, type[Branch]] = {
    NUMBER: NumberBranch,
    STRING: StringBranch,
    ARRAY: ArrayBranch,
    OBJECT: ObjectBranch,
}
_FEW_VALUES: dict[str, list[Any]] = {NULL: [None], BOOLEAN: [False, True]}
DEEPEST = 750
"""Calls within each other, about: a goal beyond stays open, the same one whatever the caller's own depth is."""
_CALLS_A_VALUE = 11
"""Calls from a goal to one for a value inside; each split on the way is one more."""
MOST_SPLITS = 60
"""Splits on one path of the search for one value."""
_MOST_COMPARED = 12
"""Waiting assertions whose options are counted, to choose the one with the fewest."""
_MANY_OPTIONS = 8
"""Options that are counted, at most."""


class Solver:
    """Answers goals within a budget; remembers what it has answered."""

    def __init__(self, budget: Budget) -> None:
        self.budget = budget
        self.languages = Languages(budget)
        self._answers: dict[GoalKey, GoalAnswer] = {}
        self._assumed: dict[GoalKey, int] = {}
        """Goals unreachable as long as the goals in progress from some depth on are; in the order of their proofs."""
        self._path: dict[GoalKey, int] = {}
        self._splits = 0
        """Splits in progress, of all the goals in progress."""
        self._lowest: list[int] = []
        """Per goal in progress: the outermost goal in progress that its answer so far rests on."""

    def solve(self, goal: Goal) -> GoalAnswer:
        """Find a value that reaches *goal*, prove that there is none, or say that neither was possible.

        Raises:
            BudgetSpent: the budget ended first.
        """
        key = goal.key
        known = self._answers.get(key)
        if known is not None:
            return known
        self.budget.spend(10 + len(goal.atoms) // 4)
        if goal.contradicts_itself:
            return self._remember(key, NONE)
        self.budget.spend(40 + len(goal.atoms))
        assumed = self._assumed.get(key)
        if assumed is not None:
            self._rest_on(assumed)
            return NONE
        if key in self._path:
            self._rest_on(self._path[key])
            return NONE
        if _CALLS_A_VALUE * len(self._path) + self._splits >= DEEPEST:
            return OPEN
        return self._pursue_new(goal)

    def _remember(self, key: GoalKey, answer: GoalAnswer) -> GoalAnswer:
        self._answers[key] = answer
        return answer

    def _rest_on(self, depth: int) -> None:
        if self._lowest:
            self._lowest[-1] = min(self._lowest[-1], depth)

    def _pursue_new(self, goal: Goal) -> GoalAnswer:
        depth = len(self._path)
        self._path[goal.key] = depth
        self._lowest.append(depth)
        before = len(self._assumed)
        answer = OPEN
        try:
            answer = self._answer(goal)
        except BudgetSpent:
            self._assumed.clear()
            self._splits = 0
            raise
        finally:
            del self._path[goal.key]
            lowest = self._lowest.pop()
        added = list(self._assumed)[before:] if len(self._assumed) > before else []
        if not answer.none:
            for key in added:
                del self._assumed[key]
            return self._remember(goal.key, answer)
        if lowest >= depth:
            for key in added:
                del self._assumed[key]
                self._answers[key] = NONE
            return self._remember(goal.key, answer)
        self._assumed.update(dict.fromkeys([*added, goal.key], lowest))
        self._rest_on(lowest)
        return answer

    def _answer(self, goal: Goal) -> GoalAnswer:
        candidates = next((atom for atom in goal.atoms.values() if isinstance(atom, Values)), None)
        if candidates is not None:
            return self.from_candidates(candidates.values, goal)
        status = Status.NONE
        for kind in _possible_kinds(goal):
            answer = self._of_kind(goal, kind)
            if answer.found:
                return answer
            if answer.status is Status.OPEN:
                status = Status.OPEN
        return NONE if status is Status.NONE else OPEN

    def from_candidates(self, candidates: Iterable[Any], goal: Goal) -> GoalAnswer:
        """Answer with the first of *candidates* that reaches the goal; there is nothing else to try."""
        for value in spellings(candidates):
            if goal.reached_by(value, self.budget):
                return GoalAnswer(Status.FOUND, value)
        return NONE

    def _of_kind(self, goal: Goal, kind: str) -> GoalAnswer:
        if kind in _FEW_VALUES:
            return self.from_candidates(_FEW_VALUES[kind], goal)
        self.budget.spend(50 + 2 * len(goal.atoms))
        branch = _BRANCHES[kind](self, goal)
        if not all(branch.assert_atom(atom) for atom in goal.atoms.values()):
            return NONE
        if not all(branch.learn(No(node)) for node in goal.no.values()):
            return NONE
        if not branch.narrowed() or not branch.settled():
            return NONE
        for waiting in [one for one in branch.waiting if isinstance(one, No)][:_MOST_COMPARED]:
            ways = list(islice(branch.options(waiting), 2))
            if not ways:
                return NONE
            if len(ways) == 1:
                branch = ways[0]
        return self._pursue(branch, goal, 0)

    def _pursue(self, branch: Branch, goal: Goal, splits: int) -> GoalAnswer:
        options = self._advance(branch, goal)
        if isinstance(options, GoalAnswer):
            return options
        if splits >= MOST_SPLITS:
            return OPEN
        status = Status.NONE
        self._splits += 1
        for option in options:
            answer = self._pursue(option, goal, splits + 1)
            if answer.found:
                status = Status.FOUND
                break
            if answer.status is Status.OPEN:
                status = Status.OPEN
        self._splits -= 1
        return answer if status is Status.FOUND else NONE if status is Status.NONE else OPEN

    def _advance(self, branch: Branch, goal: Goal) -> GoalAnswer | Iterator[Branch]:
        """Take up what the found value violates while there is one option only; then return the options."""
        while True:
            self.budget.spend(50 + len(branch.known))
            if branch.unexplored:
                return OPEN
            if branch.candidates is not None:
                return self.from_candidates(branch.candidates, goal)
            answer = branch.find()
            if answer.none:
                return NONE
            wrong = branch.unsatisfied(answer.value) if answer.found else branch.waiting
            if not wrong:
                return answer if answer.found and goal.reached_by(answer.value, self.budget) else OPEN
            first, rest = self._fewest_options(branch, [*wrong, *branch.reduced_alternatives(wrong)])
            if not first:
                return NONE
            if len(first) > 1:
                return chain(first, rest)
            branch = first[0]

    def _fewest_options(self, branch: Branch, wrong: list[Waiting]) -> tuple[list[Branch], Iterator[Branch]]:
        """Choose the assertion to take up; return its first options as a list, and an iterator of the rest."""
        best: tuple[list[Branch], Iterator[Branch]] = ([], iter(()))
        enough = _MANY_OPTIONS
        failing = [one for one in wrong if isinstance(one, No)]  # nodes that must fail often have only one option left
        holding = [one for one in wrong if not isinstance(one, No)]
        for waiting in failing[:_MOST_COMPARED] + holding[:_MOST_COMPARED]:
            ways = branch.options(waiting)
            first = list(islice(ways, enough))
            if not best[0] or len(first) < len(best[0]):
                best = (first, ways)
                enough = len(first)
            if len(first) <= 1:
                break
        return best


def _possible_kinds(goal: Goal) -> list[str]:
    """The kinds that the plain `type`s of *goal* leave, references followed one step."""
    sorts = SORTS
    for atom in goal.atoms.values():
        if isinstance(atom, Types):
            sorts &= atom.sorts
        elif isinstance(atom, SchemaReference):
            for inner in atom.target.node.atoms:
                if isinstance(inner, Types):
                    sorts &= inner.sorts
    return [kind for kind in KINDS if kind in sorts or (kind == NUMBER and sorts & NUMBER_SORTS)]
