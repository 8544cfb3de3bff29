"""Pairs of named types: their names, their aliases, and the size of a fixed."""

from collections.abc import Iterator
from functools import partial

from moorings_compat.avro.edits import add_alias, resize
from moorings_compat.avro.faults import Fault, NodePair
from moorings_compat.avro.match import names_meet
from moorings_compat.avro.model import Definition, Fixed, Record
from moorings_compat.avro.names import short_name
from moorings_compat.avro.schema_pair import SchemaPair
from moorings_compat.findings import Severity
from moorings_compat.rules import Rule
from moorings_compat.schema import Format

NAME_MISMATCH = Rule(
    code="AVRO_NAME_MISMATCH",
    format=Format.AVRO,
    severity=Severity.BREAK,
    title="named types of different names",
    why="Records, enums and fixed match by name. The specification requires it and fastavro enforces it, for records "
    "too; Java reads a renamed record by its fields, and refuses a renamed enum or fixed.",
    fix="Keep the name, or give the reader's type the written name as an alias.",
    source="Avro 1.12, Schema Resolution; Aliases",
    mirror="AVRO_NAME_MISMATCH",
    example='writer: {"type":"enum","name":"Colour","symbols":["RED"]}'
    '  reader: {"type":"enum","name":"Shade","symbols":["RED"]}',
)
FIXED_SIZE_CHANGED = Rule(
    code="AVRO_FIXED_SIZE_CHANGED",
    format=Format.AVRO,
    severity=Severity.BREAK,
    title="fixed of another size",
    why="A fixed matches only a fixed of the same size; nothing is padded or cut.",
    fix="Keep the size; a new size needs a new type and a new field.",
    source="Avro 1.12, Schema Resolution",
    mirror="AVRO_FIXED_SIZE_CHANGED",
    example='writer: {"type":"fixed","name":"Hash","size":16}  reader: {"type":"fixed","name":"Hash","size":32}',
)
TYPE_ALIAS_COLLISION = Rule(
    code="AVRO_TYPE_ALIAS_COLLISION",
    format=Format.AVRO,
    severity=Severity.BREAK,
    title="alias that also leads to another type",
    why="The written name is an alias of a type other than the one that the reader has here. Java renames a written "
    "enum or fixed by the aliases of the whole reader, and then finds the wrong name here.",
    fix="Give each alias to only one type, and never the name of a type that is still in use.",
    source="Avro 1.12, Aliases: aliases are subject to the same uniqueness constraints as names",
    mirror="none: aliases of the writer do not count",
    example="writer: enum Old  reader: enum Old, and elsewhere an enum New with the alias Old",
)
NAMESPACE_CHANGED = Rule(
    code="AVRO_NAMESPACE_CHANGED",
    format=Format.AVRO,
    severity=Severity.WARNING,
    title="same name in another namespace",
    why="Names are compared without their namespaces, so this is read; but some libraries compare full names, "
    "mostly among the branches of a union, and then do not apply field aliases.",
    fix="Keep the namespace, or give the reader's type the written full name as an alias.",
    source="Avro 1.12, Schema Resolution: (unqualified) names match",
    mirror="AVRO_NAMESPACE_CHANGED",
    example='writer: {"type":"fixed","name":"a.Hash","size":16}  reader: {"type":"fixed","name":"b.Hash","size":16}',
)
ALIAS_RELIED_ON = Rule(
    code="AVRO_ALIAS_RELIED_ON",
    format=Format.AVRO,
    severity=Severity.WARNING,
    title="type read by an alias",
    why="The specification lets a library ignore aliases, and Apache's Python library does: its readers refuse the "
    "data.",
    fix="Keep the old name where readers use such a library.",
    source="Avro 1.12, Aliases: an implementation may optionally use aliases",
    mirror="none: aliases of the writer do not count",
    example='writer: {"type":"fixed","name":"Digest","size":16}'
    '  reader: {"type":"fixed","name":"Hash","aliases":["Digest"],"size":16}',
)
RULES = (NAME_MISMATCH, FIXED_SIZE_CHANGED, TYPE_ALIAS_COLLISION, NAMESPACE_CHANGED, ALIAS_RELIED_ON)


def unmatched_names(schemas: SchemaPair, nodes: NodePair, reader: Definition, writer: Definition) -> Iterator[Fault]:
    """Report why two definitions of one kind do not match: names, size, or both."""
    if not names_meet(reader, writer):
        has, was = schemas.reader_label(nodes.reader), schemas.writer_label(nodes.writer)
        yield Fault(
            rule=NAME_MISMATCH,
            nodes=nodes,
            reader_has=has,
            writer_has=was,
            message=f"data written as {was} cannot be read as {has}: the names differ, and no alias leads from "
            "one to the other.",
            advice=f"Keep the name, or give {reader.full} the alias {writer.full}.",
            reader_path=nodes.reader_at,
            writer_path=nodes.writer_at,
            reader_edit=partial(add_alias, schemas.reader, reader, writer.full),
        )
    if isinstance(reader, Fixed) and isinstance(writer, Fixed) and reader.size != writer.size:
        yield Fault(
            rule=FIXED_SIZE_CHANGED,
            nodes=nodes,
            reader_has=f"{reader.size} bytes",
            writer_has=f"{writer.size} bytes",
            message=f"{writer.full} is written with {writer.size} bytes, and the reader expects {reader.size}.",
            advice=f"Keep {writer.full} at {writer.size} bytes, and give a type of another size another name.",
            reader_path=f"{reader.at}/size",
            writer_path=f"{writer.at}/size",
            reader_edit=partial(resize, schemas.reader, reader, writer.size),
            writer_edit=partial(resize, schemas.writer, writer, reader.size),
        )


def alias_collision(schemas: SchemaPair, nodes: NodePair, reader: Definition, writer: Definition) -> Iterator[Fault]:
    """Report an enum or fixed that Java renames to another of the reader's types, and then does not find here."""
    owner = schemas.reader.alias_owners.get(writer.full, reader.full)
    if short_name(owner) != short_name(reader.full) and not isinstance(reader, Record):
        yield _fault(
            TYPE_ALIAS_COLLISION,
            nodes,
            reader,
            writer,
            f"{writer.full} is also an alias of {owner}, and Java reads it as that everywhere.",
            f"Use the alias {writer.full} for only one type of the reader.",
        )


def matched_names(nodes: NodePair, reader: Definition, writer: Definition) -> Iterator[Fault]:
    """Report what may go wrong with names that match: by alias only, or in another namespace."""
    if short_name(reader.full) != short_name(writer.full):
        yield _fault(
            ALIAS_RELIED_ON,
            nodes,
            reader,
            writer,
            f"{writer.full} is read as {reader.full} by an alias, which libraries may ignore.",
            ALIAS_RELIED_ON.fix,
        )
    elif reader.full != writer.full and writer.full not in reader.aliases:
        yield _fault(
            NAMESPACE_CHANGED,
            nodes,
            reader,
            writer,
            f"{writer.full} is read as {reader.full}; some libraries compare the full names.",
            f"Keep the namespace, or give {reader.full} the alias {writer.full}.",
        )


def _fault(rule: Rule, nodes: NodePair, reader: Definition, writer: Definition, message: str, advice: str) -> Fault:
    return Fault(
        rule=rule,
        nodes=nodes,
        reader_has=reader.full,
        writer_has=writer.full,
        message=message,
        advice=advice,
        reader_path=reader.at,
        writer_path=writer.at,
    )
