"""The table of formats: one row says where a format's schemas are read, and what its events have in common.

A format's libraries are imported when a schema of it is met first.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from typing import Protocol

from moorings.errors import ExtraMissing
from moorings.event_model.model import EventModel
from moorings.event_model.shapes import Shape, shape_of_model
from moorings_compat import Format, Schema


class ModelReader(Protocol):
    """Reads the model of a schema's events; *docs* asks for documentation where that costs something."""

    def __call__(self, schema: Schema, subject: str, *, docs: bool = False) -> EventModel: ...


@dataclass(frozen=True, slots=True)
class SchemaReader:
    """How schemas of one format are read. The constant ``READER`` of the module that a row names."""

    types: ModelReader
    """What a class has to have, or a payload: the types that every event keeps to."""
    possible: Callable[[Schema], EventModel] | None = None
    """Every field that an event may have in any of its alternatives, for rules; None: the same as *types*."""
    shape: Callable[[Schema], Shape] | None = None
    """The joined alternatives, for mappings and drift; None: those of *types*."""


@dataclass(frozen=True, slots=True)
class EventFormat:
    """One row: what events of a format have in common, whatever their schema."""

    module: str
    extra: str = ""
    """The extra of this package that brings the format's libraries."""
    is_json: bool = False
    """Dates are texts, 1.0 is a whole number, keys are any text, and None leaves a field out."""
    absent_without_default: bool = False
    """A field may be left out for which there is no default: an object has None for it."""
    names_branches: bool = False
    """A value may name the branch of a union that it is of, where dicts alone do not tell."""
    null_is_a_value: bool = False
    """Null is a value of a type of its own, for rules as well."""
    numbered_symbols: bool = False
    """Enumerations are numbers to rules: their symbols have numbers."""
    typed_keys: bool = False
    """The keys of maps have types of their own."""
    fields_by_path: bool = False
    """Records have no names: the full name of a field is its path from the root, ``$.customer.email``."""


EVENT_FORMATS = {
    Format.AVRO: EventFormat("moorings.event_model.from_avro", names_branches=True, null_is_a_value=True),
    Format.JSON: EventFormat("moorings.event_model.from_json_schema", is_json=True, fields_by_path=True),
    Format.PROTOBUF: EventFormat(
        "moorings.event_model.from_protobuf",
        "protobuf",
        absent_without_default=True,
        numbered_symbols=True,
        typed_keys=True,
    ),
}


def event_model_of(schema: Schema, subject: str, *, docs: bool = False) -> EventModel:
    """Return the types that every event of *schema* keeps to; *subject* may be the event's name alone.

    Raises:
        ExtraMissing: the libraries of the format are not installed.
    """
    return _reader(schema.format).types(schema, subject, docs=docs)


def possible_fields_of(schema: Schema, subject: str) -> EventModel:
    """Return every field that an event may have, in whatever alternative; raises as `event_model_of`."""
    reader = _reader(schema.format)
    return reader.types(schema, subject) if reader.possible is None else reader.possible(schema)


@lru_cache(maxsize=256)
def shape_of(schema: Schema, subject: str) -> Shape:
    """Return the shape of an event, its alternatives joined; raises as `event_model_of`."""
    reader = _reader(schema.format)
    return shape_of_model(reader.types(schema, subject)) if reader.shape is None else reader.shape(schema)


def _reader(format: Format) -> SchemaReader:
    row = EVENT_FORMATS[format]
    try:
        reader: SchemaReader = import_module(row.module).READER
    except ModuleNotFoundError as error:
        if not row.extra:
            raise
        raise ExtraMissing(row.extra, f"an event in {format.title()}") from error
    return reader
