"""Two messages that meet: renumbered fields, oneofs that fields join, and the message set encoding."""

from collections.abc import Iterator

from moorings_compat.findings import Severity
from moorings_compat.protobuf.differences import (
    Check,
    Difference,
    FieldPair,
    MessagePair,
    at_field,
    can_be_written,
    declaration,
    protobuf_rule,
)
from moorings_compat.protobuf.samples import one_of

_UPDATING = 'protobuf.dev, "Language Guide", Updating A Message Type'


def field_renumbered(message_pair: MessagePair) -> Iterator[Difference]:
    """Find fields that both messages have by name, under different numbers."""
    if message_pair.reader.map_entry or message_pair.writer.map_entry:
        return  # the fields of an entry are its key and its value, whatever their names
    for name, number in sorted(message_pair.writer.numbers.items() - message_pair.reader.numbers.items(), key=_second):
        read, written = message_pair.reader.by_name.get(name), message_pair.writer.by_number[number]
        if read is not None and can_be_written(message_pair, written):
            message = f"`{written.name}` has number {written.number} for the writer and {read.number} for the reader."
            yield at_field(
                FieldPair(message_pair, read, written), message, one_of(message_pair, written), repair="number"
            )


def joined_in_oneof(message_pair: MessagePair) -> Iterator[Difference]:
    """Find fields that can be set together, and that the reader holds in one oneof."""
    for oneof, members in message_pair.reader.oneofs.items():
        numbers = [one.number for one in members if one.number in message_pair.writer.by_number]
        written = [message_pair.writer.by_number[number] for number in numbers]
        written = [field for field in written if can_be_written(message_pair, field)]
        # Members of one and the same oneof exclude each other: if any two fit together, then the first and another.
        other = next((field for field in written[1:] if not field.oneof or field.oneof != written[0].oneof), None)
        if other is not None:
            names = ", ".join(f"`{field.name}`" for field in written)
            yield Difference(
                f"{message_pair.reader_path}/{oneof}",
                f"{message_pair.writer_path}/{other.name}",
                f"oneof {oneof} {{ {'; '.join(declaration(field) for field in members)}; }}",
                "; ".join(declaration(field) for field in written),
                f"{names} can be set together; the reader's oneof `{oneof}` keeps only the last of them.",
                message_pair,
                (one_of(message_pair, written[0]) + one_of(message_pair, other),),
            )


def message_set_changed(message_pair: MessagePair) -> Iterator[Difference]:
    """Find the message set encoding on one side only."""
    if message_pair.reader.message_set == message_pair.writer.message_set:
        return
    for written in message_pair.writer.fields:
        if written.number in message_pair.reader.by_number and can_be_written(message_pair, written):
            message = f"`{written.name}` is not recognised: only one of the two messages has the message set encoding."
            yield at_field(
                FieldPair(message_pair, message_pair.reader.by_number[written.number], written),
                message,
                one_of(message_pair, written),
            )


def _second(entry: tuple[str, int]) -> int:
    return entry[1]


CHECKS: tuple[Check[MessagePair], ...] = (
    Check(
        protobuf_rule(
            "PROTO_WIRE_FIELD_RENUMBERED",
            Severity.BREAK,
            "a field has another number",
            why="Only numbers are written, not names: the reader finds no value under its number, or that of another "
            "field.",
            fix="Restore the field's number; give a new field a number that was never used.",
            source=_UPDATING,
            mirror="itself: the change back is the same break",
            example="writer: string name = 1;  reader: string name = 2;",
        ),
        field_renumbered,
    ),
    Check(
        protobuf_rule(
            "PROTO_WIRE_ONEOF_JOINED",
            Severity.BREAK,
            "fields that can be set together share a oneof",
            why="A oneof holds one member: of several members, the parser keeps the last and drops the rest.",
            fix="Keep existing fields out of the oneof; put new fields into it, or one existing field into a new "
            "oneof.",
            source='protobuf.dev, "Language Guide", Oneof: Backwards-compatibility issues',
            mirror="none: fields that leave a oneof are all kept",
            example="writer: int32 a = 1; int32 b = 2;  reader: oneof o { int32 a = 1; int32 b = 2; }",
        ),
        joined_in_oneof,
    ),
    Check(
        protobuf_rule(
            "PROTO_WIRE_MESSAGE_SET_CHANGED",
            Severity.BREAK,
            "message set encoding on one side only",
            why="A message set wraps every extension in a group, which a plain message does not recognise.",
            fix="Keep message_set_wire_format as it is.",
            source="descriptor.proto, MessageOptions.message_set_wire_format",
            mirror="itself: the change back is the same break",
            example="writer: option message_set_wire_format = true;  reader: without it",
        ),
        message_set_changed,
    ),
)
