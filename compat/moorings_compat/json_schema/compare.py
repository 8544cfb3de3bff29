"""Can the reader read every value that the writer allows? Proven, refuted with payloads, or undecided."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from moorings_compat.errors import BudgetSpent
from moorings_compat.findings import Finding, Severity
from moorings_compat.json_schema.common_parts import CommonParts, Remainder
from moorings_compat.json_schema.explaining import Explainer
from moorings_compat.json_schema.explaining.edit_trials import EditTrial
from moorings_compat.json_schema.explaining.witnesses import Confirmer, Reader, Writer
from moorings_compat.json_schema.model import Model, model_of
from moorings_compat.json_schema.nodes.nodes import Node
from moorings_compat.json_schema.payload_completion import PayloadCompletion, SmallestValues
from moorings_compat.json_schema.rules import dialect_warnings, pattern_warnings, strict_reader
from moorings_compat.json_schema.solving import Goal, GoalAnswer, Solver, Status
from moorings_compat.json_schema.worlds import Pair, declared_pair, declared_validators, open_pair, strict_pair
from moorings_compat.limits import Budget
from moorings_compat.policies import JsonFields, Policy
from moorings_compat.schema import Schema

_SCARCE = 200_000
"""Steps that an explanation may need."""


def compare(reader: Schema, writer: Schema, policy: Policy, budget: Budget) -> Iterator[Finding]:
    """Find what *reader* refuses of what *writer* allows; no finding means proven compatible.

    Where `policy.json_fields` says that only declared fields count, a reader that validates events as they are is
    compared too, and what it would refuse is reported as a change of meaning.
    """
    yield from _compared_as(reader, writer, policy, budget)
    documents = model_of(reader).document, model_of(writer).document
    yield from dialect_warnings(*documents)
    yield from pattern_warnings(*documents)


def _compared_as(reader: Schema, writer: Schema, policy: Policy, budget: Budget) -> Iterable[Finding]:
    models = model_of(reader), model_of(writer)
    if policy.json_fields is JsonFields.OPEN:
        return _compared(open_pair(*models, policy, budget), policy, budget)
    pair = declared_pair(*models, policy, budget)

    def validators(reads: Model, writes: Model) -> tuple[Callable[[], Reader], Callable[[], Writer]]:
        return declared_validators(reads, writes, policy, budget)

    def again(reads: Schema, writes: Schema, few: Budget) -> Iterable[Finding]:
        return _compared(declared_pair(model_of(reads), model_of(writes), policy, few), policy, few)

    trial = EditTrial(reader, writer, policy.candidate_reads, validators, again, budget)
    found = [trial.of(one) for one in _compared(pair, policy, budget)]
    return [*found, *_strict_findings(models, policy, budget, found)] if pair.leaves_out else found


def _strict_findings(
    models: tuple[Model, Model], policy: Policy, budget: Budget, found: list[Finding]
) -> Iterator[Finding]:
    """Yield what a reader that leaves nothing out refuses beyond what was *found*."""
    known = {(one.rule, one.reader_path) for one in found}
    try:
        pair = strict_pair(*models, policy, budget)
    except BudgetSpent:
        return
    for one in _compared(pair, policy, budget):
        if one.severity is Severity.BREAK and (one.rule, one.reader_path) not in known:
            yield strict_reader(one)


def _compared(pair: Pair, policy: Policy, budget: Budget) -> Iterable[Finding]:
    """Compare one pair.

    Their common parts are removed first; the whole schemas are compared only if the rest leaves the question open. When
    the budget is spent, the findings confirmed by then remain, or an UNDECIDED finding.
    """
    if pair.reader.key == pair.writer.key and not pair.inexact:
        return ()
    comparison = _Comparison(pair, policy, budget)
    remainder = comparison.remainder()
    if remainder is not None:
        completion = PayloadCompletion(remainder, budget.shared(SmallestValues))
        found = list(comparison.findings(remainder.reader, remainder.writer, completion.completed))
        if all(finding.severity is not Severity.UNDECIDED for finding in found):
            return found
    return comparison.findings(pair.reader, pair.writer, lambda value: value)


class _Comparison:
    """One reader, one writer."""

    def __init__(self, pair: Pair, policy: Policy, budget: Budget) -> None:
        self._pair = pair
        self._policy = policy
        self._budget = budget

    def remainder(self) -> Remainder | None:
        """Remove what both have in common; None if that is nothing, or the budget was spent on it."""
        try:
            return self._budget.shared(CommonParts).remainder(self._pair.reader, self._pair.writer)
        except BudgetSpent:
            return None

    def findings(self, ours: Node, theirs: Node, completed: Callable[[Any], Any]) -> Iterator[Finding]:
        """Yield what *ours* refuses of *theirs*; *completed* makes their payloads those of the whole schemas."""
        pair, solver = self._pair, self._budget.shared(Solver)
        try:
            whole = solver.solve(Goal([theirs], [ours]))
        except BudgetSpent:
            whole = GoalAnswer(Status.OPEN)
        if whole.none and not pair.inexact:
            return
        confirmer = Confirmer(pair.reads, pair.writes, self._budget, (theirs, completed), pair.variants)
        if whole.found and self._budget.left < _SCARCE:
            confirmer.confirmed(whole.value)  # while there are steps left for it; it is remembered
        explainer = Explainer((pair.documents[0], ours), (pair.documents[1], theirs), solver, confirmer)
        if whole.none:
            find, whole = explainer.finding_by_payload, GoalAnswer(Status.OPEN)
        else:
            find = explainer.findings if self._budget.left > 0 else explainer.finding_by_payload
        yield from (one.finding for one in find(whole, self._policy))
