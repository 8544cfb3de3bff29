"""The event model of an Avro contract: what its encoder takes and its decoder gives."""

from typing import Any

from moorings.codecs.avro.defaults import default_value
from moorings.codecs.avro.labels import label
from moorings.codecs.avro.logical import python_logical
from moorings.event_model import model
from moorings.event_model.event_formats import SchemaReader
from moorings.event_model.model import (
    EnumerationType,
    EventField,
    EventModel,
    ListType,
    MapType,
    NamedType,
    RecordType,
    ScalarType,
    TypeReference,
    ValueType,
    union_of,
)
from moorings.event_model.shapes import Shape, shape_of_model
from moorings_compat import Schema
from moorings_compat.avro import Array, AvroModel, Enum, Field, Fixed, Map, Node, Primitive, Record, Union, model_of

_PRIMITIVES = {  # the Python type, and the word for what is written
    "null": (model.NONE, "null"),
    "boolean": (model.BOOL, "boolean"),
    "int": (model.INT, "int32"),
    "long": (model.INT, "int64"),
    "float": (model.FLOAT, "float"),
    "double": (model.FLOAT, "double"),
    "bytes": (model.BYTES, "bytes"),
    "string": (model.STR, "string"),
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
    "uuid": model.UUID,
    "timestamp-nanos": model.AWARE,
    "local-timestamp-nanos": model.LOCAL,
    "decimal": model.DECIMAL,
    "big-decimal": model.DECIMAL,
}


def read_types(schema: Schema, subject: str, *, docs: bool = False) -> EventModel:  # noqa: ARG001 - of no use here
    """Read the model of an Avro contract; types go by their full names."""
    return _AvroTypes(model_of(schema)).event()


def read_shape(schema: Schema) -> Shape:
    """Read the shape of an Avro contract, without the values of defaults: of records in records they may be huge."""
    return shape_of_model(_AvroTypes(model_of(schema), default_values=False).event())


READER = SchemaReader(read_types, shape=read_shape)


class _AvroTypes:
    def __init__(self, avro: AvroModel, *, default_values: bool = True) -> None:
        self.avro = avro
        self.default_values = default_values
        self.named: dict[str, NamedType] = {}
        self._primitives: dict[str, ScalarType] = {}
        """By the shape of their nodes: most types of a schema are a few primitives."""

    def event(self) -> EventModel:
        return EventModel(self.type(self.avro.root), self.named)

    def type(self, node: Node) -> ValueType:
        type = self.avro.resolve(node)
        if isinstance(type, Primitive):
            return self._primitives.get(type.shape) or self._primitives.setdefault(type.shape, self._scalar(type))
        if isinstance(type, Fixed):
            return self._scalar(type)
        if isinstance(type, Array):
            return ListType(self.type(type.items))
        if isinstance(type, Map):
            return MapType(ScalarType(model.STR, "string", primitive="string"), self.type(type.values))
        if isinstance(type, Union):
            return union_of([self.type(branch) for branch in type.branches])
        if type.full not in self.named:
            self._define(type)
        return TypeReference(type.full)

    def _scalar(self, type: Primitive | Fixed) -> ScalarType:
        logical, shown = python_logical(type), label(self.avro, type)
        kind, primitive = (model.BYTES, "fixed") if isinstance(type, Fixed) else _PRIMITIVES[type.kind]
        if logical is not None:
            digits = (logical.precision, logical.scale) if logical.name == "decimal" else None
            return ScalarType(_LOGICAL[logical.name], shown, bounds=digits, primitive=primitive)
        bounds = (type.size, type.size) if isinstance(type, Fixed) else _BOUNDS.get(type.kind)
        return ScalarType(kind, shown, bounds=bounds, primitive=primitive)

    def _define(self, definition: Record | Enum) -> None:
        full = definition.full
        if isinstance(definition, Enum):
            self.named[full] = EnumerationType(full, definition.symbols, definition.doc)
            return
        self.named[full] = RecordType(full, ())  # for the fields that lead back to it
        fields = tuple(map(self._field, definition.fields))
        self.named[full] = RecordType(full, fields, doc=definition.doc)

    def _field(self, field: Field) -> EventField:
        tags = field.attributes.get("confluent:tags")
        return EventField(
            field.name,
            self.type(field.type),
            required=not field.has_default,
            default=self._default(field),
            doc=field.doc,
            tags=frozenset(map(str, tags)) if isinstance(tags, list) else frozenset(),
        )

    def _default(self, field: Field) -> Any:
        if not (field.has_default and self.default_values):
            return model.NO_DEFAULT
        try:
            return default_value(field.default, field.type, self.avro)
        except (ValueError, OverflowError):
            return field.default  # its logical type has no such value: a UUID that is not one, a date too late
