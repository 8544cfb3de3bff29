"""Avro: read a schema, tell whether one reads what another wrote, and hand it to the codec."""

from moorings_compat.avro.compare import compare
from moorings_compat.avro.parse import parse
from moorings_compat.avro.parsing import parsing_canonical_form, rabin_fingerprint, sha256_fingerprint
from moorings_compat.avro.resolved import fastavro_schema, resolved_text
from moorings_compat.avro.rules import RULES

__all__ = [
    "RULES",
    "compare",
    "fastavro_schema",
    "parse",
    "parsing_canonical_form",
    "rabin_fingerprint",
    "resolved_text",
    "sha256_fingerprint",
]
