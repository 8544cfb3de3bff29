"""Two messages that meet: renumbered fields, oneofs that fields join, and the message set encoding."""

from collections.abc import Iterator

from moorings_compat.findings import Severity
from moorings_compat.protobuf.differences import (
    Check,
    Difference,
    FieldPair,
    Place,
    at_field,
    can_be_written,
    declaration,
    protobuf_rule,
)
from moorings_compat.protobuf.samples import one_of

_UPDATING = 'protobuf.dev, "Language Guide", Updating A Message Type'


def field_renumbered(place: Place) -> Iterator[Difference]:
    """Find fields that both messages have by name, under different numbers."""
    if place.reader.map_entry or place.writer.map_entry:
        return  # an entry's fields are its key and its value, whatever they are called
    for name, number in sorted(place.writer.numbers.items() - place.reader.numbers.items(), key=_second):
        read, written = place.reader.by_name.get(name), place.writer.by_number[number]
        if read is not None and can_be_written(place, written):
            message = (
                f"`{written.name}` is written under {written.number}, and the reader looks for it under {read.number}."
            )
            yield at_field(FieldPair(place, read, written), message, one_of(place, written), repair="number")


def joined_in_oneof(place: Place) -> Iterator[Difference]:
    """Find fields that can be set together, and that the reader holds in one oneof."""
    for oneof, members in place.reader.oneofs.items():
        numbers = [one.number for one in members if one.number in place.writer.by_number]
        written = [place.writer.by_number[number] for number in numbers]
        written = [field for field in written if can_be_written(place, field)]
        # Members of one and the same oneof exclude each other: if any two fit together, then the first and another.
        other = next((field for field in written[1:] if not field.oneof or field.oneof != written[0].oneof), None)
        if other is not None:
            names = ", ".join(f"`{field.name}`" for field in written)
            yield Difference(
                f"{place.reader_path}/{oneof}",
                f"{place.writer_path}/{other.name}",
                f"oneof {oneof} {{ {'; '.join(declaration(field) for field in members)}; }}",
                "; ".join(declaration(field) for field in written),
                f"{names} can be written together, and the reader's oneof `{oneof}` keeps only the last of them.",
                place,
                (one_of(place, written[0]) + one_of(place, other),),
            )


def message_set_changed(place: Place) -> Iterator[Difference]:
    """Find the message set encoding on one side only."""
    if place.reader.message_set == place.writer.message_set:
        return
    for written in place.writer.fields:
        if written.number in place.reader.by_number and can_be_written(place, written):
            message = f"only one of the two messages has the message set encoding: `{written.name}` is not recognised."
            yield at_field(
                FieldPair(place, place.reader.by_number[written.number], written), message, one_of(place, written)
            )


def _second(entry: tuple[str, int]) -> int:
    return entry[1]


CHECKS: tuple[Check[Place], ...] = (
    Check(
        protobuf_rule(
            "PROTO_WIRE_FIELD_RENUMBERED",
            Severity.BREAK,
            "a field has another number",
            why="Numbers travel, names do not: the reader finds nothing under its number, or somebody else's value.",
            fix="Give the field its old number back; a new field takes a number that was never used.",
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
            why="A oneof holds one member: of several that were written, the parser keeps the last and drops the rest.",
            fix="Leave existing fields outside; a oneof takes new fields, or one existing field if it is new.",
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
            why="A message set wraps every extension into an item group, which a plain message does not recognise.",
            fix="Leave message_set_wire_format as it is.",
            source="descriptor.proto, MessageOptions.message_set_wire_format",
            mirror="itself: the change back is the same break",
            example="writer: option message_set_wire_format = true;  reader: without it",
        ),
        message_set_changed,
    ),
)
