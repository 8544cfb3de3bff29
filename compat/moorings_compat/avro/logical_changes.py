"""Logical types that change: the value is read without an error, and means something else.

Resolution does not look at them, so that a reader that goes by its own schema takes the written number for what it
declares: milliseconds for microseconds, days for milliseconds. Some decoders go by the writer's logical type instead
and are right; which one reads an event, its contract cannot know. So another logical type breaks, and so does one that
the writer did not declare where it does not take every value that may be written.

Decimals are the one logical type that takes part in schema resolution: two of them match where their scales and
precisions do. No decoder checks it. Another scale moves the decimal point of every amount, so it breaks in both
directions; fewer digits break, because an amount that the writer may write is none of the reader's; of more digits
only the letter of the specification is against, every amount is read as it was meant.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from moorings_compat.avro.faults import Fault, NodePair
from moorings_compat.avro.logical import Logical
from moorings_compat.avro.model import Fixed, Primitive, TypeName
from moorings_compat.avro.schema_pair import SchemaPair
from moorings_compat.findings import Severity
from moorings_compat.rules import Rule
from moorings_compat.schema import Format

_SOURCE = "Avro 1.12, Logical Types"

DECIMAL_SCALE_CHANGED = Rule(
    code="AVRO_DECIMAL_SCALE_CHANGED",
    format=Format.AVRO,
    severity=Severity.BREAK,
    title="decimal of another scale",
    why="The scale is not written with the value: a reader of another scale moves the decimal point of every amount. "
    "The specification requires equal scales; no decoder checks it.",
    fix="Keep the scale; a new scale needs a new field.",
    source="Avro 1.12, Logical Types, Decimal",
    mirror="AVRO_DECIMAL_SCALE_CHANGED",
    example='writer: {"type":"bytes","logicalType":"decimal","precision":9,"scale":2}'
    '  reader: {"type":"bytes","logicalType":"decimal","precision":9,"scale":3}',
)
DECIMAL_PRECISION_NARROWED = Rule(
    code="AVRO_DECIMAL_PRECISION_NARROWED",
    format=Format.AVRO,
    severity=Severity.BREAK,
    title="decimal of fewer digits",
    why="The writer may write amounts of more digits than the reader declares; libraries round them, refuse them or "
    "hand them on. The specification requires equal precisions.",
    fix="Keep the precision of the reader at least as large as the writer's.",
    source="Avro 1.12, Logical Types, Decimal",
    mirror="AVRO_DECIMAL_PRECISION_CHANGED",
    example='writer: {"type":"bytes","logicalType":"decimal","precision":12,"scale":2}'
    '  reader: {"type":"bytes","logicalType":"decimal","precision":9,"scale":2}',
)
DECIMAL_PRECISION_CHANGED = Rule(
    code="AVRO_DECIMAL_PRECISION_CHANGED",
    format=Format.AVRO,
    severity=Severity.WARNING,
    title="decimal of more digits",
    why="Every amount is read as it was written, but the specification requires equal precisions.",
    fix="Keep the precision, or widen it when every reader is ready for it.",
    source="Avro 1.12, Logical Types, Decimal",
    mirror="AVRO_DECIMAL_PRECISION_NARROWED",
    example='writer: {"type":"bytes","logicalType":"decimal","precision":9,"scale":2}'
    '  reader: {"type":"bytes","logicalType":"decimal","precision":12,"scale":2}',
)
LOGICAL_TYPE_CHANGED = Rule(
    code="AVRO_LOGICAL_TYPE_CHANGED",
    format=Format.AVRO,
    severity=Severity.BREAK,
    title="another logical type",
    why="Only the underlying number or text is written. A reader that goes by its own schema takes it for something "
    "else without an error, for example milliseconds for microseconds; decoders that go by the writer's are right.",
    fix="Keep the logical type; add a new field for the new one.",
    source=_SOURCE,
    mirror="AVRO_LOGICAL_TYPE_CHANGED",
    example='writer: {"type":"int","logicalType":"date"}  reader: {"type":"long","logicalType":"timestamp-millis"}',
)
LOGICAL_TYPE_ADDED = Rule(
    code="AVRO_LOGICAL_TYPE_ADDED",
    format=Format.AVRO,
    severity=Severity.WARNING,
    title="logical type that the writer did not declare",
    why="The reader takes a plain number for a date or a moment, which its writer did not promise.",
    fix="Make sure that producers always wrote values of the new meaning.",
    source=_SOURCE,
    mirror="AVRO_LOGICAL_TYPE_REMOVED",
    example='writer: "long"  reader: {"type":"long","logicalType":"timestamp-millis"}',
)
LOGICAL_TYPE_NARROWED = Rule(
    code="AVRO_LOGICAL_TYPE_NARROWED",
    format=Format.AVRO,
    severity=Severity.BREAK,
    title="logical type that some of the writer's values do not fit",
    why="The writer may write any text, number or bytes, and the reader takes UUIDs, times of day or amounts of so "
    "many digits alone: libraries refuse the others, round them, or hand them on as they are.",
    fix="Declare the logical type on a new field, or in the next major.",
    source=_SOURCE,
    mirror="AVRO_LOGICAL_TYPE_REMOVED",
    example='writer: "string"  reader: {"type":"string","logicalType":"uuid"}',
)
LOGICAL_TYPE_REMOVED = Rule(
    code="AVRO_LOGICAL_TYPE_REMOVED",
    format=Format.AVRO,
    severity=Severity.WARNING,
    title="logical type that the reader does not declare",
    why="The reader gets a plain value where its writer meant a date, an amount or an identifier.",
    fix="Declare the logical type on the reader as well.",
    source=_SOURCE,
    mirror="AVRO_LOGICAL_TYPE_ADDED",
    example='writer: {"type":"long","logicalType":"timestamp-millis"}  reader: "long"',
)
RULES = (
    DECIMAL_SCALE_CHANGED,
    DECIMAL_PRECISION_NARROWED,
    DECIMAL_PRECISION_CHANGED,
    LOGICAL_TYPE_CHANGED,
    LOGICAL_TYPE_ADDED,
    LOGICAL_TYPE_NARROWED,
    LOGICAL_TYPE_REMOVED,
)


def logical_changes(
    schemas: SchemaPair, nodes: NodePair, reader: Logical | None, writer: Logical | None
) -> Iterator[Fault]:
    """Report what a change of logical type does to values whose underlying types match."""
    if reader == writer:
        return
    if reader is None:
        yield _fault(LOGICAL_TYPE_REMOVED, schemas, nodes, f"{writer} is read as a plain value.")
    elif writer is None:
        misfit = _misfit(schemas, nodes, reader)
        if misfit is None:
            yield _fault(LOGICAL_TYPE_ADDED, schemas, nodes, f"a plain value is read as {reader}.")
        else:
            message = f"a plain value, which need not be a {reader}, is read as one."
            yield replace(_fault(LOGICAL_TYPE_NARROWED, schemas, nodes, message), value=misfit)
    elif reader.name != writer.name:
        message = f"{writer} is read as {reader}."
        yield replace(_fault(LOGICAL_TYPE_CHANGED, schemas, nodes, message), value=_one(schemas, nodes))
    elif reader.scale != writer.scale:
        message = f"an amount written with {writer.scale} decimal places is read with {reader.scale}."
        yield replace(_fault(DECIMAL_SCALE_CHANGED, schemas, nodes, message), value=_unscaled(schemas, nodes, 1))
    else:
        message = f"a decimal of up to {writer.precision} digits is read as one of up to {reader.precision}."
        if reader.precision < writer.precision:
            largest = _unscaled(schemas, nodes, 10**writer.precision - 1)
            yield replace(_fault(DECIMAL_PRECISION_NARROWED, schemas, nodes, message), value=largest)
        else:
            yield _fault(DECIMAL_PRECISION_CHANGED, schemas, nodes, message)


def _misfit(schemas: SchemaPair, nodes: NodePair, reader: Logical) -> Any:
    """Return a plain value of the writer that is none of the reader's logical type; None where every value is."""
    kind = nodes.writer.kind if isinstance(nodes.writer, Primitive) else "fixed"
    if kind in ("int", "long"):
        return -1 if reader.name in ("time-millis", "time-micros") else None
    if kind == "fixed":
        return _unscaled(schemas, nodes, 10**reader.precision + 1) if reader.name == "decimal" else None
    text = "z" * (len(str(10**reader.precision)) + 1)  # as bytes, a number of more digits than these are letters
    return text if kind == "string" else _bytes_misfit(reader)


def _bytes_misfit(reader: Logical) -> bytes:
    if reader.name == "decimal":
        number: int = 10**reader.precision + 1  # which rounding changes
        return number.to_bytes(number.bit_length() // 8 + 1, "big")
    return b"\xff" if reader.name == "big-decimal" else b"not a UUID"


def _one(schemas: SchemaPair, nodes: NodePair) -> Any:
    """Return the number 1 as the writer writes it; of texts, a UUID."""
    kind = nodes.writer.kind if isinstance(nodes.writer, Primitive) else "fixed"
    if kind == "string":
        return "00000000-0000-4000-8000-000000000001"
    return 1 if kind in ("int", "long") else _unscaled(schemas, nodes, 1)


def _unscaled(schemas: SchemaPair, nodes: NodePair, number: int) -> bytes:
    """Return the bytes of a positive amount: big-endian, and as many as the writer's fixed has where it is one."""
    named = schemas.written_as(nodes.writer.full) if isinstance(nodes.writer, TypeName) else None
    length = named.size if isinstance(named, Fixed) else number.bit_length() // 8 + 1
    return number.to_bytes(length, "big")


def _fault(rule: Rule, schemas: SchemaPair, nodes: NodePair, message: str) -> Fault:
    return Fault(
        rule=rule,
        nodes=nodes,
        reader_has=schemas.reader_label(nodes.reader),
        writer_has=schemas.writer_label(nodes.writer),
        message=message,
        advice=rule.fix,
        reader_path=nodes.reader_at,
        writer_path=nodes.writer_at,
    )
