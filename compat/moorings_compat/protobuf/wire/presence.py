"""Presence: the value of a field that was not written, and whether it can be left out at all."""

from collections.abc import Iterator

from moorings_compat.findings import Severity
from moorings_compat.protobuf.differences import (
    EMPTY,
    LEFT_OUT,
    Check,
    Difference,
    FieldPair,
    MessagePair,
    at_field,
    declaration,
    protobuf_rule,
)
from moorings_compat.protobuf.features import Presence
from moorings_compat.protobuf.types import COMPOSITE, Default
from moorings_compat.protobuf.wire.encoding import FLOATING, wire_type

_REQUIRED = 'protobuf.dev, "Language Guide (proto 2)", Field Labels: required'
_PRESENCE = 'protobuf.dev, "Application Note: Field Presence"'


def required_never_written(message_pair: MessagePair) -> Iterator[Difference]:
    """Find fields that the reader requires and the writer does not have."""
    for field in message_pair.reader.required:
        if field.number not in message_pair.writer.by_number:
            message = f"`{field.name}` is required by the reader; the writer has no field {field.number}."
            yield Difference(
                f"{message_pair.reader_path}/{field.name}",
                message_pair.writer_path,
                declaration(field),
                f"no field {field.number} in {message_pair.writer.full_name}",
                message,
                message_pair,
                (EMPTY,),
                repair="optional",
            )


def required_left_out(message_pair: MessagePair) -> Iterator[Difference]:
    """Find fields that the reader requires and the writer may leave out."""
    for field in message_pair.reader.required:
        written = message_pair.writer.by_number.get(field.number)
        if written is not None and written.presence is not Presence.REQUIRED:
            message = f"`{field.name}` is required by the reader; the writer can leave it out."
            yield at_field(
                FieldPair(message_pair, field, written), message, ((field.number, LEFT_OUT),), repair="optional"
            )


def zero_reads_as_default(pair: FieldPair) -> Iterator[Difference]:
    """Find a zero that is not written, and that the reader reads as another default."""
    if _scalars(pair) and pair.writer.presence is Presence.IMPLICIT and _default_differs(pair):
        message = (
            f"`{pair.writer.name}` is not written when it is {_default_text(pair.writer.default)}; "
            f"the reader then reads {_default_text(pair.reader.default)}."
        )
        yield at_field(pair, message, EMPTY, repair="default")


def default_changed(pair: FieldPair) -> Iterator[Difference]:
    """Find a field that has another value while it is unset."""
    if _scalars(pair) and pair.writer.presence is Presence.EXPLICIT and _default_differs(pair):
        message = (
            f"an unset `{pair.writer.name}` reads as {_default_text(pair.writer.default)} for the writer and "
            f"as {_default_text(pair.reader.default)} for the reader."
        )
        yield at_field(pair, message, repair="default")


def presence_lost(pair: FieldPair) -> Iterator[Difference]:
    """Find a reader that cannot tell zero from absence, where the writer can."""
    if (
        _scalars(pair)
        and pair.writer.presence is Presence.EXPLICIT
        and pair.reader.presence is Presence.IMPLICIT
        and not _default_differs(pair)
    ):
        message = f"the writer distinguishes an unset `{pair.writer.name}` from zero; the reader does not."
        yield at_field(pair, message)


def _scalars(pair: FieldPair) -> bool:
    """Say whether presence matters here: two singular scalars of one kind, outside a map's entry."""
    entry = pair.message_pair.reader.map_entry or pair.message_pair.writer.map_entry
    singular = not pair.reader.repeated and not pair.writer.repeated
    alike = wire_type(pair.reader) is wire_type(pair.writer)
    alike = alike and (pair.reader.type in FLOATING) == (pair.writer.type in FLOATING)
    return singular and not entry and alike and COMPOSITE not in (pair.reader.type, pair.writer.type)


def _default_differs(pair: FieldPair) -> bool:
    read, written = pair.reader.default, pair.writer.default
    assert read is not None
    assert written is not None
    if isinstance(read, str | bytes) or isinstance(written, str | bytes):
        return _comparable(read) != _comparable(written)
    return read != written and not (read != read and written != written)  # both not a number


def _comparable(default: Default) -> object:
    return default.encode() if isinstance(default, str) else default


def _default_text(default: Default | None) -> str:
    return repr(default) if isinstance(default, str | bytes) else str(default).lower()


MESSAGE_CHECKS: tuple[Check[MessagePair], ...] = (
    Check(
        protobuf_rule(
            "PROTO_WIRE_REQUIRED_ADDED",
            Severity.BREAK,
            "the reader requires a field that the writer does not have",
            why="A parser refuses a message that lacks a required field, and no message of the writer has it.",
            fix="Make the field optional.",
            source=_REQUIRED,
            mirror="none: a required field that only the writer has is kept among the unknown fields",
            example="writer: message M {}  reader: message M { required int32 n = 1; }",
        ),
        required_never_written,
    ),
    Check(
        protobuf_rule(
            "PROTO_WIRE_REQUIRED_UNSET",
            Severity.BREAK,
            "the reader requires a field that the writer can leave out",
            why="A parser refuses a message that lacks a required field, and the writer can leave it out.",
            fix="Keep the field optional, and check for it in the application.",
            source=_REQUIRED,
            mirror="none: a field that is always written can be read as an optional field",
            example="writer: optional int32 n = 1;  reader: required int32 n = 1;",
        ),
        required_left_out,
    ),
)

FIELD_CHECKS: tuple[Check[FieldPair], ...] = (
    Check(
        protobuf_rule(
            "PROTO_WIRE_ZERO_READS_AS_DEFAULT",
            Severity.BREAK,
            "a zero that is not written reads as a default",
            why="With implicit presence zero is never written, because absence means zero; a reader with another "
            "default reads that default.",
            fix="Give the reader the default zero, or give the writer explicit presence.",
            source=_PRESENCE,
            mirror="PROTO_WIRE_DEFAULT_CHANGED",
            example="writer: int32 n = 1; (proto3)  reader: optional int32 n = 1 [default = 5];",
        ),
        zero_reads_as_default,
    ),
    Check(
        protobuf_rule(
            "PROTO_WIRE_DEFAULT_CHANGED",
            Severity.CHANGES_MEANING,
            "an unset field reads as another default",
            why="Defaults are never written: each side reads its own default for an unset field.",
            fix="Keep the default, or always set the field.",
            source='protobuf.dev, "Language Guide (proto 2)", Updating A Message Type: default values',
            mirror="itself: the change back changes the meaning again",
            example="writer: optional int32 n = 1 [default = 1];  reader: optional int32 n = 1 [default = 2];",
        ),
        default_changed,
    ),
    Check(
        protobuf_rule(
            "PROTO_WIRE_PRESENCE_LOST",
            Severity.CHANGES_MEANING,
            "unset and zero are no longer distinct",
            why="Every value arrives, but the reader cannot tell whether zero was set or the field was unset.",
            fix="Keep `optional`, or the place in the oneof: it tells an absent value from 0 or an empty text.",
            source=_PRESENCE,
            mirror="none: a reader with explicit presence loses nothing from a writer with implicit presence",
            example="writer: optional int32 n = 1;  reader: int32 n = 1;  (proto3)",
        ),
        presence_lost,
    ),
)
