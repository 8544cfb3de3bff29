"""Between plain events and objects of a dataclass: two functions a class, written for it once as straight-line Python.

An event's dict becomes an object without a look at any annotation, and back. What needs no conversion (numbers, text,
dates, lists of such) is handed on as it is. Where a union leaves open which class a dict belongs to, the fields decide,
and then the types of their values.
"""

from dataclasses import dataclass, fields, is_dataclass
from enum import Enum
from typing import Any

from moorings.codecs.failures import NOT_AT_ONCE, Invalid
from moorings.event_model import model
from moorings.event_model.model import (
    Choice,
    Entries,
    Field,
    Items,
    Record,
    Shape,
    Simple,
    Union,
    Use,
    takes_none,
    without_none,
)
from moorings.event_model.values import fits
from moorings.typed.conversion_writing import Convert, Writing
from moorings.typed.from_class import is_model, read
from moorings.violations import Broken, Violation

_CONSTANT = (type(None), bool, int, float, str, bytes)


@dataclass(frozen=True, slots=True)
class Converter:
    """`into` makes an object of an event's dict, `out_of` the dict of an object.

    `into` raises what Python raises for a dict that does not fit the class; `out_of` `codecs.failures.Invalid` for
    something that is no object of the class.
    """

    into: Convert
    out_of: Convert


def compile_converter(kind: type, format: str) -> Converter:
    """Write the two functions for a dataclass and events of *format* (``AVRO``, ``JSON`` or ``PROTOBUF``).

    A `TypedDict`'s objects are events as they are; a pydantic model converts its own.

    Raises:
        ClassInvalid: it is none of these, or an annotation cannot be resolved.
    """
    if is_model(kind):
        return _of_model(kind, format)
    known = read(kind)
    if not is_dataclass(kind):
        return Converter(_as_it_is, _as_it_is)
    into, out_of = _Into(known, format).function(known.root), _OutOf(known, format).function(known.root)
    expected = f"an object of {kind.__qualname__}"

    def checked_out_of(value: Any) -> Any:
        if value.__class__ is kind or isinstance(value, kind):
            try:
                return out_of(value)
            except NOT_AT_ONCE:
                return _loosely(value)  # for the contract to say what is wrong with it, and where
        raise Invalid([Violation("", expected, Broken.TYPE_WRONG)])

    return Converter(into, checked_out_of)


def _of_model(kind: Any, format: str) -> Converter:
    """Have a pydantic model read events and write them, by its aliases; what is None is left out in JSON."""
    json = format == "JSON"
    expected = f"an object of {kind.__qualname__}"

    def out_of(value: Any) -> Any:
        if not isinstance(value, kind):
            raise Invalid([Violation("", expected, Broken.TYPE_WRONG)])
        return value.model_dump(mode="json" if json else "python", by_alias=True, exclude_none=json)

    return Converter(kind.model_validate, out_of)


def _as_it_is(value: Any) -> Any:
    return value


def _loosely(value: Any) -> Any:
    """Turn whatever is an object into a dict, whether it has the right class or not."""
    if isinstance(value, Enum):
        return value.value
    if is_dataclass(value) and not isinstance(value, type):
        return {one.metadata.get("moorings", one.name): _loosely(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, dict):
        return {key: _loosely(one) for key, one in value.items()}
    return [_loosely(one) for one in value] if isinstance(value, list | tuple) else value


class _Into(Writing):
    """From an event's dict to an object."""

    def simple(self, shape: Simple | Choice, given: str) -> str:
        if self.format == "JSON" and isinstance(shape, Simple) and shape.kind == model.INT:
            item = self.name("v")  # JSON's 1.0 is a whole number too
            return f"({item} if ({item} := {given}).__class__ is int else int({item}))"
        return given

    def symbol(self, choice: Choice, given: str) -> str:
        return f"{self.constant(_members(choice))}[{given}]"

    def items(self, shape: Items, converted: str) -> str:
        return f"tuple({converted})" if shape.python is tuple else converted

    def record(self, record: Record) -> None:
        values = {one.attribute or one.name: self._field(one) for one in record.fields}
        if record.extra is not None:
            names = self.constant(frozenset(one.name for one in record.fields))
            value = self.value(record.extra, "x")
            values[_further(record)] = f"{{k: {value} for k, x in d.items() if k not in {names}}}"
        kind, head = self.constant(record.python), f"def {self.functions[record.name]}(d):"
        twin = _twin(record.python)
        if twin is None:
            taken = {one.name for one in fields(record.python) if one.init}
            arguments = ", ".join(f"{name}={value}" for name, value in values.items() if name in taken)
            self.lines.append(f"{head} return {kind}({arguments})")
            return
        lines = [f" o.{name} = {value}" for name, value in values.items()]
        self.lines += [head, f" o = {self.constant(twin)}()", *lines, f" o.__class__ = {kind}", " return o"]

    def _field(self, field: Field) -> str:
        name = repr(field.name)
        if field.needed:
            return self.value(field.shape, f"d[{name}]")
        if isinstance(field.default, _CONSTANT) and self.is_plain(field.shape):
            return f"d.get({name}, {self.constant(field.default)})"
        absent = f"{self.constant(field.factory)}()" if field.factory else self.constant(field.default)
        return f"({self.value(field.shape, f'd[{name}]')} if {name} in d else {absent})"

    def choice_of(self, union: Union) -> str:
        cases, symbols = [("v is None", "v")], {}
        for branch in union.branches:
            named = self.known.named[branch.name] if isinstance(branch, Use) else branch
            if isinstance(named, Choice):
                symbols.update({value: one for value, one in _members(named).items() if value not in symbols})
                continue
            kind = {Record: "dict", Entries: "dict", Items: "list"}.get(type(named))
            if kind is not None:
                alone = sum(self._is_of(one, kind) for one in union.branches) == 1
                fitting = "" if alone else f" and {self.constant(self._fitting(branch))}(v)"
                cases.append((f"k is {kind}{fitting}", self.value(branch, "v")))
        return self.choosing(
            cases, f"{self.constant(symbols)}.get(v, v) if k is str or k is int else v" if symbols else "v"
        )

    def _is_of(self, shape: Shape, kind: str) -> bool:
        named = self.known.named[shape.name] if isinstance(shape, Use) else shape
        return isinstance(named, Items if kind == "list" else Record | Entries)

    def _fitting(self, shape: Shape) -> Convert:
        return lambda value: fits(value, shape, self.known)


class _OutOf(Writing):
    """From an object to an event's dict."""

    def symbol(self, choice: Choice, given: str) -> str:
        return f"{given}._value_"

    def record(self, record: Record) -> None:
        always = [one for one in record.fields if not self._left_out(one)]
        entries = [f"{one.name!r}: {self.value(one.shape, f'o.{one.attribute or one.name}')}" for one in always]
        head = f"def {self.functions[record.name]}(o):"
        if len(always) == len(record.fields) and record.extra is None:
            self.lines.append(f"{head} return {{{', '.join(entries)}}}")
            return
        lines = [head, f" d = {{{', '.join(entries)}}}"]
        for one in record.fields:
            if self._left_out(one):
                value = self.value(without_none(one.shape), "x")
                lines += [f" x = o.{one.attribute or one.name}", f" if x is not None: d[{one.name!r}] = {value}"]
        if record.extra is not None:
            names = self.constant(frozenset(one.name for one in record.fields))
            further = f"o.{_further(record)}"
            lines += [f" if not {names}.isdisjoint({further}): raise ValueError"]
            lines += [f" for k, x in {further}.items(): d[k] = {self.value(record.extra, 'x')}"]
        self.lines += [*lines, " return d"]

    def _left_out(self, field: Field) -> bool:
        """Say whether None means that the field is not there: in JSON, of a field that need not be."""
        return self.format == "JSON" and field.default is None and takes_none(field.shape)

    def choice_of(self, union: Union) -> str:
        cases = [("v is None", "v")]
        named = [self.known.named[one.name] for one in union.branches if isinstance(one, Use)]
        for one in named:
            value = self._named(one, "v")
            if isinstance(one, Record) and self._has_to_be_named(one, union):
                value = f"({one.python.__moorings_name__!r}, {value})"
            if one.python is not None:
                cases.append((f"k is {self.constant(one.python)}", value))
        for plain, shape in (("dict", Entries), ("list", Items), ("tuple", Items)):
            branches = [one for one in union.branches if isinstance(one, shape)]
            if len(branches) == 1:
                cases.append((f"k is {plain}", self.value(branches[0], "v")))
        return self.choosing(cases, f"{self.constant(_loosely)}(v)")

    def _has_to_be_named(self, record: Record, union: Union) -> bool:
        """Say whether a dict alone would leave open which branch of an Avro union is meant."""
        if self.format != "AVRO" or not hasattr(record.python, "__moorings_name__"):
            return False
        own = {one.name for one in record.fields}
        for branch in union.branches:
            other = self.known.named[branch.name] if isinstance(branch, Use) else None
            if isinstance(branch, Entries):
                return True
            if isinstance(other, Record) and other is not record and _can_hold(other, own):
                return True
        return False


def _can_hold(record: Record, names: set[str]) -> bool:
    return {one.name for one in record.fields if one.needed} <= names <= {one.name for one in record.fields}


def _members(choice: Choice) -> dict[Any, Any]:
    if choice.python is None:
        return {value: value for value in choice.values}
    return {member.value: member for member in choice.python}


def _twin(kind: Any) -> type | None:
    """Make a class with the same slots that is not frozen, whose objects become objects of *kind* once they are filled.

    Where making an object is no more than filling its slots, this takes a sixth of the time of a frozen dataclass's
    own `__init__`. None where it is more: without slots, with an `__init__`, `__new__` or `__post_init__` of its own.
    """
    names = tuple(one.name for one in fields(kind))
    made_by_dataclass = kind.__init__.__code__.co_filename == "<string>"  # where its own functions say they are from
    has_more = kind.__new__ is not object.__new__ or hasattr(kind, "__post_init__")
    has_more = has_more or not all(one.init for one in fields(kind))
    if kind.__bases__ != (object,) or not made_by_dataclass or has_more:
        return None
    twin = type(kind.__name__, (), {"__slots__": names})
    try:
        twin().__class__ = kind
    except TypeError:
        return None  # other slots than its fields
    return twin


def _further(record: Record) -> str:
    """Name the attribute that holds the fields which the contract does not name."""
    return next(one.name for one in fields(record.python) if one.metadata.get("moorings_further"))
