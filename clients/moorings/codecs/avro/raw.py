"""An Avro schema that is ``bytes`` alone: the payload is the bytes themselves, without a length.

Confluent's clients write such events so; alone in a message, they need no length.
"""

from collections.abc import Sequence
from typing import Any

from moorings.codecs.avro.codec import AvroReader, AvroWriter
from moorings.codecs.avro.varint import encode_long
from moorings.codecs.failures import Invalid, Mismatch
from moorings.violations import Violation
from moorings_compat import Schema
from moorings_compat.avro import Primitive, model_of


def make_writer(schema: Schema, _event: str, prefix: bytes, _fields: object = None) -> "AvroWriter | RawWriter":
    """Make the writer of *schema*; it puts *prefix* before every event."""
    return RawWriter(schema, prefix) if is_raw(schema) else AvroWriter(schema, prefix)


def make_reader(
    writer: Schema, reader: Schema, _event: str, start: int, _fields: object = None
) -> "AvroReader | RawReader":
    """Make the reader of what *writer* wrote, as *reader* sees it, from the byte *start* on."""
    return RawReader(writer, reader, start) if is_raw(writer) else AvroReader(writer, reader, start)


def is_raw(schema: Schema) -> bool:
    """Say whether an Avro schema is bytes, without a logical type."""
    root = model_of(schema).root
    return isinstance(root, Primitive) and root.kind == "bytes" and root.logical is None


class RawWriter:
    """Writes bytes as they are."""

    def __init__(self, schema: Schema, prefix: bytes) -> None:
        self._prefix = prefix
        self._examining = AvroWriter(schema, b"")

    def at_once(self, value: Any) -> bytes:
        if not isinstance(value, bytes):
            raise TypeError
        return self._prefix + value

    def encode(self, value: Any) -> bytes:
        violations = self.violations(value)
        if violations:
            raise Invalid(violations)
        return self._prefix + bytes(value)

    def violations(self, value: Any) -> Sequence[Violation]:
        return self._examining.violations(value)


class RawReader:
    """Reads bytes as they are, or as what a reader makes of bytes."""

    def __init__(self, writer: Schema, reader: Schema, start: int) -> None:
        self._start = start
        self._reader = AvroReader(writer, reader, 0)

    def at_once(self, data: bytes) -> Any:
        payload = data[self._start :]
        return self._reader.at_once(encode_long(len(payload)) + payload)

    def mismatch(self, data: bytes, error: BaseException) -> Mismatch:
        """Say why `at_once` raised *error*; the location is always the whole event."""
        return self._reader.mismatch(data, error)
