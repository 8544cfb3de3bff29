"""Pairs of enums: symbols that the reader does not know."""

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from functools import partial

from moorings_compat.avro.edits import edit
from moorings_compat.avro.faults import Fault, NodePair
from moorings_compat.avro.model import AvroModel, Enum
from moorings_compat.avro.schema_pair import SchemaPair
from moorings_compat.avro.type_labels import name_list
from moorings_compat.findings import Severity, Suggestion
from moorings_compat.rules import Rule
from moorings_compat.schema import Format

_SOURCE = "Avro 1.12, Schema Resolution, enums"

SYMBOL_UNKNOWN = Rule(
    code="AVRO_ENUM_SYMBOL_UNKNOWN",
    format=Format.AVRO,
    severity=Severity.BREAK,
    title="symbol that the reader does not know",
    why="A symbol that the reader's enum does not list is an error, unless that enum (the type, not the field) has a "
    "default.",
    fix="Give the enum a default from the start, or let every reader know the symbol before it is written.",
    source=_SOURCE,
    mirror="none: a reader may list symbols that are never written",
    example='writer: {"type":"enum","name":"Colour","symbols":["RED","BLUE"]}'
    '  reader: {"type":"enum","name":"Colour","symbols":["RED"]}',
)
SYMBOL_DEFAULTED = Rule(
    code="AVRO_ENUM_SYMBOL_DEFAULTED",
    format=Format.AVRO,
    severity=Severity.WARNING,
    title="symbol that is read as the enum's default",
    why="The reader does not know the symbol and takes the default of its enum, so different facts look the same to "
    "it. Apache's Python library refuses the symbol in spite of the default.",
    fix="Let readers know the symbol where the difference matters.",
    source=_SOURCE,
    mirror="none: a reader may list symbols that are never written",
    example='writer: {"type":"enum","name":"Colour","symbols":["RED","BLUE"]}'
    '  reader: {"type":"enum","name":"Colour","symbols":["RED","OTHER"],"default":"OTHER"}',
)
RULES = (SYMBOL_UNKNOWN, SYMBOL_DEFAULTED)


def unknown_symbols(schemas: SchemaPair, nodes: NodePair, reader: Enum, writer: Enum) -> Iterator[Fault]:
    """Report the symbols that only the writer has."""
    schemas.budget.spend(len(writer.symbols))
    known = set(reader.symbols)
    unknown = tuple(symbol for symbol in writer.symbols if symbol not in known)
    if not unknown:
        return
    if reader.default is None:
        yield Fault(
            rule=SYMBOL_UNKNOWN,
            nodes=nodes,
            reader_has=f"no {name_list(unknown)}",
            writer_has=name_list(unknown),
            message=f"{reader.full} has no default, and does not list {name_list(unknown)}, which may be written.",
            advice=f"Let {reader.full} list {name_list(unknown)}, or give it a default.",
            reader_path=f"{reader.at}/symbols",
            writer_path=f"{writer.at}/symbols",
            value=unknown[0],
            reader_edit=partial(_with_symbols, reader, unknown),
            writer_edit=partial(_without_symbols, schemas.writer, writer, known),
        )
    else:
        yield Fault(
            rule=SYMBOL_DEFAULTED,
            nodes=nodes,
            reader_has=reader.default,
            writer_has=name_list(unknown),
            message=f"{reader.full} reads {name_list(unknown)} as its default, {reader.default}.",
            advice=f"Let {reader.full} list {name_list(unknown)} where the difference matters.",
            reader_path=f"{reader.at}/symbols",
            writer_path=f"{writer.at}/symbols",
            value=unknown[0],
        )


def _with_symbols(enum: Enum, unknown: tuple[str, ...]) -> Suggestion | None:
    """Add the *unknown* symbols at the end of *enum*."""
    return edit("replace", f"{enum.at}/symbols", [*enum.symbols, *unknown], f"list {name_list(unknown)}")


def _without_symbols(model: AvroModel, enum: Enum, known: AbstractSet[str]) -> Suggestion | None:
    """Remove all but the *known* symbols from *enum*, unless a default needs one that is removed."""
    kept = [symbol for symbol in enum.symbols if symbol in known]
    removed = tuple(symbol for symbol in enum.symbols if symbol not in known)
    if not kept or enum.default in removed or enum.full in model.names_with_defaults:
        return None
    return edit("replace", f"{enum.at}/symbols", kept, f"remove {name_list(removed)}")
