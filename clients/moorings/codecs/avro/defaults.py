"""A field's default, as the schema's JSON writes it, turned into the Python value that a reader of the event sees."""

from typing import Any
from uuid import UUID

from moorings.codecs.avro.logical import CLOCKS, decimal_reader, python_logical
from moorings_compat.avro import Array, AvroModel, Enum, Fixed, Map, Node, Primitive, Record, Union, fits


def default_value(default: Any, type: Node, model: AvroModel) -> Any:
    """Turn *default*, which fits *type*, into a value of that type; a new one with every call.

    A union's default belongs to the first branch that its JSON fits (Avro 1.12; before that, to the first branch).

    Raises:
        ValueError, OverflowError: no value of its logical type is meant: too many digits, not a UUID, a date too late.
    """
    meant = model.resolve(type)
    if isinstance(meant, Union):
        branch = next(branch for branch in meant.branches if fits(model, branch, default))
        return default_value(default, branch, model)
    if isinstance(meant, Record):
        return {
            field.name: default_value(default.get(field.name, field.default), field.type, model)
            for field in meant.fields
        }
    if isinstance(meant, Array):
        return [default_value(item, meant.items, model) for item in default]
    if isinstance(meant, Map):
        return {key: default_value(value, meant.values, model) for key, value in default.items()}
    return default if isinstance(meant, Enum) else _scalar(default, meant)


def _scalar(default: Any, type: Primitive | Fixed) -> Any:
    logical = python_logical(type)
    if isinstance(type, Fixed) or type.kind == "bytes":
        data = default.encode("latin-1")
        return decimal_reader(logical.precision, logical.scale)(data) if logical else data
    if type.kind in ("float", "double"):
        return float(default)
    if logical is not None:
        return UUID(default) if logical.name == "uuid" else CLOCKS[logical.name].value(default)
    return default
