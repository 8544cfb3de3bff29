"""Reader against writer: the gaps of every level that the policy asks for, each weighed and shown with a payload.

A level is a surface: the wire, ProtoJSON, generated code. Findings of a level that the policy leaves out are not
reported at all; the code of a rule says which level it belongs to. A break on the wire or in ProtoJSON is reported as
such once the runtime has confirmed it with a payload; one that no payload shows is an open question.
"""

from collections.abc import Callable, Iterator
from functools import partial

from moorings_compat.errors import BudgetSpent
from moorings_compat.findings import Finding, Severity, Witness
from moorings_compat.limits import Budget
from moorings_compat.policies import Policy
from moorings_compat.protobuf.compiled import Compiled, compiled
from moorings_compat.protobuf.differences import Difference, Sides, protobuf_rule
from moorings_compat.protobuf.wire import gaps as wire
from moorings_compat.protobuf.wire.roots import Files
from moorings_compat.protobuf.witness import wire_witness
from moorings_compat.rules import Rule
from moorings_compat.schema import Schema

Show = Callable[[Difference], Witness | None]

BUDGET_SPENT = protobuf_rule(
    "PROTO_BUDGET_SPENT",
    Severity.UNDECIDED,
    "the comparison was not finished",
    why="The steps granted for one comparison were used up before everything was looked at.",
    fix="Grant more steps, or split the file.",
    source="Moorings, budgets",
    mirror="none: it says something about the comparison, not about the schemas",
    example="two files of many thousand fields that differ in each of them, and a small budget",
)


def compare(reader: Schema, writer: Schema, policy: Policy, budget: Budget) -> Iterator[Finding]:
    """Find everything that stands between *reader* and what *writer* may write, at the levels of *policy*."""
    if reader.canonical == writer.canonical and reader.references == writer.references:
        return
    models = compiled(reader), compiled(writer)
    files = Files(Sides(models[0].types, models[1].types), policy.candidate_reads)
    try:
        for rule, difference in wire.wire_gaps(files, budget):
            yield _finding(rule, difference, partial(wire_witness, reader=models[0], writer=models[1], budget=budget))
    except BudgetSpent as error:
        yield _unfinished(error)


def _finding(rule: Rule, difference: Difference, show: Show) -> Finding:
    witness = show(difference) if rule.severity is Severity.BREAK else None
    unshown = rule.severity is Severity.BREAK and witness is None
    return Finding(
        rule=rule.code,
        severity=Severity.UNDECIDED if unshown else rule.severity,
        reader_path=difference.reader_path,
        writer_path=difference.writer_path,
        reader_has=difference.reader_has,
        writer_has=difference.writer_has,
        message=_sentence(difference.message),
        advice=rule.fix,
        witness=witness,
    )


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _unfinished(error: BudgetSpent) -> Finding:
    return Finding(
        rule=BUDGET_SPENT.code,
        severity=BUDGET_SPENT.severity,
        reader_path="",
        writer_path="",
        reader_has="",
        writer_has="",
        message=f"The comparison took {error} and was not finished.",
        advice=BUDGET_SPENT.fix,
    )


RULES: tuple[Rule, ...] = (*wire.RULES, BUDGET_SPENT)
