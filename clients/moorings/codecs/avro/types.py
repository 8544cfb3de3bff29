"""Avro types as values: what the code generators and the examination walk over.

A name that stands for a type defined elsewhere in the schema stays a `Named`, so that recursive types are finite
values; `Types` knows what each name means.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

NO_DEFAULT: Any = object()
"""Stands where a field has no default; None is a default."""

PRIMITIVES = frozenset(("null", "boolean", "int", "long", "float", "double", "bytes", "string"))
_LOGICAL = {  # logical type, and the type that it is written as
    "date": ("int",),
    "time-millis": ("int",),
    "time-micros": ("long",),
    "timestamp-millis": ("long",),
    "timestamp-micros": ("long",),
    "local-timestamp-millis": ("long",),
    "local-timestamp-micros": ("long",),
    "uuid": ("string",),
    "decimal": ("bytes", "fixed"),
}


@dataclass(frozen=True, slots=True)
class Logical:
    """A logical type that this library gives a Python type; any other one counts as its underlying type."""

    name: str
    precision: int = 0
    """Decimal only: the number of digits."""
    scale: int = 0
    """Decimal only: how many of them stand behind the point."""


@dataclass(frozen=True, slots=True)
class Primitive:
    kind: str
    logical: Logical | None = None


@dataclass(frozen=True, slots=True)
class Fixed:
    name: str
    size: int
    aliases: frozenset[str] = frozenset()
    logical: Logical | None = None


@dataclass(frozen=True, slots=True)
class Enum:
    name: str
    symbols: tuple[str, ...]
    default: str | None = None
    aliases: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Array:
    items: "Type"


@dataclass(frozen=True, slots=True)
class Map:
    values: "Type"


@dataclass(frozen=True, slots=True)
class Union:
    branches: tuple["Type", ...]


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    type: "Type"
    default: Any = NO_DEFAULT
    """As the schema's JSON has it."""
    aliases: frozenset[str] = frozenset()

    @property
    def has_default(self) -> bool:
        return self.default is not NO_DEFAULT


@dataclass(frozen=True, slots=True)
class Record:
    name: str
    fields: tuple[Field, ...]
    aliases: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Named:
    """A use of the name of a type that is defined elsewhere in the same schema."""

    name: str


Type: TypeAlias = Primitive | Fixed | Enum | Array | Map | Union | Record | Named
Definition: TypeAlias = Fixed | Enum | Record


@dataclass(frozen=True, slots=True)
class Types:
    """A whole schema: its root, and every named type by its full name."""

    root: Type
    named: Mapping[str, Definition]
    shared: frozenset[str]
    """Names that are used besides where they are defined: recursion, and types used twice."""

    def resolve(self, type: Type) -> Primitive | Fixed | Enum | Array | Map | Union | Record:
        """Return what *type* means; only a `Named` changes."""
        return self.named[type.name] if isinstance(type, Named) else type


def read_types(schema: Any) -> Types:
    """Build the types of *schema*: the JSON of a valid schema that is complete in itself."""
    reading = _Reading()
    root = reading.type(schema, "")
    return Types(root, reading.named, frozenset(reading.used))


def label(type: Type) -> str:
    """Name a type in the schema's own words: ``long (timestamp-millis)``, ``shop.types.Money``."""
    if isinstance(type, Primitive):
        return f"{type.kind} ({_logical_label(type.logical)})" if type.logical else type.kind
    if isinstance(type, Fixed):
        shown = f"{type.name}, {type.size} bytes"
        return f"{shown} ({_logical_label(type.logical)})" if type.logical else shown
    if isinstance(type, Array):
        return f"array of {label(type.items)}"
    if isinstance(type, Map):
        return f"map of {label(type.values)}"
    if isinstance(type, Union):
        return " or ".join(label(branch) for branch in type.branches)
    return type.name


def branch_name(type: Type) -> str:
    """Name a branch of a union, as the specification's JSON encoding does."""
    if isinstance(type, Primitive):
        return type.kind
    if isinstance(type, Array | Map):
        return "array" if isinstance(type, Array) else "map"
    assert not isinstance(type, Union), "a union has no union among its branches"
    return type.name


def _logical_label(logical: Logical) -> str:
    if logical.name != "decimal":
        return logical.name
    return f"decimal, {logical.precision} digits, {logical.scale} behind the point"


class _Reading:
    """One pass over the JSON of a schema; names are resolved to full names on the way."""

    def __init__(self) -> None:
        self.named: dict[str, Definition] = {}
        self.defined: set[str] = set()
        self.used: set[str] = set()

    def type(self, schema: Any, namespace: str) -> Type:
        if isinstance(schema, str):
            return self._by_name(schema, namespace)
        if isinstance(schema, list):
            return Union(tuple(self.type(branch, namespace) for branch in schema))
        kind = schema["type"]
        if isinstance(kind, dict | list):
            return self.type(kind, namespace)
        if kind == "array":
            return Array(self.type(schema["items"], namespace))
        if kind == "map":
            return Map(self.type(schema["values"], namespace))
        if kind in ("record", "error", "enum", "fixed"):
            return self._definition(kind, schema, namespace)
        if kind in PRIMITIVES:
            return Primitive(kind, _logical(schema, kind))
        return self._by_name(kind, namespace)

    def _by_name(self, name: str, namespace: str) -> Type:
        if name in PRIMITIVES:
            return Primitive(name)
        full = name if "." in name or not namespace else f"{namespace}.{name}"
        if full not in self.defined and name in self.defined:
            full = name
        self.used.add(full)
        return Named(full)

    def _definition(self, kind: str, schema: Mapping[str, Any], namespace: str) -> Definition:
        name = schema["name"]
        full = name if "." in name else ".".join(filter(None, (schema.get("namespace", namespace), name)))
        space = full.rpartition(".")[0]
        self.defined.add(full)
        aliases = frozenset(
            alias if "." in alias or not space else f"{space}.{alias}" for alias in schema.get("aliases", ())
        )
        definition: Definition
        if kind == "enum":
            definition = Enum(full, tuple(schema["symbols"]), schema.get("default"), aliases)
        elif kind == "fixed":
            definition = Fixed(full, schema["size"], aliases, _logical(schema, kind))
        else:
            definition = Record(full, tuple(self._field(one, space) for one in schema["fields"]), aliases)
        self.named[full] = definition
        return definition

    def _field(self, field: Mapping[str, Any], namespace: str) -> Field:
        return Field(
            field["name"],
            self.type(field["type"], namespace),
            field.get("default", NO_DEFAULT),
            frozenset(field.get("aliases", ())),
        )


def _logical(schema: Mapping[str, Any], kind: str) -> Logical | None:
    """Read a logical type; one that is unknown, or not valid here, is ignored, as the specification says."""
    name = schema.get("logicalType")
    if not isinstance(name, str) or kind not in _LOGICAL.get(name, ()):
        return None
    if name != "decimal":
        return Logical(name)
    precision, scale = schema.get("precision"), schema.get("scale", 0)
    if not isinstance(precision, int) or not isinstance(scale, int) or not 0 <= scale <= precision or precision < 1:
        return None
    if kind == "fixed" and precision > len(str(2 ** (8 * schema["size"] - 1))) - 1:
        return None
    return Logical(name, precision, scale)
