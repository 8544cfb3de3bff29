"""Two fields under one number: does what is written for the one arrive in the other?"""

from collections.abc import Iterator

from moorings_compat.findings import Severity
from moorings_compat.protobuf.differences import Check, Difference, FieldPair, Probe, at_field, protobuf_rule, type_of
from moorings_compat.protobuf.samples import filled, one_of, two_elements
from moorings_compat.protobuf.types import COMPOSITE, ENUM, Field
from moorings_compat.protobuf.wire.encoding import FLOATING, ZIGZAG, WireType, bits, first_changed, wire_type

_SCALARS = 'protobuf.dev, "Encoding", Message Structure; "Language Guide", Updating A Message Type'
_SAME_NUMBER_BACK = "Keep the type, and add a field with a new number and name for the new one."


def wire_type_changed(pair: FieldPair) -> Iterator[Difference]:
    """Find fields whose tags differ, so that the value is not even looked at."""
    read, written = wire_type(pair.reader), wire_type(pair.writer)
    if read is not written and WireType.GROUP not in (read, written):
        message = (
            f"`{pair.writer.name}` is written as {type_of(pair.writer)} ({written.name}) and looked for as "
            f"{type_of(pair.reader)} ({read.name}): the value is lost."
        )
        yield at_field(pair, message, one_of(pair.place, pair.writer), repair="type")


def framing_changed(pair: FieldPair) -> Iterator[Difference]:
    """Find a group on one side and something else on the other."""
    read, written = wire_type(pair.reader), wire_type(pair.writer)
    if read is not written and WireType.GROUP in (read, written):
        message = (
            f"`{pair.writer.name}` is written {_framing(written)} and looked for {_framing(read)}: "
            "the value is lost."
        )
        yield at_field(pair, message, one_of(pair.place, pair.writer))


def content_changed(pair: FieldPair) -> Iterator[Difference]:
    """Find a message on one side and text or bytes on the other."""
    both_len = wire_type(pair.reader) is wire_type(pair.writer) is WireType.LEN
    if both_len and (pair.reader.type == COMPOSITE) != (pair.writer.type == COMPOSITE):
        message = (
            f"`{pair.writer.name}` is written as {type_of(pair.writer)} and its bytes are taken for "
            f"{type_of(pair.reader)}."
        )
        yield at_field(pair, message, one_of(pair.place, pair.writer), repair="type")


def bytes_as_checked_text(pair: FieldPair) -> Iterator[Difference]:
    """Find bytes that are read as text whose encoding is checked."""
    if pair.writer.type == "bytes" and pair.reader.type == "string" and pair.reader.utf8_checked:
        message = f"`{pair.writer.name}` may hold any bytes, and as a string it is refused unless it is UTF-8."
        yield at_field(pair, message, _alone(pair, b"\xff"), repair="type")


def bytes_as_unchecked_text(pair: FieldPair) -> Iterator[Difference]:
    """Find bytes that are read as text which nobody checks."""
    if pair.writer.type == "bytes" and pair.reader.type == "string" and not pair.reader.utf8_checked:
        message = (
            f"`{pair.writer.name}` may hold any bytes; read as a string without a check, what is not UTF-8 "
            "differs from one language to the next."
        )
        yield at_field(pair, message, repair="type")


def text_now_checked(pair: FieldPair) -> Iterator[Difference]:
    """Find text that was not checked when written and is when read."""
    if pair.writer.type == pair.reader.type == "string" and pair.reader.utf8_checked and not pair.writer.utf8_checked:
        message = (
            f"the reader refuses `{pair.writer.name}` if it is not UTF-8, and nothing checks that when it is written."
        )
        yield at_field(pair, message)


def number_truncated(pair: FieldPair) -> Iterator[Difference]:
    """Find whole numbers that are cut to fewer bits."""
    value = _changed_varint(pair)
    if value is not None and not _zigzag_differs(pair) and bits(pair.reader.type) < bits(pair.writer.type):
        yield _value_changes(pair, value, f"is cut from {_width(pair.writer)} to {_width(pair.reader)}")


def sign_reinterpreted(pair: FieldPair) -> Iterator[Difference]:
    """Find whole numbers whose sign bit is taken for a value bit, or the other way round."""
    value = _changed_varint(pair)
    if value is not None and not _zigzag_differs(pair) and bits(pair.reader.type) >= bits(pair.writer.type):
        yield _value_changes(pair, value, "has its sign taken for a part of the value, or the reverse")
    elif {pair.reader.type, pair.writer.type} in ({"fixed32", "sfixed32"}, {"fixed64", "sfixed64"}):
        telling = -1 if pair.writer.type.startswith("s") else 2 ** (int(pair.writer.type[-2:]) - 1)
        yield _value_changes(pair, telling, "has its sign taken for a part of the value, or the reverse")


def zigzag_changed(pair: FieldPair) -> Iterator[Difference]:
    """Find zigzag on one side only."""
    value = _changed_varint(pair)
    if value is not None and _zigzag_differs(pair):
        yield _value_changes(pair, value, "is written with zigzag on one side only")


def float_reinterpreted(pair: FieldPair) -> Iterator[Difference]:
    """Find the bits of a floating-point number taken for a whole one of the same width, or the reverse."""
    same = wire_type(pair.reader) is wire_type(pair.writer) in (WireType.I32, WireType.I64)
    if same and (pair.reader.type in FLOATING) != (pair.writer.type in FLOATING):
        value = 1.0 if pair.writer.type in FLOATING else 1
        yield _value_changes(pair, value, "has its bits taken for another kind of number")


def last_one_wins(pair: FieldPair) -> Iterator[Difference]:
    """Find several values of which the reader keeps one."""
    if pair.writer.repeated and not pair.reader.repeated and wire_type(pair.reader) is wire_type(pair.writer):
        kept = "recognises none of them, since they are packed" if pair.writer.packed else "keeps only the last"
        message = f"`{pair.writer.name}` is written any number of times, and the reader {kept}."
        yield at_field(pair, message, _several(pair), repair="repeated")


def entries_collapse(pair: FieldPair) -> Iterator[Difference]:
    """Find a list of entries that is read as a map."""
    framed_alike = wire_type(pair.reader) is wire_type(pair.writer)
    if pair.reader.is_map and pair.writer.repeated and not pair.writer.is_map and pair.composite and framed_alike:
        message = f"`{pair.writer.name}` may repeat a key, and the reader's map keeps one entry for each key."
        yield at_field(pair, message, _several(pair))


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
    enum = pair.place.sides.writer.enum(pair.writer)
    return [number for _, number in enum.symbols] if enum.closed else None


def _zigzag_differs(pair: FieldPair) -> bool:
    return (pair.reader.type in ZIGZAG) != (pair.writer.type in ZIGZAG)


def _value_changes(pair: FieldPair, value: object, how: str) -> Difference:
    message = f"`{pair.writer.name}`, written as {type_of(pair.writer)} and read as {type_of(pair.reader)}, {how}."
    return at_field(pair, message, _alone(pair, value), repair="type")


def _alone(pair: FieldPair, value: object) -> Probe:
    return (filled(pair.writer, value, pair.place.sides.writer),)


def _several(pair: FieldPair) -> Probe:
    types = pair.place.sides.writer
    if not pair.writer.is_map:
        return ((pair.writer.number, two_elements(pair.writer, types)),)
    key, value = types.message(pair.writer).by_number[1], types.message(pair.writer).by_number[2]
    values = two_elements(value, types)
    return ((pair.writer.number, dict(zip(two_elements(key, types), values, strict=True))),)


def _framing(kind: WireType) -> str:
    return "between start and end tags (as a group)" if kind is WireType.GROUP else f"as {kind.name}"


def _width(field: Field) -> str:
    return "one bit (a truth value)" if field.type == "bool" else f"{bits(field.type)} bits"


_B = Severity.BREAK

CHECKS: tuple[Check[FieldPair], ...] = (
    Check(
        protobuf_rule(
            "PROTO_WIRE_TYPE_CHANGED",
            _B,
            "another wire type under the same number",
            why="A value is framed by its wire type. One of another type lands among the unknown fields, and the field "
            "reads as if it had never been set.",
            fix=_SAME_NUMBER_BACK,
            source=_SCALARS,
            mirror="itself: the change back is the same break",
            example="writer: int32 n = 1;  reader: string n = 1;",
        ),
        wire_type_changed,
    ),
    Check(
        protobuf_rule(
            "PROTO_WIRE_FRAMING_CHANGED",
            _B,
            "group or delimited message against any other framing",
            why="A group stands between two tags, everything else does not. Neither is recognised as the other.",
            fix="Keep the message encoding of a field as it is, and add a field for the other one.",
            source='protobuf.dev, "Encoding", Groups; "Feature Settings for Editions", features.message_encoding',
            mirror="itself: the change back is the same break",
            example="writer: optional group G = 1 {}  reader: optional G g = 1;",
        ),
        framing_changed,
    ),
    Check(
        protobuf_rule(
            "PROTO_WIRE_CONTENT_CHANGED",
            _B,
            "message against text or bytes",
            why="Both are length-prefixed, so the bytes are taken as they are: text is parsed as a message, which "
            "fails, or a message is handed on undecoded.",
            fix=_SAME_NUMBER_BACK,
            source=_SCALARS,
            mirror="itself: the change back is the same break",
            example="writer: Money m = 1;  reader: string m = 1;",
        ),
        content_changed,
    ),
    Check(
        protobuf_rule(
            "PROTO_WIRE_BYTES_NOT_TEXT",
            _B,
            "bytes read as a checked string",
            why="A string whose UTF-8 is checked refuses the whole message when the bytes are not UTF-8.",
            fix="Keep bytes; decode them where they are used, or add a string field beside them.",
            source='protobuf.dev, "Language Guide (proto 3)", Scalar Value Types; features.utf8_validation',
            mirror="none: string to bytes is safe, every text is bytes",
            example="writer: bytes b = 1;  reader: string b = 1;",
        ),
        bytes_as_checked_text,
    ),
    Check(
        protobuf_rule(
            "PROTO_WIRE_BYTES_AS_TEXT",
            Severity.CHANGES_MEANING,
            "bytes read as a string that nobody checks",
            why="Languages differ in what they make of a string that is not UTF-8: some keep it, some replace "
            "characters, some fail when it is used.",
            fix="Keep bytes; decode them where they are used.",
            source='protobuf.dev, "Language Guide (proto 2)", Scalar Value Types',
            mirror="none: string to bytes is safe, every text is bytes",
            example="writer: optional bytes b = 1;  reader: optional string b = 1;  (proto2)",
        ),
        bytes_as_unchecked_text,
    ),
    Check(
        protobuf_rule(
            "PROTO_WIRE_TEXT_NOW_CHECKED",
            Severity.WARNING,
            "text is checked for UTF-8 by the reader alone",
            why="A string must be UTF-8 by the language's rules; a writer that does not check may have broken them, "
            "and the reader then refuses the message.",
            fix="Make sure that what was written is UTF-8, or set features.utf8_validation = NONE.",
            source='protobuf.dev, "Feature Settings for Editions", features.utf8_validation',
            mirror="none: a reader that stops checking refuses nothing",
            example="writer: optional string s = 1; (proto2)  reader: string s = 1; (proto3)",
        ),
        text_now_checked,
    ),
    Check(
        protobuf_rule(
            "PROTO_WIRE_NUMBER_TRUNCATED",
            _B,
            "a whole number is cut to fewer bits",
            why="The parser drops the upper bits without a word: 4294967296 arrives as 0.",
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
            "signed against unsigned",
            why="The same bits mean another number: -1 arrives as 18446744073709551615, or a large number as a negative "
            "one.",
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
            why="sint types number the integers 0, -1, 1, -2, …; read without that, 1 arrives as 2 and -1 as 1.",
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
            "floating-point bits read as a whole number",
            why="Both have four or eight bytes, so the parser takes the one for the other: 1.0 arrives as 1065353216.",
            fix=_SAME_NUMBER_BACK,
            source='protobuf.dev, "Encoding", Non-varint Numbers',
            mirror="itself: the change back is the same break",
            example="writer: float f = 1;  reader: fixed32 f = 1;",
        ),
        float_reinterpreted,
    ),
    Check(
        protobuf_rule(
            "PROTO_WIRE_LAST_ONE_WINS",
            _B,
            "repeated or map read as a single value",
            why="The parser keeps the last of several values (and merges messages); of packed ones it keeps none.",
            fix="Keep the field repeated; add a singular one under a new number.",
            source=_SCALARS,
            mirror="none: a single value read as a list of one is safe",
            example="writer: repeated string s = 1;  reader: string s = 1;",
        ),
        last_one_wins,
    ),
    Check(
        protobuf_rule(
            "PROTO_WIRE_ENTRIES_COLLAPSE",
            _B,
            "a list of entries read as a map",
            why="A list may hold one key twice, a map may not: the later entry replaces the earlier one.",
            fix="Keep the list, or add a map under a new number.",
            source='protobuf.dev, "Language Guide (proto 3)", Maps, Backwards compatibility',
            mirror="none: a map read as a list of its entries is safe",
            example="writer: repeated E m = 1; with key = 1, value = 2  reader: map<string, int32> m = 1;",
        ),
        entries_collapse,
    ),
)
