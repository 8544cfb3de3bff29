"""Payloads for remainders, completed: required properties that were removed come back with their smallest values."""

from typing import Any

from moorings_compat.errors import BudgetSpent
from moorings_compat.json_schema.common_parts import Remainder
from moorings_compat.json_schema.nodes.nodes import Node
from moorings_compat.json_schema.solving import Goal, GoalAnswer, Solver
from moorings_compat.limits import Budget


class SmallestValues:
    """Smallest values, found once for all comparisons that share a budget."""

    def __init__(self, budget: Budget) -> None:
        self._solver = budget.shared(Solver)
        self._found: dict[bytes, GoalAnswer] = {}

    def answer(self, node: Node) -> GoalAnswer:
        """Find the smallest value that satisfies *node*.

        Raises:
            BudgetSpent: the budget ended first.
        """
        answer = self._found.get(node.key)
        if answer is None:
            answer = self._found[node.key] = self._solver.solve(Goal([node]))
        return answer


class PayloadCompletion:
    """Completes the payloads of one remainder."""

    def __init__(self, remainder: Remainder, smallest: SmallestValues) -> None:
        self._remainder = remainder
        self._smallest = smallest
        self._removed: dict[int, dict[str, Any]] = {}

    def completed(self, value: Any) -> Any:
        """Complete *value* until the budget is spent; what is not found stays out."""
        try:
            return self._complete(self._remainder, value)
        except BudgetSpent:
            return value

    def _complete(self, remainder: Remainder, value: Any) -> Any:
        if isinstance(value, dict):
            value = {**self._removed_values(remainder), **value}
            for (kind, name), inner in remainder.inner.items():
                if kind == "property" and name in value:
                    value[name] = self._complete(inner, value[name])
        elif isinstance(value, list):
            value = list(value)
            for (kind, start), inner in remainder.inner.items():
                if kind in ("item", "items") and isinstance(start, int):
                    end = start + 1 if kind == "item" else len(value)
                    value[start:end] = [self._complete(inner, one) for one in value[start:end]]
        behind = remainder.inner.get(("reference", 0))
        return value if behind is None else self._complete(behind, value)

    def _removed_values(self, remainder: Remainder) -> dict[str, Any]:
        found = self._removed.get(id(remainder))
        if found is None:
            answers = {
                name: self._smallest.answer(remainder.described[name].node) for name in sorted(remainder.removed)
            }
            found = self._removed[id(remainder)] = {name: one.value for name, one in answers.items() if one.found}
        return found
