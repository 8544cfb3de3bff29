"""A change of an event's schema, and what it does to consumers by the fields that they read.

Both schemas are reduced to a consumer's fields, and the reductions are compared as any two schemas are: so a break is
shown by a payload that is made of those fields and went through the real codec. Where the reductions are equal, and
the schemas as wholes read each other, nothing changes for the consumer.
"""

from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property

from moorings_compat.fields import Path, covers, field_tree, find, pointer_of, project
from moorings_compat.fields.tree import FieldTree, walk
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


class Change:
    """From the schema that consumers read as today, to the one that producers would write with."""

    def __init__(
        self, old: Schema, new: Schema, *, event: str = "", policy: Policy = DEFAULT_POLICY, steps: int = _STEPS
    ) -> None:
        """*event* names the message of Protobuf; *steps* bounds each comparison."""
        self._old, self._new = old, new
        self._event = event
        self._policy = policy
        self._steps = steps
        self._known: dict[Reads, Impact] = {}
        self._old_places: dict[Path, FieldTree | None] = {}
        self._new_places: dict[Path, FieldTree | None] = {}
        self._compared: dict[tuple[Path, ...], tuple[bool, tuple[Finding, ...], tuple[Finding, ...]]] = {}

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
        lost: list[Path] = []
        for path, _ in walk(self._old_tree):
            if not any(covers(one, path) for one in lost) and find(self._new_tree, path) is None:
                lost.append(path)
        return tuple(lost)

    @cached_property
    def _old_tree(self) -> FieldTree:
        return field_tree(self._old, self._event)

    @cached_property
    def _new_tree(self) -> FieldTree:
        return field_tree(self._new, self._event)

    def _in_old(self, path: Path) -> FieldTree | None:
        return self._found(self._old_places, self._old_tree, path)

    def _in_new(self, path: Path) -> FieldTree | None:
        return self._found(self._new_places, self._new_tree, path)

    @staticmethod
    def _found(known: dict[Path, FieldTree | None], tree: FieldTree, path: Path) -> FieldTree | None:
        """Look *path* up once: many consumers read the same few fields."""
        if path not in known:
            known[path] = find(tree, path)
        return known[path]

    def _removed(self, reads: Reads) -> Iterator[tuple[ImpactStatus, Evidence]]:
        for one in reads.fields:
            if self._in_old(one.path) is None:
                if self._in_new(one.path) is None:
                    message = f"{pointer_of(one.path)} is not a field of either schema"
                    yield (
                        ImpactStatus.UNKNOWN,
                        Evidence(EvidenceKind.FIELD_UNKNOWN, pointer_of(one.path), message),
                    )
                continue
            lost = [path for path in self.removed_paths if covers(one.path, path) or covers(path, one.path)]
            for path in lost[:MOST_SHOWN]:
                yield self._lost(one, path)

    def _lost(self, use: FieldUse, path: Path) -> tuple[ImpactStatus, Evidence]:
        pointer = pointer_of(path)
        needed = use.use is not Use.OPTIONAL and covers(path, use.path)
        status = ImpactStatus.BROKEN if needed else ImpactStatus.AFFECTED
        payload = payload_without(self._new_tree, path) if needed else ""
        message = f"{pointer} is removed"
        return status, Evidence(EvidenceKind.FIELD_REMOVED, pointer, message, payload=payload)

    def _symbols_added(self, reads: Reads) -> Iterator[tuple[ImpactStatus, Evidence]]:
        for use in reads.fields:
            if use.use is not Use.EXHAUSTIVE:
                continue
            old, new = self._in_old(use.path), self._in_new(use.path)
            if old is None or new is None or not old.symbols:
                continue
            for symbol in [one for one in new.symbols if one not in old.symbols][:MOST_SHOWN]:
                pointer = pointer_of(use.path)
                message = f"{pointer} may be {symbol}, which is new"
                payload = payload_at(self._new_tree, use.path, symbol)
                yield ImpactStatus.BROKEN, Evidence(EvidenceKind.SYMBOL_ADDED, pointer, message, payload=payload)

    def _compare(self, reads: Reads) -> Iterator[tuple[ImpactStatus, Evidence]]:
        """Compare what is read of both schemas, and, where that is the same, the schemas as wholes.

        Fields that are the same each by itself are the same together, so that many consumers of few fields cost few
        comparisons; what changes is compared together.
        """
        changed = tuple(path for path in reads.paths if not self._comparison((path,))[0])
        if not changed:
            yield from self._refused_elsewhere()
            return
        _, forward, backward = self._comparison(changed)
        weighed = [
            *_weighed(forward, EvidenceKind.CANNOT_READ, "today's reader does not read new events"),
            *_weighed(backward, EvidenceKind.CANNOT_REPLAY, "the new schema does not read stored events"),
        ]
        yield from weighed
        for path in changed:
            pointer = pointer_of(path)
            message = f"what {pointer} may be changes" if pointer else "the schema changes"
            yield ImpactStatus.AFFECTED, Evidence(EvidenceKind.FIELD_CHANGED, pointer, message)
        if not weighed:
            yield from self._refused_elsewhere()

    def _refused_elsewhere(self) -> Iterator[tuple[ImpactStatus, Evidence]]:
        _, forward, backward = self._comparison(((),))
        for finding in [*forward, *backward]:
            if finding.tolerated_by or finding.severity not in (Severity.BREAK, Severity.UNDECIDED):
                continue
            message = f"it reads none of this, and its reader may refuse the event all the same: {finding.message}"
            yield ImpactStatus.AFFECTED, Evidence(EvidenceKind.READER_REFUSES, "", message, finding.rule)
            return

    def _comparison(self, paths: tuple[Path, ...]) -> tuple[bool, tuple[Finding, ...], tuple[Finding, ...]]:
        """Whether both schemas are the same at *paths*; else what the old does not read of the new, and vice versa.

        Of the event as a whole the schemas themselves are compared, and the findings count even where they are equal.
        """
        known = self._compared.get(paths)
        if known is None:
            old, new = (project(one, paths, self._event) for one in (self._old, self._new))
            same = old.canonical == new.canonical and old.references == new.references
            if paths == ((),):  # without texts, which suggestions are made for
                old, new = replace(self._old, text=""), replace(self._new, text="")
            settled = same and paths != ((),)
            forward, backward = ((), ()) if settled else (self._findings(old, new), self._findings(new, old))
            known = self._compared[paths] = same, forward, backward
        return known

    def _findings(self, reader: Schema, writer: Schema) -> tuple[Finding, ...]:
        return can_read(reader, writer, self._policy, Budget(self._steps))


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
