"""An outline: a value's form as rules see it. Records may contain themselves, so they are compared by identity.

`Leaf.type_name` is the name that Confluent's rules know as `typeName`: ``STRING``, ``LONG``, ``ENUM``...
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

ABSENT: Any = object()
"""No default: the field stays away where it was left out. None is a default."""

PRIMITIVE_NAMES = frozenset(("INT", "LONG", "FLOAT", "DOUBLE", "BOOLEAN", "NULL", "STRING", "BYTES"))
"""The types that rules of type CEL_FIELD are run for."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """A value without fields. *numbers* are an enum's, by name, where rules see the number (Protobuf)."""

    type_name: str
    fits: Callable[[Any], bool] = field(compare=False)
    numbers: Mapping[str, int] | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    items: "Outline"


@dataclass(frozen=True, slots=True)
class Mapped:
    values: "Outline"


@dataclass(frozen=True, slots=True)
class Choice:
    """A union: a value is of the first branch that fits it."""

    branches: tuple["Outline", ...]


class Record:
    """A record and its fields, which are made when they are first looked at: a record may contain itself."""

    __slots__ = ("_fields", "_make", "name")

    def __init__(self, name: str, make: "Callable[[], dict[str, Field]]") -> None:
        self.name = name
        self._make = make
        self._fields: dict[str, Field] | None = None

    @property
    def fields(self) -> "dict[str, Field]":
        if self._fields is None:
            self._fields = self._make()
        return self._fields


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    full_name: str
    """What tags of the metadata are matched with: ``shop.Order.id``, in JSON Schema ``$.customer.email``."""
    tags: frozenset[str]
    outline: "Outline"
    default: Any = ABSENT
    skips_null: bool = True
    """Rules are not run for null: in JSON Schema and Protobuf; in Avro null is a value like others."""


Outline = Leaf | Listing | Mapped | Choice | Record

ANYTHING = Leaf("NULL", lambda _value: True)
"""A value that the schema says nothing of."""


class Tags:
    """The tags that a schema's metadata gives to fields by patterns of their full names.

    In a pattern ``?`` stands for one character, ``*`` for any within a part between dots, ``**`` for any at all.
    """

    def __init__(self, metadata: Mapping[str, Any] | None) -> None:
        given = (metadata or {}).get("tags")
        patterns = given.items() if isinstance(given, Mapping) else ()
        self._given = [(_pattern(str(path)), frozenset(map(str, names))) for path, names in patterns]

    def of(self, full_name: str, inline: Iterable[str] = ()) -> frozenset[str]:
        """Return a field's tags: those inside the schema, and those of the metadata."""
        found = frozenset(inline)
        for pattern, names in self._given:
            if pattern.fullmatch(full_name):
                found |= names
        return found


_WILDCARDS = re.compile(r"\*\*\.\*|\*\*|\*|\?|[^*?]+")
_MEANINGS = {"**.*": ".*", "**": ".*", "*": r"[^.]*", "?": "[^.]"}


def _pattern(path: str) -> re.Pattern[str]:
    parts = _WILDCARDS.findall(path)
    return re.compile("".join(_MEANINGS.get(part) or re.escape(part) for part in parts), re.DOTALL)
