"""The table of formats on the client's side. A format's libraries are imported when its first event is met."""

from collections.abc import Sequence
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Any, Protocol

from moorings.codecs.failures import Mismatch
from moorings.errors import ExtraMissing
from moorings.violations import Violation
from moorings_compat import Format, Schema


class Writer(Protocol):
    """Writes events of one schema, each with the prefix it was made with."""

    def encode(self, value: Any) -> bytes:
        """Return the framed event; raises `Invalid`."""

    def violations(self, value: Any) -> Sequence[Violation]:
        """Return everything that is wrong with *value*."""


class Reader(Protocol):
    """Reads events that one schema wrote, as another schema sees them."""

    def decode(self, data: bytes) -> Any:
        """Return the event as a dict; raises `Mismatch`."""


def make_writer(schema: Schema, event: str, prefix: bytes) -> Writer:
    """Compile *schema* for writing; *event* is the event's name, by which Protobuf finds its message."""
    codec = _codec(schema.format)
    if schema.format is Format.AVRO:
        return codec.AvroWriter(_avro_json(schema), prefix)  # type: ignore[no-any-return]  # a module loaded by name
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
        read = None if writer is reader else _avro_json(reader)
        return codec.AvroReader(_avro_json(writer), read, start)  # type: ignore[no-any-return]
    if reader.format is Format.JSON:
        return codec.JsonReader(reader, start)  # type: ignore[no-any-return]
    return codec.ProtobufReader(writer, reader, event, start)  # type: ignore[no-any-return]


_MODULES = {
    Format.AVRO: "moorings.codecs.avro",
    Format.JSON: "moorings.codecs.json_schema",
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


def _avro_json(schema: Schema) -> Any:
    return import_module("moorings_compat.avro").fastavro_schema(schema)
