"""The rules of JSON Schema: what can stand between a reader and a writer, each with its smallest example."""

from moorings_compat.json_schema.rules.entries import LENIENT
from moorings_compat.json_schema.rules.table import ENTRIES, RULES, UNDECIDED

__all__ = ["ENTRIES", "LENIENT", "RULES", "UNDECIDED"]
