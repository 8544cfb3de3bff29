"""The shapes of an Avro contract: what its encoder takes and its decoder gives."""

from moorings.codecs.avro.defaults import default_value
from moorings.codecs.avro.labels import label
from moorings.codecs.avro.logical import python_logical
from moorings.event_model import model
from moorings.event_model.model import Choice, Entries, Field, Items, Shape, Shapes, Simple, Use, union_of
from moorings_compat import Schema
from moorings_compat.avro import Array, AvroModel, Enum, Fixed, Map, Node, Primitive, Record, model_of
from moorings_compat.avro import Union as Branches

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
    reading = _Reading(model_of(schema))
    root = reading.shape(reading.avro.root)
    return Shapes(root, reading.named)


class _Reading:
    def __init__(self, avro: AvroModel) -> None:
        self.avro = avro
        self.named: dict[str, model.Named] = {}

    def shape(self, type: Node) -> Shape:
        meant = self.avro.resolve(type)
        if isinstance(meant, Primitive | Fixed):
            return self._simple(meant)
        if isinstance(meant, Array):
            return Items(self.shape(meant.items))
        if isinstance(meant, Map):
            return Entries(Simple(model.STR, "string"), self.shape(meant.values))
        if isinstance(meant, Branches):
            return union_of([self.shape(branch) for branch in meant.branches])
        if meant.full not in self.named:
            self._define(meant)
        return Use(meant.full)

    def _define(self, type: Record | Enum) -> None:
        if isinstance(type, Enum):
            self.named[type.full] = Choice(type.full, type.symbols, type.doc)
            return
        self.named[type.full] = model.Record(type.full, ())  # stands there while its fields lead back to it
        fields = tuple(
            Field(
                one.name,
                self.shape(one.type),
                needed=not one.has_default,
                default=default_value(one.default, one.type, self.avro) if one.has_default else model.NO_DEFAULT,
                doc=one.doc,
            )
            for one in type.fields
        )
        self.named[type.full] = model.Record(type.full, fields, doc=type.doc)

    def _simple(self, type: Primitive | Fixed) -> Simple:
        kind = model.BYTES if isinstance(type, Fixed) else _PRIMITIVES[type.kind]
        logical, shown = python_logical(type), label(self.avro, type)
        if logical is not None:
            digits = (logical.precision, logical.scale) if logical.name == "decimal" else None
            return Simple(_LOGICAL[logical.name], shown, bounds=digits)
        if isinstance(type, Fixed):
            return Simple(kind, shown, bounds=(type.size, type.size))
        return Simple(kind, shown, bounds=_BOUNDS.get(type.kind))
