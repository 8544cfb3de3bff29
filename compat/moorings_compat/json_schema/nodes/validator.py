"""The real engine's answers about one string: whether a pattern finds a match, whether a format accepts it."""

from functools import lru_cache

import jsonschema_rs

from moorings_compat.json_schema.patterns.engine_patterns import PATTERN_OPTIONS, engine_pattern


def matches(pattern: str, text: str) -> bool:
    """Say whether *pattern* finds a match in *text*; running into the backtracking limit counts as none.

    A pattern that the validator does not run finds one in everything.
    """
    return _of_pattern(pattern).is_valid(text)


def fits_format(name: str, text: str) -> bool:
    """Say whether *text* is of the format *name*; ``hostname@4`` is a hostname by drafts 4 and 6."""
    return _of_format(name).is_valid(text)


@lru_cache(maxsize=4096)
def _of_pattern(pattern: str) -> jsonschema_rs.Validator:
    schema = {"pattern": engine_pattern(pattern).text}
    return jsonschema_rs.Draft7Validator(schema, pattern_options=PATTERN_OPTIONS, offline=True)


@lru_cache(maxsize=256)
def _of_format(name: str) -> jsonschema_rs.Validator:
    draft = jsonschema_rs.Draft4Validator if name.endswith("@4") else jsonschema_rs.Draft202012Validator
    return draft({"format": name.removesuffix("@4")}, validate_formats=True, offline=True)
