"""A field's default, as the schema's JSON writes it, turned into the Python value that a reader of the event sees."""

from typing import Any
from uuid import UUID

from moorings.codecs.avro.logical import CLOCKS, decimal_reader
from moorings.codecs.avro.types import Array, Enum, Fixed, Map, Primitive, Record, Type, Types, Union

_JSON_TYPES: dict[str, tuple[type, ...]] = {
    "null": (type(None),),
    "boolean": (bool,),
    "int": (int,),
    "long": (int,),
    "float": (float, int),
    "double": (float, int),
    "bytes": (str,),
    "string": (str,),
}


def default_value(default: Any, type: Type, types: Types) -> Any:
    """Turn *default* into a value of *type*; a new one with every call.

    A union's default belongs to the first branch that its JSON fits (Avro 1.12; before that, to the first branch).

    Raises:
        ValueError: the default does not fit. The registry accepts no such schema.
    """
    meant = types.resolve(type)
    if isinstance(meant, Union):
        for branch in meant.branches:
            if _fits(default, branch, types):
                return default_value(default, branch, types)
        raise ValueError("the default fits no branch of the union")
    if not _fits(default, type, types):
        raise ValueError("the default does not fit its type")
    if isinstance(meant, Record):
        return {
            field.name: default_value(default.get(field.name, field.default), field.type, types)
            for field in meant.fields
        }
    if isinstance(meant, Array):
        return [default_value(item, meant.items, types) for item in default]
    if isinstance(meant, Map):
        return {key: default_value(value, meant.values, types) for key, value in default.items()}
    return default if isinstance(meant, Enum) else _scalar(default, meant)


def _scalar(default: Any, type: Primitive | Fixed) -> Any:
    if isinstance(type, Fixed) or type.kind == "bytes":
        data = default.encode("latin-1")
        return decimal_reader(type.logical.precision, type.logical.scale)(data) if type.logical else data
    if type.kind in ("float", "double"):
        return float(default)
    if type.logical is not None:
        if type.logical.name == "uuid":
            return UUID(default)
        return CLOCKS[type.logical.name].value(default)
    return default


def _fits(default: Any, type: Type, types: Types) -> bool:
    meant = types.resolve(type)
    if isinstance(meant, Primitive):
        if isinstance(default, bool):
            return meant.kind == "boolean"
        return isinstance(default, _JSON_TYPES[meant.kind])
    if isinstance(meant, Enum):
        return default in meant.symbols
    if isinstance(meant, Fixed):
        return isinstance(default, str) and len(default) == meant.size
    if isinstance(meant, Array):
        return isinstance(default, list) and all(_fits(item, meant.items, types) for item in default)
    if isinstance(meant, Map):
        return isinstance(default, dict) and all(_fits(value, meant.values, types) for value in default.values())
    if isinstance(meant, Record):
        return isinstance(default, dict) and all(
            _fits(default[field.name], field.type, types) if field.name in default else field.has_default
            for field in meant.fields
        )
    return any(_fits(default, branch, types) for branch in meant.branches)
