"""Can every value that the writer allows be read? Proven, refuted with payloads, or admitted as undecided."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from moorings_compat.errors import BudgetSpent
from moorings_compat.findings import Finding, Severity
from moorings_compat.json_schema.common_parts import Slice, Slicer
from moorings_compat.json_schema.explaining import Explainer
from moorings_compat.json_schema.explaining.witnesses import Confirmer
from moorings_compat.json_schema.model import Model, model_of
from moorings_compat.json_schema.nodes.nodes import Node
from moorings_compat.json_schema.payload_completion import Filling, Leasts
from moorings_compat.json_schema.solving import Answer, Goal, Solver, Status
from moorings_compat.json_schema.validator_cache import Judges
from moorings_compat.limits import Budget
from moorings_compat.policies import Policy
from moorings_compat.schema import Schema

_SCARCE = 200_000
"""Steps that explaining may well take."""


def compare(reader: Schema, writer: Schema, policy: Policy, budget: Budget) -> Iterable[Finding]:
    """Find what stands between *reader* and anything that *writer* allows; nothing: proven compatible.

    What both have in common is cut off first, and looked at only where the rest alone leaves the question open. A spent
    budget leaves what has been confirmed by then, or an UNDECIDED finding.
    """
    comparison = _Comparison(model_of(reader), model_of(writer), policy, budget)
    ours, theirs = comparison.roots
    if ours.key == theirs.key:
        return ()
    slice = comparison.sliced()
    if slice is not None:
        found = list(comparison.findings(slice.reader, slice.writer, Filling(slice, budget.shared(Leasts)).filled))
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

    def sliced(self) -> Slice | None:
        """Cut off what both have in common, if that is anything."""
        try:
            return self._budget.shared(Slicer).sliced(*self.roots)
        except BudgetSpent:
            return None

    def findings(self, ours: Node, theirs: Node, filled: Callable[[Any], Any]) -> Iterator[Finding]:
        """Yield what stands between slices of both, whose payloads *filled* completes."""
        solver = self._budget.shared(Solver)
        try:
            whole = solver.solve(Goal([theirs], [ours]))
        except BudgetSpent:
            whole = Answer(Status.OPEN)
        if whole.none:
            return
        judges = self._budget.shared(Judges)
        confirmer = Confirmer(
            lambda: judges.of(self._reader, formats=self._formats),
            lambda: judges.of(self._writer, formats=self._formats),
            self._budget,
            (theirs, filled),
        )
        if whole.found and self._budget.left < _SCARCE:
            confirmer.confirmed(whole.value)  # as long as there is something left to do it with; it will be remembered
        explainer = Explainer((self._reader.document, ours), (self._writer.document, theirs), solver, confirmer)
        told = explainer.told(whole, self._policy) if self._budget.left > 0 else explainer.untold(whole, self._policy)
        yield from (one.finding for one in told)
