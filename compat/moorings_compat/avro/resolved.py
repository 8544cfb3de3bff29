"""A schema with its references inside: as JSON text for people and other tools, and in the form that fastavro reads.

fastavro resolves a writer's type against a reader's union wrongly (a TypeError) when one of the two is a definition and
the other a name. So its form has every named type as a name and all definitions in the table that `parse_schema` keeps
beside a parsed record: a record, and a union with a record in it, can carry such a table. Other schemas (an
array, a map, an enum, and those where a namespaced record uses a type without a namespace, which cannot be named there)
get their types written where they are used first, as the specification has it.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import fastavro

from moorings_compat.avro.canonical import canonical_text, in_order
from moorings_compat.avro.logical import Logical
from moorings_compat.avro.model import (
    Array,
    AvroModel,
    Definition,
    Enum,
    Field,
    Map,
    Node,
    Primitive,
    Record,
    TypeName,
    Union,
    model_of,
    weight,
)
from moorings_compat.avro.names import defined_name, full_name, namespace_of
from moorings_compat.avro.written_definitions import written_definitions
from moorings_compat.schema import Schema


def fastavro_schema(schema: Schema, *, logical_types: bool = True) -> Any:
    """Return *schema* parsed for fastavro's readers and writers: self-contained, documentation left out.

    Without *logical_types* values are read and written as their underlying types. What comes back has fastavro's own
    keys in it: hand it to fastavro, and never store or show it.
    """
    return fastavro_form(model_of(schema), logical_types=logical_types)


def fastavro_form(model: AvroModel, *, logical_types: bool) -> Any:
    """Return what `fastavro_schema` returns, from a model; it is kept with the model."""
    key = f"fastavro {logical_types}"
    if key not in model.memo:
        model.memo[key] = _form(model, logical_types=logical_types)
    return model.memo[key]


@dataclass(frozen=True, slots=True)
class SchemaPart:
    """A node of a schema on its own, for fastavro: as the one field, ``value``, of a record that encloses it."""

    model: AvroModel
    node: Node

    @property
    def weight(self) -> int:
        """The size of the part: its own node, and all definitions that it leads to."""
        return weight(self.node) + sum(self.model.weights[full] for full in self.model.closure(self.node))

    def form(self, *, logical_types: bool = False) -> Any:
        """Return the parsed schema of the enclosing record."""
        every = fastavro_table(self.model, logical_types=logical_types)
        table = {full: every[full] for full in self.model.closure(self.node)}
        writing = _FastavroWriter(self.model, logical_types=logical_types)
        enclosing = _ENCLOSING
        while enclosing in table:
            enclosing += "_"
        fields = [{"name": "value", "type": writing.flat(self.node)}]
        return fastavro.parse_schema({"type": "record", "name": enclosing, "fields": fields}, table)


_ENCLOSING = "MooringsPart"  # in no namespace, so that the names of types without one are understood in it


def _form(model: AvroModel, *, logical_types: bool) -> Any:
    writing = _FastavroWriter(model, logical_types=logical_types)
    root = model.root
    branches = root.branches if isinstance(root, Union) else (root,)
    carrier = _carrier(model, branches)
    if model.mixes_namespaces or carrier is None:
        return fastavro.parse_schema(writing.inline(root, ""))
    table = fastavro_table(model, logical_types=logical_types)
    names_alone = len(branches) * len(table) > _MOST_ENTRIES
    parsed = []
    for index, branch in enumerate(branches):
        if index == carrier:
            parsed.append(writing.at_the_top(branch, dict(table)))
        elif names_alone:
            parsed.append(fastavro.parse_schema(writing.flat(branch), table))
        else:
            parsed.append(writing.at_the_top(branch, {full: table[full] for full in model.closure(branch)}))
    return parsed if isinstance(root, Union) else parsed[0]


_MOST_ENTRIES = 1_000_000
"""Entries of all tables of a union's records, at most; beyond that its first record alone has one, and fastavro's
wrong resolution of names is accepted."""


def _carrier(model: AvroModel, branches: tuple[Node, ...]) -> int | None:
    """Return the record among *branches* that carries the whole table: no branch before it may use a name."""
    for index, branch in enumerate(branches):
        if isinstance(branch, TypeName):
            if isinstance(model.types[branch.full], Record):
                return index
        elif not branch.plain:
            return None
    return None


def fastavro_table(model: AvroModel, *, logical_types: bool) -> dict[str, Any]:
    """Return every type that *model* uses, parsed, by full name, for `fastavro.parse_schema`. Never change it."""
    key = f"fastavro table {logical_types}"
    if key not in model.memo:
        model.memo[key] = _table(model, logical_types=logical_types)
    table: dict[str, Any] = model.memo[key]
    return table


def _table(model: AvroModel, *, logical_types: bool) -> dict[str, Any]:
    writing = _FastavroWriter(model, logical_types=logical_types)
    table: dict[str, Any] = {full: {} for full in model.reachable}  # names first: definitions may circle
    for full in sorted(model.reachable):
        fastavro.parse_schema(writing.definition(model.types[full], writing.flat), table)
    return table


def resolved_text(schema: Schema) -> str:
    """Return the JSON text of *schema* with each referenced type written where it is used first, on one line."""
    if not schema.references:
        return schema.text
    return json.dumps(_inlined(schema), ensure_ascii=False, separators=(",", ":"))


def resolved_canonical(schema: Schema) -> str:
    """Return the canonical form that *schema* has with its references inside: equal for schemas of one meaning."""
    return canonical_text(in_order(_inlined(schema))) if schema.references else schema.canonical


def _inlined(schema: Schema) -> Any:
    return _ReferenceInliner(schema).type(json.loads(schema.text), "")


class _FastavroWriter:
    """Writes nodes as fastavro's JSON-like values."""

    def __init__(self, model: AvroModel, *, logical_types: bool) -> None:
        self._types = model.types
        self._logical_types = logical_types
        self._written: set[str] = set()

    def flat(self, node: Node, namespace: str = "") -> Any:
        """Write *node* with names only."""
        if isinstance(node, Primitive):
            return self._primitive(node)
        if isinstance(node, Array):
            return {"type": "array", "items": self.flat(node.items)}
        if isinstance(node, Map):
            return {"type": "map", "values": self.flat(node.values)}
        if isinstance(node, Union):
            return [self.flat(branch) for branch in node.branches]
        return node.full

    def inline(self, node: Node, namespace: str) -> Any:
        """Write *node* within *namespace*, with definitions where they are used first."""
        if isinstance(node, Primitive):
            return self._primitive(node)
        if isinstance(node, Array):
            return {"type": "array", "items": self.inline(node.items, namespace)}
        if isinstance(node, Map):
            return {"type": "map", "values": self.inline(node.values, namespace)}
        if isinstance(node, Union):
            return [self.inline(branch, namespace) for branch in node.branches]
        if node.full in self._written:
            return node.full
        self._written.add(node.full)
        return self.definition(self._types[node.full], self.inline)

    def at_the_top(self, node: Node, table: dict[str, Any]) -> Any:
        """Write a root, or a branch of one: the definition itself, so that it carries *table*."""
        if isinstance(node, TypeName):
            return fastavro.parse_schema(self.definition(self._types[node.full], self.flat), table)
        return fastavro.parse_schema(self.flat(node), table)

    def definition(self, named: Definition, write: Any) -> dict[str, Any]:
        """Write a definition; *write* writes the types in it."""
        value: dict[str, Any] = {"name": named.full, "namespace": namespace_of(named.full)}
        if named.aliases:
            value["aliases"] = list(named.aliases)
        if isinstance(named, Record):
            inner = namespace_of(named.full)
            return value | {
                "type": "record",
                "fields": [self._field(one, write(one.type, inner)) for one in named.fields],
            }
        if isinstance(named, Enum):
            default = {} if named.default is None else {"default": named.default}
            return value | {"type": "enum", "symbols": list(named.symbols)} | default
        return value | {"type": "fixed", "size": named.size} | self._logical(named.logical)

    def _field(self, field: Field, type: Any) -> dict[str, Any]:
        value = {"name": field.name, "type": type}
        if field.aliases:
            value["aliases"] = list(field.aliases)
        if field.has_default:
            value["default"] = field.default
        return value

    def _primitive(self, node: Primitive) -> Any:
        logical = self._logical(node.logical)
        return {"type": node.kind} | logical if logical else node.kind

    def _logical(self, logical: Logical | None) -> dict[str, Any]:
        if logical is None or not self._logical_types:
            return {}
        if logical.name != "decimal":
            return {"logicalType": logical.name}
        return {"logicalType": "decimal", "precision": logical.precision, "scale": logical.scale}


class _ReferenceInliner:
    """Writes the text of a schema, as JSON, with the definitions of its references in it."""

    def __init__(self, schema: Schema) -> None:
        self._referenced = dict(_referenced_definitions(schema))
        self._written: set[str] = set()

    def type(self, value: Any, namespace: str) -> Any:
        """Write a type within *namespace*."""
        if isinstance(value, str):
            return self._use(value, value, namespace)
        if isinstance(value, list):
            return [self.type(one, namespace) for one in value]
        kind = value["type"]
        if kind in ("array", "map"):
            part = "items" if kind == "array" else "values"
            return value | {part: self.type(value[part], namespace)}
        if kind in ("record", "error", "enum", "fixed"):
            return self._definition(value, namespace)
        return self._use(kind, value, namespace)

    def _definition(self, value: dict[str, Any], namespace: str) -> Any:
        full = defined_name(value, namespace)
        if full in self._written:
            return full
        self._written.add(full)
        if value["type"] not in ("record", "error"):
            return value
        return value | {
            "fields": [field | {"type": self.type(field["type"], namespace_of(full))} for field in value["fields"]]
        }

    def _use(self, name: str, value: Any, namespace: str) -> Any:
        full = full_name(name, namespace)
        if full in self._written or full not in self._referenced:
            return value
        kept = {key: one for key, one in self._referenced[full].items() if key not in ("name", "namespace")}
        return self._definition({"name": full, "namespace": namespace_of(full)} | kept, "")


def _referenced_definitions(schema: Schema) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the JSON of each definition that references bring along, by full name."""
    seen: set[int] = set()
    waiting = [one.schema for one in schema.references]
    while waiting:
        one = waiting.pop()
        if id(one) not in seen:
            seen.add(id(one))
            waiting.extend(further.schema for further in one.references)
            for definition, value in written_definitions(one, json.loads(one.text)):
                yield definition.full, value
