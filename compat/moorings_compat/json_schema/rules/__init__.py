"""The rules of JSON Schema: what a reader can refuse of a writer's values, each with its smallest example."""

from moorings_compat.json_schema.rules.entries import LENIENT
from moorings_compat.json_schema.rules.table import (
    DIALECT_ASSUMED,
    ENTRIES,
    PATTERN_NOT_CHECKED,
    RULES,
    STRICT_READER,
    UNDECIDED,
    dialect_warnings,
    pattern_warnings,
    strict_reader,
)

__all__ = [
    "DIALECT_ASSUMED",
    "ENTRIES",
    "LENIENT",
    "PATTERN_NOT_CHECKED",
    "RULES",
    "STRICT_READER",
    "UNDECIDED",
    "dialect_warnings",
    "pattern_warnings",
    "strict_reader",
]
