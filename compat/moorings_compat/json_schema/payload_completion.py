"""Payloads for slices made whole: what was cut off and has to be there comes back with least values."""

from typing import Any

from moorings_compat.errors import BudgetSpent
from moorings_compat.json_schema.common_parts import Slice
from moorings_compat.json_schema.nodes.nodes import Node
from moorings_compat.json_schema.solving import Answer, Goal, Solver
from moorings_compat.limits import Budget


class Leasts:
    """Least values, found once for all comparisons that share a budget."""

    def __init__(self, budget: Budget) -> None:
        self._solver = budget.shared(Solver)
        self._found: dict[bytes, Answer] = {}

    def answer(self, node: Node) -> Answer:
        """Find the least value that satisfies *node*.

        Raises:
            BudgetSpent: the budget ended first.
        """
        answer = self._found.get(node.key)
        if answer is None:
            answer = self._found[node.key] = self._solver.solve(Goal([node]))
        return answer


class Filling:
    """Completes the values of one slice."""

    def __init__(self, slice: Slice, leasts: Leasts) -> None:
        self._slice = slice
        self._leasts = leasts
        self._cut: dict[int, dict[str, Any]] = {}

    def filled(self, value: Any) -> Any:
        """Complete *value*, as far as the budget goes; what is not found stays out."""
        try:
            return self._filled(self._slice, value)
        except BudgetSpent:
            return value

    def _filled(self, slice: Slice, value: Any) -> Any:
        if isinstance(value, dict):
            value = {**self._cut_off(slice), **value}
            for (kind, name), inner in slice.inner.items():
                if kind == "property" and name in value:
                    value[name] = self._filled(inner, value[name])
        elif isinstance(value, list):
            value = list(value)
            for (kind, start), inner in slice.inner.items():
                if kind in ("item", "items") and isinstance(start, int):
                    end = start + 1 if kind == "item" else len(value)
                    value[start:end] = [self._filled(inner, one) for one in value[start:end]]
        behind = slice.inner.get(("reference", 0))
        return value if behind is None else self._filled(behind, value)

    def _cut_off(self, slice: Slice) -> dict[str, Any]:
        found = self._cut.get(id(slice))
        if found is None:
            answers = {name: self._leasts.answer(slice.said[name].node) for name in sorted(slice.cut)}
            found = self._cut[id(slice)] = {name: one.value for name, one in answers.items() if one.found}
        return found
