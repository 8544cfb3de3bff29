"""The shape of a value: which kinds it may be of, and what is inside it. Coarser than its type, on purpose.

Mappings between majors and the counting of drift ask for no more: alternatives are joined into one shape. A shape may
contain itself, so shapes are compared by identity, and walks remember the pairs that they have seen.
"""

from dataclasses import dataclass, field, fields

from moorings.event_model import model
from moorings.event_model.model import (
    EnumerationType,
    EventModel,
    ListType,
    MapType,
    RecordType,
    ScalarType,
    TypeReference,
    UnionType,
    ValueType,
)

OBJECT, ARRAY, MAP, ANYTHING = "object", "array", "map", "any"
_BY_KIND = {
    model.DATE: "date",
    model.TIME: "time",
    model.AWARE: "datetime",
    model.LOCAL: "local_datetime",
    model.TIMEDELTA: "duration",
    model.UUID: "uuid",
    model.DECIMAL: "decimal",
}


@dataclass(slots=True, eq=False)
class Shape:
    """Complete once its builder has returned; nobody changes it afterwards."""

    kinds: frozenset[str] = frozenset()
    """``object``, ``map``, ``array``, ``any``, ``null``, or the kind of a scalar such as ``int64`` or ``string``."""
    fields: "dict[str, FieldShape]" = field(default_factory=dict)
    """The declared fields of an object; of several alternatives, those of all of them."""
    items: "Shape | None" = None
    values: "Shape | None" = None
    """The values of a map, or of an object's further fields."""
    symbols: frozenset[str] | None = None
    """The only texts that are allowed; None: any."""


@dataclass(frozen=True, slots=True, eq=False)
class FieldShape:
    """One field of an object."""

    shape: Shape
    required: bool
    """An event without it is invalid."""
    present: bool
    """Every event that is read has it: it was required, or it has a default."""


ANY = Shape(frozenset((ANYTHING,)))
ANY.items = ANY.values = ANY


def shape_of_model(event: EventModel) -> Shape:
    """Return the shape of the events that a model describes."""
    merger = _ShapeBuilder(event)
    shape = merger.shape(event.root)
    merger.join_unions()
    return shape


class _ShapeBuilder:
    def __init__(self, event: EventModel) -> None:
        self._named = event.named
        self._records: dict[str, Shape] = {}
        self._unions: list[tuple[Shape, list[Shape]]] = []
        """Those not joined yet, inner ones first: a branch may be a record whose shape is not complete."""

    def join_unions(self) -> None:
        """Give each union the shape of its branches, which are complete now."""
        for shape, branches in self._unions:
            joined = _joined_shape(branches)
            for one in fields(Shape):
                setattr(shape, one.name, getattr(joined, one.name))

    def shape(self, type: ValueType) -> Shape:
        if isinstance(type, TypeReference):
            named = self._named[type.name]
            return self._record(named) if isinstance(named, RecordType) else _enumeration_shape(named)
        if isinstance(type, UnionType):
            union = Shape()
            self._unions.append((union, [self.shape(branch) for branch in type.branches]))
            return union
        if isinstance(type, ListType | MapType):
            return self._container(type)
        return _enumeration_shape(type) if isinstance(type, EnumerationType) else _scalar_shape(type)

    def _container(self, type: ListType | MapType) -> Shape:
        inside = self.shape(type.items if isinstance(type, ListType) else type.values)
        if inside is ANY:  # JSON inside Protobuf: a mapping may do to it whatever it likes
            return ANY
        if isinstance(type, ListType):
            return Shape(frozenset((ARRAY,)), items=inside)
        return Shape(frozenset((MAP,)), values=inside)

    def _record(self, record: RecordType) -> Shape:
        known = self._records.get(record.name)
        if known is not None:
            return known
        shape = self._records[record.name] = Shape(frozenset((OBJECT,)))
        for one in record.fields:
            shape.fields[one.name] = FieldShape(self.shape(one.type), one.required, one.present)
        return shape


def _enumeration_shape(type: EnumerationType) -> Shape:
    return Shape(frozenset(("enum",)), symbols=frozenset(type.values))


def _scalar_shape(type: ScalarType) -> Shape:
    if type.kind == model.ANY:
        return ANY
    if type.primitive == "enum":  # a number without a symbol adds none
        return Shape(frozenset(("enum",)), symbols=frozenset())
    kind = _BY_KIND.get(type.kind) or ("bytes" if type.primitive == "fixed" else type.primitive)
    return Shape(frozenset((kind,)))


def _joined_shape(shapes: list[Shape]) -> Shape:
    """Join alternatives into the shape that a value of any of them has."""
    if len(shapes) == 1:
        return shapes[0]
    objects = [one for one in shapes if OBJECT in one.kinds]
    names = dict.fromkeys(name for one in objects for name in one.fields)
    symbols = None
    if all(one.symbols is not None or not _is_text(one) for one in shapes):
        symbols = frozenset(symbol for one in shapes for symbol in one.symbols or ())
    return Shape(
        kinds=frozenset().union(*(one.kinds for one in shapes)),
        fields={name: _joined_field_shape(name, objects) for name in names},
        items=_only_shape([one.items for one in shapes if one.items is not None]),
        values=_only_shape([one.values for one in shapes if one.values is not None]),
        symbols=symbols or None,
    )


def _joined_field_shape(name: str, objects: list[Shape]) -> FieldShape:
    found = [one.fields[name] for one in objects if name in one.fields]
    shape = _only_shape([one.shape for one in found]) or ANY
    everywhere = len(found) == len(objects)
    return FieldShape(
        shape, everywhere and all(one.required for one in found), everywhere and all(one.present for one in found)
    )


def _only_shape(shapes: list[Shape]) -> Shape | None:
    """Return the one shape that is meant; several are joined, but not followed into each other."""
    different = list({id(one): one for one in shapes}.values())
    if len(different) < 2:
        return different[0] if different else None
    return Shape(
        frozenset().union(*(one.kinds for one in different)),
        {name: field for one in different for name, field in one.fields.items()},
        next((one.items for one in different if one.items is not None), None),
        next((one.values for one in different if one.values is not None), None),
    )


def _is_text(shape: Shape) -> bool:
    return not shape.kinds.isdisjoint(("string", "enum", ANYTHING))
