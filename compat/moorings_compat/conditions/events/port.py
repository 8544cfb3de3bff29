"""What the search for a witness asks of a format: places to vary, and events that went through the real codec."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from moorings_compat.cel.values import Size
from moorings_compat.conditions.literals import Literals

Path = tuple[str, ...]
"""Names of fields from the root; `ITEM` for the items of a list, `VALUE` for the values of a map."""
ITEM, VALUE = "[]", "{}"
_MOST_SITES, _MOST_SITES_OF_ANY_FIELD = 12, 40
DEEPEST = 8
MOST_ITEMS = 50

Choices = Mapping[Path, Any]
"""Values by their places; all others are the smallest. Of a list the choice is its length, of a map a tuple of keys."""


class Absent:
    """The choice to leave a field out."""


ABSENT = Absent()


@dataclass(frozen=True, slots=True)
class Site:
    """A place in events, and the values to try there."""

    path: Path
    options: Sequence[Any]


@dataclass(frozen=True, slots=True)
class FieldView:
    """A value of a primitive type as a rule about fields sees it, in CEL's values."""

    value: Any
    name: str
    full_name: str
    type_name: str
    tags: frozenset[str]
    """Those that the schema gives."""
    record: Any
    """The record around."""


@dataclass(frozen=True, slots=True)
class View:
    """An event as a condition sees it: `message`, in CEL's values."""

    message: Any
    size: Size
    fields: Callable[[], Sequence[FieldView]]
    """Makes the values that rules about fields are run for."""


@dataclass(frozen=True, slots=True)
class Event:
    """An event that its writer's schema allows, as it was written and as both sides see it."""

    payload: str
    """As JSON text."""
    encoded: str
    """In hex, for binary formats; empty for JSON."""
    written: View
    read: View


class EventUnreadable(ValueError):
    """An event that somebody gave is not one of its writer, or its reader cannot read it; the text says why."""


class Events(Protocol):
    """The events that pass from one writer's schema to one reader's."""

    def sites(self, literals: Literals) -> list[Site]:
        """Return the places whose names *literals* has."""

    def event(self, choices: Choices) -> Event | None:
        """Make an event; None where the writer's schema does not allow it, or the reader's cannot read it."""


def most_sites(literals: Literals) -> int:
    """Return how many places are varied."""
    return _MOST_SITES_OF_ANY_FIELD if literals.every_field else _MOST_SITES


def leads_to(path: Path, choices: Choices) -> bool:
    """Tell whether a choice lies below *path*."""
    length = len(path)
    return any(len(one) > length and one[:length] == path for one in choices)
