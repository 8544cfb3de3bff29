"""Types of events as values: the one form in which contracts and classes meet.

A contract of any format is read into `Shapes` (`from_avro`, `from_json_schema`, `from_protobuf`), and so is a class
(`from_class`). Generating code, comparing the two and turning dicts into objects all work on shapes alone. Named types
stand in the tree as a `Use` of their name, so that recursive types are finite values.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

NO_DEFAULT: Any = object()
"""Stands where a field has no default; None is a default."""

NONE, BOOL, INT, FLOAT, STR, BYTES = "None", "bool", "int", "float", "str", "bytes"
AWARE, LOCAL, DATE, TIME, TIMEDELTA = "datetime", "local datetime", "date", "time", "timedelta"
DECIMAL, UUID_, ANY = "Decimal", "UUID", "Any"
ANY_DATETIME = "datetime with or without a time zone"
"""What a class says with ``datetime``: it does not tell the two apart."""
UNKNOWN = "unknown"
"""An annotation of a class that stands for nothing in any event; `said` shows it."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What a JSON Schema says of one place besides its type: the schemas that hold there, and their dialect."""

    dialect: str
    schemas: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Simple:
    """One plain Python type, by its name above.

    `said` is the type in the contract's own words, `format` the assertion of a JSON Schema about its text, and `why`
    tells for `ANY` what could not be expressed. `bounds` are the least and the greatest whole number, the digits of a
    decimal and those behind its point, or the least and greatest number of bytes.
    """

    kind: str
    said: str = field(default="", compare=False)
    format: str = ""
    why: str = ""
    bounds: tuple[int, int] | None = field(default=None, compare=False)
    rules: Rules | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Choice:
    """A value out of some; an enumeration where it has a name."""

    name: str
    values: tuple[Any, ...]
    doc: str = field(default="", compare=False)
    python: Any = field(default=None, compare=False)
    """The `Enum` class, of shapes read from a class."""


@dataclass(frozen=True, slots=True)
class Items:
    items: "Shape"
    python: Any = field(default=None, compare=False)
    """What a class keeps them in, where that is no list."""
    rules: Rules | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Entries:
    keys: "Shape"
    values: "Shape"
    rules: Rules | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Union:
    branches: tuple["Shape", ...]


@dataclass(frozen=True, slots=True)
class Use:
    """A use of a record or enumeration by its full name."""

    name: str


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a record, under the name that it has in an event."""

    name: str
    shape: "Shape"
    needed: bool = True
    """An event without it is invalid."""
    given: bool = True
    """Every event that is read has it: it was written, or its default stands in."""
    default: Any = NO_DEFAULT
    """What its absence means: an event's plain value; a dict for a record."""
    doc: str = field(default="", compare=False)
    oneof: str = field(default="", compare=False)
    """The group of which one field at most is given."""
    attribute: str = ""
    """What a class calls it, where that differs."""
    factory: Callable[[], Any] | None = field(default=None, compare=False)
    """Of shapes read from a class: what makes the default."""


@dataclass(frozen=True, slots=True)
class Record:
    """Named fields. `extra` is the shape of further fields where the contract describes them, under any name."""

    name: str
    fields: tuple[Field, ...]
    extra: "Shape | None" = None
    doc: str = field(default="", compare=False)
    closed: bool = False
    """Of a class: it refuses fields that it does not know."""
    python: Any = field(default=None, compare=False)
    """The class, of shapes read from a class."""


Shape: TypeAlias = Simple | Choice | Items | Entries | Union | Use
Named: TypeAlias = Record | Choice


@dataclass(frozen=True, slots=True)
class Shapes:
    """A whole event: its root, and every named type by its full name."""

    root: Shape
    named: Mapping[str, Named]

    def reached(self, start: Shape | None = None) -> dict[str, Named]:
        """Return the named types that *start*, by default the root, leads to, in the order in which they are met."""
        found: dict[str, Named] = {}
        waiting = [self.root if start is None else start]
        while waiting:
            one = waiting.pop()
            if isinstance(one, Use) and one.name not in found:
                named = found[one.name] = self.named[one.name]
                waiting.extend(reversed(list(inner(named))))
            elif not isinstance(one, Use):
                waiting.extend(reversed(list(inner(one))))
        return found


def inner(shape: Shape | Named) -> Iterator[Shape]:
    """Yield the shapes that stand directly in *shape*."""
    if isinstance(shape, Items):
        yield shape.items
    elif isinstance(shape, Entries):
        yield shape.keys
        yield shape.values
    elif isinstance(shape, Union):
        yield from shape.branches
    elif isinstance(shape, Record):
        yield from (one.shape for one in shape.fields)
        if shape.extra is not None:
            yield shape.extra


def union_of(branches: list[Shape]) -> Shape:
    """Join shapes, each once and unions of unions flat; one alone stays itself."""
    flat: dict[Shape, None] = {}
    for branch in branches:
        flat.update(dict.fromkeys(branch.branches if isinstance(branch, Union) else (branch,)))
    if any(isinstance(one, Simple) and one.kind == ANY for one in flat):
        return next(one for one in flat if isinstance(one, Simple) and one.kind == ANY)
    return next(iter(flat)) if len(flat) == 1 else Union(tuple(flat))


def without_none(shape: Shape) -> Shape:
    """Return *shape* less the branch for None."""
    if not isinstance(shape, Union):
        return shape
    return union_of([one for one in shape.branches if not (isinstance(one, Simple) and one.kind == NONE)])


def takes_none(shape: Shape) -> bool:
    """Say whether None is a value of *shape*."""
    if isinstance(shape, Union):
        return any(map(takes_none, shape.branches))
    if isinstance(shape, Choice):
        return None in shape.values
    return isinstance(shape, Simple) and shape.kind in (NONE, ANY)
