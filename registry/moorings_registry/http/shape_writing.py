"""How shapes write: each works out once where its members lie and how each becomes a JSON value.

What is written is what marshmallow writes. Marshmallow looks for every member again at each answer, by an accessor that
tries keys, then attributes, along a dotted path; for an answer of twenty members that takes longer than finding them.
"""
# ruff: noqa: SLF001  # `_serialize` is what marshmallow documents for its subclasses to override, here to see whether they do

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from marshmallow import Schema as Shape
from marshmallow import fields, missing

Convert = Callable[[Any], Any]
Write = Callable[[Any], dict[str, Any]]


class WritingShape(Shape):
    """A shape that writes answers. A value that is not there is left out, unless `lacks` objects."""

    _written_by: Write | None = None

    def dump(self, obj: Any, *, many: bool | None = None) -> Any:
        write = self._written_by
        if write is None:
            write = self._written_by = _writer_of(self)
        if self.many if many is None else many:
            return [write(one) for one in obj]
        return write(obj)

    def lacks(self, name: str) -> None:
        """Called where the value to write has nothing for the member *name*."""


def _writer_of(shape: WritingShape) -> Write:
    """What writes objects of *shape*; members that lie in the same place fetch that place once."""
    holders: dict[tuple[str, ...], int] = {}
    plan: list[tuple[str, str, int, str, Convert]] = []
    for name, field in shape.dump_fields.items():
        *path, last = (field.attribute or name).split(".")
        holder = holders.setdefault(tuple(path), len(holders))
        plan.append((name, field.data_key if field.data_key is not None else name, holder, last, converter(field)))
    paths = tuple(holders)

    def write(obj: Any) -> dict[str, Any]:
        held = [_found(obj, path) if path else obj for path in paths]
        written: dict[str, Any] = {}
        for name, key, holder, last, convert in plan:
            value = _member(held[holder], last)
            if value is missing:
                shape.lacks(name)
            else:
                written[key] = convert(value)
        return written

    return write


def _found(obj: Any, path: tuple[str, ...]) -> Any:
    for step in path:
        obj = _member(obj, step)
    return obj


def _member(obj: Any, name: str) -> Any:
    """The item of *obj* under *name*, else its attribute, else `missing`."""
    if _is_mapping(type(obj)) and name in obj:  # type: ignore[arg-type]  # a class is hashable
        return obj[name]
    return getattr(obj, name, missing)


@cache  # one entry a class; asking an abstract class takes longer than all the rest
def _is_mapping(kind: type) -> bool:
    return issubclass(kind, Mapping)


def converter(field: "fields.Field[Any]") -> Convert:
    """What turns a value into what *field* writes for it."""
    own: Any = type(field)._serialize
    if isinstance(field, fields.Nested) and own is fields.Nested._serialize:
        return _nested(field)
    if own is fields.Field._serialize:
        return _as_it_is
    if own is fields.String._serialize:
        return _text
    if own is fields.UUID._serialize:
        return _text_of
    if isinstance(field, fields.List) and own is fields.List._serialize:
        return _list(converter(field.inner))
    if isinstance(field, fields.Dict) and own is fields.Dict._serialize:
        return _mapping(field)
    return lambda value: field._serialize(value, field.attribute or field.name, None)


def _as_it_is(value: Any) -> Any:
    return value


def _text(value: Any) -> str | None:
    if value is None or type(value) is str:
        return value
    return value.decode() if isinstance(value, bytes) else str(value)


def _text_of(value: Any) -> str | None:
    return None if value is None else str(value)


def _list(convert: Convert) -> Convert:
    return lambda value: None if value is None else [convert(one) for one in value]


def _mapping(field: fields.Dict) -> Convert:
    key = converter(field.key_field) if field.key_field else _as_it_is
    member = converter(field.value_field) if field.value_field else _as_it_is
    return lambda value: None if value is None else {key(one): member(held) for one, held in value.items()}


def _nested(field: "fields.Nested") -> Convert:
    shape: list[Shape] = []  # looked up at the first value: a shape may contain itself

    def write(value: Any) -> Any:
        if value is None:
            return None
        if not shape:
            shape.append(field.schema)
        return shape[0].dump(value, many=shape[0].many or field.many)

    return write
