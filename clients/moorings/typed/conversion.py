"""Between plain events and objects of a dataclass: two functions a class, written for it once as straight-line Python.

An event's dict becomes an object, and back, without a look at any annotation. What needs no conversion (numbers,
text, dates, lists of such) is passed on unchanged. Where a union leaves open which class a dict belongs to, the fields
decide, and then the types of their values.
"""

from dataclasses import dataclass, fields, is_dataclass
from enum import Enum
from typing import Any

from moorings.codecs.failures import SLOW_PATH, Invalid
from moorings.event_model import model
from moorings.event_model.event_formats import EVENT_FORMATS, EventFormat
from moorings.event_model.model import (
    EnumerationType,
    EventField,
    ListType,
    MapType,
    RecordType,
    ScalarType,
    TypeReference,
    UnionType,
    ValueType,
    takes_none,
    without_none,
)
from moorings.event_model.values import fits
from moorings.typed.converter_writer import Convert, ConverterWriter
from moorings.typed.from_class import is_model, model_of_class
from moorings.violations import Broken, Violation
from moorings_compat import Format

_CONSTANT = (type(None), bool, int, float, str, bytes)


@dataclass(frozen=True, slots=True)
class Converter:
    """`into` makes an object of an event's dict, `out_of` the dict of an object.

    `into` raises what Python raises for a dict that does not fit the class; `out_of` `codecs.failures.Invalid` for
    something that is not an object of the class.
    """

    into: Convert
    out_of: Convert


def compile_converter(kind: type, format: str) -> Converter:
    """Write the two functions for a dataclass and events of *format* (``AVRO``, ``JSON`` or ``PROTOBUF``).

    A `TypedDict`'s objects are events as they are; a pydantic model converts its own.

    Raises:
        ClassInvalid: it is another class, or an annotation cannot be resolved.
    """
    row = EVENT_FORMATS[Format(format)]
    if is_model(kind):
        return _of_model(kind, row)
    known = model_of_class(kind)
    if not is_dataclass(kind):
        return Converter(_unchanged, _unchanged)
    into, out_of = _Into(known, row).function(known.root), _OutOf(known, row).function(known.root)
    expected = f"an object of {kind.__qualname__}"

    def checked_out_of(value: Any) -> Any:
        if value.__class__ is kind or isinstance(value, kind):
            try:
                return out_of(value)
            except SLOW_PATH:
                return _loosely(value)  # for the contract to say what is wrong with it, and where
        raise Invalid([Violation("", expected, Broken.TYPE_WRONG)])

    return Converter(into, checked_out_of)


def _of_model(kind: Any, format: EventFormat) -> Converter:
    """Have a pydantic model read events and write them, by its aliases; fields that are None are left out.

    In Avro they are not: there null is a value.
    """
    json = format.is_json
    leaves_out = json or format.absent_without_default
    expected = f"an object of {kind.__qualname__}"

    def out_of(value: Any) -> Any:
        if not isinstance(value, kind):
            raise Invalid([Violation("", expected, Broken.TYPE_WRONG)])
        return value.model_dump(mode="json" if json else "python", by_alias=True, exclude_none=leaves_out)

    return Converter(kind.model_validate, out_of)


def _unchanged(value: Any) -> Any:
    return value


def _loosely(value: Any) -> Any:
    """Turn every object into a dict, whether it has the right class or not."""
    if isinstance(value, Enum):
        return value.value
    if is_dataclass(value) and not isinstance(value, type):
        return {one.metadata.get("moorings", one.name): _loosely(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, dict):
        return {key: _loosely(one) for key, one in value.items()}
    return [_loosely(one) for one in value] if isinstance(value, list | tuple) else value


class _Into(ConverterWriter):
    """From an event's dict to an object."""

    def scalar(self, type: ScalarType | EnumerationType, given: str) -> str:
        if self.format.is_json and isinstance(type, ScalarType) and type.kind == model.INT:
            item = self.name("v")  # JSON's 1.0 is a whole number too
            return f"({item} if ({item} := {given}).__class__ is int else int({item}))"
        return given

    def symbol(self, enumeration: EnumerationType, given: str) -> str:
        return f"{self.constant(_members(enumeration))}[{given}]"

    def items(self, type: ListType, converted: str) -> str:
        return f"tuple({converted})" if type.python_type is tuple else converted

    def record(self, record: RecordType) -> None:
        values = {one.attribute or one.name: self._field(one) for one in record.fields}
        if record.extra is not None:
            names = self.constant(frozenset(one.name for one in record.fields))
            value = self.value(record.extra, "x")
            values[_further_attribute(record)] = f"{{k: {value} for k, x in d.items() if k not in {names}}}"
        kind, head = self.constant(record.python_type), f"def {self.functions[record.name]}(d):"
        twin = _twin(record.python_type)
        if twin is None:
            taken = {one.name for one in fields(record.python_type) if one.init}
            arguments = ", ".join(f"{name}={value}" for name, value in values.items() if name in taken)
            self.lines.append(f"{head} return {kind}({arguments})")
            return
        lines = [f" o.{name} = {value}" for name, value in values.items()]
        self.lines += [head, f" o = {self.constant(twin)}()", *lines, f" o.__class__ = {kind}", " return o"]

    def _field(self, field: EventField) -> str:
        name = repr(field.name)
        if field.required:
            return self.value(field.type, f"d[{name}]")
        if isinstance(field.default, _CONSTANT) and self.is_plain(field.type):
            return f"d.get({name}, {self.constant(field.default)})"
        absent = f"{self.constant(field.factory)}()" if field.factory else self.constant(field.default)
        return f"({self.value(field.type, f'd[{name}]')} if {name} in d else {absent})"

    def union_function(self, union: UnionType) -> str:
        cases, symbols = [("v is None", "v")], {}
        for branch in union.branches:
            named = self.known.named[branch.name] if isinstance(branch, TypeReference) else branch
            if isinstance(named, EnumerationType):
                symbols.update({value: one for value, one in _members(named).items() if value not in symbols})
                continue
            kind = {RecordType: "dict", MapType: "dict", ListType: "list"}.get(type(named))
            if kind is not None:
                alone = sum(self._is_of(one, kind) for one in union.branches) == 1
                fitting = "" if alone else f" and {self.constant(self._fitting(branch))}(v)"
                cases.append((f"k is {kind}{fitting}", self.value(branch, "v")))
        return self.choosing(
            cases, f"{self.constant(symbols)}.get(v, v) if k is str or k is int else v" if symbols else "v"
        )

    def _is_of(self, type: ValueType, kind: str) -> bool:
        named = self.known.named[type.name] if isinstance(type, TypeReference) else type
        return isinstance(named, ListType if kind == "list" else RecordType | MapType)

    def _fitting(self, type: ValueType) -> Convert:
        return lambda value: fits(value, type, self.known)


class _OutOf(ConverterWriter):
    """From an object to an event's dict."""

    def symbol(self, enumeration: EnumerationType, given: str) -> str:
        return f"{given}._value_"

    def record(self, record: RecordType) -> None:
        always = [one for one in record.fields if not self._left_out(one)]
        entries = [f"{one.name!r}: {self.value(one.type, f'o.{one.attribute or one.name}')}" for one in always]
        head = f"def {self.functions[record.name]}(o):"
        if len(always) == len(record.fields) and record.extra is None:
            self.lines.append(f"{head} return {{{', '.join(entries)}}}")
            return
        lines = [head, f" d = {{{', '.join(entries)}}}"]
        for one in record.fields:
            if self._left_out(one):
                value = self.value(without_none(one.type), "x")
                lines += [f" x = o.{one.attribute or one.name}", f" if x is not None: d[{one.name!r}] = {value}"]
        if record.extra is not None:
            names = self.constant(frozenset(one.name for one in record.fields))
            further = f"o.{_further_attribute(record)}"
            lines += [f" if not {names}.isdisjoint({further}): raise ValueError"]
            lines += [f" for k, x in {further}.items(): d[k] = {self.value(record.extra, 'x')}"]
        self.lines += [*lines, " return d"]

    def _left_out(self, field: EventField) -> bool:
        """Say whether None means that the field is absent: in JSON, of a field that is not required.

        In Protobuf it is the null of a JSON value in a dict; an object has None for one that is absent, too.
        """
        if field.default is not None or not takes_none(field.type):
            return False
        return self.format.is_json or (self.format.absent_without_default and _is_anything(field.type))

    def union_function(self, union: UnionType) -> str:
        cases = [("v is None", "v")]
        named = [self.known.named[one.name] for one in union.branches if isinstance(one, TypeReference)]
        for one in named:
            value = self._named(one, "v")
            if isinstance(one, RecordType) and self._has_to_be_named(one, union):
                value = f"({one.python_type.__moorings_name__!r}, {value})"
            if one.python_type is not None:
                cases.append((f"k is {self.constant(one.python_type)}", value))
        for plain, container in (("dict", MapType), ("list", ListType), ("tuple", ListType)):
            branches = [one for one in union.branches if isinstance(one, container)]
            if len(branches) == 1:
                cases.append((f"k is {plain}", self.value(branches[0], "v")))
        return self.choosing(cases, f"{self.constant(_loosely)}(v)")

    def _has_to_be_named(self, record: RecordType, union: UnionType) -> bool:
        """Say whether a dict alone would leave open which branch of an Avro union is meant."""
        if not self.format.names_branches or not hasattr(record.python_type, "__moorings_name__"):
            return False
        own = {one.name for one in record.fields}
        for branch in union.branches:
            other = self.known.named[branch.name] if isinstance(branch, TypeReference) else None
            if isinstance(branch, MapType):
                return True
            if isinstance(other, RecordType) and other is not record and _can_hold(other, own):
                return True
        return False


def _can_hold(record: RecordType, names: set[str]) -> bool:
    return {one.name for one in record.fields if one.required} <= names <= {one.name for one in record.fields}


def _members(enumeration: EnumerationType) -> dict[Any, Any]:
    if enumeration.python_type is None:
        return {value: value for value in enumeration.values}
    return {member.value: member for member in enumeration.python_type}


def _is_anything(type: ValueType) -> bool:
    return isinstance(type, ScalarType) and type.kind == model.ANY


def _twin(kind: Any) -> type | None:
    """Make a class with the same slots that is not frozen, whose objects become objects of *kind* once they are filled.

    Where making an object is no more than filling its slots, this takes a sixth of the time of a frozen dataclass's
    own `__init__`. None where it is more: without slots, with an `__init__`, `__new__` or `__post_init__` of its own.
    """
    names = tuple(one.name for one in fields(kind))
    made_by_dataclass = kind.__init__.__code__.co_filename == "<string>"  # the file that its generated functions name
    has_more = kind.__new__ is not object.__new__ or hasattr(kind, "__post_init__")
    has_more = has_more or not all(one.init for one in fields(kind))
    if kind.__bases__ != (object,) or not made_by_dataclass or has_more:
        return None
    twin = type(kind.__name__, (), {"__slots__": names})
    try:
        twin().__class__ = kind
    except TypeError:
        return None  # its slots are not its fields
    return twin


def _further_attribute(record: RecordType) -> str:
    """Name the attribute that holds the fields which the contract does not name."""
    return next(one.name for one in fields(record.python_type) if one.metadata.get("moorings_further"))
