"""The specification's Parsing Canonical Form, and the fingerprints over it.

Used where others compute the same thing: the header of single-object encoding, schema caches. It strips defaults,
aliases and logical types, so a registry identifies schemas by `Schema.canonical` instead.

Source: Avro 1.12, Parsing Canonical Form for Schemas, and Schema Fingerprints.
"""

import hashlib
import json

from moorings_compat.avro.model import (
    Array,
    AvroModel,
    Definition,
    Enum,
    Map,
    Node,
    Primitive,
    Record,
    TypeName,
    model_of,
)
from moorings_compat.schema import Schema

_EMPTY = 0xC15D213AA4D7A795


def parsing_canonical_form(schema: Schema) -> str:
    """Return the Parsing Canonical Form, referenced types written where they are used first."""
    model = model_of(schema)
    return _form(model, model.root, set())


def rabin_fingerprint(schema: Schema) -> bytes:
    """Return the CRC-64-AVRO of the Parsing Canonical Form: 8 bytes, little-endian, as in single-object encoding."""
    result = _EMPTY
    for byte in parsing_canonical_form(schema).encode():
        result = (result >> 8) ^ _TABLE[(result ^ byte) & 0xFF]
    return result.to_bytes(8, "little")


def sha256_fingerprint(schema: Schema) -> bytes:
    """Return the SHA-256 of the Parsing Canonical Form, 32 bytes."""
    return hashlib.sha256(parsing_canonical_form(schema).encode()).digest()


def _form(model: AvroModel, node: Node, written: set[str]) -> str:
    if isinstance(node, Primitive):
        return f'"{node.kind}"'
    if isinstance(node, Array):
        return f'{{"type":"array","items":{_form(model, node.items, written)}}}'
    if isinstance(node, Map):
        return f'{{"type":"map","values":{_form(model, node.values, written)}}}'
    if isinstance(node, TypeName):
        if node.full in written:
            return f'"{node.full}"'
        written.add(node.full)
        return _definition(model, model.types[node.full], written)
    return "[" + ",".join(_form(model, branch, written) for branch in node.branches) + "]"


def _definition(model: AvroModel, named: Definition, written: set[str]) -> str:
    if isinstance(named, Record):
        fields = ",".join(
            f'{{"name":"{field.name}","type":{_form(model, field.type, written)}}}' for field in named.fields
        )
        return f'{{"name":"{named.full}","type":"record","fields":[{fields}]}}'
    if isinstance(named, Enum):
        symbols = json.dumps(named.symbols, separators=(",", ":"))
        return f'{{"name":"{named.full}","type":"enum","symbols":{symbols}}}'
    return f'{{"name":"{named.full}","type":"fixed","size":{named.size}}}'


def _table_row(byte: int) -> int:
    row = byte
    for _ in range(8):
        row = (row >> 1) ^ (_EMPTY & -(row & 1))
    return row


_TABLE = tuple(_table_row(byte) for byte in range(256))
