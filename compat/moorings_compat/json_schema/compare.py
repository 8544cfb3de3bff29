"""Can the reader read every value that the writer allows? Proven, refuted with payloads, or undecided."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from moorings_compat.errors import BudgetSpent
from moorings_compat.findings import Finding, Severity
from moorings_compat.json_schema.common_parts import CommonParts, Remainder
from moorings_compat.json_schema.explaining import Explainer
from moorings_compat.json_schema.explaining.witnesses import Confirmer
from moorings_compat.json_schema.model import Model, model_of
from moorings_compat.json_schema.nodes.nodes import Node
from moorings_compat.json_schema.payload_completion import PayloadCompletion, SmallestValues
from moorings_compat.json_schema.solving import Goal, GoalAnswer, Solver, Status
from moorings_compat.json_schema.validator_cache import ValidatorCache
from moorings_compat.limits import Budget
from moorings_compat.policies import Policy
from moorings_compat.schema import Schema

_SCARCE = 200_000
"""Steps that an explanation may need."""


def compare(reader: Schema, writer: Schema, policy: Policy, budget: Budget) -> Iterable[Finding]:
    """Find what *reader* refuses of what *writer* allows; no finding means proven compatible.

    Their common parts are removed first; the whole schemas are compared only if the rest leaves the question open. When
    the budget is spent, the findings confirmed by then remain, or an UNDECIDED finding.
    """
    comparison = _Comparison(model_of(reader), model_of(writer), policy, budget)
    ours, theirs = comparison.roots
    if ours.key == theirs.key:
        return ()
    remainder = comparison.remainder()
    if remainder is not None:
        completion = PayloadCompletion(remainder, budget.shared(SmallestValues))
        found = list(comparison.findings(remainder.reader, remainder.writer, completion.completed))
        if all(finding.severity is not Severity.UNDECIDED for finding in found):
            return found
    return comparison.findings(ours, theirs, lambda value: value)


class _Comparison:
    """One reader, one writer."""

    def __init__(self, reader: Model, writer: Model, policy: Policy, budget: Budget) -> None:
        self._reader, self._writer = reader, writer
        self._policy = policy
        self._budget = budget
        self._formats = policy.formats_asserted

    @property
    def roots(self) -> tuple[Node, Node]:
        """The reader's schema as a node, and the writer's."""
        return self._reader.root(formats=self._formats), self._writer.root(formats=self._formats)

    def remainder(self) -> Remainder | None:
        """Remove what both have in common; None if that is nothing, or the budget was spent on it."""
        try:
            return self._budget.shared(CommonParts).remainder(*self.roots)
        except BudgetSpent:
            return None

    def findings(self, ours: Node, theirs: Node, completed: Callable[[Any], Any]) -> Iterator[Finding]:
        """Yield what *ours* refuses of *theirs*; *completed* makes their payloads those of the whole schemas."""
        solver = self._budget.shared(Solver)
        try:
            whole = solver.solve(Goal([theirs], [ours]))
        except BudgetSpent:
            whole = GoalAnswer(Status.OPEN)
        if whole.none:
            return
        validators = self._budget.shared(ValidatorCache)
        confirmer = Confirmer(
            lambda: validators.of(self._reader, formats=self._formats),
            lambda: validators.of(self._writer, formats=self._formats),
            self._budget,
            (theirs, completed),
        )
        if whole.found and self._budget.left < _SCARCE:
            confirmer.confirmed(whole.value)  # while there are steps left for it; it is remembered
        explainer = Explainer((self._reader.document, ours), (self._writer.document, theirs), solver, confirmer)
        find = explainer.findings if self._budget.left > 0 else explainer.finding_by_payload
        yield from (one.finding for one in find(whole, self._policy))
