"""Numeric fields with one number: two types of one wire type, and a value that arrives changed."""

from collections.abc import Iterator

from moorings_compat.findings import Severity
from moorings_compat.protobuf.differences import Check, Difference, FieldPair, at_field, protobuf_rule, type_of
from moorings_compat.protobuf.samples import filled
from moorings_compat.protobuf.types import ENUM, Field
from moorings_compat.protobuf.wire.encoding import FLOATING, ZIGZAG, WireType, bits, first_changed, wire_type

_SCALARS = 'protobuf.dev, "Encoding", Message Structure; "Language Guide", Updating A Message Type'
_ADD_A_FIELD = "Keep the type, and add a field with a new number and name for the new one."


def number_truncated(pair: FieldPair) -> Iterator[Difference]:
    """Find integers that are truncated to fewer bits."""
    value = _changed_varint(pair)
    if value is not None and not _zigzag_differs(pair) and bits(pair.reader.type) < bits(pair.writer.type):
        yield _value_changes(pair, value, f"is truncated from {_width(pair.writer)} to {_width(pair.reader)}")


def sign_reinterpreted(pair: FieldPair) -> Iterator[Difference]:
    """Find integers whose sign bit is read as a value bit, or the reverse."""
    value = _changed_varint(pair)
    if value is not None and not _zigzag_differs(pair) and bits(pair.reader.type) >= bits(pair.writer.type):
        yield _value_changes(pair, value, "has its sign bit read as a value bit, or the reverse")
    elif {pair.reader.type, pair.writer.type} in ({"fixed32", "sfixed32"}, {"fixed64", "sfixed64"}):
        telling = -1 if pair.writer.type.startswith("s") else 2 ** (int(pair.writer.type[-2:]) - 1)
        yield _value_changes(pair, telling, "has its sign bit read as a value bit, or the reverse")


def zigzag_changed(pair: FieldPair) -> Iterator[Difference]:
    """Find zigzag on one side only."""
    value = _changed_varint(pair)
    if value is not None and _zigzag_differs(pair):
        yield _value_changes(pair, value, "uses zigzag encoding on one side only")


def float_reinterpreted(pair: FieldPair) -> Iterator[Difference]:
    """Find the bits of a floating-point number read as an integer of the same width, or the reverse."""
    same = wire_type(pair.reader) is wire_type(pair.writer) in (WireType.I32, WireType.I64)
    if same and (pair.reader.type in FLOATING) != (pair.writer.type in FLOATING):
        value = 1.0 if pair.writer.type in FLOATING else 1
        yield _value_changes(pair, value, "has its bits read as another kind of number")


def _changed_varint(pair: FieldPair) -> int | None:
    if not wire_type(pair.reader) is wire_type(pair.writer) is WireType.VARINT:
        return None
    if pair.reader.type == ENUM and pair.writer.type == ENUM:
        return None
    return first_changed(pair.reader.type, pair.writer.type, _written_numbers(pair))


def _written_numbers(pair: FieldPair) -> list[int] | None:
    """Return the only numbers that can be written, where a closed enum bounds them."""
    if pair.writer.type != ENUM:
        return None
    enum = pair.message_pair.sides.writer.enum(pair.writer)
    return [number for _, number in enum.symbols] if enum.closed else None


def _zigzag_differs(pair: FieldPair) -> bool:
    return (pair.reader.type in ZIGZAG) != (pair.writer.type in ZIGZAG)


def _value_changes(pair: FieldPair, value: object, how: str) -> Difference:
    message = f"`{pair.writer.name}`, written as {type_of(pair.writer)} and read as {type_of(pair.reader)}, {how}."
    return at_field(pair, message, (filled(pair.writer, value, pair.message_pair.sides.writer),), repair="type")


def _width(field: Field) -> str:
    return "one bit (a boolean)" if field.type == "bool" else f"{bits(field.type)} bits"


_B = Severity.BREAK

CHECKS: tuple[Check[FieldPair], ...] = (
    Check(
        protobuf_rule(
            "PROTO_WIRE_NUMBER_TRUNCATED",
            _B,
            "an integer is truncated to fewer bits",
            why="The parser drops the upper bits without an error: 4294967296 arrives as 0.",
            fix="Keep the wide type; widening (int32 to int64, bool to int32) is safe, narrowing is not.",
            source=_SCALARS,
            mirror="none: the opposite change widens, which is safe",
            example="writer: int64 n = 1;  reader: int32 n = 1;",
        ),
        number_truncated,
    ),
    Check(
        protobuf_rule(
            "PROTO_WIRE_SIGN_REINTERPRETED",
            _B,
            "signed against unsigned integers",
            why="The same bits mean another number: -1 arrives as 18446744073709551615, or a large number as a "
            "negative one.",
            fix="Keep the sign of the type; int64 holds all of uint32.",
            source=_SCALARS,
            mirror="itself: the change back is the same break",
            example="writer: int32 n = 1;  reader: uint32 n = 1;",
        ),
        sign_reinterpreted,
    ),
    Check(
        protobuf_rule(
            "PROTO_WIRE_ZIGZAG_CHANGED",
            _B,
            "zigzag on one side only",
            why="sint types encode the integers in the order 0, -1, 1, -2, …; without that, 1 arrives as 2 and -1 as "
            "1.",
            fix="Keep sint or keep int; the two never mix.",
            source='protobuf.dev, "Encoding", Signed Integers',
            mirror="itself: the change back is the same break",
            example="writer: sint32 n = 1;  reader: int32 n = 1;",
        ),
        zigzag_changed,
    ),
    Check(
        protobuf_rule(
            "PROTO_WIRE_FLOAT_REINTERPRETED",
            _B,
            "floating-point bits read as an integer",
            why="Both have four or eight bytes, so the parser reads one as the other: 1.0 arrives as 1065353216.",
            fix=_ADD_A_FIELD,
            source='protobuf.dev, "Encoding", Non-varint Numbers',
            mirror="itself: the change back is the same break",
            example="writer: float f = 1;  reader: fixed32 f = 1;",
        ),
        float_reinterpreted,
    ),
)
