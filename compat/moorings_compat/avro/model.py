"""An Avro schema as values: a tree of nodes that ends at names, and a table of the definitions behind the names.

A named type is a `TypeName` wherever the tree has it, where it is defined as well as where it is used again. So the
tree is finite however recursive the schema is, and nothing below depends on where a definition was written.

This is the only reading of an Avro schema: comparison, codecs, typed events, rules and drift are made from it. Names
are full names, references are resolved, logical types that do not apply are left out, defaults have been checked::

    model = model_of(parse(text, Format.AVRO))
    record = model.definition(model.root)           # a Record, Enum or Fixed; None for any other node
    for field in record.fields:
        field.name, field.type, field.aliases, field.doc, field.attributes.get("confluent:tags")
        field.default if field.has_default else None
"""

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any, ClassVar

from moorings_compat.avro.logical import Logical
from moorings_compat.avro.names import short_name
from moorings_compat.schema import Schema

NO_ATTRIBUTES: Mapping[str, Any] = MappingProxyType({})


def _no_attributes() -> Mapping[str, Any]:
    return NO_ATTRIBUTES


@dataclass(frozen=True, slots=True)
class Primitive:
    """One of the eight primitive types; made by `primitive_of`."""

    kind: str
    logical: Logical | None
    shape: str
    plain: ClassVar[bool] = True


@dataclass(frozen=True, slots=True)
class TypeName:
    """The full name of a type whose definition is in the model's table; made by `type_name`."""

    full: str
    shape: str
    plain: ClassVar[bool] = False


@dataclass(frozen=True, slots=True)
class Array:
    items: "Node"
    shape: str
    plain: bool


@dataclass(frozen=True, slots=True)
class Map:
    values: "Node"
    shape: str
    plain: bool


@dataclass(frozen=True, slots=True)
class Union:
    branches: tuple["Node", ...]
    shape: str
    plain: bool


Node = Primitive | TypeName | Array | Map | Union
"""Every node has a `shape` (equal texts: equal types, apart from the definitions of names), and is `plain` when it has
no name in it."""


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a record. `default` is the JSON value, present only if `has_default`."""

    name: str
    type: Node
    aliases: tuple[str, ...] = ()
    has_default: bool = False
    default: Any = field(default=None, hash=False)
    doc: str = field(default="", compare=False)
    attributes: Mapping[str, Any] = field(default_factory=_no_attributes, compare=False, repr=False)
    """What the schema says of the field beyond the specification, `confluent:tags` for example."""


@dataclass(frozen=True, slots=True)
class Record:
    """A record, or an error, which is a record with another keyword."""

    full: str
    aliases: tuple[str, ...]
    """Full names."""
    fields: tuple[Field, ...]
    at: str
    """The location of the definition: a JSON Pointer, or ``NAME#POINTER`` inside the reference called NAME."""
    word: str = "record"
    places: Mapping[str, int] = field(default_factory=dict, compare=False, repr=False)
    """The index of each field by its name."""
    has_field_aliases: bool = field(default=False, compare=False)
    """Whether any field has an alias."""
    naming: tuple[int, ...] = field(default=(), compare=False, repr=False)
    """The fields in whose types there are names."""
    doc: str = field(default="", compare=False)
    attributes: Mapping[str, Any] = field(default_factory=_no_attributes, compare=False, repr=False)
    """What the schema says of the type beyond the specification."""


@dataclass(frozen=True, slots=True)
class Enum:
    full: str
    aliases: tuple[str, ...]
    symbols: tuple[str, ...]
    default: str | None
    at: str
    doc: str = field(default="", compare=False)
    attributes: Mapping[str, Any] = field(default_factory=_no_attributes, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Fixed:
    full: str
    aliases: tuple[str, ...]
    size: int
    logical: Logical | None
    at: str
    doc: str = field(default="", compare=False)
    attributes: Mapping[str, Any] = field(default_factory=_no_attributes, compare=False, repr=False)


Definition = Record | Enum | Fixed


@dataclass(frozen=True)
class AvroModel:
    """A schema's tree and the types it may name: its own, and all that its references bring along.

    What is derived from them is computed when first asked for, and kept.
    """

    root: Node
    types: Mapping[str, Definition]
    may_lack_values: bool = False
    """Whether any type recurses, or is an enum or union of nothing; of all others it is known that they have values."""

    def definition(self, node: "Node") -> "Definition | None":
        """Return the definition that *node* names; None where it is not a name."""
        return self.types[node.full] if isinstance(node, TypeName) else None

    def resolve(self, node: "Node") -> "Primitive | Array | Map | Union | Definition":
        """Return the definition that *node* names, or *node* itself where it is not a name."""
        return self.types[node.full] if isinstance(node, TypeName) else node

    def in_order(self) -> Iterator["Definition"]:
        """Yield each definition that the root leads to once, in the order of the text with references inlined."""
        seen: set[str] = set()
        waiting = [names_of(self.root)]
        while waiting:
            full = next(waiting[-1], None)
            if full is None:
                waiting.pop()
            elif full not in seen:
                seen.add(full)
                yield self.types[full]
                waiting.append(names_in(self.types[full]))

    @cached_property
    def memo(self) -> dict[str, Any]:
        """What other modules derived from this model, each under its own name."""
        return {}

    @cached_property
    def signatures(self) -> dict[str, str]:
        """One text for each type: equal texts, equal definitions, apart from the definitions of names in them."""
        return {full: _signature(self.types[full]) for full in self.reachable}

    @cached_property
    def delicate(self) -> frozenset[str]:
        """The types that decoders may read wrongly even as themselves: names or aliases in them are not unique."""
        return frozenset(full for full in self.reachable if self._is_delicate(self.types[full]))

    def _is_delicate(self, named: "Definition") -> bool:
        if not isinstance(named, Record):
            return named.full in self.aliases_shared
        return named.has_field_aliases or any(self._has_alike(named.fields[index].type) for index in named.naming)

    def _has_alike(self, node: "Node") -> bool:
        """Tell whether a union in *node* has branches whose names could be confused with one another."""
        if isinstance(node, Array | Map):
            return self._has_alike(node.items if isinstance(node, Array) else node.values)
        if not isinstance(node, Union):
            return False
        names = [branch.full for branch in node.branches if isinstance(branch, TypeName)]
        if len({short_name(full) for full in names}) < len(names) or any(self.types[full].aliases for full in names):
            return True
        return any(self._has_alike(branch) for branch in node.branches)

    @cached_property
    def users(self) -> dict[str, list[str]]:
        """The types that use a type, by the used type's name."""
        users: dict[str, list[str]] = {full: [] for full in self.types}
        for full, named in self.types.items():
            for used in names_in(named):
                users[used].append(full)
        return users

    @cached_property
    def repeated(self) -> frozenset[str]:
        """The types that are used in more than one place, or within themselves."""
        uses = Counter(names_of(self.root))
        for full in self.reachable:
            uses.update(names_in(self.types[full]))
        return frozenset(full for full, count in uses.items() if count > 1)

    @cached_property
    def alias_owners(self) -> dict[str, str]:
        """The type that each alias leads to, over the whole schema; of several, the last: as Java rewrites a writer."""
        return {alias: full for full in sorted(self.reachable) for alias in self.types[full].aliases}

    @cached_property
    def aliases_shared(self) -> frozenset[str]:
        """Full names that are an alias of two types, or an alias of one and the name of another."""
        seen: set[str] = set(self.reachable)
        shared = set()
        for full in self.reachable:
            for alias in set(self.types[full].aliases) - {full}:
                if alias in seen:
                    shared.add(alias)
                seen.add(alias)
        return frozenset(shared)

    @cached_property
    def names_with_defaults(self) -> frozenset[str]:
        """The types that some default value may be a value of, or hold one."""
        records = (self.types[full] for full in self.reachable)
        fields = (field for record in records if isinstance(record, Record) for field in record.fields)
        return frozenset(name for field in fields if field.has_default for name in names_of(field.type))

    @cached_property
    def mixes_namespaces(self) -> bool:
        """Whether a type without a namespace is used inside one that has a namespace, where no name leads to it."""
        records = (full for full in self.reachable if "." in full)
        return any("." not in name for full in records for name in names_in(self.types[full]))

    @cached_property
    def reachable(self) -> frozenset[str]:
        """The types that the root leads to."""
        return self.closure(self.root)

    def closure(self, node: "Node") -> frozenset[str]:
        """Collect the types that *node* leads to."""
        found = set(names_of(node))
        waiting = list(found)
        while waiting:
            fresh = self.used[waiting.pop()] - found
            found |= fresh
            waiting.extend(fresh)
        return frozenset(found)

    @cached_property
    def used(self) -> dict[str, frozenset[str]]:
        """The names that each definition uses."""
        return {full: frozenset(names_in(named)) for full, named in self.types.items()}

    @cached_property
    def weight(self) -> int:
        """The size of the schema: its types, fields and union branches."""
        return weight(self.root) + sum(self.weights.values())

    @cached_property
    def weights(self) -> dict[str, int]:
        """The size of each definition, without the definitions of names in it."""
        return {
            full: 1 + sum(weight(one.type) for one in named.fields) if isinstance(named, Record) else 1
            for full in self.reachable
            for named in (self.types[full],)
        }


def model_of(schema: Schema) -> AvroModel:
    """Return what `parse` read from an Avro *schema*."""
    assert isinstance(schema.model, AvroModel), "a schema has a model only when it comes from parse"
    return schema.model


def names_in(named: Definition) -> Iterator[str]:
    """Yield the names that a definition uses, repeats included."""
    if isinstance(named, Record):
        for index in named.naming:
            yield from names_of(named.fields[index].type)


def names_of(node: Node) -> Iterator[str]:
    """Yield the names in a tree of types, repeats included."""
    if isinstance(node, TypeName):
        yield node.full
    elif isinstance(node, Array):
        yield from names_of(node.items)
    elif isinstance(node, Map):
        yield from names_of(node.values)
    elif isinstance(node, Union):
        for branch in node.branches:
            yield from names_of(branch)


def branch_name(node: Node) -> str:
    """Return what the JSON encoding calls a branch of a union."""
    if isinstance(node, Primitive):
        return node.kind
    if isinstance(node, TypeName):
        return node.full
    return "array" if isinstance(node, Array) else "map"


def weight(node: Node) -> int:
    """The size of a tree of types: its nodes."""
    if isinstance(node, Union):
        return 1 + sum(weight(branch) for branch in node.branches)
    if isinstance(node, Array | Map):
        return 1 + weight(node.items if isinstance(node, Array) else node.values)
    return 1


def record_of(
    full: str,
    aliases: tuple[str, ...],
    fields: tuple[Field, ...],
    at: str,
    word: str = "record",
    doc: str = "",
    attributes: Mapping[str, Any] = NO_ATTRIBUTES,
) -> Record:
    """Make a record of *fields* in the order of the schema; what walks look up in it is worked out once, here."""
    return Record(
        full,
        aliases,
        fields,
        at,
        word,
        places={one.name: index for index, one in enumerate(fields)},
        has_field_aliases=any(one.aliases for one in fields),
        naming=tuple([index for index, one in enumerate(fields) if not one.type.plain]),
        doc=doc,
        attributes=attributes,
    )


def primitive_of(kind: str, logical: Logical | None = None) -> Primitive:
    """Make a primitive type, such as ``long``; its shape is its name, with its logical type's behind a colon."""
    return Primitive(kind, logical, f"{kind}:{logical}" if logical else kind)


def type_name(full: str) -> TypeName:
    """Make the use of a named type by its full name; its shape is that name behind ``@``."""
    return TypeName(full, "@" + full)


def array_of(items: Node) -> Array:
    """Make an array; its shape is that of its items in ``[]``."""
    return Array(items, _bounded(f"[{items.shape}]"), items.plain)


def map_of(values: Node) -> Map:
    """Make a map; its shape is that of its values in ``{}``."""
    return Map(values, _bounded(f"{{{values.shape}}}"), values.plain)


def union_of(branches: tuple[Node, ...]) -> Union:
    """Make a union; its shape is those of its branches in ``()``, in their order."""
    shape = "(" + ",".join(branch.shape for branch in branches) + ")"
    return Union(branches, _bounded(shape), all(branch.plain for branch in branches))


def _bounded(shape: str) -> str:
    """Keep *shape*, or its digest where it is long: it is part of the shapes of all that encloses it."""
    return shape if len(shape) <= _LONG else "#" + hashlib.sha256(shape.encode()).hexdigest()


_LONG = 500


def _signature(named: Definition) -> str:
    aliases = sorted(named.aliases)
    if isinstance(named, Record):
        fields = ";".join(
            f"{one.name}{one.aliases or ''}:{one.type.shape}{'=' if one.has_default else ''}" for one in named.fields
        )
        return f"record {named.full}{aliases}{fields}"
    if isinstance(named, Enum):
        return f"enum {named.full}{aliases}{','.join(named.symbols)}={named.default}"
    return f"fixed {named.full}{aliases}{named.size}:{named.logical}"
