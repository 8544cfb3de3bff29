"""The positions of findings in their texts: line and column for every path, in any format."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from importlib import import_module

from moorings_compat.findings import Comparison, Finding
from moorings_compat.levels import Promise
from moorings_compat.pointer_positions import Position, locate_nearest
from moorings_compat.schema import Format, Schema


def positions_of(schema: Schema, paths: Iterable[str], text: str = "") -> dict[str, Position]:
    """Return the position of each of *paths*, as findings have them, in the text of *schema*, or the nearest one.

    *text* is the same schema as its author wrote it, with line breaks, if it is still at hand; the kept text of Avro
    and JSON Schema is one line. Paths that lead into another text are left out.
    """
    if schema.format is Format.PROTOBUF:
        found: dict[str, Position] = import_module("moorings_compat.protobuf.source_positions").positions(schema, paths)
        return found
    return locate_nearest(text or schema.text, paths)


@dataclass(frozen=True, slots=True)
class Positions:
    """The texts of one report, and the positions of its findings in them."""

    candidate: Schema
    older: Mapping[int, Schema]
    """By the number of the version."""
    candidate_text: str = ""
    older_texts: Mapping[int, str] = field(default_factory=dict)

    def of(self, comparison: Comparison) -> list[tuple[Position | None, Position | None]]:
        """Return the position of each finding of *comparison* in the reader's text and in the writer's."""
        findings = comparison.findings
        version = comparison.version
        candidate_reads = comparison.promise is Promise.REPLAY_SAFE
        ours = positions_of(self.candidate, _paths(findings, reader=candidate_reads), self.candidate_text)
        older = self.older.get(version)
        theirs = (
            positions_of(older, _paths(findings, reader=not candidate_reads), self.older_texts.get(version, ""))
            if older is not None
            else {}
        )
        read, written = (ours, theirs) if candidate_reads else (theirs, ours)
        return [(read.get(one.reader_path), written.get(one.writer_path)) for one in findings]


def _paths(findings: Iterable[Finding], *, reader: bool) -> list[str]:
    return [one.reader_path if reader else one.writer_path for one in findings]
