"""What marshmallow finds wrong with a request, as problems of the catalogue."""

from typing import Any

from moorings_compat import Problem
from moorings_compat.json_text import pointer

UNKNOWN = "Unknown field."
"""What marshmallow says of a member that a shape does not have."""


def problems_of(messages: Any) -> tuple[Problem, ...]:
    """Flatten marshmallow's nested messages into one problem a place.

    The location (json, query) is left out, and so are the steps that marshmallow adds of its own: ``_schema`` where a
    whole object is wrong, ``key`` and ``value`` inside a dictionary.
    """
    found: list[Problem] = []

    def walk(steps: tuple[str | int, ...], inner: Any) -> None:
        if isinstance(inner, dict):
            for key, value in inner.items():
                walk((*steps, key), value)
        else:
            said = [str(one) for one in (inner if isinstance(inner, list) else [inner])]
            added = steps[-1] == "_schema" or (steps[-1] in ("key", "value") and said != [UNKNOWN])
            found.extend(Problem(pointer(*(steps[1:-1] if added else steps[1:])), one) for one in said)

    walk((), messages)
    return tuple(found)
