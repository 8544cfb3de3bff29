"""The values that every rule of this format uses: messages and fields that meet, and the differences found."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from moorings_compat.findings import Severity
from moorings_compat.protobuf.features import Presence
from moorings_compat.protobuf.types import COMPOSITE, ENUM, EnumType, Field, Message, TypeTable
from moorings_compat.rules import Rule
from moorings_compat.schema import Format

Probe = tuple[tuple[int, object], ...]
"""Contents for a message: pairs of field number and value.

A value is a Python scalar, a nested probe for a message, a list of either for a repeated field, or a dict for a map.
Required fields that a probe leaves out are filled in by whoever builds the message.
"""

EMPTY: Probe = ()
LEFT_OUT = None
"""The value of a field that a payload must not hold, although the reader requires it."""


@dataclass(frozen=True, slots=True)
class Sides:
    """Everything the two schemas declare."""

    reader: TypeTable
    writer: TypeTable


@dataclass(frozen=True, slots=True)
class MessagePair:
    """Two messages that meet: the bytes of one are parsed as the other."""

    sides: Sides
    reader: Message
    writer: Message
    root: tuple[str, str]
    """Full names of reader's and writer's message at the top of the payload."""
    through: "FieldPair | None" = None
    """The fields that lead here from another pair; None at the top of a payload."""
    depth: int = 0
    """How many fields lead here."""

    @property
    def reader_path(self) -> str:
        """A JSON Pointer of names, from the message at the top of the payload."""
        names = [pair.reader.name for pair in self.route()]
        return "/".join([self._top().reader.path, *names])

    @property
    def writer_path(self) -> str:
        names = [pair.writer.name for pair in self.route()]
        return "/".join([self._top().writer.path, *names])

    def route(self) -> list["FieldPair"]:
        """Return the fields that lead here, from the top down."""
        pairs: list[FieldPair] = []
        message_pair = self
        while message_pair.through is not None:
            pairs.append(message_pair.through)
            message_pair = message_pair.through.message_pair
        return pairs[::-1]

    def _top(self) -> "MessagePair":
        route = self.route()
        return route[0].message_pair if route else self


@dataclass(frozen=True, slots=True)
class FieldPair:
    """Two fields that meet: the value written for one is read as the other."""

    message_pair: MessagePair
    reader: Field
    writer: Field

    @property
    def reader_path(self) -> str:
        return f"{self.message_pair.reader_path}/{self.reader.name}"

    @property
    def writer_path(self) -> str:
        return f"{self.message_pair.writer_path}/{self.writer.name}"

    @property
    def travels_alike(self) -> bool:
        """Say whether the two differ only in names: of the field, of its oneof, of its type."""
        return self.reader is self.writer or self.reader.travel == self.writer.travel

    @property
    def zero_is_written(self) -> bool:
        """Say whether a payload can hold the writer's zero: not if zero and absence are the same."""
        in_entry = self.message_pair.writer.map_entry
        return self.writer.repeated or in_entry or self.writer.presence is not Presence.IMPLICIT

    @property
    def composite(self) -> bool:
        return self.reader.type == COMPOSITE and self.writer.type == COMPOSITE

    @property
    def enums(self) -> tuple[EnumType, EnumType] | None:
        """The reader's and the writer's enum, where both fields hold one."""
        if self.reader.type == ENUM and self.writer.type == ENUM:
            return self.message_pair.sides.reader.enum(self.reader), self.message_pair.sides.writer.enum(self.writer)
        return None


def can_be_written(message_pair: MessagePair, field: Field) -> bool:
    """Say whether a payload can hold this field of the writer at all."""
    return field.type != COMPOSITE or message_pair.sides.writer.inhabited(field.type_name)


@dataclass(frozen=True, slots=True)
class Difference:
    """A difference that a rule found, before it is weighed and shown with a payload."""

    reader_path: str
    writer_path: str
    reader_has: str
    writer_has: str
    message: str
    message_pair: MessagePair | None = None
    """Where the probes apply; None if no payload shows the difference."""
    probes: tuple[Probe, ...] = ()
    """Contents of the writer's message of `message_pair`; the first one that shows the difference is the witness."""
    unknown_message: str = ""
    """Full name of a message that only the writer has: any payload of it shows the difference."""
    repair: str = ""
    """The kind of edit of the candidate that removes it; see `suggestions`."""


Subject = TypeVar("Subject", contravariant=True)


@dataclass(frozen=True, slots=True)
class Check(Generic[Subject]):
    """A rule with the function that finds where it is violated."""

    rule: Rule
    find: Callable[[Subject], Iterator[Difference]]


def protobuf_rule(
    code: str, severity: Severity, title: str, *, why: str, fix: str, source: str, mirror: str, example: str
) -> Rule:
    """Make a rule of this format; every part of it is required."""
    return Rule(code, Format.PROTOBUF, severity, title, why, fix, source, mirror, example)


def at_field(pair: FieldPair, message: str, *probes: Probe, repair: str = "") -> Difference:
    """Make a difference of two fields that meet."""
    return Difference(
        pair.reader_path,
        pair.writer_path,
        declaration(pair.reader),
        declaration(pair.writer),
        message,
        pair.message_pair,
        probes,
        repair=repair,
    )


def declaration(field: Field) -> str:
    """Write a field as source declares it, without its options: ``repeated int32 codes = 4``."""
    label = "repeated " if field.repeated and not field.is_map else ""
    if field.presence is Presence.REQUIRED:
        label = "required "
    return f"{label}{type_of(field)} {field.name} = {field.number}"


def type_of(field: Field) -> str:
    """Name the type of a field for people: ``int32``, ``Money``, ``group Line``, ``map``."""
    if field.is_map:
        return "map"
    if field.type == COMPOSITE and field.delimited:
        return f"group {field.type_name}"
    return field.type_name or field.type
