"""fastavro, the codec that confirms findings: encode a payload, decode it, and return the value or the error."""

import io
from dataclasses import dataclass
from typing import Any

import fastavro
from fastavro.read import SchemaResolutionError

ENGINE = f"fastavro {fastavro.__version__}"

ENCODING_FAILS = (ValueError, TypeError, KeyError, IndexError, AttributeError, ArithmeticError)
"""What fastavro raises for a value that does not fit the schema that it is written with."""

_MOST_SHOWN = 200
_DECODING_FAILS = (
    SchemaResolutionError,
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    EOFError,
    AttributeError,
    ArithmeticError,
)
"""What fastavro raises when a reader meets data that it cannot read; some by accident, all fatal to a consumer."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """The result of decoding: a value, or an error in one line."""

    value: Any = None
    error: str = ""


def encode(writer: Any, value: Any) -> bytes:
    """Encode *value* with a writer's form of a schema; it must be a value of that schema."""
    stream = io.BytesIO()
    fastavro.schemaless_writer(stream, writer, value)
    return stream.getvalue()


def decode(data: bytes, writer: Any, reader: Any) -> Decoded:
    """Decode *data*, written with the form *writer*, as the form *reader*."""
    try:
        return Decoded(fastavro.schemaless_reader(io.BytesIO(data), writer, reader))
    except _DECODING_FAILS as error:
        return Decoded(error=_one_line(error))


def is_value_of(form: Any, value: Any) -> bool:
    """Tell whether *value* is one that a reader with *form* may return."""
    return bool(fastavro.validate(value, form, raise_errors=False))


def _one_line(error: BaseException) -> str:
    text = f"{type(error).__name__}: {' '.join(str(error).split())}"
    return text if len(text) <= _MOST_SHOWN else text[:_MOST_SHOWN] + "..."
