"""The shape of a schema, of whatever format; a format's libraries are imported when its first shape is asked for."""

from functools import lru_cache
from importlib import import_module

from moorings.shapes.model import Shape
from moorings_compat import Format, Schema


@lru_cache(maxsize=256)
def shape_of(schema: Schema, event: str) -> Shape:
    """Return the shape of an event; *event* is its name, by which Protobuf finds the message."""
    if schema.format is Format.AVRO:
        return import_module("moorings.shapes.avro").avro_shape(schema)  # type: ignore[no-any-return]
    if schema.format is Format.JSON:
        return import_module("moorings.shapes.json_schema").json_shape(schema)  # type: ignore[no-any-return]
    return import_module("moorings.shapes.protobuf").protobuf_shape(schema, event)  # type: ignore[no-any-return]
