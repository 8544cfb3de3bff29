"""JSON Pointers (RFC 6901) that name fields of events, looked for in the schema of a contract.

``/customer/id`` leads into the record under ``customer``. An index, or ``*``, leads to the items of an array; any
token leads to the values of a map. ``*`` is what the pointers of Moorings have beyond the RFC.
"""

import re
from dataclasses import dataclass
from difflib import get_close_matches
from importlib import import_module
from typing import Any

from moorings_compat.formats import FOLDERS
from moorings_compat.schema import Schema

_POINTER = re.compile(r"(/([^~/]|~[01])*)+")


@dataclass(frozen=True, slots=True)
class MissingField:
    """Where a pointer leaves what a schema declares."""

    pointer: str
    """As far as the first token that leads nowhere."""
    known: tuple[str, ...]
    """The fields that there are in its place, sorted; empty where there cannot be any."""

    def __str__(self) -> str:
        said = f"the schema has no field {self.pointer}"
        close = get_close_matches(token_of(self.pointer.rpartition("/")[2]), self.known, 1)
        return f"{said}; did you mean {close[0]}?" if close else said


def is_field_pointer(text: str) -> bool:
    """Whether *text* is a JSON Pointer to a field: not the whole event, and escaped as the RFC has it."""
    return _POINTER.fullmatch(text) is not None


def token_of(escaped: str) -> str:
    """A token as the field is called: ``~1`` is a slash, ``~0`` a tilde."""
    return escaped.replace("~1", "/").replace("~0", "~")


def is_item(token: str) -> bool:
    """Whether *token* leads to the items of an array."""
    return token == "*" or (token.isascii() and token.isdigit())  # noqa: S105 - a token of a pointer


def missing_field(schema: Schema, pointer: str) -> MissingField | None:
    """Find where *pointer* leaves what *schema* declares; None when there is such a field.

    A JSON Schema that names no field at a location declares every field there, as does a Protobuf message of type
    ``google.protobuf.Struct``.
    """
    part: Any = import_module(f"{FOLDERS[schema.format]}.field_pointers")  # one format alone is paid for
    escaped = pointer.split("/")[1:]
    found = part.follow(schema, [token_of(one) for one in escaped])
    if found is None:
        return None
    depth, known = found
    return MissingField("/" + "/".join(escaped[: depth + 1]), tuple(sorted(known)))
