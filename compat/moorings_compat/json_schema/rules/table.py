"""All rules of JSON Schema in one table, by code."""

from collections.abc import Iterator
from dataclasses import replace

from moorings_compat.findings import Finding, Severity
from moorings_compat.json_schema.documents.documents import Document
from moorings_compat.json_schema.rules import any_value, arrays, choices, numbers, objects, strings
from moorings_compat.json_schema.rules.entries import CatalogueEntry
from moorings_compat.rules import Rule
from moorings_compat.schema import Format

UNDECIDED = Rule(
    code="JSON_UNDECIDED",
    format=Format.JSON,
    severity=Severity.UNDECIDED,
    title="neither proven nor refuted",
    why="Neither a proof was found that the reader accepts every value of the writer, nor a value that it refuses.",
    fix="Make the change in smaller steps, or write the schema more simply; or start the next major.",
    source="Moorings: a change that is not proven is refused",
    mirror="None: it is about the comparison, not about a direction.",
    example='writer: {"pattern":"(?<=b)c"}  reader: {"pattern":"(?<=[ab])c"}',
)

STRICT_READER = Rule(
    code="JSON_STRICT_READER",
    format=Format.JSON,
    severity=Severity.CHANGES_MEANING,
    title="refused by readers that do not leave undeclared fields out",
    why="Where only declared fields count, a reader leaves out what its schema does not declare before it validates. A "
    "reader that validates events as they are, such as a deserializer of another library, refuses some of them.",
    fix="Read these events with a client that leaves undeclared fields out, or do not forbid further fields.",
    source="Moorings: json_fields = declared",
    mirror="None: what a writer does not declare, it does not write, so the opposite change loses nothing.",
    example="Where only declared fields count: the writer has a field more than the reader, and the reader has "
    "additionalProperties: false.",
)

DIALECT_ASSUMED = Rule(
    code="JSON_DIALECT_ASSUMED",
    format=Format.JSON,
    severity=Severity.WARNING,
    title="a dialect of another party",
    why="`$schema` names a meta-schema that is not one of JSON Schema's drafts. What it adds is not known here, so the "
    "schema is read in the draft that the policy names for such dialects: draft 7 unless it says otherwise.",
    fix="Name the draft that the schema is written in; or set json_dialect in the policy of the domain.",
    source="JSON Schema Core draft 7, section 7",
    mirror="JSON_DIALECT_ASSUMED",
    example='{"$schema":"https://example.com/dialect"}',
)

PATTERN_NOT_CHECKED = Rule(
    code="JSON_PATTERN_NOT_CHECKED",
    format=Format.JSON,
    severity=Severity.WARNING,
    title="a pattern that is not checked",
    why="The pattern is one of ECMA-262, and the validator cannot run it: it refuses no value, here and in the client, "
    "and nothing is proven or refuted by it.",
    fix="Write the pattern in simpler words, such as [aA] for (?i:a).",
    source="ECMA-262, section 22.2.1",
    mirror="JSON_PATTERN_NOT_CHECKED",
    example='{"pattern":"^(?i:abc)$"}',
)

ENTRIES: dict[str, CatalogueEntry] = {
    one.rule.code: one for part in (any_value, numbers, strings, arrays, objects, choices) for one in part.ENTRIES
}

RULES: tuple[Rule, ...] = (
    *(one.rule for one in ENTRIES.values()),
    STRICT_READER,
    DIALECT_ASSUMED,
    PATTERN_NOT_CHECKED,
    UNDECIDED,
)


def dialect_warnings(reader: Document, writer: Document) -> Iterator[Finding]:
    """Yield a warning for each dialect of another party that the schemas name."""
    for uri, drafts in _assumed(reader, writer).items():
        yield Finding(
            rule=DIALECT_ASSUMED.code,
            severity=DIALECT_ASSUMED.severity,
            reader_path="/$schema" if reader.assumed == uri else "",
            writer_path="/$schema" if writer.assumed == uri else "",
            reader_has=reader.assumed or str(reader.draft),
            writer_has=writer.assumed or str(writer.draft),
            message=f"$schema names {uri}, a dialect that is not known here; it was read as {' and '.join(drafts)}.",
            advice=DIALECT_ASSUMED.fix,
        )


def pattern_warnings(reader: Document, writer: Document) -> Iterator[Finding]:
    """Yield a warning for each pattern that is not checked; one that both have at the same place is reported once."""
    read, written = reader.patterns_not_run, writer.patterns_not_run
    for pointer, reason in dict.fromkeys((*read.items(), *written.items())):
        yield Finding(
            rule=PATTERN_NOT_CHECKED.code,
            severity=PATTERN_NOT_CHECKED.severity,
            reader_path=pointer if read.get(pointer) == reason else "",
            writer_path=pointer if written.get(pointer) == reason else "",
            reader_has="a pattern that is not run" if read.get(pointer) == reason else "",
            writer_has="a pattern that is not run" if written.get(pointer) == reason else "",
            message=f"{reason}.",
            advice=PATTERN_NOT_CHECKED.fix,
        )


def _assumed(*documents: Document) -> dict[str, list[str]]:
    """Return the dialects of other parties, each with the drafts that were chosen for it."""
    found: dict[str, list[str]] = {}
    for one in documents:
        if one.assumed and str(one.draft) not in found.setdefault(one.assumed, []):
            found[one.assumed].append(str(one.draft))
    return found


def strict_reader(finding: Finding) -> Finding:
    """Report as a change of meaning what *finding* says about a reader that validates events as they are."""
    return replace(
        finding,
        rule=STRICT_READER.code,
        severity=STRICT_READER.severity,
        message=f"A reader that validates events as they are refuses some of them: {finding.message}",
        advice=STRICT_READER.fix,
        suggestion=None,
        tolerated_by="",
    )
