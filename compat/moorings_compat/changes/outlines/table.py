"""The table of formats, for outlines: one line each, imported when it is first needed."""

from importlib import import_module

from moorings_compat.changes.outline import Outline
from moorings_compat.schema import Format, Schema

_MODULES = {
    Format.AVRO: "moorings_compat.changes.outlines.avro",
    Format.JSON: "moorings_compat.changes.outlines.json_schema",
    Format.PROTOBUF: "moorings_compat.changes.outlines.protobuf",
}


def outline_of(schema: Schema) -> Outline:
    """Return the outline of *schema*."""
    made: Outline = import_module(_MODULES[schema.format]).outline(schema)
    return made
