"""Fields of a JSON Schema by the tokens of a JSON Pointer."""

from collections.abc import Sequence

from moorings_compat.field_pointers import is_item
from moorings_compat.json_schema.declared_fields import Location
from moorings_compat.json_schema.model import declared
from moorings_compat.json_schema.nodes.validator import matches
from moorings_compat.schema import Schema


def follow(schema: Schema, tokens: Sequence[str]) -> tuple[int, tuple[str, ...]] | None:
    """The place of the token that leads nowhere, with the fields that there are instead; None when all lead on.

    A location that names fields has these alone, even where it allows others: a pointer is to name what is there.
    """
    location = declared(schema).root
    for depth, token in enumerate(tokens):
        if location is None:
            return None
        if _is_named(location, token):
            location = location.below(token)
        elif is_item(token) and location.items is not None:
            location = location.items
        elif location.names or location.patterns or location.items is not None or location.closed:
            return depth, tuple(location.names)
        else:
            location = location.further
    return None


def _is_named(location: Location, token: str) -> bool:
    return token in location.names or any(matches(one, token) for one in location.patterns)
