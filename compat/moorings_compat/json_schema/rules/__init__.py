"""The rules of JSON Schema: what can stand between a reader and a writer, each with its smallest example."""

from moorings_compat.json_schema.rules.table import ENTRIES, RULES, UNDECIDED
from moorings_compat.json_schema.rules.tolerance import LENIENT, is_tolerated

__all__ = ["ENTRIES", "LENIENT", "RULES", "UNDECIDED", "is_tolerated"]
