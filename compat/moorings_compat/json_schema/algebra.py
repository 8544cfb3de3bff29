"""The one door to the canonical set algebra of jsonschema-rs, experimental there: bounded here, not trusted alone.

It answers soundly and fast where the answer is yes; a failing proof grows steeply with size and cannot be interrupted,
so that it is only asked about small schemas.
"""

from typing import Any

import jsonschema_rs
from jsonschema_rs.canonical import CanonicalizationError, Containment

from moorings_compat.json_schema.patterns.pattern_guard import PATTERN_OPTIONS

MOST_NODES = 60


def covers(reader: Any, writer: Any, draft: int, *, formats: bool) -> bool | None:
    """Say whether *reader* admits every value that *writer* admits; None where the algebra cannot tell."""
    if _size(reader) + _size(writer) > MOST_NODES:
        return None
    try:
        ours, theirs = (
            jsonschema_rs.canonicalize(
                schema, draft=draft, validate_formats=formats, pattern_options=PATTERN_OPTIONS, offline=True
            )
            for schema in (reader, writer)
        )
        answer = ours.covers(theirs)
    except (CanonicalizationError, ValueError):
        return None
    if answer is Containment.YES:
        return True
    return False if answer is Containment.NO else None


def _size(value: Any) -> int:
    if isinstance(value, dict):
        return 1 + sum(map(_size, value.values()))
    if isinstance(value, list):
        return sum(map(_size, value))
    return 0
