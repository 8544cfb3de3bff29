"""The event model of a class: a dataclass, a `TypedDict`, or a pydantic model, and all that its annotations lead to."""

import collections.abc
import dataclasses
import types
import typing
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Literal, NewType, NotRequired, Required, get_args, get_origin, is_typeddict
from uuid import UUID

from moorings.event_model import model
from moorings.event_model.model import (
    NO_DEFAULT,
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

_SCALARS = {
    type(None): model.NONE,
    bool: model.BOOL,
    int: model.INT,
    float: model.FLOAT,
    str: model.STR,
    bytes: model.BYTES,
    datetime: model.ANY_DATETIME,
    date: model.DATE,
    time: model.TIME,
    timedelta: model.TIMEDELTA,
    Decimal: model.DECIMAL,
    UUID: model.UUID,
    Any: model.ANY,
    object: model.ANY,
}
_AS_JSON = {  # types that are texts in a model's JSON, with the format that the texts keep to
    datetime: "date-time",
    date: "date",
    time: "time",
    timedelta: "duration",
    UUID: "uuid",
    Decimal: "",
    bytes: "",
}
_LISTS: dict[Any, Any] = {list: None, collections.abc.Sequence: None, collections.abc.Iterable: None}
_MAPPINGS = (dict, collections.abc.Mapping, collections.abc.MutableMapping)
_WRAPPERS: tuple[Any, ...] = (Annotated, Required, NotRequired, typing.Final)
_METADATA, _FURTHER = "moorings", "moorings_further"


class ClassInvalid(TypeError):
    """A class that cannot describe an event."""


def model_of_class(kind: Any, *, writing: bool = False, json: bool = False) -> EventModel:
    """Read the model of a class.

    Of a pydantic model with *writing* the model of what it writes, else of what it reads; with *json* as JSON, where
    dates and the like are texts.

    Raises:
        ClassInvalid: it is not a dataclass, TypedDict or pydantic model, or an annotation cannot be resolved.
    """
    if not _is_record(kind):
        name = getattr(kind, "__name__", repr(kind))
        raise ClassInvalid(f"{name} is not a dataclass, TypedDict or pydantic model")
    types = _ClassTypes(writing=writing, json=json and is_model(kind))
    return EventModel(types.annotated(kind), types.named)


def is_model(kind: Any) -> bool:
    """Say whether *kind* is a pydantic model, without importing pydantic."""
    return isinstance(kind, type) and hasattr(kind, "model_fields") and hasattr(kind, "model_validate")


def _is_record(kind: Any) -> bool:
    return (isinstance(kind, type) and dataclasses.is_dataclass(kind)) or is_typeddict(kind) or is_model(kind)


class _ClassTypes:
    def __init__(self, *, writing: bool, json: bool) -> None:
        self.writing = writing
        self.json = json
        self.named: dict[str, NamedType] = {}

    def annotated(self, kind: Any) -> ValueType:
        """Read one annotation, resolved."""
        if self.json and isinstance(kind, type) and kind in _AS_JSON:
            return ScalarType(model.STR, _label(kind), _AS_JSON[kind])
        if kind is None or (isinstance(kind, collections.abc.Hashable) and kind in _SCALARS):
            return ScalarType(_SCALARS[type(None) if kind is None else kind], _label(kind))
        if _is_record(kind):
            return self._record(kind)
        if isinstance(kind, type) and issubclass(kind, Enum):
            return self._enumeration(kind)
        if isinstance(kind, NewType):
            return self.annotated(kind.__supertype__)
        if hasattr(kind, "__value__"):  # an alias made with the `type` statement
            return self.annotated(kind.__value__)
        if isinstance(kind, type) and get_origin(kind) is None:
            return self._bare(kind)
        return self._generic(kind, get_origin(kind), get_args(kind))

    def _bare(self, kind: type) -> ValueType:
        everything = ScalarType(model.ANY, "Any")
        if kind in (list, tuple):
            return ListType(everything, tuple if kind is tuple else None)
        if kind is dict:
            return MapType(ScalarType(model.STR, "str"), everything)
        return ScalarType(model.UNKNOWN, _label(kind))

    def _generic(self, kind: Any, origin: Any, arguments: tuple[Any, ...]) -> ValueType:
        if origin in _WRAPPERS:
            return self.annotated(arguments[0])
        if origin is Literal:
            return self._literal(arguments)
        if origin in (typing.Union, types.UnionType):
            return union_of([self.annotated(one) for one in arguments])
        if origin in _LISTS:
            return ListType(self.annotated(arguments[0]))
        if origin is tuple and len(arguments) == 2 and arguments[1] is Ellipsis:
            return ListType(self.annotated(arguments[0]), tuple)
        if origin in _MAPPINGS:
            return MapType(self.annotated(arguments[0]), self.annotated(arguments[1]))
        return ScalarType(model.UNKNOWN, _label(kind))

    def _literal(self, values: tuple[Any, ...]) -> ValueType:
        values_but_none = tuple(value for value in values if value is not None)
        if not all(isinstance(value, str | int) for value in values_but_none):
            return ScalarType(model.UNKNOWN, "Literal")
        branches: list[ValueType] = [EnumerationType("", values_but_none)] if values_but_none else []
        return union_of([*branches, ScalarType(model.NONE, "None")] if None in values else branches)

    def _enumeration(self, kind: type[Enum]) -> ValueType:
        name = f"{kind.__module__}.{kind.__qualname__}"
        self.named[name] = EnumerationType(name, tuple(member.value for member in kind), python_type=kind)
        return TypeReference(name)

    def _record(self, kind: Any) -> ValueType:
        name = f"{kind.__module__}.{kind.__qualname__}"
        if name not in self.named:
            self.named[name] = RecordType(name, (), python_type=kind)  # for the fields that lead back to it
            if is_model(kind):
                self.named[name] = self._model(name, kind)
            elif is_typeddict(kind):
                self.named[name] = self._typed_dict(name, kind)
            else:
                self.named[name] = self._dataclass(name, kind)
        return TypeReference(name)

    def _dataclass(self, name: str, kind: Any) -> RecordType:
        annotations = _annotations(kind)
        fields, extra = [], None
        for one in dataclasses.fields(kind):
            type = self.annotated(annotations[one.name])
            if one.metadata.get(_FURTHER):
                extra = type.values if isinstance(type, MapType) else type
                continue
            given = one.metadata.get(_METADATA, one.name)
            factory = None if one.default_factory is dataclasses.MISSING else one.default_factory
            default = NO_DEFAULT if one.default is dataclasses.MISSING else one.default
            needed = default is NO_DEFAULT and factory is None and one.init
            attribute = one.name if given != one.name else ""
            fields.append(EventField(given, type, needed, True, default, attribute=attribute, factory=factory))
        return RecordType(name, tuple(fields), extra, python_type=kind)

    def _typed_dict(self, name: str, kind: Any) -> RecordType:
        annotations = _annotations(kind)
        fields = [
            EventField(key, self.annotated(one), key in kind.__required_keys__) for key, one in annotations.items()
        ]
        given = [dataclasses.replace(one, present=one.required) for one in fields]
        return RecordType(name, tuple(given), python_type=kind)

    def _model(self, name: str, kind: Any) -> RecordType:
        """Read a pydantic model; its fields go by the aliases that it writes with, or reads with."""
        fields = []
        for attribute, one in kind.model_fields.items():
            alias = one.serialization_alias if self.writing else one.validation_alias
            given = alias if isinstance(alias, str) else attribute
            needed = one.is_required()
            default = NO_DEFAULT if needed or one.default_factory is not None else one.default
            fields.append(EventField(given, self.annotated(one.annotation), needed, True, default, attribute=attribute))
        extra = kind.model_config.get("extra")
        further = ScalarType(model.ANY, "Any") if extra == "allow" else None
        return RecordType(name, tuple(fields), further, closed=extra == "forbid", python_type=kind)


def _annotations(kind: Any) -> Mapping[str, Any]:
    try:
        return typing.get_type_hints(kind, include_extras=True)
    except (NameError, TypeError, SyntaxError) as error:
        reason = str(error)
    raise ClassInvalid(f"an annotation of {kind.__qualname__} cannot be resolved: {reason}")


def _label(kind: Any) -> str:
    return kind.__qualname__ if isinstance(kind, type) else str(kind).replace("typing.", "")
