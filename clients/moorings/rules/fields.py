"""The fields of an event that a rule is about: each with its path, its tags, and the record around it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

from moorings.event_model.model import (
    NO_DEFAULT,
    EnumerationType,
    ListType,
    MapType,
    RecordType,
    ScalarType,
    UnionType,
    ValueType,
)
from moorings.rules.tagged_fields import ROOT, TaggedField, TaggedModel
from moorings_compat.json_text import pointer

Steps = tuple[str | int, ...]
_TYPE_NAMES = {
    "null": "NULL",
    "boolean": "BOOLEAN",
    "int32": "INT",
    "uint32": "INT",
    "integer": "INT",
    "int64": "LONG",
    "uint64": "LONG",
    "float": "FLOAT",
    "double": "DOUBLE",
    "number": "DOUBLE",
    "string": "STRING",
    "bytes": "BYTES",
}
"""The names that Confluent's rules have for primitive types, for which alone rules of type CEL_FIELD are run."""


@dataclass(frozen=True, slots=True)
class FieldValue:
    """A value of a primitive type: the value of a field, an item of its list, or a value of its map."""

    field: TaggedField
    type: ScalarType
    value: Any
    record: RecordType
    around: Mapping[str, Any]
    """The event of that record, as it came."""
    steps: Steps

    @property
    def type_name(self) -> str:
        return _TYPE_NAMES[self.type.primitive]

    @property
    def pointer(self) -> str:
        """Its place in the event, as a JSON Pointer."""
        return pointer(*self.steps)


Visit = Callable[[FieldValue], Any]
"""Returns the value to put there: the same object, or another."""


def visit_fields(model: TaggedModel, event: Any, tags: frozenset[str], visit: Visit) -> Any:
    """Show *visit* each primitive value in a field with one of *tags*, or of all fields where there are no tags.

    Returns the event with what *visit* put there; the one that came is left as it is.
    """
    return _FieldWalk(model, tags, visit).value(model.root, event, None, ())


@dataclass(frozen=True, slots=True)
class _Owner:
    """The field that the walk is in, and the record around it."""

    field: TaggedField
    record: RecordType
    event: Mapping[str, Any]


class _FieldWalk:
    def __init__(self, model: TaggedModel, tags: frozenset[str], visit: Visit) -> None:
        self._model = model
        self._tags = tags
        self._visit = visit

    def value(self, type: ValueType, value: Any, owner: _Owner | None, steps: Steps) -> Any:
        meant = self._model.resolve(type)
        if isinstance(meant, UnionType):
            return self._union(meant, value, owner, steps)
        if isinstance(meant, ListType):
            return self._list(meant, value, owner, steps) if isinstance(value, list | tuple) else value
        if value.__class__ is tuple:
            return self._named(type, value, owner, steps)
        if isinstance(meant, RecordType):
            return self._record(meant, value, owner, steps) if isinstance(value, Mapping) else value
        if isinstance(meant, MapType):
            return self._map(meant, value, owner, steps) if isinstance(value, Mapping) else value
        return self._scalar(meant, value, owner, steps) if isinstance(meant, ScalarType) else value

    def _scalar(self, type: ScalarType, value: Any, owner: _Owner | None, steps: Steps) -> Any:
        if owner is None or type.primitive not in _TYPE_NAMES:
            return value
        if value is None and not self._model.null_is_a_value:
            return value
        if self._tags and self._tags.isdisjoint(owner.field.tags):
            return value
        return self._visit(FieldValue(owner.field, type, value, owner.record, owner.event, steps))

    def _record(self, record: RecordType, value: Mapping[str, Any], owner: _Owner | None, steps: Steps) -> Any:
        changed: dict[str, Any] = {}
        for field in self._model.tagged_fields(record, owner.field.full_name if owner is not None else ROOT):
            if self._tags and not field.encloses_fields and self._tags.isdisjoint(field.tags):
                continue
            present = value.get(field.name, field.default)
            if present is NO_DEFAULT:
                continue
            new = self.value(field.type, present, _Owner(field, record, value), (*steps, field.name))
            if new is not present:
                changed[field.name] = new
        return {**value, **changed} if changed else value

    def _list(self, type: ListType, value: Any, owner: _Owner | None, steps: Steps) -> Any:
        new = [self.value(type.items, item, owner, (*steps, n)) for n, item in enumerate(value)]
        return new if any(one is not item for one, item in zip(new, value, strict=True)) else value

    def _map(self, type: MapType, value: Any, owner: _Owner | None, steps: Steps) -> Any:
        new = {key: self.value(type.values, item, owner, (*steps, str(key))) for key, item in value.items()}
        return new if any(new[key] is not item for key, item in value.items()) else value

    def _union(self, union: UnionType, value: Any, owner: _Owner | None, steps: Steps) -> Any:
        name, inner = named_branch(value)
        branch = branch_of(self._model, union, value)
        if branch is None:
            return value
        new = self.value(branch, inner, owner, steps)
        return value if new is inner else new if name is None else (name, new)

    def _named(self, type: ValueType, value: Any, owner: _Owner | None, steps: Steps) -> Any:
        """Look into a value that names its branch although the union has no other."""
        name, inner = named_branch(value)
        if name is None:
            return value
        new = self.value(type, inner, owner, steps)
        return value if new is inner else (name, new)


def named_branch(value: Any) -> tuple[str | None, Any]:
    """Take apart ``("shop.Money", {...})``, which names a branch of an Avro union."""
    if isinstance(value, tuple) and len(value) == 2 and isinstance(value[0], str):
        return value[0], value[1]
    return None, value


def branch_of(model: TaggedModel, union: UnionType, value: Any) -> ValueType | None:
    """Return the branch that *value* is of, by its outer form; None where no branch takes it."""
    name, inner = named_branch(value)
    fitting = [one for one in union.branches if _fits(model, one, inner)]
    records = [(one, meant) for one in fitting if isinstance(meant := model.resolve(one), RecordType)]
    if name is not None:
        return _first_of(one for one, record in records if record.name == name) or _first_of(fitting)
    return _first_of(one for one, record in records if _has_all(model, record, inner)) or _first_of(fitting)


def _first_of(branches: Iterable[ValueType]) -> ValueType | None:
    return next(iter(branches), None)


def _fits(model: TaggedModel, type: ValueType, value: Any) -> bool:
    meant = model.resolve(type)
    if isinstance(meant, ScalarType):
        return _FITS[meant.primitive](value)
    if isinstance(meant, RecordType | MapType):
        return isinstance(value, Mapping)
    if isinstance(meant, ListType):
        return isinstance(value, list | tuple)
    return not isinstance(meant, EnumerationType) or value in meant.values


def _has_all(model: TaggedModel, record: RecordType, value: Mapping[str, Any]) -> bool:
    """Say whether *value* has every field without default, and none that the record does not know."""
    fields = model.fields(record)
    return all(one.name in value for one in record.fields if one.default is NO_DEFAULT) and all(map(fields.get, value))


def _is_int(value: Any) -> bool:
    return isinstance(value, int | date | datetime | time) and not isinstance(value, bool)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_bytes(value: Any) -> bool:
    return isinstance(value, bytes | bytearray | memoryview | Decimal)


_FITS: dict[str, Callable[[Any], bool]] = {
    "null": lambda value: value is None,
    "boolean": lambda value: isinstance(value, bool),
    **dict.fromkeys(("int32", "int64", "uint32", "uint64"), _is_int),
    "integer": lambda value: _is_number(value) and value == value // 1,
    **dict.fromkeys(("float", "double", "number"), _is_number),
    "string": lambda value: isinstance(value, str | UUID),
    **dict.fromkeys(("bytes", "fixed"), _is_bytes),
    "enum": lambda value: not isinstance(value, list | dict),
    "": lambda _value: True,
}
"""What may be given for a primitive: values of its logical types too."""
