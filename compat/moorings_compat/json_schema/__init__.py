"""JSON Schema, drafts 4 to 2020-12: read it, validate with it, prove or refute that one reads another's data."""

from moorings_compat.json_schema.compare import compare
from moorings_compat.json_schema.model import bundled, validator
from moorings_compat.json_schema.parse import parse
from moorings_compat.json_schema.rules import RULES, STRICT_READER

__all__ = ["RULES", "STRICT_READER", "bundled", "compare", "parse", "validator"]
