"""What marshmallow finds wrong with a request, as problems of the catalogue."""

import difflib
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from marshmallow import Schema as Shape
from marshmallow import fields

from moorings_compat import Problem
from moorings_compat.json_text import pointer
from moorings_registry.errors import RequestInvalid

UNKNOWN = "Unknown field."
"""What marshmallow says of a member that a shape does not have."""

_MOST_NAMED = 12
"""So many of the fields that are known are named in one problem."""
_MOST_ADVISED = 20
"""So many unknown fields of one request get advice: a body may have millions of them."""
_MOST_LISTED = 1_000
"""So many places of one request are listed; its sentence counts them all."""
_LONGEST_PLACE = 200
"""So much of a place is in the sentence, which is logged; the list has it whole."""
_LONGEST_COMPARED = 64
_MEANT = "; did you mean"
_WORDS = {"query": ("Invalid query parameters", "query parameter")}
_BODY_WORDS = ("Invalid request body", "field")


def invalid_request(messages: Any, shape: Shape | None = None) -> RequestInvalid:
    """Return the refusal of a request by marshmallow's *messages*, by location (json, body, query).

    Its sentence has the first place, and says how many more there are. A field that is spelled in another way comes
    before what is missing, which it explains.
    """
    problems = problems_of(messages, shape)
    what, word = _words(messages)
    more = len(problems) - 1
    rest = f" (and {more} more)" if more > 0 else ""
    first = next((one for one in problems if one.message.startswith(f"Unknown {word}{_MEANT}")), problems[0])
    listed = problems if more < _MOST_LISTED else (first, *(one for one in problems if one is not first))[:_MOST_LISTED]
    if len(first.where) > _LONGEST_PLACE:
        first = replace(first, where=f"{first.where[:_LONGEST_PLACE]}…")
    return RequestInvalid(f"{what}: {first}{rest}", listed)


def problems_of(messages: Any, shape: Shape | None = None) -> tuple[Problem, ...]:
    """Flatten marshmallow's nested messages into one problem a place.

    The location (json, query) is left out, and so are the steps that marshmallow adds of its own: ``_schema`` where a
    whole object is wrong, ``key`` and ``value`` inside a dictionary. *shape* is what the request was read by: of a
    field that it does not have, the problem names the nearest one and those that there are.
    """
    found: list[Problem] = []
    advised = 0

    def walk(steps: tuple[str | int, ...], inner: Any) -> None:
        nonlocal advised
        if isinstance(inner, dict):
            for key, value in inner.items():
                walk((*steps, key), value)
            return
        said = [str(one) for one in (inner if isinstance(inner, list) else [inner])]
        added = steps[-1] == "_schema" or (steps[-1] in ("key", "value") and said != [UNKNOWN])
        if said == [UNKNOWN] and shape is not None and advised < _MOST_ADVISED:
            advised += 1
            said = [_unknown(str(steps[-1]), _members(shape, steps[1:-1]), _words(messages)[1])]
        found.extend(Problem(pointer(*(steps[1:-1] if added else steps[1:])), one) for one in said)

    walk((), messages)
    return tuple(found)


def _words(messages: Any) -> tuple[str, str]:
    """Return how a refusal begins, and what its members are called, by the location that messages are about."""
    return _WORDS.get(next(iter(messages), "") if isinstance(messages, dict) else "", _BODY_WORDS)


def _unknown(name: str, known: Sequence[str], word: str) -> str:
    """Say which member was meant instead of one that is not there, and which there are."""
    close = difflib.get_close_matches(name, known, n=1) if len(name) <= _LONGEST_COMPARED else []
    meant = f"{_MEANT} {close[0]!r}?" if close else "."
    named = [*close, *(one for one in known if one not in close)][:_MOST_NAMED]
    more = f" and {len(known) - len(named)} more" if len(known) > len(named) else ""
    listed = f" Known: {', '.join(named)}{more}." if named else ""
    return f"Unknown {word}{meant}{listed}"


def _members(shape: Shape, steps: Sequence[str | int]) -> list[str]:
    """Return the names of the members that an object in the request may have; none where its shape does not say."""
    held: Any = shape
    for step in steps:
        held = _inside(held, step)
    if not isinstance(held, Shape):
        return []
    return sorted(str(field.data_key or name) for name, field in held.load_fields.items())


def _inside(held: Any, step: str | int) -> Any:
    """Return the shape or field that *step* leads to from another one; None where that is not described."""
    if isinstance(held, Shape):
        if isinstance(step, int):  # of a list of objects, each of which has this shape
            return held
        fields_of = ((str(field.data_key or name), field) for name, field in held.load_fields.items())
        return _opened(next((field for name, field in fields_of if name == step), None))
    if isinstance(held, fields.List):
        return _opened(held.inner)
    if isinstance(held, fields.Dict):
        return _opened(held.value_field) if step == "value" else held
    return None


def _opened(field: Any) -> Any:
    return field.schema if isinstance(field, fields.Nested) else field
