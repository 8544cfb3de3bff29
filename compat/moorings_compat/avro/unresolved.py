"""A text before its references are known: what it is called, and which types it leaves to references."""

from dataclasses import dataclass

from moorings_compat.avro.definitions import DefinitionReader
from moorings_compat.avro.model import TypeName
from moorings_compat.json_text import read_json
from moorings_compat.limits import LARGEST_LIMITS


@dataclass(frozen=True, slots=True)
class UnresolvedSchema:
    """What can be said of an Avro schema without the schemas that it refers to."""

    name: str
    """The full name of the type at the top; empty where none is defined there."""
    undefined: tuple[str, ...]
    """The full names that are used and defined nowhere in the text, each once, in the order of the text."""
    defined: tuple[str, ...] = ()
    """The full names that the text defines."""


def read_unresolved(text: str) -> UnresolvedSchema:
    """Read *text* as far as it can be read; whether it is a valid schema is for `parse` to say.

    Raises:
        SchemaInvalid: not JSON.
        SchemaLimitExceeded: too large or too deep.
    """
    reader = DefinitionReader({})
    root = reader.node(read_json(text, LARGEST_LIMITS.brackets), "", "")
    name = root.full if isinstance(root, TypeName) else ""
    return UnresolvedSchema(name, tuple(reader.undefined()), tuple(reader.types))
