"""Apache's own Avro library for Python: the implementation that did not find the finding."""

import io
import json
import struct
from functools import lru_cache
from typing import Any

import avro.compatibility
import avro.errors
import avro.io
import avro.schema

from moorings_compat import Schema
from moorings_compat.avro import resolved_text

FAILS = (
    avro.errors.AvroException,
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    AttributeError,
    EOFError,
    ArithmeticError,
    struct.error,
)
"""What it raises on data or schemas that it does not take; some of it by accident."""


@lru_cache(maxsize=256)
def parsed(text: str) -> avro.schema.Schema:
    """Parse *text* without its logical types: what bytes mean is not the question here."""
    return avro.schema.parse(json.dumps(_underlying(json.loads(text))))


def _underlying(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _underlying(one) for key, one in value.items() if key != "logicalType"}
    return [_underlying(one) for one in value] if isinstance(value, list) else value


def read(reader: Schema, writer: Schema, data: bytes) -> Any:
    """Decode *data*; raises one of `FAILS` where Apache refuses it."""
    decoder = avro.io.BinaryDecoder(io.BytesIO(data))
    return avro.io.DatumReader(parsed(resolved_text(writer)), parsed(resolved_text(reader))).read(decoder)


def refuses(reader: Schema, writer: Schema, data: bytes) -> bool:
    """Tell whether Apache's decoder fails on *data*."""
    try:
        read(reader, writer, data)
    except FAILS:
        return True
    return False


def compatible(reader: Schema, writer: Schema) -> bool:
    """Ask Apache's checker."""
    checker = avro.compatibility.ReaderWriterCompatibilityChecker()  # type: ignore[no-untyped-call]
    result = checker.get_compatibility(parsed(resolved_text(reader)), parsed(resolved_text(writer)))
    return result.compatibility is avro.compatibility.SchemaCompatibilityType.compatible
