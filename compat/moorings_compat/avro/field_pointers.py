"""Fields of an Avro schema by the tokens of a JSON Pointer."""

from collections.abc import Sequence

from moorings_compat.avro.model import Array, AvroModel, Map, Node, Record, Union, model_of
from moorings_compat.field_pointers import is_item
from moorings_compat.schema import Schema

_Lost = tuple[int, tuple[str, ...]]


def follow(schema: Schema, tokens: Sequence[str]) -> _Lost | None:
    """The place of the token that leads nowhere, with the fields that there are instead; None when all lead on.

    Of a union any branch will do.
    """
    model = model_of(schema)
    return _lost(model, model.root, tokens, 0)


def _lost(model: AvroModel, node: Node, tokens: Sequence[str], depth: int) -> _Lost | None:
    if depth == len(tokens):
        return None
    found = model.resolve(node)
    if isinstance(found, Record):
        place = found.places.get(tokens[depth])
        if place is None:
            return depth, tuple(one.name for one in found.fields)
        return _lost(model, found.fields[place].type, tokens, depth + 1)
    if isinstance(found, Union):
        lost = [_lost(model, branch, tokens, depth) for branch in found.branches]
        return None if None in lost else max((one for one in lost if one is not None), default=(depth, ()))
    if isinstance(found, Map):
        return _lost(model, found.values, tokens, depth + 1)
    if isinstance(found, Array) and is_item(tokens[depth]):
        return _lost(model, found.items, tokens, depth + 1)
    return depth, ()
