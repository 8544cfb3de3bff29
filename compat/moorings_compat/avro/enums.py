"""Enums that meet: symbols that the reader does not know."""

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from functools import partial

from moorings_compat.avro.edits import edit
from moorings_compat.avro.faults import Fault, Site
from moorings_compat.avro.model import Enum, Model
from moorings_compat.avro.pairing import Pairing
from moorings_compat.avro.type_labels import listed
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
    mirror="none: a symbol that is never written is never missed",
    example='writer: {"type":"enum","name":"Colour","symbols":["RED","BLUE"]}'
    '  reader: {"type":"enum","name":"Colour","symbols":["RED"]}',
)
SYMBOL_DEFAULTED = Rule(
    code="AVRO_ENUM_SYMBOL_DEFAULTED",
    format=Format.AVRO,
    severity=Severity.WARNING,
    title="symbol that is read as the enum's default",
    why="The reader does not know the symbol and takes its enum's default, so different facts look the same to it. "
    "Apache's Python library refuses the symbol in spite of the default.",
    fix="Let readers know the symbol where the difference matters.",
    source=_SOURCE,
    mirror="none: a symbol that is never written is never missed",
    example='writer: {"type":"enum","name":"Colour","symbols":["RED","BLUE"]}'
    '  reader: {"type":"enum","name":"Colour","symbols":["RED","OTHER"],"default":"OTHER"}',
)
RULES = (SYMBOL_UNKNOWN, SYMBOL_DEFAULTED)


def unknown_symbols(pairing: Pairing, site: Site, reader: Enum, writer: Enum) -> Iterator[Fault]:
    """Report the symbols that only the writer has."""
    pairing.budget.spend(len(writer.symbols))
    known = set(reader.symbols)
    unknown = tuple(symbol for symbol in writer.symbols if symbol not in known)
    if not unknown:
        return
    if reader.default is None:
        yield Fault(
            rule=SYMBOL_UNKNOWN,
            site=site,
            reader_has=f"no {listed(unknown)}",
            writer_has=listed(unknown),
            message=f"{listed(unknown)} may be written, and {reader.full} neither lists it nor has a default.",
            advice=f"Let {reader.full} list {listed(unknown)}, or give it a default.",
            reader_path=f"{reader.at}/symbols",
            writer_path=f"{writer.at}/symbols",
            value=unknown[0],
            reader_edit=partial(_with_symbols, reader, unknown),
            writer_edit=partial(_without_symbols, pairing.writer, writer, known),
        )
    else:
        yield Fault(
            rule=SYMBOL_DEFAULTED,
            site=site,
            reader_has=reader.default,
            writer_has=listed(unknown),
            message=f"{listed(unknown)} is read as {reader.default}, the default of {reader.full}.",
            advice=f"Let {reader.full} list {listed(unknown)} where the difference matters.",
            reader_path=f"{reader.at}/symbols",
            writer_path=f"{writer.at}/symbols",
            value=unknown[0],
        )


def _with_symbols(enum: Enum, unknown: tuple[str, ...]) -> Suggestion | None:
    """Let *enum* list the *unknown* symbols too, at its end."""
    return edit("replace", f"{enum.at}/symbols", [*enum.symbols, *unknown], f"list {listed(unknown)}")


def _without_symbols(model: Model, enum: Enum, known: AbstractSet[str]) -> Suggestion | None:
    """Let *enum* list the *known* symbols only, unless one that goes is needed by a default."""
    kept = [symbol for symbol in enum.symbols if symbol in known]
    gone = tuple(symbol for symbol in enum.symbols if symbol not in known)
    if not kept or enum.default in gone or enum.full in model.names_with_defaults:
        return None
    return edit("replace", f"{enum.at}/symbols", kept, f"do without {listed(gone)}")
