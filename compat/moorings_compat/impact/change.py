"""A change of an event's schema, and what it does to consumers by the fields that they read.

Both schemas are reduced to a consumer's fields, and the reductions are compared as any two schemas are: so a break is
shown by a payload that is made of those fields and went through the real codec. Where the reductions are equal, and
the schemas as wholes read each other, nothing changes for the consumer.
"""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property
from itertools import islice, takewhile

from moorings_compat.fields import ANY, WHOLE, Path, covers, field_tree, pointer_of, project
from moorings_compat.fields.tree import Places, walk
from moorings_compat.findings import Finding, Severity
from moorings_compat.formats import can_read
from moorings_compat.impact.evidence import Evidence, EvidenceKind, Impact, ImpactStatus, worst
from moorings_compat.impact.payloads import payload_at, payload_without
from moorings_compat.impact.reads import FieldUse, Reads, Use
from moorings_compat.limits import Budget
from moorings_compat.policies import DEFAULT_POLICY, Policy
from moorings_compat.schema import Schema

MOST_SHOWN = 20
"""Pieces of evidence of one kind for one consumer."""
_STEPS = 200_000
_COMPARISONS = 10
"""Comparisons of the most steps that one change is granted, for all its consumers together."""


class Change:
    """From the schema that consumers read as today, to the one that producers would write with."""

    def __init__(
        self, old: Schema, new: Schema, *, event: str = "", policy: Policy = DEFAULT_POLICY, steps: int = _STEPS
    ) -> None:
        """*event* names the message of Protobuf; *steps* bounds each comparison, ten times that all together."""
        self._old, self._new = old, new
        self._event = event
        self._policy = policy
        self._steps = steps
        self._left = steps * _COMPARISONS
        self._known: dict[Reads, Impact] = {}
        self._same: dict[Path, bool] = {}
        self._compared: dict[tuple[Path, ...], tuple[tuple[Finding, ...], tuple[Finding, ...]]] = {}

    def impact(self, reads: Reads) -> Impact:
        """Tell what the change does to whoever reads *reads*; the answer is kept."""
        known = self._known.get(reads)
        if known is None:
            known = self._known[reads] = self._impact(reads)
        return known

    def _impact(self, reads: Reads) -> Impact:
        if self._old == self._new:
            return Impact(ImpactStatus.UNAFFECTED)
        if self._old.format is not self._new.format:
            message = f"the event is written as {self._new.format}, and was written as {self._old.format}"
            return Impact(ImpactStatus.BROKEN, (Evidence(EvidenceKind.CANNOT_READ, "", message),))
        found = [*self._removed(reads), *self._symbols_added(reads), *self._compare(reads)]
        status = worst(status for status, _ in found)
        if not reads.known and status is not ImpactStatus.UNAFFECTED:
            status = ImpactStatus.UNKNOWN
            message = "it reads the event and does not declare which fields"
            found.insert(0, (status, Evidence(EvidenceKind.FIELDS_NOT_DECLARED, "", message)))
        ordered = sorted(found, key=lambda one: tuple(ImpactStatus).index(one[0]))
        return Impact(status, tuple(evidence for _, evidence in ordered))

    @cached_property
    def removed_paths(self) -> tuple[Path, ...]:
        """The fields that the new schema no longer has, outermost ones only."""
        if self._old.format is not self._new.format:
            return ()
        lost: set[Path] = set()
        for path, _ in walk(self._old_places.root):
            inside = any(path[:length] in lost for length in range(1, len(path)))
            if not inside and self._new_places.find(path) is None:
                lost.add(path)
        return tuple(sorted(lost))

    @cached_property
    def _old_places(self) -> Places:
        return Places(field_tree(self._old, self._event))

    @cached_property
    def _new_places(self) -> Places:
        return Places(field_tree(self._new, self._event))

    def _removed(self, reads: Reads) -> Iterator[tuple[ImpactStatus, Evidence]]:
        for one in reads.fields:
            if self._old_places.find(one.path) is None:
                if self._new_places.find(one.path) is None:
                    message = f"{pointer_of(one.path)} is not a field of either schema"
                    yield (
                        ImpactStatus.UNKNOWN,
                        Evidence(EvidenceKind.FIELD_UNKNOWN, pointer_of(one.path), message),
                    )
                continue
            for path in islice(self._removed_from(one.path), MOST_SHOWN):
                yield self._lost(one, path)

    def _removed_from(self, path: Path) -> Iterator[Path]:
        """Yield the removed fields that reading *path* would read: one that it lies in, or those inside it."""
        removed = self.removed_paths
        if ANY in path:  # every field of an object, too
            yield from (one for one in removed if covers(path, one) or covers(one, path))
            return
        for length in range(1, len(path)):
            at = bisect_left(removed, path[:length])
            if at < len(removed) and removed[at] == path[:length]:
                yield removed[at]
        inside = islice(removed, bisect_left(removed, path), None)
        yield from takewhile(lambda one: one[: len(path)] == path, inside)

    def _lost(self, use: FieldUse, path: Path) -> tuple[ImpactStatus, Evidence]:
        pointer = pointer_of(path)
        needed = use.use is not Use.OPTIONAL and covers(path, use.path)
        status = ImpactStatus.BROKEN if needed else ImpactStatus.AFFECTED
        payload = payload_without(self._new_places.root, path) if needed else ""
        message = f"{pointer} is removed"
        return status, Evidence(EvidenceKind.FIELD_REMOVED, pointer, message, payload=payload)

    def _symbols_added(self, reads: Reads) -> Iterator[tuple[ImpactStatus, Evidence]]:
        for use in reads.fields:
            if use.use is not Use.EXHAUSTIVE:
                continue
            old, new = self._old_places.find(use.path), self._new_places.find(use.path)
            if old is None or new is None or not old.symbols:
                continue
            for symbol in [one for one in new.symbols if one not in old.symbols][:MOST_SHOWN]:
                pointer = pointer_of(use.path)
                message = f"{pointer} may be {symbol}, which is new"
                payload = payload_at(self._new_places.root, use.path, symbol)
                yield ImpactStatus.BROKEN, Evidence(EvidenceKind.SYMBOL_ADDED, pointer, message, payload=payload)

    def _compare(self, reads: Reads) -> Iterator[tuple[ImpactStatus, Evidence]]:
        """Compare what is read of both schemas, and, where that is the same, the schemas as wholes.

        Fields that are the same each by itself are the same together, so that many consumers of few fields cost few
        comparisons; what changes is compared together.
        """
        changed = tuple(path for path in reads.paths if not self._is_same(path))
        if not changed:
            yield from self._refused_elsewhere()
            return
        forward, backward = self._comparison(changed)
        weighed = [
            *_weighed(forward, EvidenceKind.CANNOT_READ, "today's reader does not read new events"),
            *_weighed(backward, EvidenceKind.CANNOT_REPLAY, "the new schema does not read stored events"),
        ]
        yield from weighed
        for path in changed:
            pointer = pointer_of(path)
            message = f"the values allowed at {pointer} change" if pointer else "the schema changes"
            yield ImpactStatus.AFFECTED, Evidence(EvidenceKind.FIELD_CHANGED, pointer, message)
        if not weighed:
            yield from self._refused_elsewhere()

    def _refused_elsewhere(self) -> Iterator[tuple[ImpactStatus, Evidence]]:
        forward, backward = self._comparison((WHOLE,))
        for finding in [*forward, *backward]:
            if finding.tolerated_by or finding.severity not in (Severity.BREAK, Severity.UNDECIDED):
                continue
            message = f"it reads none of this, and its reader may refuse the event nevertheless: {finding.message}"
            yield ImpactStatus.AFFECTED, Evidence(EvidenceKind.READER_REFUSES, "", message, finding.rule)
            return

    def _is_same(self, path: Path) -> bool:
        """Whether both schemas say the same of *path*."""
        known = self._same.get(path)
        if known is None:
            old, new = (project(one, (path,), self._event) for one in (self._old, self._new))
            known = self._same[path] = old.canonical == new.canonical and old.references == new.references
        return known

    def _comparison(self, paths: tuple[Path, ...]) -> tuple[tuple[Finding, ...], tuple[Finding, ...]]:
        """What the old schema does not read of the new at *paths*, and vice versa; of `WHOLE`, both as they are."""
        known = self._compared.get(paths)
        if known is None:
            if paths == (WHOLE,):  # without texts, which suggestions are made for
                old, new = replace(self._old, text=""), replace(self._new, text="")
            else:
                old, new = (project(one, paths, self._event) for one in (self._old, self._new))
            known = self._compared[paths] = self._findings(old, new), self._findings(new, old)
        return known

    def _findings(self, reader: Schema, writer: Schema) -> tuple[Finding, ...]:
        """Compare within the steps that are left for all consumers: those who come after them are undecided."""
        budget = Budget(min(self._steps, self._left))
        found = can_read(reader, writer, self._policy, budget)
        self._left -= budget.granted - max(budget.left, 0)
        budget.forget()
        return found


def _weighed(findings: tuple[Finding, ...], kind: EvidenceKind, about: str) -> Iterator[tuple[ImpactStatus, Evidence]]:
    for finding in [one for one in findings if not one.tolerated_by][:MOST_SHOWN]:
        witness = finding.witness
        if finding.severity is Severity.BREAK and witness is not None:
            message = f"{about}: {finding.message}"
            shown = (witness.payload, witness.error, witness.encoded, witness.engine)
            yield ImpactStatus.BROKEN, Evidence(kind, "", message, finding.rule, *shown)
        elif finding.severity in (Severity.BREAK, Severity.UNDECIDED):
            message = f"nothing shows whether {about.replace('does not', 'does')}: {finding.message}"
            yield ImpactStatus.UNKNOWN, Evidence(EvidenceKind.UNDECIDED, "", message, finding.rule)
