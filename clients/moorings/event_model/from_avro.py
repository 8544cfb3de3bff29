"""The shapes of an Avro contract: what its encoder takes and its decoder gives."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from moorings.codecs.avro.defaults import default_value
from moorings.codecs.avro.types import (
    Array,
    Enum,
    Fixed,
    Map,
    Named,
    Primitive,
    Record,
    Type,
    Types,
    label,
    read_types,
)
from moorings.codecs.avro.types import Union as Branches
from moorings.event_model import model
from moorings.event_model.model import Choice, Entries, Field, Items, Shape, Shapes, Simple, Use, union_of
from moorings_compat import Schema
from moorings_compat.avro import resolved_text

_PRIMITIVES = {
    "null": model.NONE,
    "boolean": model.BOOL,
    "int": model.INT,
    "long": model.INT,
    "float": model.FLOAT,
    "double": model.FLOAT,
    "bytes": model.BYTES,
    "string": model.STR,
}
_BOUNDS = {"int": (-(2**31), 2**31 - 1), "long": (-(2**63), 2**63 - 1)}
_LOGICAL = {
    "date": model.DATE,
    "time-millis": model.TIME,
    "time-micros": model.TIME,
    "timestamp-millis": model.AWARE,
    "timestamp-micros": model.AWARE,
    "local-timestamp-millis": model.LOCAL,
    "local-timestamp-micros": model.LOCAL,
    "uuid": model.UUID_,
    "decimal": model.DECIMAL,
}


def read(schema: Schema, _subject: str) -> Shapes:
    """Read the shapes of an Avro contract; types are called by their full names."""
    written = json.loads(resolved_text(schema))
    reading = _Reading(read_types(written), dict(_docs(written, "")))
    root = reading.shape(reading.types.root)
    return Shapes(root, reading.named)


class _Reading:
    def __init__(self, types: Types, docs: Mapping[tuple[str, str], str]) -> None:
        self.types = types
        self.docs = docs
        self.named: dict[str, model.Named] = {}

    def shape(self, type: Type) -> Shape:
        if isinstance(type, Named):
            return self.shape(self.types.named[type.name])
        if isinstance(type, Primitive | Fixed):
            return _simple(type)
        if isinstance(type, Array):
            return Items(self.shape(type.items))
        if isinstance(type, Map):
            return Entries(Simple(model.STR, "string"), self.shape(type.values))
        if isinstance(type, Branches):
            return union_of([self.shape(branch) for branch in type.branches])
        if type.name not in self.named:
            self._define(type)
        return Use(type.name)

    def _define(self, type: Record | Enum) -> None:
        doc = self.docs.get((type.name, ""), "")
        if isinstance(type, Enum):
            self.named[type.name] = Choice(type.name, type.symbols, doc)
            return
        self.named[type.name] = model.Record(type.name, ())  # stands there while its fields lead back to it
        fields = tuple(
            Field(
                one.name,
                self.shape(one.type),
                needed=not one.has_default,
                default=default_value(one.default, one.type, self.types) if one.has_default else model.NO_DEFAULT,
                doc=self.docs.get((type.name, one.name), ""),
            )
            for one in type.fields
        )
        self.named[type.name] = model.Record(type.name, fields, doc=doc)


def _simple(type: Primitive | Fixed) -> Simple:
    kind = model.BYTES if isinstance(type, Fixed) else _PRIMITIVES[type.kind]
    if type.logical is not None:
        digits = (type.logical.precision, type.logical.scale) if type.logical.name == "decimal" else None
        return Simple(_LOGICAL[type.logical.name], label(type), bounds=digits)
    if isinstance(type, Fixed):
        return Simple(kind, label(type), bounds=(type.size, type.size))
    return Simple(kind, label(type), bounds=_BOUNDS.get(type.kind))


def _docs(written: Any, namespace: str) -> Iterator[tuple[tuple[str, str], str]]:
    """Yield the documentation of named types, and of their fields, by full name and field."""
    if isinstance(written, list):
        for one in written:
            yield from _docs(one, namespace)
    if not isinstance(written, dict):
        return
    name = written.get("name")
    if isinstance(name, str) and written["type"] in ("record", "error", "enum"):
        own = written.get("namespace", namespace)
        full = name if "." in name or not own else f"{own}.{name}"
        namespace = full.rpartition(".")[0]
        yield from _doc(written, full, "")
        for field in written.get("fields", ()):
            yield from _doc(field, full, field["name"])
            yield from _docs(field["type"], namespace)
        return
    for part in ("type", "items", "values"):
        yield from _docs(written.get(part), namespace)


def _doc(written: Mapping[str, Any], full: str, field: str) -> Iterator[tuple[tuple[str, str], str]]:
    doc = written.get("doc")
    if isinstance(doc, str):
        yield (full, field), doc
