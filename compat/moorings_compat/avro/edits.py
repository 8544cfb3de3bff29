"""Edits that remove a difference: of the reader's text, or of the writer's, whichever is the candidate.

An edit is offered only where it is complete: the edited text parses, and the finding is gone.
"""

import json
from typing import Any

from moorings_compat.avro.defaults import fits
from moorings_compat.avro.faults import NodePair
from moorings_compat.avro.model import (
    Array,
    AvroModel,
    Definition,
    Enum,
    Field,
    Fixed,
    Map,
    Node,
    Primitive,
    Record,
    TypeName,
    Union,
)
from moorings_compat.avro.schema_pair import SchemaPair
from moorings_compat.findings import Suggestion

_NO_DEFAULT = object()
_ZERO: dict[str, Any] = {
    "null": None,
    "boolean": False,
    "int": 0,
    "long": 0,
    "float": 0.0,
    "double": 0.0,
    "bytes": "",
    "string": "",
}


def edit(action: str, path: str, value: Any, title: str) -> Suggestion | None:
    """Return an edit of the text itself; None where *path* leads into a referenced schema, which it cannot reach."""
    if "#" in path:
        return None
    return Suggestion(action, path, json.dumps(value, ensure_ascii=False), title)


def read_as_written(schemas: SchemaPair, nodes: NodePair) -> Suggestion | None:
    """Give the reader the writer's type."""
    return _replaced(schemas.reader, nodes.reader_at, nodes.reader_field, nodes.writer, "use the earlier type")


def write_as_read(schemas: SchemaPair, nodes: NodePair) -> Suggestion | None:
    """Give the writer the reader's type."""
    return _replaced(schemas.writer, nodes.writer_at, nodes.writer_field, nodes.reader, "use the earlier type")


def _replaced(model: AvroModel, at: str, field: Field | None, node: Node, title: str) -> Suggestion | None:
    if not node.plain or not _default_survives(model, at, field, node):
        return None
    return edit("replace", at, type_json(node), title)


def _default_survives(model: AvroModel, at: str, field: Field | None, node: Node) -> bool:
    if field is None or not field.has_default:
        return True
    return at.endswith("/type") and fits(model, node, field.default)


def type_json(node: Node) -> Any:
    """Write a type without its definitions."""
    if isinstance(node, Primitive):
        return _primitive_json(node)
    if isinstance(node, TypeName):
        return node.full
    if isinstance(node, Array):
        return {"type": "array", "items": type_json(node.items)}
    if isinstance(node, Map):
        return {"type": "map", "values": type_json(node.values)}
    return [type_json(branch) for branch in node.branches]


def _primitive_json(node: Primitive) -> Any:
    if node.logical is None:
        return node.kind
    value: dict[str, Any] = {"type": node.kind, "logicalType": node.logical.name}
    if node.logical.name == "decimal":
        value |= {"precision": node.logical.precision, "scale": node.logical.scale}
    return value


def give_default(schemas: SchemaPair, record: Record, index: int) -> Suggestion | None:
    """Give a field of the reader a default."""
    field = record.fields[index]
    value = _zero_default(schemas.reader, field.type)
    if value is _NO_DEFAULT:
        return None
    return edit("add", f"{record.at}/fields/{index}/default", value, f"give `{field.name}` a default")


def write_field(record: Record, field: Field) -> Suggestion | None:
    """Add a field that the reader needs to the record of the writer."""
    if not field.type.plain:
        return None
    value = {"name": field.name, "type": type_json(field.type)}
    return edit("add", f"{record.at}/fields/-", value, f"keep `{field.name}`")


def zero_default(model: AvroModel, node: Node) -> tuple[Any] | None:
    """Return the plainest default of *node*, alone in a tuple; None where there is no obvious one."""
    value = _zero_default(model, node)
    return None if value is _NO_DEFAULT else (value,)


def _zero_default(model: AvroModel, node: Node) -> Any:
    """Return the plainest default of *node*; `_NO_DEFAULT` where there is no obvious one."""
    if isinstance(node, Primitive):
        return _ZERO[node.kind]
    if isinstance(node, Array):
        return []
    if isinstance(node, Map):
        return {}
    if isinstance(node, Union):
        if any(isinstance(branch, Primitive) and branch.kind == "null" for branch in node.branches):
            return None
        return _zero_default(model, node.branches[0]) if node.branches else _NO_DEFAULT
    return _zero_of_named(model.types[node.full])


def _zero_of_named(named: Definition) -> Any:
    if isinstance(named, Enum):
        return named.default or (named.symbols[0] if named.symbols else _NO_DEFAULT)
    if isinstance(named, Record):
        return {} if all(field.has_default for field in named.fields) else _NO_DEFAULT
    return "\0" * named.size if named.size <= 64 else _NO_DEFAULT


def add_alias(model: AvroModel, named: Definition, alias: str) -> Suggestion | None:
    """Give a definition of the reader the alias *alias*, unless the reader uses that name elsewhere."""
    if alias in model.reachable or alias in model.alias_owners:
        return None
    title = f"add the alias `{alias}`"
    if named.aliases:
        return edit("add", f"{named.at}/aliases/-", alias, title)
    return edit("add", f"{named.at}/aliases", [alias], title)


def resize(model: AvroModel, named: Fixed, size: int) -> Suggestion | None:
    """Give a fixed another size, unless a default or a logical type depends on the one it has."""
    if named.full in model.names_with_defaults or named.logical is not None:
        return None
    return edit("replace", f"{named.at}/size", size, f"set the size to {size} bytes")


def add_branch(nodes: NodePair, union: Union) -> Suggestion | None:
    """Give the reader's union a branch for what the writer writes."""
    same_kind = any(branch.__class__ is nodes.writer.__class__ for branch in union.branches)
    if not nodes.writer.plain or (same_kind and not isinstance(nodes.writer, Primitive)):
        return None
    return edit("add", f"{nodes.reader_at}/-", type_json(nodes.writer), "add a branch for it")
