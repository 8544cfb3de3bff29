"""Finds fields that an event has and its reader's contract does not declare: in samples, off the hot path."""

from collections.abc import Callable, Iterator
from functools import lru_cache
from importlib import import_module
from typing import Any

from moorings_compat import Format, Schema

Finder = Callable[[bytes], list[str]]
"""Takes an event without its framing, and returns a JSON Pointer for each field that is not declared."""

_MOST_POINTERS = 100


@lru_cache(maxsize=256)
def undeclared_finder(writer: Schema, reader: Schema, event: str) -> Finder | None:
    """Return a finder of undeclared fields in events of *writer*; None if there can be none.

    For Avro that is settled by the two schemas, without a look at any event.
    """
    if writer.format is not reader.format:
        return None
    if reader.format is Format.JSON:
        return _json(reader)
    if reader.format is Format.AVRO:
        return _avro(writer, reader)
    return _protobuf(reader, event)


def _json(reader: Schema) -> Finder | None:
    shape = import_module("moorings_compat.json_schema.model").declared(reader).shape(strict=True)
    if shape is None:
        return None
    violations = import_module("moorings.codecs.json_violations")
    loads = import_module("moorings.codecs.json_numbers").loads
    validator = import_module("moorings_compat.json_schema.projection").shape_validator(shape)

    def find(payload: bytes) -> list[str]:
        return [one.pointer for one in violations.violations_of(validator, loads(payload))[:_MOST_POINTERS]]

    return find


def _avro(writer: Schema, reader: Schema) -> Finder | None:
    if writer == reader:
        return None
    pointers = list(import_module("moorings.drift.undeclared_avro").undeclared(writer, reader))[:_MOST_POINTERS]
    return (lambda _payload: pointers) if pointers else None


def _protobuf(reader: Schema, event: str) -> Finder | None:
    compat = import_module("moorings_compat.protobuf")
    message_class = compat.message_class(reader, compat.message_of_event(reader, event))
    unknown_fields = import_module("google.protobuf.unknown_fields").UnknownFieldSet
    read_indexes = import_module("moorings.codecs.framing").read_message_indexes

    def find(payload: bytes) -> list[str]:
        message = message_class.FromString(payload[read_indexes(payload, 0)[1] :])
        return list(_unknown(message, "", unknown_fields))[:_MOST_POINTERS]

    return find


def _unknown(message: Any, path: str, unknown_fields: Any) -> Iterator[str]:
    if len(unknown_fields(message)):
        yield f"{path}/?"
    for descriptor, value in message.ListFields():
        if descriptor.message_type is None:
            continue
        here = f"{path}/{descriptor.name}"
        if descriptor.message_type.GetOptions().map_entry:
            if descriptor.message_type.fields_by_name["value"].message_type is not None:
                for key in value:
                    yield from _unknown(value[key], f"{here}/*", unknown_fields)
        elif descriptor.is_repeated:
            for item in value:
                yield from _unknown(item, f"{here}/*", unknown_fields)
        else:
            yield from _unknown(value, here, unknown_fields)
