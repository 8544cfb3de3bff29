"""The shape of an Avro schema."""

from dataclasses import fields

from moorings.codecs.avro.logical import python_logical
from moorings.shapes.model import ARRAY, MAP, OBJECT, FieldShape, Shape, merged
from moorings_compat import Schema
from moorings_compat.avro import Array, AvroModel, Enum, Fixed, Map, Node, Primitive, Record, Union, model_of

_KINDS = {"int": "int32", "long": "int64"}
_LOGICAL = {
    "date": "date",
    "time-millis": "time",
    "time-micros": "time",
    "timestamp-millis": "datetime",
    "timestamp-micros": "datetime",
    "local-timestamp-millis": "local_datetime",
    "local-timestamp-micros": "local_datetime",
    "uuid": "uuid",
    "decimal": "decimal",
}


def avro_shape(schema: Schema) -> Shape:
    """Return the shape of an Avro schema."""
    model = model_of(schema)
    building = _Building(model)
    shape = building.shape(model.root)
    building.join_unions()
    return shape


class _Building:
    def __init__(self, model: AvroModel) -> None:
        self._model = model
        self._records: dict[str, Shape] = {}
        self._unions: list[tuple[Shape, list[Shape]]] = []
        """Those not joined yet, inner ones first: a branch may be a record that is still being built."""

    def join_unions(self) -> None:
        """Give each union the shape of its branches, which are complete now."""
        for shape, branches in self._unions:
            joined = merged(branches)
            for one in fields(Shape):
                setattr(shape, one.name, getattr(joined, one.name))

    def shape(self, type: Node) -> Shape:
        meant = self._model.resolve(type)
        if isinstance(meant, Record):
            return self._record(meant)
        if isinstance(meant, Array):
            return Shape(frozenset((ARRAY,)), items=self.shape(meant.items))
        if isinstance(meant, Map):
            return Shape(frozenset((MAP,)), values=self.shape(meant.values))
        if isinstance(meant, Union):
            branches = [self.shape(branch) for branch in meant.branches]
            union = Shape()
            self._unions.append((union, branches))
            return union
        return _scalar(meant)

    def _record(self, record: Record) -> Shape:
        known = self._records.get(record.full)
        if known is not None:
            return known
        shape = self._records[record.full] = Shape(frozenset((OBJECT,)))
        for field in record.fields:
            shape.fields[field.name] = FieldShape(self.shape(field.type), required=not field.has_default, present=True)
        return shape


def _scalar(type: Primitive | Fixed | Enum) -> Shape:
    if isinstance(type, Enum):
        return Shape(frozenset(("enum",)), symbols=frozenset(type.symbols))
    logical = python_logical(type)
    if logical is not None:
        return Shape(frozenset((_LOGICAL[logical.name],)))
    if isinstance(type, Fixed):
        return Shape(frozenset(("bytes",)))
    return Shape(frozenset((_KINDS.get(type.kind, type.kind),)))
