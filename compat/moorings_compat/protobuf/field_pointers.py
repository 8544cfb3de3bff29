"""Fields of a Protobuf schema's first message by the tokens of a JSON Pointer."""

from collections.abc import Sequence

from moorings_compat.field_pointers import is_item
from moorings_compat.protobuf.compiled import compiled, message_at
from moorings_compat.protobuf.types import COMPOSITE, Field, Message, TypeTable
from moorings_compat.schema import Schema

_OF_ANY_CONTENT = frozenset(f"google.protobuf.{name}" for name in ("Any", "ListValue", "Struct", "Value"))


def follow(schema: Schema, tokens: Sequence[str]) -> tuple[int, tuple[str, ...]] | None:
    """The place of the token that leads nowhere, with the fields that there are instead; None when all lead on.

    A field goes by its own name or by that of ProtoJSON.
    """
    types = compiled(schema).types
    if not compiled(schema).file.message_type:
        return 0, ()
    message: Message | None = types.messages[message_at(schema, (0,))]
    waiting = list(tokens)
    while waiting:
        if message is None:
            return len(tokens) - len(waiting), ()
        if message.full_name in _OF_ANY_CONTENT:
            return None
        field = _named(message, waiting[0])
        if field is None:
            return len(tokens) - len(waiting), tuple(one.name for one in message.fields)
        waiting.pop(0)
        if waiting and field.repeated:
            if not field.is_map and not is_item(waiting[0]):
                return len(tokens) - len(waiting), ()
            waiting.pop(0)
        message = _content(types, field)
    return None


def _named(message: Message, token: str) -> Field | None:
    return message.by_name.get(token) or next((one for one in message.fields if one.json_name == token), None)


def _content(types: TypeTable, field: Field) -> Message | None:
    """The message that a field holds, or the values of a map; None for a scalar."""
    if field.type != COMPOSITE:
        return None
    held = types.message(field)
    if not field.is_map:
        return held
    value = held.by_number[2]
    return types.message(value) if value.type == COMPOSITE else None
