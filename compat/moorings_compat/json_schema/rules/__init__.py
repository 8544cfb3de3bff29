"""The rules of JSON Schema: what a reader can refuse of a writer's values, each with its smallest example."""

from moorings_compat.json_schema.rules.entries import LENIENT
from moorings_compat.json_schema.rules.table import ENTRIES, RULES, UNDECIDED

__all__ = ["ENTRIES", "LENIENT", "RULES", "UNDECIDED"]
