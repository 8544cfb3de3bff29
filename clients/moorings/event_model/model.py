"""The type of an event as a value: the one form in which contracts and classes meet.

A contract of any format is read into an `EventModel` (`from_avro`, `from_json_schema`, `from_protobuf`), and so is a
class (`typed.from_class`). Generating code, comparing the two, turning dicts into objects, making test payloads and
running rules all work on models alone. A record or enumeration is a `TypeReference` wherever it is used, so that
recursive types are finite values.

`moorings_compat.fields` and `moorings_compat.changes.outline` read the same schemas for other questions; the former
says why. Neither has types of values, which depend on the codec and so on the client.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

NO_DEFAULT: Any = object()
"""The default of a field that has none; None is a default."""

NONE, BOOL, INT, FLOAT, STR, BYTES = "None", "bool", "int", "float", "str", "bytes"
AWARE, LOCAL, DATE, TIME, TIMEDELTA = "datetime", "local datetime", "date", "time", "timedelta"
DECIMAL, UUID, ANY = "Decimal", "UUID", "Any"
ANY_DATETIME = "datetime with or without a time zone"
"""What a class means by ``datetime``: it does not tell the two apart."""
UNKNOWN = "unknown"
"""An annotation of a class that describes nothing in any event; `label` shows it."""


@dataclass(frozen=True, slots=True)
class JsonConstraints:
    """What a JSON Schema asks of a value besides its type: the schemas that apply to it, and their dialect."""

    dialect: str
    schemas: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class ScalarType:
    """One plain Python type, by its name above.

    `label` is the type in the contract's own words, `format` the assertion of a JSON Schema about its text, and
    `reason` says for `ANY` what could not be expressed. `bounds` are the least and the greatest whole number, the
    digits of a decimal and those behind its point, or the least and greatest number of bytes.
    """

    kind: str
    label: str = field(default="", compare=False)
    format: str = ""
    reason: str = ""
    bounds: tuple[int, int] | None = field(default=None, compare=False)
    constraints: JsonConstraints | None = field(default=None, compare=False)
    primitive: str = ""
    """What is written, in the same words for all formats: ``null``, ``boolean``, ``int32``, ``int64``, ``uint32``,
    ``uint64``, ``integer``, ``float``, ``double``, ``number``, ``string``, ``bytes``, ``fixed``; ``enum`` for a value
    of an enumeration that has no type of its own here. Empty for `ANY`, and in the models of classes."""


@dataclass(frozen=True, slots=True)
class EnumerationType:
    """One of several values; an enumeration where it has a name."""

    name: str
    values: tuple[Any, ...]
    doc: str = field(default="", compare=False)
    python_type: Any = field(default=None, compare=False)
    """The `Enum` class, in the model of a class."""
    numbers: Mapping[str, int] | None = field(default=None, compare=False)
    """The number of each symbol, where numbers are written (Protobuf)."""


@dataclass(frozen=True, slots=True)
class ListType:
    items: "ValueType"
    python_type: Any = field(default=None, compare=False)
    """What a class keeps them in, where that is not a list."""
    constraints: JsonConstraints | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class MapType:
    keys: "ValueType"
    values: "ValueType"
    constraints: JsonConstraints | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class UnionType:
    branches: tuple["ValueType", ...]


@dataclass(frozen=True, slots=True)
class TypeReference:
    """A use of a record or enumeration, by its name in the model."""

    name: str


@dataclass(frozen=True, slots=True)
class EventField:
    """One field of a record, under the name that it has in an event."""

    name: str
    type: "ValueType"
    required: bool = True
    """An event without it is invalid."""
    present: bool = True
    """Every event that is read has it: it was written, or its default is filled in."""
    default: Any = NO_DEFAULT
    """What its absence means: an event's plain value; a dict for a record."""
    doc: str = field(default="", compare=False)
    tags: frozenset[str] = field(default=frozenset(), compare=False)
    """The tags that the schema itself gives the field, for rules."""
    oneof: str = field(default="", compare=False)
    """The group of which one field at most is given."""
    attribute: str = ""
    """What a class calls it, where that differs."""
    factory: Callable[[], Any] | None = field(default=None, compare=False)
    """In the model of a class: what makes the default."""


@dataclass(frozen=True, slots=True)
class RecordType:
    """Named fields. `extra` is the type of further fields where the contract describes them, under any name."""

    name: str
    fields: tuple[EventField, ...]
    extra: "ValueType | None" = None
    doc: str = field(default="", compare=False)
    closed: bool = False
    """Of a class: it refuses fields that it does not know."""
    python_type: Any = field(default=None, compare=False)
    """The class, in the model of a class."""


ValueType: TypeAlias = ScalarType | EnumerationType | ListType | MapType | UnionType | TypeReference
NamedType: TypeAlias = RecordType | EnumerationType

ANYTHING = ScalarType(ANY)
"""A value that the schema does not describe."""


@dataclass(frozen=True, slots=True)
class EventModel:
    """A whole event: its root, and every record and enumeration by the name that references have."""

    root: ValueType
    named: Mapping[str, NamedType]

    def reached(self, start: ValueType | None = None) -> dict[str, NamedType]:
        """Return the named types that *start*, by default the root, leads to, in the order in which they are met."""
        found: dict[str, NamedType] = {}
        waiting = [self.root if start is None else start]
        while waiting:
            one = waiting.pop()
            if isinstance(one, TypeReference) and one.name not in found:
                named = found[one.name] = self.named[one.name]
                waiting.extend(reversed(list(inner(named))))
            elif not isinstance(one, TypeReference):
                waiting.extend(reversed(list(inner(one))))
        return found


def inner(type: ValueType | NamedType) -> Iterator[ValueType]:
    """Yield the types that *type* is directly made of."""
    if isinstance(type, ListType):
        yield type.items
    elif isinstance(type, MapType):
        yield type.keys
        yield type.values
    elif isinstance(type, UnionType):
        yield from type.branches
    elif isinstance(type, RecordType):
        yield from (one.type for one in type.fields)
        if type.extra is not None:
            yield type.extra


def union_of(branches: list[ValueType]) -> ValueType:
    """Join types, each once and unions of unions flat; one alone stays itself, and anything takes all others in."""
    flat: dict[ValueType, None] = {}
    for branch in branches:
        flat.update(dict.fromkeys(branch.branches if isinstance(branch, UnionType) else (branch,)))
    if any(isinstance(one, ScalarType) and one.kind == ANY for one in flat):
        return next(one for one in flat if isinstance(one, ScalarType) and one.kind == ANY)
    return next(iter(flat)) if len(flat) == 1 else UnionType(tuple(flat))


def without_none(type: ValueType) -> ValueType:
    """Return *type* less the branch for None."""
    if not isinstance(type, UnionType):
        return type
    return union_of([one for one in type.branches if not (isinstance(one, ScalarType) and one.kind == NONE)])


def takes_none(type: ValueType) -> bool:
    """Say whether None is a value of *type*."""
    if isinstance(type, UnionType):
        return any(map(takes_none, type.branches))
    if isinstance(type, EnumerationType):
        return None in type.values
    return isinstance(type, ScalarType) and type.kind in (NONE, ANY)
