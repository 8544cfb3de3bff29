"""One comparison explained: failing assertions with confirmed payloads become findings of the catalogue."""

from collections.abc import Iterator
from dataclasses import dataclass

from moorings_compat.errors import BudgetSpent
from moorings_compat.findings import Finding, Suggestion, Witness
from moorings_compat.json_schema.documents.documents import Document
from moorings_compat.json_schema.explaining.blame import blamed, first_failing
from moorings_compat.json_schema.explaining.failing_assertions import AssertionWalk, FailingAssertion, Spot
from moorings_compat.json_schema.explaining.reader_edits import accept
from moorings_compat.json_schema.explaining.source_edits import EditContext, source_value
from moorings_compat.json_schema.explaining.witnesses import Confirmer
from moorings_compat.json_schema.explaining.wording import Classification, classify, short, subject_name
from moorings_compat.json_schema.explaining.writer_constraints import WriterConstraints, WriterSchema
from moorings_compat.json_schema.explaining.writer_edits import refrain
from moorings_compat.json_schema.nodes.nodes import Additional, Node, Required
from moorings_compat.json_schema.payloads import clipped
from moorings_compat.json_schema.rules import ENTRIES, LENIENT, UNDECIDED
from moorings_compat.json_schema.solving import GoalAnswer, Solver
from moorings_compat.policies import Policy

MOST_FINDINGS = 100
"""Findings of one comparison; a hundred are enough to decide."""


@dataclass(frozen=True, slots=True)
class ExplainedFinding:
    """A finding, and the assertion that it reports."""

    finding: Finding
    failing: FailingAssertion


class Explainer:
    """Finds what one reader refuses of what one writer allows."""

    def __init__(
        self, reader: tuple[Document, Node], writer: tuple[Document, Node], solver: Solver, confirmer: Confirmer
    ) -> None:
        self._reader, self._reader_root = reader
        self._writer, self._writer_root = writer
        self._solver = solver
        self._confirmer = confirmer

    def findings(self, whole: GoalAnswer, policy: Policy) -> Iterator[ExplainedFinding]:
        """Yield every finding that a payload confirms, or one that stays undecided.

        *whole* is the answer for both schemas as they are: its value, if it has one, shows that something breaks.
        """
        seen: set[tuple[str, str, str]] = set()
        unsettled: FailingAssertion | None = None
        for failing, witness in self._with_witnesses():
            if witness is None:
                unsettled = unsettled or failing
                continue
            explained = self._finding(blamed(failing), witness, policy)
            mark = (explained.finding.rule, explained.finding.reader_path, subject_name(explained.failing.atom))
            if mark not in seen:
                seen.add(mark)
                yield explained
            if len(seen) >= MOST_FINDINGS:
                return
        if not seen:
            yield self._of_the_whole(whole, unsettled, policy)

    def finding_by_payload(self, whole: GoalAnswer, policy: Policy) -> Iterator[ExplainedFinding]:
        """Yield the one finding that needs no further step."""
        yield self._of_the_whole(whole, None, policy)

    def _root(self) -> Spot:
        constraints = WriterConstraints((WriterSchema(self._writer_root, ""),))
        return Spot(self._reader_root, "", constraints, lambda node: node)

    def _with_witnesses(self) -> Iterator[tuple[FailingAssertion, Witness | None]]:
        """Yield the failing assertions with the payloads that show them, until the budget is spent."""
        try:
            for failing in AssertionWalk(self._solver, self._writer_root).failing_assertions(self._root()):
                yield (
                    failing,
                    self._confirmer.witness(failing.answer.value, failing.focus) if failing.answer.found else None,
                )
        except BudgetSpent:
            return

    def _of_the_whole(self, whole: GoalAnswer, unsettled: FailingAssertion | None, policy: Policy) -> ExplainedFinding:
        """Find the assertion that the payload violates; without a payload, report that it could not be decided."""
        root = self._root()
        like = unsettled or FailingAssertion(Required((), ""), root, "", self._reader_root, whole)
        witness = self._confirmer.confirmed(whole.value) if whole.found else None
        if witness is None and whole.found:
            witness = self._confirmer.varied(whole.value)
        if witness is None:
            return ExplainedFinding(undecided(like, self._source_at(self._reader, like.pointer)), like)
        failing = first_failing(root, whole.value, like)
        assert failing is not None  # the payload is refused, so that something refuses it
        return self._finding(failing, witness, policy)

    def _finding(self, failing: FailingAssertion, witness: Witness, policy: Policy) -> ExplainedFinding:
        classified = classify(failing)
        entry = ENTRIES[classified.code]
        writer_path = (
            classified.counterpart.pointer if classified.counterpart is not None else failing.spot.constraints.pointer
        )
        message = entry.says.format(
            where=f"`{failing.where}`" if failing.where else "the value",
            of=f" of `{failing.where}`" if failing.where else "",
            for_=f" for `{failing.where}`" if failing.where else "",
            name=f"`{subject_name(failing.atom)}`",
            reader=short(failing.atom) or self._source_at(self._reader, failing.pointer),
            writer=self._writer_text(classified, writer_path),
        )
        finding = Finding(
            rule=entry.rule.code,
            severity=entry.rule.severity,
            reader_path=failing.pointer,
            writer_path=writer_path,
            reader_has=self._source_at(self._reader, failing.pointer),
            writer_has=self._source_at(self._writer, writer_path),
            message=message[0].upper() + message[1:],
            advice=entry.rule.fix,
            witness=self._confirmer.about(witness, failing.pointer),
            suggestion=self._suggestion(failing, classified, policy),
            tolerated_by=LENIENT if policy.lenient and self._tolerated(failing, classified) else "",
            about=subject_name(failing.atom),
        )
        return ExplainedFinding(finding, failing)

    def _suggestion(self, failing: FailingAssertion, classified: Classification, policy: Policy) -> Suggestion | None:
        context = EditContext(failing, classified, self._reader, self._writer, self._solver)
        try:
            return accept(context) if policy.candidate_reads else refrain(context)
        except BudgetSpent:
            return None

    def _writer_text(self, classified: Classification, writer_path: str) -> str:
        counterpart = classified.counterpart
        return (short(counterpart.atom) if counterpart is not None else "") or self._source_at(
            self._writer, writer_path
        )

    def _tolerated(self, failing: FailingAssertion, classified: Classification) -> bool:
        return ENTRIES[classified.code].is_tolerated(
            about_undeclared=failing.spot.undeclared,
            required_with_default=isinstance(failing.atom, Required)
            and self._is_new_with_default(failing, failing.atom.name),
        )

    def _is_new_with_default(self, failing: FailingAssertion, name: str) -> bool:
        """Say whether the writer's open object does not describe *name*, and the reader gives it a default."""
        closed = any(isinstance(one.atom, Additional) for one in failing.spot.constraints.assertions)
        if closed or failing.spot.constraints.declares(name):
            return False
        schema = source_value(self._reader, f"{failing.spot.pointer}/properties")
        return isinstance(schema, dict) and isinstance(schema.get(name), dict) and "default" in schema[name]

    def _source_at(self, document: Document, pointer: str) -> str:
        """Return what the text has at *pointer*, clipped."""
        content = source_value(document, pointer)
        if content is None:
            return ""
        return clipped(content, 200)


def undecided(failing: FailingAssertion, reader_has: str) -> Finding:
    """Report the goal that was neither proven nor refuted."""
    where = f"`{failing.where}`" if failing.where else "the value"
    return Finding(
        rule=UNDECIDED.code,
        severity=UNDECIDED.severity,
        reader_path=failing.pointer,
        writer_path=failing.spot.constraints.pointer,
        reader_has=reader_has,
        writer_has="",
        message=f"Undecided: no proof and no counterexample that the reader accepts the writer's values for {where}.",
        advice=UNDECIDED.fix,
    )
