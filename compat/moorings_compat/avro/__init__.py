"""Avro: read a schema, tell whether one reads what another wrote, and hand it to the codec."""

from moorings_compat.avro.compare import compare
from moorings_compat.avro.logical import Logical
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
    model_of,
)
from moorings_compat.avro.parse import parse
from moorings_compat.avro.parsing import parsing_canonical_form, rabin_fingerprint, sha256_fingerprint
from moorings_compat.avro.resolved import fastavro_schema, resolved_text
from moorings_compat.avro.rules import RULES

__all__ = [
    "RULES",
    "Array",
    "AvroModel",
    "Definition",
    "Enum",
    "Field",
    "Fixed",
    "Logical",
    "Map",
    "Node",
    "Primitive",
    "Record",
    "TypeName",
    "Union",
    "compare",
    "fastavro_schema",
    "model_of",
    "parse",
    "parsing_canonical_form",
    "rabin_fingerprint",
    "resolved_text",
    "sha256_fingerprint",
]
