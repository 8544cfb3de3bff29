"""The outline of an Avro schema: records with fields, enums with symbols, sizes of fixed types."""

import json
from typing import Any

from moorings_compat.avro.edits import zero_default
from moorings_compat.avro.model import (
    Array,
    AvroModel,
    Enum,
    Field,
    Fixed,
    Map,
    Node,
    Primitive,
    Record,
    Union,
    model_of,
    names_of,
)
from moorings_compat.avro.model import Definition as Named
from moorings_compat.avro.names import short_name
from moorings_compat.changes.outline import Definition, Outline, Part
from moorings_compat.schema import Schema

_ROOT = ""


def outline(schema: Schema) -> Outline:
    """Return the outline of an Avro *schema*."""
    model = model_of(schema)
    definitions = {named.full: _definition(model, named) for named in model.in_order()}
    named = model.definition(model.root)
    if named is not None:
        return Outline(named.full, definitions)
    root = Part("value", "", _label(model, model.root), definitions=_keys(model.root))
    return Outline(_ROOT, definitions | {_ROOT: Definition(_ROOT, "", "schema", parts=(root,))})


def _definition(model: AvroModel, named: Named) -> Definition:
    facets = {"name": named.full}
    if named.aliases:
        facets["aliases"] = _json(named.aliases)
    if named.doc:
        facets["doc"] = named.doc
    if isinstance(named, Record):
        parts = tuple(_part(model, f"{named.at}/fields/{index}", one) for index, one in enumerate(named.fields))
        return Definition(named.full, named.at, named.word, named.full, facets, parts, ordered=True)
    if isinstance(named, Enum):
        if named.default is not None:
            facets["default"] = _json(named.default)
        return Definition(named.full, named.at, "enum", named.full, facets, symbols=dict.fromkeys(named.symbols, ""))
    facets["size"] = str(named.size)
    return Definition(named.full, named.at, "fixed", named.full, facets)


def _part(model: AvroModel, pointer: str, field: Field) -> Part:
    facets = {}
    if field.has_default:
        facets["default"] = _json(field.default)
    if field.aliases:
        facets["aliases"] = _json(field.aliases)
    if field.doc:
        facets["doc"] = field.doc
    return Part(
        field.name,
        pointer,
        _label(model, field.type),
        field.name,
        facets,
        _keys(field.type),
        field.aliases,
        doc=field.doc,
        fillable=field.has_default,
        zero="" if field.has_default else _zero(model, field.type),
    )


def _zero(model: AvroModel, node: Node) -> str:
    value = zero_default(model, node)
    return "" if value is None else _json(value[0])


def _keys(node: Node) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names_of(node)))


def _label(model: AvroModel, node: Node, depth: int = 0) -> str:
    """Name a type as people say it: ``array of OrderLine``, ``string or null``."""
    if isinstance(node, Primitive):
        return f"{node.kind} ({node.logical})" if node.logical else node.kind
    if depth > 4:
        return "..."
    if isinstance(node, Array):
        return f"array of {_label(model, node.items, depth + 1)}"
    if isinstance(node, Map):
        return f"map of {_label(model, node.values, depth + 1)}"
    if isinstance(node, Union):
        return " or ".join(_label(model, branch, depth + 1) for branch in node.branches) or "a union of nothing"
    named = model.types[node.full]
    if isinstance(named, Fixed):
        return f"fixed {short_name(named.full)}" + (f" ({named.logical})" if named.logical else "")
    return f"{named.word if isinstance(named, Record) else 'enum'} {short_name(node.full)}"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
