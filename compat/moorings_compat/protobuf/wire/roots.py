"""The messages that a payload can be: does the reader have one for each that the writer can send?

A payload names its message by index in the *writer's* schema (Confluent's framing) or by full name (`Any`). The index
is turned into a name with the writer's schema, so the reader needs a message of that full name; its place in the file
does not matter, and the name of a message that is only a part of others does not matter either. Therefore:

- Every message of the writer's own file that the reader has too, by full name, nested ones included, is compared as a
  payload of its own.
- A message that no other message of the writer holds in a field is an event, nested or not: a nested one has indexes
  and a full name of its own. If the reader lacks it, its events cannot be read. A renamed part is compared through the
  fields that hold it; its lost name is a warning.
- An added message breaks no reader: if the *candidate* is the writer, today's readers do not expect its new events.
  Only if it also lacks an event that the reader has, it counts as renamed: today's readers would miss it.
- A change of package renames everything.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from moorings_compat.findings import Severity
from moorings_compat.protobuf.differences import Check, Difference, MessagePair, Sides, protobuf_rule
from moorings_compat.protobuf.parts import parts_of
from moorings_compat.protobuf.types import Message, TypeTable, counterpart_name

_FRAMING = "Confluent wire format, message indexes; protobuf.dev, Any"


@dataclass(frozen=True, slots=True)
class Files:
    """The two schemas at the top, and which of them is the candidate."""

    sides: Sides
    candidate_reads: bool

    @property
    def repackaged(self) -> bool:
        return self.sides.reader.package != self.sides.writer.package


def payloads(files: Files) -> Iterator[MessagePair]:
    """Yield each pair of messages that a payload can start with, in the order of the writer's file."""
    sides = files.sides
    for message in sides.writer.messages.values():
        counterpart = sides.reader.messages.get(counterpart_name(message.full_name, sides.writer, sides.reader))
        if message.own and not message.map_entry and counterpart is not None and not counterpart.map_entry:
            root = (counterpart.full_name, message.full_name)
            yield MessagePair(sides, counterpart, message, root)


def package_changed(files: Files) -> Iterator[Difference]:
    """Find another package: every message has another full name."""
    first = next((message for message in files.sides.writer.messages.values() if message.own), None)
    if files.repackaged and first is not None:
        read, written = _package(files.sides.reader), _package(files.sides.writer)
        message = f"the package changed: {written} for the writer, {read} for the reader; every full name differs."
        yield Difference("", "", read, written, message, unknown_message=first.full_name, repair="package")


def event_removed(files: Files) -> Iterator[Difference]:
    """Find events that the reader has no message for."""
    reader, writer = files.sides.reader, files.sides.writer
    if files.repackaged:
        return  # reported once, for all of them
    if not files.candidate_reads and not any(_missing_messages(reader, writer, events=True)):
        return  # the candidate only adds events
    for message in _missing_messages(writer, reader, events=True):
        sentence = f"message {message.full_name} is missing in the reader, which cannot read events of that type."
        yield Difference(
            "",
            message.path,
            "no such message",
            f"message {message.full_name}",
            sentence,
            unknown_message=message.full_name,
            repair="message",
        )


def part_removed(files: Files) -> Iterator[Difference]:
    """Find messages that are parts of others and that the reader does not know by their name."""
    if files.repackaged or not files.candidate_reads:
        return
    for message in _missing_messages(files.sides.writer, files.sides.reader, events=False):
        sentence = (
            f"message {message.full_name} is missing in the reader; as a part of other messages it is compared field "
            "by field, but it cannot be read as an event of its own."
        )
        yield Difference("", message.path, "no such message", f"message {message.full_name}", sentence)


def _missing_messages(has: TypeTable, lacks: TypeTable, *, events: bool) -> Iterator[Message]:
    """Yield the messages of *has* that *lacks* does not know: events, or else top-level parts of other messages."""
    missing = [
        message
        for message in has.messages.values()
        if message.own
        and not message.map_entry
        and message.full_name not in lacks.messages
        and has.inhabited(message.full_name)
    ]
    parts = parts_of(has.holders()) if missing else set()
    if events:
        return (message for message in missing if message.full_name not in parts)
    return (message for message in missing if message.full_name in parts and message.top)


def _package(types: TypeTable) -> str:
    return f"package {types.package}" if types.package else "no package"


CHECKS: tuple[Check[Files], ...] = (
    Check(
        protobuf_rule(
            "PROTO_WIRE_PACKAGE_CHANGED",
            Severity.BREAK,
            "another package",
            why="A payload names its message with the package, so a reader with another package finds no such message.",
            fix="Keep the package within a major; a new major can have another package.",
            source=_FRAMING,
            mirror="itself: the change back is the same break",
            example="writer: package shop.v1;  reader: package shop.v2;",
        ),
        package_changed,
    ),
    Check(
        protobuf_rule(
            "PROTO_WIRE_EVENT_REMOVED",
            Severity.BREAK,
            "the reader has no message for an event",
            why="A payload names its message by index or full name. A reader without that message cannot read it.",
            fix="Keep the message and its name; deprecate it when it is no longer sent.",
            source=_FRAMING,
            mirror="none: today's readers do not expect an event that was added",
            example="writer: message OrderPlaced {} message OrderPaid {}  reader: message OrderPlaced {}",
        ),
        event_removed,
    ),
    Check(
        protobuf_rule(
            "PROTO_WIRE_PART_REMOVED",
            Severity.WARNING,
            "a message that is a part of others lost its name",
            why="As a part it can still be read, field by field, whatever its name; as an event of its own it cannot.",
            fix="Keep the name if the message is ever sent as an event of its own.",
            source=_FRAMING,
            mirror="none: an added message breaks no reader",
            example="writer: message Order { Line l = 1; } message Line {}  "
            "reader: message Order { Item l = 1; } message Item {}",
        ),
        part_removed,
    ),
)
