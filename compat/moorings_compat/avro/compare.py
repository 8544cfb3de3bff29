"""The comparison: the walk's faults, each with its witness, as findings."""

from collections.abc import Iterator

from moorings_compat.avro.faults import Fault
from moorings_compat.avro.model import AvroModel, model_of
from moorings_compat.avro.rules import BUDGET_SPENT, MORE_FINDINGS
from moorings_compat.avro.walk import walk
from moorings_compat.avro.witness import Witnesses
from moorings_compat.errors import BudgetSpent
from moorings_compat.findings import Finding, Severity
from moorings_compat.limits import Budget
from moorings_compat.policies import Policy
from moorings_compat.schema import Schema

MOST_LISTED = 500
"""Findings of one kind, breaks or others, that one comparison lists."""
_STEPS_OF_A_FINDING = 400
_CHARACTERS_A_STEP = 100


def compare(reader: Schema, writer: Schema, policy: Policy, budget: Budget) -> Iterator[Finding]:
    """Yield what keeps *reader* from reading anything that *writer* may write, nearest to the top first.

    No policy re-classifies a finding of Avro's; suggestions edit the side that *policy* calls the candidate. A spent
    budget is a finding of its own, after those made so far.
    """
    read, written = model_of(reader), model_of(writer)
    if _mean_the_same(read, written):
        return
    witnesses: Witnesses | None = None  # most comparisons find nothing, and need none
    listed = {True: 0, False: 0}
    try:
        for fault in walk(read, written, budget):
            witnesses = witnesses or Witnesses(read, written)
            breaks = fault.rule.severity is Severity.BREAK
            listed[breaks] += 1
            if listed[breaks] <= MOST_LISTED:
                budget.spend(_STEPS_OF_A_FINDING)
                finding = _finding(fault, witnesses, policy)
                yield finding
                budget.spend(len(finding.witness.payload) // _CHARACTERS_A_STEP if finding.witness else 0)
    except BudgetSpent:
        yield BUDGET_SPENT.finding_of_all(f"the comparison needs more than the {budget.granted} steps granted to it.")
    unlisted = sum(max(0, count - MOST_LISTED) for count in listed.values())
    if unlisted:
        yield MORE_FINDINGS.finding_of_all(_unlisted(unlisted))


def _unlisted(count: int) -> str:
    return "1 more finding is not listed." if count == 1 else f"{count} more findings are not listed."


def _mean_the_same(reader: AvroModel, writer: AvroModel) -> bool:
    """Tell whether two schemas differ only in what reading does not depend on: documentation, spelling or order."""
    return reader.root.shape == writer.root.shape and reader.signatures == writer.signatures


def _finding(fault: Fault, witnesses: Witnesses, policy: Policy) -> Finding:
    return Finding(
        rule=fault.rule.code,
        severity=fault.rule.severity,
        reader_path=fault.reader_path,
        writer_path=fault.writer_path,
        reader_has=fault.reader_has,
        writer_has=fault.writer_has,
        message=fault.message,
        advice=fault.advice,
        witness=witnesses.of(fault),
        suggestion=fault.reader_edit() if policy.candidate_reads else fault.writer_edit(),
    )
