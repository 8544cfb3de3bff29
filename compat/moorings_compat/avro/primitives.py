"""Pairs of types: the promotions that lose something, and what is not a promotion."""

from collections.abc import Iterator
from functools import partial

from moorings_compat.avro.edits import read_as_written, write_as_read
from moorings_compat.avro.faults import Fault, NodePair
from moorings_compat.avro.match import PROMOTIONS
from moorings_compat.avro.model import Primitive
from moorings_compat.avro.schema_pair import SchemaPair
from moorings_compat.findings import Severity
from moorings_compat.rules import Rule
from moorings_compat.schema import Format

_SOURCE = "Avro 1.12, Schema Resolution"

TYPE_MISMATCH = Rule(
    code="AVRO_TYPE_MISMATCH",
    format=Format.AVRO,
    severity=Severity.BREAK,
    title="types that do not resolve",
    why="The written type is neither the one that the reader expects nor promoted to it, so decoding stops there.",
    fix="Keep the written type, or leave the field as it is and add a new one.",
    source=_SOURCE,
    mirror="AVRO_TYPE_MISMATCH",
    example='writer: "string"  reader: "int"',
)
TYPE_NARROWED = Rule(
    code="AVRO_TYPE_NARROWED",
    format=Format.AVRO,
    severity=Severity.BREAK,
    title="number read as a smaller type",
    why="Numbers are promoted to wider types only: int to long, float and double; long to float and double; float to "
    "double.",
    fix="Read the number as the written type or a wider one.",
    source=_SOURCE,
    mirror="AVRO_PROMOTION_LOSES_PRECISION",
    example='writer: "long"  reader: "int"',
)
PROMOTION_LOSES_PRECISION = Rule(
    code="AVRO_PROMOTION_LOSES_PRECISION",
    format=Format.AVRO,
    severity=Severity.WARNING,
    title="promotion that rounds",
    why="A float holds whole numbers exactly up to 2^24 and a double up to 2^53; larger ones are rounded silently.",
    fix="Read identifiers and counters as whole numbers; promote to float or double only what may be rounded.",
    source=_SOURCE,
    mirror="AVRO_TYPE_NARROWED",
    example='writer: "long"  reader: "double"',
)
BYTES_READ_AS_STRING = Rule(
    code="AVRO_BYTES_READ_AS_STRING",
    format=Format.AVRO,
    severity=Severity.WARNING,
    title="bytes read as a string",
    why="Bytes may be read as a string, but bytes that are not UTF-8 are then refused or garbled, depending on the "
    "library.",
    fix="Read bytes as bytes unless every producer is known to write UTF-8.",
    source=_SOURCE,
    mirror="none: every string is valid bytes",
    example='writer: "bytes"  reader: "string"',
)
RULES = (TYPE_MISMATCH, TYPE_NARROWED, PROMOTION_LOSES_PRECISION, BYTES_READ_AS_STRING)

_FIRST_ROUNDED = {
    ("int", "float"): 2**24 + 1,
    ("long", "float"): 2**24 + 1,
    ("long", "double"): 2**53 + 1,
}
"""The promotions that round, with the first whole number that does not survive."""


def mismatch(schemas: SchemaPair, nodes: NodePair) -> Fault:
    """Report a pair of types that do not match and are not both named types of one kind."""
    reader, writer = nodes.reader, nodes.writer
    narrowed = (
        isinstance(reader, Primitive)
        and isinstance(writer, Primitive)
        and writer.kind in PROMOTIONS.get(reader.kind, ())
    )
    has, was = schemas.reader_label(reader), schemas.writer_label(writer)
    return Fault(
        rule=TYPE_NARROWED if narrowed else TYPE_MISMATCH,
        nodes=nodes,
        reader_has=has,
        writer_has=was,
        message=f"data written as {was} cannot be read as {has}.",
        advice=f"Keep {was} here, or add a new field for {has}.",
        reader_path=nodes.reader_at,
        writer_path=nodes.writer_at,
        reader_edit=partial(read_as_written, schemas, nodes),
        writer_edit=partial(write_as_read, schemas, nodes),
    )


def promotions(schemas: SchemaPair, nodes: NodePair, reader: Primitive, writer: Primitive) -> Iterator[Fault]:
    """Warn about a promotion that may lose something."""
    rounded = _FIRST_ROUNDED.get((writer.kind, reader.kind))
    if rounded is not None:
        yield _warning(
            PROMOTION_LOSES_PRECISION,
            schemas,
            nodes,
            rounded,
            f"a {writer.kind} beyond 2^{24 if reader.kind == 'float' else 53} is rounded when it is read as "
            f"{reader.kind}.",
            "Read it as a whole number, unless it may be rounded.",
        )
    elif (writer.kind, reader.kind) == ("bytes", "string"):
        yield _warning(
            BYTES_READ_AS_STRING,
            schemas,
            nodes,
            b"\xff",
            "bytes that are not UTF-8 cannot be read as a string.",
            "Read them as bytes, unless every producer writes UTF-8.",
        )


def _warning(rule: Rule, schemas: SchemaPair, nodes: NodePair, value: object, message: str, advice: str) -> Fault:
    return Fault(
        rule=rule,
        nodes=nodes,
        reader_has=schemas.reader_label(nodes.reader),
        writer_has=schemas.writer_label(nodes.writer),
        message=message,
        advice=advice,
        reader_path=nodes.reader_at,
        writer_path=nodes.writer_at,
        value=value,
    )
