"""Two fields with one number: does the value that is written for one arrive in the other?"""

from collections.abc import Iterator
from dataclasses import replace

from moorings_compat.findings import Severity
from moorings_compat.protobuf.differences import (
    Check,
    Difference,
    FieldPair,
    Probe,
    at_field,
    can_be_written,
    protobuf_rule,
    type_of,
)
from moorings_compat.protobuf.samples import filled, one_of, two_elements
from moorings_compat.protobuf.types import COMPOSITE
from moorings_compat.protobuf.wire.encoding import WireType, wire_type

_SCALARS = 'protobuf.dev, "Encoding", Message Structure; "Language Guide", Updating A Message Type'
_ADD_A_FIELD = "Keep the type, and add a field with a new number and name for the new one."


def wire_type_changed(pair: FieldPair) -> Iterator[Difference]:
    """Find fields whose wire types differ, so that the parser does not recognise the value."""
    read, written = wire_type(pair.reader), wire_type(pair.writer)
    if read is not written and WireType.GROUP not in (read, written):
        message = (
            f"`{pair.writer.name}` is written as {type_of(pair.writer)} ({written.name}), and the reader expects "
            f"{type_of(pair.reader)} ({read.name}): the value is lost."
        )
        probes = [one_of(pair.message_pair, pair.writer)]
        if pair.writer.packed and written is not WireType.VARINT:
            probes.append(((pair.writer.number, [0]),))  # as varints its zero bytes are as many zeros
        yield at_field(pair, message, *probes, repair="type")


def framing_changed(pair: FieldPair) -> Iterator[Difference]:
    """Find a group on one side and something else on the other."""
    read, written = wire_type(pair.reader), wire_type(pair.writer)
    if read is not written and WireType.GROUP in (read, written):
        message = (
            f"`{pair.writer.name}` is written {_framing(written)}, and the reader expects it {_framing(read)}: "
            "the value is lost."
        )
        yield at_field(pair, message, one_of(pair.message_pair, pair.writer))


def content_changed(pair: FieldPair) -> Iterator[Difference]:
    """Find a message on one side and text or bytes on the other; bytes take any message as it was encoded."""
    both_len = wire_type(pair.reader) is wire_type(pair.writer) is WireType.LEN
    if both_len and pair.reader.type != "bytes" and (pair.reader.type == COMPOSITE) != (pair.writer.type == COMPOSITE):
        message = (
            f"`{pair.writer.name}` is written as {type_of(pair.writer)}, and the reader parses its bytes as "
            f"{type_of(pair.reader)}."
        )
        yield at_field(pair, message, one_of(pair.message_pair, pair.writer), repair="type")


def bytes_as_checked_text(pair: FieldPair) -> Iterator[Difference]:
    """Find bytes that are read as text whose encoding is checked."""
    if pair.writer.type == "bytes" and pair.reader.type == "string" and pair.reader.utf8_checked:
        message = f"`{pair.writer.name}` can hold any bytes; as a string the reader refuses bytes that are not UTF-8."
        yield at_field(pair, message, _alone(pair, b"\xff"), repair="type")


def bytes_as_unchecked_text(pair: FieldPair) -> Iterator[Difference]:
    """Find bytes that are read as text whose encoding is not checked."""
    if pair.writer.type == "bytes" and pair.reader.type == "string" and not pair.reader.utf8_checked:
        message = (
            f"`{pair.writer.name}` can hold any bytes; as an unchecked string, bytes that are not UTF-8 "
            "differ from one language to the next."
        )
        yield at_field(pair, message, repair="type")


def text_now_checked(pair: FieldPair) -> Iterator[Difference]:
    """Find text that was not checked when written and is when read."""
    if pair.writer.type == pair.reader.type == "string" and pair.reader.utf8_checked and not pair.writer.utf8_checked:
        message = f"the reader refuses `{pair.writer.name}` if it is not UTF-8, which the writer does not check."
        yield at_field(pair, message)


def last_one_wins(pair: FieldPair) -> Iterator[Difference]:
    """Find several values of which the reader keeps one."""
    if pair.writer.repeated and not pair.reader.repeated and wire_type(pair.reader) is wire_type(pair.writer):
        kept = "recognises none of them because they are packed" if pair.writer.packed else "keeps only the last one"
        message = f"`{pair.writer.name}` can have several values, and the reader {kept}."
        yield at_field(pair, message, _several(pair), repair="repeated")


def entries_collapse(pair: FieldPair) -> Iterator[Difference]:
    """Find messages that are read as the entries of a map."""
    framed_alike = wire_type(pair.reader) is wire_type(pair.writer)
    if not (pair.reader.is_map and pair.composite and framed_alike) or pair.writer.is_map:
        return
    if pair.writer.repeated:
        message = f"`{pair.writer.name}` can repeat a key, and the reader's map keeps one entry for each key."
        yield at_field(pair, message, _several(pair))
        return
    held = pair.message_pair.sides.writer.message(pair.writer)
    inside = replace(pair.message_pair, writer=held)
    for other in held.fields:
        if other.number not in (1, 2) and can_be_written(inside, other):
            message = (
                f"`{pair.writer.name}` can hold `{other.name}`; the reader's map loses entries with more than key and "
                "value."
            )
            yield at_field(pair, message, (filled(pair.writer, one_of(inside, other), pair.message_pair.sides.writer),))
            return


def _alone(pair: FieldPair, value: object) -> Probe:
    return (filled(pair.writer, value, pair.message_pair.sides.writer),)


def _several(pair: FieldPair) -> Probe:
    types = pair.message_pair.sides.writer
    if not pair.writer.is_map:
        return ((pair.writer.number, two_elements(pair.writer, types)),)
    key, value = types.message(pair.writer).by_number[1], types.message(pair.writer).by_number[2]
    values = two_elements(value, types)
    return ((pair.writer.number, dict(zip(two_elements(key, types), values, strict=True))),)


def _framing(kind: WireType) -> str:
    return "between start and end tags (as a group)" if kind is WireType.GROUP else f"as {kind.name}"


_B = Severity.BREAK

CHECKS: tuple[Check[FieldPair], ...] = (
    Check(
        protobuf_rule(
            "PROTO_WIRE_TYPE_CHANGED",
            _B,
            "another wire type with the same number",
            why="The parser puts a value of another wire type into the unknown fields, and the field reads as if it "
            "had never been set.",
            fix=_ADD_A_FIELD,
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
            "a group or delimited message against another encoding",
            why="A group lies between two tags, and other messages do not. The parser does not recognise one as the "
            "other.",
            fix="Keep the message encoding of the field, and add a field for the other encoding.",
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
            "a message against text, or bytes read as a message",
            why="Both are length-prefixed, so the parser reads the bytes as they are: text or bytes as a message, "
            "which fails, or a message as text that was never decoded. A message may be read as bytes, which hold it "
            "encoded.",
            fix=_ADD_A_FIELD,
            source=_SCALARS,
            mirror="none: a message read as bytes is safe, because bytes hold it encoded",
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
            fix="Keep bytes, and decode them where they are used; or add a string field.",
            source='protobuf.dev, "Language Guide (proto 3)", Scalar Value Types; features.utf8_validation',
            mirror="none: string to bytes is safe, because every text is bytes",
            example="writer: bytes b = 1;  reader: string b = 1;",
        ),
        bytes_as_checked_text,
    ),
    Check(
        protobuf_rule(
            "PROTO_WIRE_BYTES_AS_TEXT",
            Severity.CHANGES_MEANING,
            "bytes read as an unchecked string",
            why="Languages treat a string that is not UTF-8 differently: some keep it, some replace characters, and "
            "some fail when it is used.",
            fix="Keep bytes, and decode them where they are used.",
            source='protobuf.dev, "Language Guide (proto 2)", Scalar Value Types',
            mirror="none: string to bytes is safe, because every text is bytes",
            example="writer: optional bytes b = 1;  reader: optional string b = 1;  (proto2)",
        ),
        bytes_as_unchecked_text,
    ),
    Check(
        protobuf_rule(
            "PROTO_WIRE_TEXT_NOW_CHECKED",
            Severity.WARNING,
            "only the reader checks text for UTF-8",
            why="A string must be UTF-8. A writer that does not check may have written one that is not, and the "
            "reader then refuses the message.",
            fix="Make sure that all strings are UTF-8, or set features.utf8_validation = NONE.",
            source='protobuf.dev, "Feature Settings for Editions", features.utf8_validation',
            mirror="none: a reader that stops checking refuses nothing",
            example="writer: optional string s = 1; (proto2)  reader: string s = 1; (proto3)",
        ),
        text_now_checked,
    ),
    Check(
        protobuf_rule(
            "PROTO_WIRE_LAST_ONE_WINS",
            _B,
            "repeated or map read as a single value",
            why="The parser keeps the last of several values and merges messages; of packed values it keeps none.",
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
            "messages read as the entries of a map",
            why="A list can hold a key twice; in a map the later entry replaces the earlier one. An entry with more "
            "than a key and a value goes to the unknown fields.",
            fix="Keep the list, and add a map under a new number.",
            source='protobuf.dev, "Language Guide (proto 3)", Maps, Backwards compatibility',
            mirror="none: a map read as a list of its entries is safe",
            example="writer: repeated E m = 1; with key = 1, value = 2  reader: map<string, int32> m = 1;",
        ),
        entries_collapse,
    ),
)
