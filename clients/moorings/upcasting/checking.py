"""Checks a mapping against the schemas of both majors, without an event: does its result fit?

Each step is applied to the shape of the major before. The result is compared with the major after: every field that
it requires is present, there is no field that it does not declare, and kinds and symbols fit. What a schema demands
beyond that (lengths, patterns, bounds) is validated for each event when it is read.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from moorings.event_model.shapes import ANY, ANYTHING, ARRAY, OBJECT, FieldShape, Shape
from moorings.upcasting.fitting import misfits
from moorings_compat.mappings.mapping import Convert, Default, Drop, Mapping, Move, Rename, Step, Symbols
from moorings_compat.mappings.paths import EVERY, FieldPath, show_path

_NULL = frozenset(("null",))


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong with a mapping. `step` counts from 1; 0 where the result as a whole does not fit."""

    step: int
    path: str
    message: str

    def __str__(self) -> str:
        place = f"step {self.step}, " if self.step else ""
        return f"{place}{self.path or 'the event'}: {self.message}"


class _StepRefused(Exception):
    """A step cannot be taken."""

    def __init__(self, path: FieldPath, message: str) -> None:
        super().__init__(message)
        self.path = path


def check_mapping(mapping: Mapping, before: Shape, after: Shape) -> list[Finding]:
    """Return everything that is wrong; nothing for a mapping that fits."""
    shape, found = before, []
    for number, step in enumerate(mapping.steps, start=1):
        try:
            shape = _STEPS[type(step)](step, shape)
        except _StepRefused as refused:
            found.append(Finding(number, show_path(refused.path), str(refused)))
    if found:
        return found  # what would come out is not known then
    return [Finding(0, path, message) for path, message in misfits(shape, after)]


ShapeChange = Callable[[Shape, str, FieldPath], Shape]


def _change(shape: Shape, path: FieldPath, change: ShapeChange, whole: FieldPath) -> Shape:
    """Return *shape* with what contains the end of *path* changed; shapes beside it are shared."""
    if len(path) == 1:
        return change(shape, path[0], whole)
    step, rest = path[0], path[1:]
    if step == EVERY:
        if shape.items is None and shape.values is None:
            raise _StepRefused(whole, "* needs an array or a map here")
        items = _change(shape.items, rest, change, whole) if shape.items is not None else None
        values = _change(shape.values, rest, change, whole) if shape.values is not None else None
        return replace(shape, items=items, values=values)
    field = _field(shape, step, whole)
    return _with(shape, step, replace(field, shape=_change(field.shape, rest, change, whole)))


def _field(shape: Shape, name: str, whole: FieldPath) -> FieldShape:
    if name not in shape.fields:
        known = ", ".join(list(shape.fields)[:8]) or "no field"
        raise _StepRefused(whole, f"unknown field {name!r} at this point; declared: {known}")
    return shape.fields[name]


def _with(shape: Shape, name: str, field: FieldShape) -> Shape:
    return replace(shape, fields={**shape.fields, name: field})


def _without(shape: Shape, name: str) -> Shape:
    return replace(shape, fields={key: field for key, field in shape.fields.items() if key != name})


def _rename(step: Rename, shape: Shape) -> Shape:
    def change(container: Shape, name: str, whole: FieldPath) -> Shape:
        field = _field(container, name, whole)
        _require_free(container, step.name, whole)
        renamed = {step.name if key == name else key: one for key, one in container.fields.items()}
        return replace(container, fields={**renamed, step.name: field})

    return _change(shape, step.path, change, step.path)


def _drop(step: Drop, shape: Shape) -> Shape:
    def change(container: Shape, name: str, whole: FieldPath) -> Shape:
        _field(container, name, whole)
        return _without(container, name)

    return _change(shape, step.path, change, step.path)


def _move(step: Move, shape: Shape) -> Shape:
    taken: list[FieldShape] = []

    def take(container: Shape, name: str, whole: FieldPath) -> Shape:
        taken.append(_field(container, name, whole))
        return _without(container, name)

    def move(item: Shape, whole: FieldPath) -> Shape:
        rest = step.path[step.shared :]
        sure = _is_sure(item, rest[:-1])
        without = _change(item, rest, take, whole)
        field = taken.pop()
        return _put_field(without, step.to[step.shared :], replace(field, present=field.present and sure), step.to)

    return _at(shape, step.path[: step.shared], move, step.path)


def _at(shape: Shape, path: FieldPath, change: Callable[[Shape, FieldPath], Shape], whole: FieldPath) -> Shape:
    """Return *shape* with the shape that *path* leads to changed as a whole."""
    if not path:
        return change(shape, whole)

    def inner(container: Shape, name: str, whole: FieldPath) -> Shape:
        if name == EVERY:
            if container.items is None and container.values is None:
                raise _StepRefused(whole, "* needs an array or a map here")
            items = change(container.items, whole) if container.items is not None else None
            values = change(container.values, whole) if container.values is not None else None
            return replace(container, items=items, values=values)
        field = _field(container, name, whole)
        return _with(container, name, replace(field, shape=change(field.shape, whole)))

    return _change(shape, path, inner, whole)


def _put_field(shape: Shape, path: FieldPath, field: FieldShape, whole: FieldPath) -> Shape:
    """Return *shape* with *field* at *path*; missing objects on the path are created."""
    if OBJECT not in shape.kinds and ANYTHING not in shape.kinds:
        raise _StepRefused(whole, "the field cannot be moved there: not an object")
    name = path[0]
    if len(path) == 1:
        _require_free(shape, name, whole)
        return _with(shape, name, field)
    inner = shape.fields.get(name, FieldShape(Shape(frozenset((OBJECT,))), required=False, present=field.present))
    if inner.shape.kinds & _NULL:
        raise _StepRefused(whole, f"{name!r} may be null, and a field cannot be moved into null: add a default first")
    made = _put_field(inner.shape, path[1:], field, whole)
    return _with(shape, name, FieldShape(made, inner.required, inner.present or field.present))


def _default(step: Default, shape: Shape) -> Shape:
    def change(container: Shape, name: str, _whole: FieldPath) -> Shape:
        given = _shape_of_value(step.value)
        known = container.fields.get(name)
        if known is None:
            return _with(container, name, FieldShape(given, required=False, present=True))
        kinds = known.shape.kinds - _NULL if step.or_null else known.shape.kinds
        may_fill = step.or_null or not known.present
        merged = _merged(replace(known.shape, kinds=kinds), given) if may_fill else known.shape
        return _with(container, name, FieldShape(merged, known.required, present=True))

    return _change(shape, step.path, change, step.path)


def _convert(step: Convert, shape: Shape) -> Shape:
    conversion = step.conversion

    def convert(found: Shape, whole: FieldPath) -> Shape:
        kinds = found.kinds - _NULL
        if ANYTHING not in conversion.takes and not kinds <= conversion.takes:
            strange = " or ".join(sorted(kinds - conversion.takes))
            raise _StepRefused(whole, f"{conversion.name} takes {' or '.join(sorted(conversion.takes))}, not {strange}")
        return _nullable(_converted(found, conversion.name, conversion.gives, kinds), found)

    return _at(shape, step.path, convert, step.path)


def _converted(found: Shape, name: str, gives: str, kinds: frozenset[str]) -> Shape:
    if gives:
        return Shape(frozenset((gives,)))
    if name == "to_array":
        return Shape(frozenset((ARRAY,)), items=replace(found, kinds=kinds))
    return found.items if found.items is not None else ANY


def _symbols(step: Symbols, shape: Shape) -> Shape:
    def convert(found: Shape, whole: FieldPath) -> Shape:
        if not found.kinds <= {"string", "enum", "null"}:
            raise _StepRefused(whole, "a table of symbols needs a text here")
        if step.otherwise is None and found.symbols is None:
            raise _StepRefused(whole, "the field may hold any text: add otherwise for the rest")
        missing = sorted((found.symbols or frozenset()) - step.table.keys())
        if missing and step.otherwise is None:
            raise _StepRefused(whole, f"the table lacks {', '.join(missing[:5])}: add them, or otherwise")
        yielded = {step.table.get(one, step.otherwise) for one in found.symbols or step.table}
        if step.otherwise is not None and (found.symbols is None or missing):
            yielded.add(step.otherwise)
        texts = frozenset(one for one in yielded if one is not None)
        return _nullable(Shape(frozenset(("enum",)), symbols=texts), found)

    return _at(shape, step.path, convert, step.path)


def _nullable(made: Shape, found: Shape) -> Shape:
    return replace(made, kinds=made.kinds | (found.kinds & _NULL))


def _require_free(container: Shape, name: str, whole: FieldPath) -> None:
    if name in container.fields:
        raise _StepRefused(whole, f"field {name!r} exists already: drop it first, or choose another name")


def _is_sure(shape: Shape, path: FieldPath) -> bool:
    """Whether *path* leads somewhere in every value of *shape*."""
    for step in path:
        field = shape.fields.get(step)
        if field is None or not field.present or field.shape.kinds != {OBJECT}:
            return False
        shape = field.shape
    return True


def _merged(one: Shape, other: Shape) -> Shape:
    symbols = one.symbols | other.symbols if one.symbols is not None and other.symbols is not None else None
    if one.kinds.isdisjoint(("string", "enum")):
        symbols = other.symbols
    elif other.kinds.isdisjoint(("string", "enum")):
        symbols = one.symbols
    fields = {**other.fields, **one.fields}
    both = {
        name: replace(field, present=name in one.fields and name in other.fields and field.present)
        for name, field in fields.items()
    }
    is_object = OBJECT in one.kinds and OBJECT in other.kinds
    return Shape(
        one.kinds | other.kinds,
        both if is_object else fields,
        one.items or other.items,
        one.values or other.values,
        symbols,
    )


def _shape_of_value(value: Any) -> Shape:
    """The shape of a default, which is one value alone."""
    if value is None:
        return Shape(_NULL)
    if isinstance(value, dict):
        fields = {key: FieldShape(_shape_of_value(one), required=False, present=True) for key, one in value.items()}
        return Shape(frozenset((OBJECT,)), fields)
    if isinstance(value, list):
        return Shape(frozenset((ARRAY,)), items=_shape_of_value(value[0]) if value else None)
    if isinstance(value, str):
        return Shape(frozenset(("string",)), symbols=frozenset((value,)))
    return Shape(frozenset((_kind_of_value(value),)))


def _kind_of_value(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        kinds = (("count", 0, 2**31), ("int32", -(2**31), 2**31), ("int64", -(2**63), 2**63))
        return next((kind for kind, least, end in kinds if least <= value < end), "integer")
    if isinstance(value, datetime):
        return "datetime" if value.tzinfo is not None else "local_datetime"
    return type(value).__name__


_STEPS: dict[type[Step], Callable[[Any, Shape], Shape]] = {
    Rename: _rename,
    Move: _move,
    Drop: _drop,
    Default: _default,
    Convert: _convert,
    Symbols: _symbols,
}
