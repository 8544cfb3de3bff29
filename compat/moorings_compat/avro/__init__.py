"""Avro: read a schema, tell whether one reads what another wrote, and hand it to the codec."""

from moorings_compat.avro.big_decimals import MOST_DIGITS, read_big_decimal, write_big_decimal
from moorings_compat.avro.branches import BranchChoice, BranchChooser
from moorings_compat.avro.compare import compare
from moorings_compat.avro.defaults import fits
from moorings_compat.avro.field_sources import field_sources, filled_fields
from moorings_compat.avro.logical import Logical
from moorings_compat.avro.match import TypeMatcher, definitions_match, names_meet, readable_as
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
    branch_name,
    model_of,
)
from moorings_compat.avro.parse import parse
from moorings_compat.avro.parsing import parsing_canonical_form, rabin_fingerprint, sha256_fingerprint
from moorings_compat.avro.resolved import fastavro_schema, resolved_canonical, resolved_text
from moorings_compat.avro.rules import RULES

__all__ = [
    "MOST_DIGITS",
    "RULES",
    "Array",
    "AvroModel",
    "BranchChoice",
    "BranchChooser",
    "Definition",
    "Enum",
    "Field",
    "Fixed",
    "Logical",
    "Map",
    "Node",
    "Primitive",
    "Record",
    "TypeMatcher",
    "TypeName",
    "Union",
    "branch_name",
    "compare",
    "definitions_match",
    "fastavro_schema",
    "field_sources",
    "filled_fields",
    "fits",
    "model_of",
    "names_meet",
    "parse",
    "parsing_canonical_form",
    "rabin_fingerprint",
    "read_big_decimal",
    "readable_as",
    "resolved_canonical",
    "resolved_text",
    "sha256_fingerprint",
    "write_big_decimal",
]
