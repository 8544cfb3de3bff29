"""Codecs as a contract handle uses them: the short path first, then the long one."""

from typing import Any

from moorings.codecs.failures import SLOW_PATH
from moorings.codecs.formats import Reader, Writer


def encode(writer: Writer, value: Any) -> bytes:
    try:
        return writer.at_once(value)
    except SLOW_PATH:
        pass
    return writer.encode(value)


def decode(reader: Reader, data: bytes) -> Any:
    try:
        return reader.at_once(data)
    except SLOW_PATH as error:
        found = reader.mismatch(data, error)
    raise found
