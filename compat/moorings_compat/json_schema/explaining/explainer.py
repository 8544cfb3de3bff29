"""One comparison told: leaves with confirmed payloads become findings of the catalogue."""

from collections.abc import Iterator
from dataclasses import dataclass

from moorings_compat.errors import BudgetSpent
from moorings_compat.findings import Finding, Suggestion, Witness
from moorings_compat.json_schema.documents.documents import Document
from moorings_compat.json_schema.explaining.blame import blamed, first_failing
from moorings_compat.json_schema.explaining.failing_assertions import Leaf, Spot, Walk
from moorings_compat.json_schema.explaining.reader_edits import accept
from moorings_compat.json_schema.explaining.source_edits import Texts, raw
from moorings_compat.json_schema.explaining.witnesses import Confirmer
from moorings_compat.json_schema.explaining.wording import Telling, named, short, tell
from moorings_compat.json_schema.explaining.writer_constraints import Site, Sites
from moorings_compat.json_schema.explaining.writer_edits import refrain
from moorings_compat.json_schema.nodes.nodes import Additional, Node, Required
from moorings_compat.json_schema.payloads import clipped
from moorings_compat.json_schema.rules import ENTRIES, LENIENT, UNDECIDED
from moorings_compat.json_schema.solving import Answer, Solver
from moorings_compat.policies import Policy

MOST_FINDINGS = 100
"""Findings of one comparison; whoever has a hundred needs no more of them to decide."""


@dataclass(frozen=True, slots=True)
class Told:
    """A finding, and the leaf that it tells."""

    finding: Finding
    leaf: Leaf


class Explainer:
    """Tells what stands between one reader and one writer."""

    def __init__(
        self, reader: tuple[Document, Node], writer: tuple[Document, Node], solver: Solver, confirmer: Confirmer
    ) -> None:
        self._reader, self._reader_root = reader
        self._writer, self._writer_root = writer
        self._solver = solver
        self._confirmer = confirmer

    def told(self, whole: Answer, policy: Policy) -> Iterator[Told]:
        """Yield every finding that a payload confirms, or one that stays undecided.

        *whole* is the answer for both schemas as they are: its value, if it has one, shows that something breaks.
        """
        seen: set[tuple[str, str, str]] = set()
        unsettled: Leaf | None = None
        for leaf, witness in self._shown():
            if witness is None:
                unsettled = unsettled or leaf
                continue
            told = self._finding(blamed(leaf), witness, policy)
            mark = (told.finding.rule, told.finding.reader_path, named(told.leaf.atom))
            if mark not in seen:
                seen.add(mark)
                yield told
            if len(seen) >= MOST_FINDINGS:
                return
        if not seen:
            yield self._of_the_whole(whole, unsettled, policy)

    def untold(self, whole: Answer, policy: Policy) -> Iterator[Told]:
        """Yield the one finding that can be told without any further step."""
        yield self._of_the_whole(whole, None, policy)

    def _root(self) -> Spot:
        sites = Sites((Site(self._writer_root, ""),))
        return Spot(self._reader_root, "", sites, lambda node: node)

    def _shown(self) -> Iterator[tuple[Leaf, Witness | None]]:
        """Yield the leaves with the payloads that show them, as far as the budget goes."""
        try:
            for leaf in Walk(self._solver, self._writer_root).leaves(self._root()):
                yield leaf, self._confirmer.witness(leaf.answer.value, leaf.focus) if leaf.answer.found else None
        except BudgetSpent:
            return

    def _of_the_whole(self, whole: Answer, unsettled: Leaf | None, policy: Policy) -> Told:
        """Tell by the payload alone which assertion breaks; without one, that it could not be decided."""
        root = self._root()
        like = unsettled or Leaf(Required((), ""), root, "", self._reader_root, whole)
        witness = self._confirmer.confirmed(whole.value) if whole.found else None
        if witness is None:
            return Told(undecided(like, self._has(self._reader, like.pointer)), like)
        leaf = first_failing(root, whole.value, like)
        assert leaf is not None  # the payload is refused, so that something refuses it
        return self._finding(leaf, witness, policy)

    def _finding(self, leaf: Leaf, witness: Witness, policy: Policy) -> Told:
        telling = tell(leaf)
        entry = ENTRIES[telling.code]
        writer_path = telling.counterpart.pointer if telling.counterpart is not None else leaf.spot.sites.pointer
        message = entry.says.format(
            where=f"`{leaf.where}`" if leaf.where else "the value",
            name=f"`{named(leaf.atom)}`",
            reader=short(leaf.atom) or self._has(self._reader, leaf.pointer),
            writer=self._told_by_writer(telling, writer_path),
        )
        finding = Finding(
            rule=entry.rule.code,
            severity=entry.rule.severity,
            reader_path=leaf.pointer,
            writer_path=writer_path,
            reader_has=self._has(self._reader, leaf.pointer),
            writer_has=self._has(self._writer, writer_path),
            message=message[0].upper() + message[1:],
            advice=entry.rule.fix,
            witness=self._confirmer.about(witness, leaf.pointer),
            suggestion=self._suggestion(leaf, telling, policy),
            tolerated_by=LENIENT if policy.lenient and self._tolerated(leaf, telling) else "",
        )
        return Told(finding, leaf)

    def _suggestion(self, leaf: Leaf, telling: Telling, policy: Policy) -> Suggestion | None:
        texts = Texts(leaf, telling, self._reader, self._writer, self._solver)
        try:
            return accept(texts) if policy.candidate_reads else refrain(texts)
        except BudgetSpent:
            return None

    def _told_by_writer(self, telling: Telling, writer_path: str) -> str:
        counterpart = telling.counterpart
        return (short(counterpart.atom) if counterpart is not None else "") or self._has(self._writer, writer_path)

    def _tolerated(self, leaf: Leaf, telling: Telling) -> bool:
        return ENTRIES[telling.code].is_tolerated(
            about_undeclared=leaf.spot.undeclared,
            required_with_default=isinstance(leaf.atom, Required) and self._is_new_with_default(leaf, leaf.atom.name),
        )

    def _is_new_with_default(self, leaf: Leaf, name: str) -> bool:
        """Say whether the writer's open object does not describe *name*, and the reader gives it a default."""
        closed = any(isinstance(one.atom, Additional) for one in leaf.spot.sites.said)
        if closed or leaf.spot.sites.declares(name):
            return False
        schema = raw(self._reader, f"{leaf.spot.pointer}/properties")
        return isinstance(schema, dict) and isinstance(schema.get(name), dict) and "default" in schema[name]

    def _has(self, document: Document, pointer: str) -> str:
        """What stands at *pointer* in the text, clipped; with its keyword where it is one."""
        content = raw(document, pointer)
        if content is None:
            return ""
        return clipped(content, 200)


def undecided(leaf: Leaf, reader_has: str) -> Finding:
    """Name the goal that was neither proven nor refuted."""
    where = f"`{leaf.where}`" if leaf.where else "the value"
    return Finding(
        rule=UNDECIDED.code,
        severity=UNDECIDED.severity,
        reader_path=leaf.pointer,
        writer_path=leaf.spot.sites.pointer,
        reader_has=reader_has,
        writer_has="",
        message=f"Whether all that the writer allows for {where} is accepted could be neither proven nor refuted.",
        advice=UNDECIDED.fix,
    )
