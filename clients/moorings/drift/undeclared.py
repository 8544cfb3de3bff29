"""Fields that an event has and that its reader's contract does not declare: looked for in samples, off the hot path."""

import json
from collections.abc import Callable, Iterator
from functools import lru_cache
from importlib import import_module
from typing import Any

from moorings_compat import Format, Schema

Finder = Callable[[bytes], list[str]]
"""Takes an event without its framing, and returns a JSON Pointer for each field that is not declared."""

_MOST = 100


@lru_cache(maxsize=256)
def undeclared_finder(writer: Schema, reader: Schema, event: str) -> Finder | None:
    """Return what finds undeclared fields of events that *writer* wrote; None where there can be none.

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
    declared = import_module("moorings_compat.json_schema.declared_fields").declared(reader)
    if declared.shape is None:
        return None
    jsonschema_rs, violations = import_module("jsonschema_rs"), import_module("moorings.codecs.json_violations")
    loads = import_module("orjson").loads
    validator = jsonschema_rs.Draft202012Validator(declared.shape)

    def find(payload: bytes) -> list[str]:
        return [one.pointer for one in violations.violations_of(validator, loads(payload))[:_MOST]]

    return find


def _avro(writer: Schema, reader: Schema) -> Finder | None:
    if writer == reader:
        return None
    compat, types = import_module("moorings_compat.avro"), import_module("moorings.codecs.avro.types")
    written, read = (types.read_types(json.loads(compat.resolved_text(one))) for one in (writer, reader))
    pointers = list(_left_out(written, read))[:_MOST]
    return (lambda _payload: pointers) if pointers else None


def _left_out(written: Any, read: Any) -> Iterator[str]:
    """Yield each of the writer's fields that no field of the reader is filled from."""
    types = import_module("moorings.codecs.avro.types")
    field_sources = import_module("moorings.codecs.avro.resolution").field_sources
    waiting, seen = [("", written.root, read.root)], set()
    while waiting:
        path, one, other = waiting.pop()
        one, other = written.resolve(one), read.resolve(other)
        if isinstance(one, types.Array) and isinstance(other, types.Array):
            waiting.append((f"{path}/*", one.items, other.items))
        elif isinstance(one, types.Map) and isinstance(other, types.Map):
            waiting.append((f"{path}/*", one.values, other.values))
        elif isinstance(one, types.Union) or isinstance(other, types.Union):
            waiting += [(path, left, right) for left, right in _records_of(written, one, read, other, types)]
        elif isinstance(one, types.Record) and isinstance(other, types.Record) and (one.name, other.name) not in seen:
            seen.add((one.name, other.name))
            pairs = [(field, source) for field, source in field_sources(one, other) if source is not None]
            used = {source.name for _, source in pairs}
            yield from (f"{path}/{field.name}" for field in one.fields if field.name not in used)
            waiting += [(f"{path}/{source.name}", source.type, field.type) for field, source in pairs]


def _records_of(written: Any, one: Any, read: Any, other: Any, types: Any) -> list[tuple[Any, Any]]:
    """Pair the records among the branches of a union, or of two, that have the same name."""
    left = [written.resolve(branch) for branch in (one.branches if isinstance(one, types.Union) else (one,))]
    right = [read.resolve(branch) for branch in (other.branches if isinstance(other, types.Union) else (other,))]
    return [
        (a, b)
        for a in left
        for b in right
        if isinstance(a, types.Record) and isinstance(b, types.Record) and a.name == b.name
    ]


def _protobuf(reader: Schema, event: str) -> Finder | None:
    codec, compat = import_module("moorings.codecs.protobuf.codec"), import_module("moorings_compat.protobuf")
    message_class = compat.message_class(reader, codec.main_message(reader, event))
    unknown_fields = import_module("google.protobuf.unknown_fields").UnknownFieldSet
    read_indexes = import_module("moorings.codecs.framing").read_message_indexes

    def find(payload: bytes) -> list[str]:
        message = message_class.FromString(payload[read_indexes(payload, 0)[1] :])
        return list(_unknown(message, "", unknown_fields))[:_MOST]

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
