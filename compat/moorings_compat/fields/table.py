"""The table of formats, for fields: one line each, imported when it is first needed."""

from collections.abc import Iterable
from functools import cache
from importlib import import_module
from typing import Protocol

from moorings_compat.fields.paths import Path
from moorings_compat.fields.tree import FieldTree, walk
from moorings_compat.schema import Format, Schema

_MODULES = {
    Format.AVRO: "moorings_compat.fields.avro",
    Format.JSON: "moorings_compat.fields.json_schema",
    Format.PROTOBUF: "moorings_compat.fields.protobuf",
}


class _FormatFields(Protocol):
    def field_tree(self, schema: Schema, event: str) -> FieldTree:
        """See `field_tree`."""

    def project(self, schema: Schema, paths: Iterable[Path], event: str) -> Schema:
        """See `project`."""


@cache
def _fields_of(format: Format) -> _FormatFields:
    module: _FormatFields = import_module(_MODULES[format])  # a module fills the protocol
    return module


def field_tree(schema: Schema, event: str = "") -> FieldTree:
    """Return the fields of the events of *schema*; *event* names the message of Protobuf."""
    return _fields_of(schema.format).field_tree(schema, event)


def field_paths(schema: Schema, event: str = "") -> tuple[Path, ...]:
    """List every field that *schema* declares, outer ones first; what contains itself is entered once."""
    return tuple(path for path, _ in walk(field_tree(schema, event)))


def project(schema: Schema, paths: Iterable[Path], event: str = "") -> Schema:
    """Reduce *schema* to the fields at *paths* and all below them, so that it can be compared like any other.

    Two projections that are equal are read alike. What comes back has no text of its own for Avro and Protobuf.
    """
    return _fields_of(schema.format).project(schema, tuple(paths), event)
