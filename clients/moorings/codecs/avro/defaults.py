"""A field's default, as the schema's JSON writes it, turned into the Python value that a reader of the event sees.

A default of a record leaves fields to their own defaults: a few lines of schema may stand for a value of any size, as
each level may hold the one below it twice. So values are counted before they are made, and a codec that only reads them
shares equal parts (`SharedDefaults`): the time to compile grows with the schema, and not with the value.
"""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from moorings.codecs.avro.labels import Resolved
from moorings.codecs.avro.logical import CLOCKS, python_logical, reader_of_bytes
from moorings_compat.avro import Array, AvroModel, Fixed, Map, Node, Primitive, Record, Union, fits

MOST_VALUES = 100_000
"""Records, items and scalars that a default may hold, counted as often as they occur."""

_Part = Callable[[Any, Node], Any]


def default_value(default: Any, type: Node, model: AvroModel) -> Any:
    """Turn *default*, which fits *type*, into a value of that type; a new one with every call.

    A union's default belongs to the first branch that its JSON fits (Avro 1.12; before that, to the first branch).

    Raises:
        ValueError, OverflowError: no value of its logical type is meant: too many digits, not a UUID, a date too late;
            or it holds more than `MOST_VALUES`.
    """
    SharedDefaults(model).require_small(default, type)

    def made(default: Any, type: Node) -> Any:
        return _value(default, _meant(default, type, model), made)

    return made(default, type)


class SharedDefaults:
    """The defaults of one schema as values whose equal parts are one object: for reading, never to be changed."""

    def __init__(self, model: AvroModel) -> None:
        self._model = model
        self._counted: dict[tuple[int, int], int] = {}
        self._made: dict[tuple[int, int], Any] = {}

    def value(self, default: Any, type: Node) -> Any:
        """Turn *default* into a value of *type*; it raises what `default_value` does."""
        self.require_small(default, type)
        return self._value(default, type)

    def count(self, default: Any, type: Node) -> int:
        """Count what a default holds, itself included."""
        meant = _meant(default, type, self._model)
        key = (id(default), id(meant))
        if key not in self._counted:
            self._counted[key] = 1 + sum(self.count(one, of) for one, of in _parts(default, meant))
        return self._counted[key]

    def require_small(self, default: Any, type: Node) -> None:
        """Pass, or raise OverflowError for a default that holds more than `MOST_VALUES`."""
        if self.count(default, type) > MOST_VALUES:
            raise OverflowError(f"the default holds more than {MOST_VALUES} values")

    def _value(self, default: Any, type: Node) -> Any:
        meant = _meant(default, type, self._model)
        key = (id(default), id(meant))
        if key not in self._made:
            self._made[key] = _value(default, meant, self._value)
        return self._made[key]


def _meant(default: Any, type: Node, model: AvroModel) -> Resolved:
    """The definition that a default belongs to: names resolved, the branch of a union chosen."""
    meant = model.resolve(type)
    if isinstance(meant, Union):
        return _meant(default, next(branch for branch in meant.branches if fits(model, branch, default)), model)
    return meant


def _parts(default: Any, meant: Resolved) -> list[tuple[Any, Node]]:
    if isinstance(meant, Record):
        return [(default.get(field.name, field.default), field.type) for field in meant.fields]
    if isinstance(meant, Array):
        return [(item, meant.items) for item in default]
    if isinstance(meant, Map):
        return [(value, meant.values) for value in default.values()]
    return []


def _value(default: Any, meant: Resolved, part: _Part) -> Any:
    values = [part(one, of) for one, of in _parts(default, meant)]
    if isinstance(meant, Record):
        return dict(zip((field.name for field in meant.fields), values, strict=True))
    if isinstance(meant, Array):
        return values
    if isinstance(meant, Map):
        return dict(zip(default, values, strict=True))
    if isinstance(meant, Primitive | Fixed):
        return _scalar(default, meant)
    return default


def _scalar(default: Any, type: Primitive | Fixed) -> Any:
    logical = python_logical(type)
    if isinstance(type, Fixed) or type.kind == "bytes":
        data = default.encode("latin-1")
        return reader_of_bytes(logical)(data) if logical else data
    if type.kind in ("float", "double"):
        return float(default)
    if logical is not None:
        return UUID(default) if logical.name == "uuid" else CLOCKS[logical.name].value(default)
    return default
