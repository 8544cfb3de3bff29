"""Enums, and integers in place of them: does every number that is written keep its meaning?

An open enum may hold any int32, declared or not; a closed one holds its numbers only, and a parser moves every other
number to the unknown fields.
"""

from collections.abc import Iterator

from moorings_compat.findings import Severity
from moorings_compat.protobuf.differences import Check, Difference, FieldPair, at_field, protobuf_rule
from moorings_compat.protobuf.samples import filled
from moorings_compat.protobuf.types import ENUM, EnumType
from moorings_compat.protobuf.wire.encoding import WireType, first_unknown, wire_type

_ENUMS = 'protobuf.dev, "Enum Behavior"; "Language Guide", Updating A Message Type'


def symbol_renumbered(pair: FieldPair) -> Iterator[Difference]:
    """Find names that both enums have, with different numbers."""
    if pair.enums is None:
        return
    reader, writer = pair.enums
    for name, number in writer.symbols:
        read = reader.by_name.get(name)
        if read is not None and read != number:
            if number == 0 and pair.reader.repeated and not pair.zero_is_written:
                continue  # an empty list holds no symbol
            message = (
                f"`{name}` is {number} for the writer and {read} for the reader, which reads {number} as "
                f"{_known(reader, number)}."
            )
            yield _at_symbol(pair, name, number, message, f"{name} = {read}", repair="symbol_number")


def number_unknown(pair: FieldPair) -> Iterator[Difference]:
    """Find numbers that can be written and that the reader's closed enum does not have."""
    if pair.reader.type != ENUM or wire_type(pair.writer) is not WireType.VARINT:
        return
    enum = pair.message_pair.sides.reader.enum(pair.reader)
    if not enum.closed:
        return
    renamed_away = False
    for name, number in _declared_symbols(pair):
        if number in enum.numbers or (number == 0 and not pair.zero_is_written):
            continue
        if name in enum.by_name:
            renamed_away = True  # reported as a renumbered symbol
            continue
        yield _unknown_number(pair, name, number, enum)
    if not renamed_away:
        yield from _unnamed_number(pair, enum)


def _unnamed_number(pair: FieldPair, enum: EnumType) -> Iterator[Difference]:
    """Find a number without a name that an open enum or a whole number can hold."""
    if pair.enums is not None and pair.enums[1].closed:
        return
    written = {number for _, number in _declared_symbols(pair) if number or pair.zero_is_written}
    if not written <= enum.numbers:
        return  # a declared number shows the same difference
    number = first_unknown(enum, pair.writer.type, zero_is_written=pair.zero_is_written)
    if number is not None:
        yield _unknown_number(pair, "", number, enum)


def _unknown_number(pair: FieldPair, name: str, number: int, enum: EnumType) -> Difference:
    shown = f"`{name}` ({number})" if name else f"the number {number}"
    message = f"{shown} can be written; the reader's closed enum {enum.full_name} lacks it, so the value is lost."
    return _at_symbol(pair, name, number, message, f"no {number} in {enum.full_name}", repair="symbol")


def _declared_symbols(pair: FieldPair) -> list[tuple[str, int]]:
    return list(pair.enums[1].symbols) if pair.enums is not None else []


def _known(enum: EnumType, number: int) -> str:
    return f"`{enum.name_of(number)}`" if number in enum.numbers else "an unknown number"


def _at_symbol(pair: FieldPair, name: str, number: int, message: str, reader_has: str, *, repair: str) -> Difference:
    """Report a symbol where its enum is declared, with the field that first led there as the witness."""
    probe = (filled(pair.writer, number, pair.message_pair.sides.writer),)
    if pair.enums is None:
        return at_field(pair, message, probe)
    reader, writer = pair.enums
    known = name in reader.by_name
    return Difference(
        f"{reader.path}/{name}" if known else reader.path,
        f"{writer.path}/{name}" if name else writer.path,
        reader_has,
        f"{name} = {number}" if name else f"open enum {writer.full_name}",
        message,
        pair.message_pair,
        (probe,),
        repair=repair if name else "",
    )


CHECKS: tuple[Check[FieldPair], ...] = (
    Check(
        protobuf_rule(
            "PROTO_WIRE_SYMBOL_RENUMBERED",
            Severity.BREAK,
            "an enum symbol has another number",
            why="Only numbers are written, not names: the writer's PAID is another symbol for the reader.",
            fix="Restore the symbol's number; give a new symbol a number that was never used.",
            source=_ENUMS,
            mirror="itself: the change back is the same break",
            example="writer: PAID = 1;  reader: PAID = 2;",
        ),
        symbol_renumbered,
    ),
    Check(
        protobuf_rule(
            "PROTO_WIRE_ENUM_NUMBER_UNKNOWN",
            Severity.BREAK,
            "a number that the reader's closed enum lacks",
            why="The parser puts numbers that a closed enum lacks into the unknown fields: the field reads as unset, a "
            "list gets shorter, a map loses the entry.",
            fix="Keep every number that may have been written, and deprecate it; or make the enum open.",
            source=_ENUMS,
            mirror="none: a number that is never written cannot be lost",
            example="writer: enum E { A = 0; B = 1; }  reader: enum E { A = 0; }  (proto2)",
        ),
        number_unknown,
    ),
)
