"""The outline of a Protobuf schema: messages with fields, enums with symbols.

Findings name a field by the way that leads to it from the message of the event, ``/Order/lines/price``, or by where it
is declared, ``/Order/Line/price``. The outline has the declaration, and the ways that lead to it.
"""

from collections.abc import Iterator

from moorings_compat.changes.outline import Definition, Outline, Part
from moorings_compat.protobuf.compiled import compiled
from moorings_compat.protobuf.features import Presence
from moorings_compat.protobuf.parts import parts_of
from moorings_compat.protobuf.types import COMPOSITE, ENUM, EnumType, Field, Message, TypeTable
from moorings_compat.schema import Schema

ROOT = ""
_MOST_WAYS = 20_000
"""Ways to fields that are noted: types that hold one another can be reached in many."""
_DEEPEST = 12


def outline(schema: Schema) -> Outline:
    """Return the outline of a Protobuf *schema*."""
    types = compiled(schema).types
    definitions = {message.full_name: _message(types, message) for message in types.messages.values()}
    definitions |= {enum.full_name: _enum(enum) for enum in types.enums.values()}
    tops = [message for message in types.messages.values() if message.own and message.top]
    held = parts_of(types.holders())
    events = [message for message in tops if message.full_name not in held] or tops
    alone = len(events) == 1
    parts = tuple(_root_part(message, alone=alone) for message in events)
    others = tuple(_unused(message) for message in tops if message not in events)
    facets = {"package": types.package} if types.package else {}
    definitions[ROOT] = Definition(ROOT, "", "file", facets=facets, parts=parts + others)
    return Outline(ROOT, definitions, dict(_ways(types, tops)))


def _root_part(message: Message, *, alone: bool) -> Part:
    step = "" if alone else message.path.removeprefix("/")
    return Part(message.path, message.path, "message", step, {}, (message.full_name,))


def _unused(message: Message) -> Part:
    """A message that others hold is compared where they hold it; here only its name counts."""
    name = message.path.removeprefix("/")
    return Part(message.path, message.path, "message", name)


def _message(types: TypeTable, message: Message) -> Definition:
    parts = tuple(_part(types, message, one) for one in message.fields)
    facets = {}
    if message.reserved or message.reserved_names:
        ranges = [str(start) if end == start + 1 else f"{start} to {end - 1}" for start, end in message.reserved]
        facets["reserved"] = ", ".join([*ranges, *sorted(message.reserved_names)])
    return Definition(message.full_name, message.path, "message", message.full_name, facets, parts)


def _enum(enum: EnumType) -> Definition:
    symbols = {name: str(number) for name, number in enum.symbols}
    return Definition(enum.full_name, enum.path, "enum", enum.full_name, symbols=symbols)


def _part(types: TypeTable, message: Message, field: Field) -> Part:
    facets = {"number": str(field.number)}
    if field.oneof:
        facets["oneof"] = field.oneof
    if field.presence is Presence.REQUIRED:
        facets["label"] = "required"
    elif field.presence is Presence.EXPLICIT and not field.repeated and field.type != COMPOSITE and not field.oneof:
        facets["label"] = "optional"
    if field.default not in (None, 0, "", b"", False) and field.type != ENUM:
        facets["default"] = str(field.default)
    return Part(
        field.name,
        f"{message.path}/{field.name}",
        _label(types, field),
        field.name,
        facets,
        _keys(types, field),
        number=field.number,
        fillable=field.presence is not Presence.REQUIRED,
    )


def _keys(types: TypeTable, field: Field) -> tuple[str, ...]:
    if field.is_map:
        return tuple(one.type_name for one in types.message(field).fields if one.type_name)
    return (field.type_name,) if field.type_name else ()


def _label(types: TypeTable, field: Field) -> str:
    if field.is_map:
        key, value = types.message(field).fields
        return f"map of {_label(types, key)} to {_label(types, value)}"
    name = _short(field.type_name) if field.type_name else field.type
    kind = "group " if field.type == COMPOSITE and field.delimited else "enum " if field.type == ENUM else ""
    return f"{'repeated ' if field.repeated else ''}{kind}{name}"


def _short(full_name: str) -> str:
    return full_name.rpartition(".")[2]


def _ways(types: TypeTable, tops: list[Message]) -> Iterator[tuple[str, str]]:
    """Yield each way of names through fields that is not the declaration itself, with the declaration."""
    waiting = [(message.path, message, 0) for message in tops]
    count = 0
    while waiting and count < _MOST_WAYS:
        way, message, depth = waiting.pop(0)
        for field in message.fields:
            count += 1
            path = f"{way}/{field.name}"
            if path != f"{message.path}/{field.name}":
                yield path, f"{message.path}/{field.name}"
            if field.type == COMPOSITE and depth < _DEEPEST and way.count(f"/{field.name}") < 2:
                waiting.append((path, types.message(field), depth + 1))
