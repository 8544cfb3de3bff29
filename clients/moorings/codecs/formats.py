"""The table of codecs. A format's libraries are imported with its first event."""

from collections.abc import Callable, Sequence
from functools import cache
from importlib import import_module
from typing import Any, Protocol, runtime_checkable

from moorings.codecs.failures import Mismatch
from moorings.errors import ExtraMissing
from moorings.violations import Violation
from moorings_compat import Format, JsonFields, Schema


class Writer(Protocol):
    """Writes events of one schema, each with the prefix it was made with."""

    @property
    def at_once(self) -> Callable[[Any], bytes]:
        """The short path: the framed event, or one of `SLOW_PATH`."""

    def encode(self, value: Any) -> bytes:
        """Return the framed event of a value that the short path did not handle; raises `Invalid`."""

    def violations(self, value: Any) -> Sequence[Violation]:
        """Return everything that is wrong with *value*."""


class Reader(Protocol):
    """Reads events of one schema as another schema has them."""

    @property
    def at_once(self) -> Callable[[bytes], Any]:
        """The short path: the event as a dict, or one of `SLOW_PATH`."""

    def mismatch(self, data: bytes, error: BaseException) -> Mismatch:
        """Say where and why `at_once` raised *error* for *data*."""


@runtime_checkable
class MessageReader(Reader, Protocol):
    """Reads Protobuf events as messages too."""

    @property
    def message_at_once(self) -> Callable[[bytes], Any]:
        """The short path to the message."""


class Codec(Protocol):
    """What the module of a format offers; *event* is the event's whole name, by which Protobuf finds its message.

    *fields* is the domain's policy, which matters to JSON alone: other formats carry declared fields in any case.
    """

    @staticmethod
    def make_writer(schema: Schema, event: str, prefix: bytes, fields: JsonFields, /) -> Writer:
        """Compile *schema* for writing; the bytes of each event follow *prefix*."""

    @staticmethod
    def make_reader(writer: Schema, reader: Schema, event: str, start: int, fields: JsonFields, /) -> Reader:
        """Compile the pair for reading messages whose payload begins at byte *start*."""


_CODECS = {  # one row a format: its module, and the extra that brings what the module imports
    Format.AVRO: ("moorings.codecs.avro", ""),
    Format.JSON: ("moorings.codecs.json_codec", ""),
    Format.PROTOBUF: ("moorings.codecs.protobuf", "protobuf"),
}


def make_writer(schema: Schema, event: str, prefix: bytes, fields: JsonFields = JsonFields.OPEN) -> Writer:
    """Compile *schema* for writing the event called *event*, each with *prefix* before it."""
    return _codec(schema.format).make_writer(schema, event, prefix, fields)


def make_reader(writer: Schema, reader: Schema, event: str, start: int, fields: JsonFields = JsonFields.OPEN) -> Reader:
    """Compile the pair of schemas for reading events whose payload begins at *start*.

    Raises:
        Mismatch: they are of different formats.
    """
    if writer.format is not reader.format:
        raise Mismatch("", f"it was written as {writer.format}, but {reader.format} is expected")
    return _codec(reader.format).make_reader(writer, reader, event, start, fields)


@cache
def _codec(format: Format) -> Codec:
    module, extra = _CODECS[format]
    try:
        codec: Any = import_module(module)
    except ModuleNotFoundError as error:
        if not extra:
            raise
        raise ExtraMissing(extra, f"an event in {format.title()}") from error
    made: Codec = codec
    return made


def event_name(subject: str) -> str:
    """Take the event's whole name out of a subject: without Confluent's suffix, and without a context."""
    return subject.rpartition(":")[2].removesuffix("-value").removesuffix("-key")
