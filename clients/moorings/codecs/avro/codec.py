"""One Avro schema for writing, and a pair of them for reading, as the rest of the client uses them."""

import io
import struct
from collections.abc import Sequence
from typing import Any

import fastavro

from moorings.codecs.avro.decoder import Unreadable, compile_decoder
from moorings.codecs.avro.encoder import compile_encoder
from moorings.codecs.avro.examine import examine
from moorings.codecs.failures import SLOW_PATH, Invalid, Mismatch
from moorings.violations import Violation
from moorings_compat import Schema
from moorings_compat.avro import fastavro_schema, model_of
from moorings_compat.json_text import pointer


class AvroWriter:
    """Writes events of one schema, each after *prefix*."""

    def __init__(self, schema: Schema, prefix: bytes) -> None:
        self._schema = schema
        self._model = model_of(schema)
        self._prefix = prefix
        self.at_once = compile_encoder(self._model, prefix)

    def encode(self, value: Any) -> bytes:
        """Return the prefix and an event that `at_once` did not take: of unusual Python types, or invalid.

        Raises:
            Invalid: with every violation.
        """
        examined = examine(self._model, value)
        if examined.violations:
            raise Invalid(examined.violations)
        out = io.BytesIO()
        out.write(self._prefix)
        fastavro.schemaless_writer(out, fastavro_schema(self._schema), examined.normal)
        return out.getvalue()

    def violations(self, value: Any) -> Sequence[Violation]:
        """Return what is wrong with an event, in order; nothing for a valid one."""
        try:
            self.at_once(value)
        except SLOW_PATH:
            return examine(self._model, value).violations
        return ()


class AvroReader:
    """Reads events that one schema wrote as another schema sees them; an event begins at the byte *start*."""

    def __init__(self, writer: Schema, reader: Schema, start: int) -> None:
        self.at_once, self._source = compile_decoder(model_of(writer), model_of(reader), start)

    def mismatch(self, data: bytes, error: BaseException) -> Mismatch:
        """Say where and why `at_once` raised *error*."""
        return Mismatch(pointer(*self._source.place_of(error.__traceback__)), _reason(error))


def _reason(error: BaseException) -> str:
    if isinstance(error, Unreadable):
        return str(error)
    if isinstance(error, LookupError | struct.error):
        return "the bytes end too early, or name a symbol that the writer does not have"
    if isinstance(error, UnicodeDecodeError):
        return "text that is not UTF-8"
    if isinstance(error, RecursionError):
        return "nested too deep"
    return "a value that its type does not hold"
