"""The rules of JSON Schema: what a reader can refuse of a writer's values, each with its smallest example."""

from moorings_compat.json_schema.rules.entries import LENIENT
from moorings_compat.json_schema.rules.table import ENTRIES, RULES, STRICT_READER, UNDECIDED, strict_reader

__all__ = ["ENTRIES", "LENIENT", "RULES", "STRICT_READER", "UNDECIDED", "strict_reader"]
