"""Reader against writer: the differences at every level of the policy, each weighed and shown with a payload.

A level is a surface: the wire, ProtoJSON, generated code. Findings of a level outside the policy are not reported; the
code of a rule says which level it belongs to. Hygiene is reported at every level, as a warning. A break on the wire or
in ProtoJSON is reported as a break if the runtime confirms it with a payload, and otherwise as undecided.
"""

from collections.abc import Callable, Iterator
from functools import partial

from moorings_compat.errors import BudgetSpent
from moorings_compat.findings import Finding, Severity, Witness
from moorings_compat.limits import Budget
from moorings_compat.policies import Policy, ProtobufLevel
from moorings_compat.protobuf.compiled import compiled
from moorings_compat.protobuf.declared import code, hygiene
from moorings_compat.protobuf.declared.pairs import Candidacy
from moorings_compat.protobuf.differences import Check, Difference, Sides, protobuf_rule
from moorings_compat.protobuf.proto_json import gaps as proto_json
from moorings_compat.protobuf.suggestions import Editor
from moorings_compat.protobuf.wire import gaps as wire
from moorings_compat.protobuf.wire.roots import Files
from moorings_compat.protobuf.witness import wire_witness
from moorings_compat.rules import Rule
from moorings_compat.schema import Schema

Show = Callable[[Difference], Witness | None]
Gap = tuple[Rule, Difference, Show | None]

BUDGET_SPENT = protobuf_rule(
    "PROTO_BUDGET_SPENT",
    Severity.UNDECIDED,
    "the comparison did not finish",
    why="The steps granted for one comparison were used up before it ended.",
    fix="Grant more steps, or split the file.",
    source="Moorings, budgets",
    mirror="none: it is about the comparison, not about the schemas",
    example="two files of many thousand fields that differ in each of them, and a small budget",
)


MORE_FINDINGS = protobuf_rule(
    "PROTO_MORE_FINDINGS",
    Severity.WARNING,
    "findings that are not listed",
    why="A comparison lists a limited number of breaks and of other findings, and counts the rest.",
    fix="Fix the listed findings, and check again.",
    source="Moorings",
    mirror="none: it is about the list, not about the schemas",
    example="a message whose thousand fields all changed their type",
)
MOST_LISTED = 500
"""Findings of one kind, breaks or others, that one comparison lists."""


def compare(reader: Schema, writer: Schema, policy: Policy, budget: Budget) -> Iterator[Finding]:
    """Find everything that *reader* cannot read of what *writer* can write, at the levels of *policy*."""
    if reader.canonical == writer.canonical and reader.references == writer.references:
        return
    candidate, older = (reader, writer) if policy.candidate_reads else (writer, reader)
    # A projection of a schema has no text that could be edited.
    editor = Editor(candidate, older, candidate_reads=policy.candidate_reads) if candidate.text else None
    listed = {True: 0, False: 0}
    try:
        for rule, difference, show in _gaps(reader, writer, policy, budget):
            breaks = rule.severity is Severity.BREAK
            listed[breaks] += 1
            if listed[breaks] <= MOST_LISTED:
                yield _finding(rule, difference, show, editor)
    except BudgetSpent as error:
        yield BUDGET_SPENT.finding_of_all(f"The comparison took {error} and did not finish.")
    unlisted = sum(max(0, count - MOST_LISTED) for count in listed.values())
    if unlisted:
        more = "1 more finding is" if unlisted == 1 else f"{unlisted} more findings are"
        yield MORE_FINDINGS.finding_of_all(f"{more} not listed.")


def _gaps(reader: Schema, writer: Schema, policy: Policy, budget: Budget) -> Iterator[Gap]:
    """Yield the differences level by level, each with the function that makes its witness, if a payload can show it."""
    read, written = compiled(reader), compiled(writer)
    files = Files(Sides(read.types, written.types), policy.candidate_reads)
    both = Candidacy(*(read, written) if policy.candidate_reads else (written, read), policy.candidate_reads)
    on_wire = partial(wire_witness, reader=read, writer=written, budget=budget)
    for rule, found in wire.wire_gaps(files, budget):
        yield rule, found, on_wire
    if policy.protobuf_level is not ProtobufLevel.WIRE:
        in_json = partial(proto_json.json_witness, reader=read, writer=written, budget=budget)
        for rule, found in proto_json.json_gaps(files, budget):
            yield rule, found, in_json
    if policy.protobuf_level is ProtobufLevel.SOURCE:
        yield from _declaration_gaps(code.CHECKS, both, budget)
    yield from _declaration_gaps(hygiene.CHECKS, both, budget)


def _declaration_gaps(checks: tuple[Check[Candidacy], ...], both: Candidacy, budget: Budget) -> Iterator[Gap]:
    size = sum(len(message.fields) for message in both.older.types.messages.values())
    for check in checks:
        budget.spend(1 + size // 16)
        for found in check.find(both):
            budget.spend()
            yield check.rule, found, None


def _finding(rule: Rule, difference: Difference, show: Show | None, editor: Editor | None) -> Finding:
    severity, witness = rule.severity, None
    if severity is Severity.BREAK and show is not None:
        witness = show(difference)
        severity = severity if witness else Severity.UNDECIDED
    return Finding(
        rule=rule.code,
        severity=severity,
        reader_path=difference.reader_path,
        writer_path=difference.writer_path,
        reader_has=difference.reader_has,
        writer_has=difference.writer_has,
        message=difference.message[:1].upper() + difference.message[1:],
        advice=rule.fix,
        witness=witness,
        suggestion=editor.suggestion(difference) if editor else None,
    )


RULES: tuple[Rule, ...] = (
    *wire.RULES,
    *proto_json.RULES,
    *(check.rule for checks in (code.CHECKS, hygiene.CHECKS) for check in checks),
    BUDGET_SPENT,
    MORE_FINDINGS,
)
