"""The table of formats on the client's side. A format's libraries are imported when its first event is met."""

from collections.abc import Callable, Sequence
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Any, Protocol, runtime_checkable

from moorings.codecs.failures import Mismatch
from moorings.errors import ExtraMissing
from moorings.violations import Violation
from moorings_compat import Format, Schema


class Writer(Protocol):
    """Writes events of one schema, each with the prefix it was made with."""

    @property
    def at_once(self) -> Callable[[Any], bytes]:
        """The short path: the framed event, or one of `NOT_AT_ONCE`."""

    def encode(self, value: Any) -> bytes:
        """Return the framed event that the short path did not take; raises `Invalid`."""

    def violations(self, value: Any) -> Sequence[Violation]:
        """Return everything that is wrong with *value*."""


class Reader(Protocol):
    """Reads events that one schema wrote, as another schema sees them."""

    @property
    def at_once(self) -> Callable[[bytes], Any]:
        """The short path: the event as a dict, or one of `NOT_AT_ONCE`."""

    def mismatch(self, data: bytes, error: BaseException) -> Mismatch:
        """Say where and why `at_once` raised *error* for *data*."""


@runtime_checkable
class MessageReader(Reader, Protocol):
    """Reads Protobuf events as messages too."""

    @property
    def message_at_once(self) -> Callable[[bytes], Any]:
        """The short path to the message."""


def make_writer(schema: Schema, event: str, prefix: bytes) -> Writer:
    """Compile *schema* for writing; *event* is the event's name, by which Protobuf finds its message."""
    codec = _codec(schema.format)
    if schema.format is Format.AVRO:
        return codec.make_writer(schema, prefix)  # type: ignore[no-any-return]  # a module loaded by name
    if schema.format is Format.JSON:
        return codec.JsonWriter(schema, prefix)  # type: ignore[no-any-return]
    return codec.ProtobufWriter(schema, event, prefix)  # type: ignore[no-any-return]


def make_reader(writer: Schema, reader: Schema, event: str, start: int) -> Reader:
    """Compile the pair of schemas for reading events whose payload begins at *start*.

    Raises:
        Mismatch: they are of different formats.
    """
    if writer.format is not reader.format:
        raise Mismatch("", f"it was written as {writer.format}, and {reader.format} is expected")
    codec = _codec(reader.format)
    if reader.format is Format.AVRO:
        return codec.make_reader(writer, reader, start)  # type: ignore[no-any-return]
    if reader.format is Format.JSON:
        return codec.JsonReader(reader, start)  # type: ignore[no-any-return]
    return codec.ProtobufReader(writer, reader, event, start)  # type: ignore[no-any-return]


_MODULES = {
    Format.AVRO: "moorings.codecs.avro",
    Format.JSON: "moorings.codecs.json_codec",
    Format.PROTOBUF: "moorings.codecs.protobuf",
}


@cache
def _codec(format: Format) -> ModuleType:
    try:
        return import_module(_MODULES[format])
    except ModuleNotFoundError as error:
        if format is Format.PROTOBUF and (error.name or "").startswith("google"):
            raise ExtraMissing("protobuf", "an event in Protobuf") from None
        raise


def event_name(subject: str) -> str:
    """Take the event out of a subject: the last part, without Confluent's suffix."""
    return subject.removesuffix("-value").removesuffix("-key").rpartition(".")[2]
