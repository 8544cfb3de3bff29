"""The three readings of a JSON Schema, for the table of formats."""

from moorings.event_model.event_formats import SchemaReader
from moorings.event_model.from_json_schema.possible import read_possible
from moorings.event_model.from_json_schema.shape import read_shape
from moorings.event_model.from_json_schema.types import read_types

READER = SchemaReader(read_types, read_possible, read_shape)
