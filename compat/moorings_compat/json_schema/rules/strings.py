"""Rules about strings."""

from moorings_compat.json_schema.rules.entries import entry

_SOURCE = "JSON Schema Validation 2020-12, section 6.3"
_KEEP = "Keep the bound of the first version of the major."

ENTRIES = (
    entry(
        "JSON_MIN_LENGTH_ADDED",
        "a least length where there was none",
        "{where} may be an empty string for the writer, and the reader wants at least {reader} characters.",
        why="Shorter strings, the empty one among them, have been allowed so far.",
        fix=_KEEP,
        source=f"{_SOURCE}.2, minLength",
        example=('{"type":"string"}', '{"type":"string","minLength":1}'),
    ),
    entry(
        "JSON_MIN_LENGTH_RAISED",
        "a higher least length",
        "{where} may have {writer} characters for the writer, and the reader wants at least {reader}.",
        why="Shorter strings have been allowed so far.",
        fix=_KEEP,
        source=f"{_SOURCE}.2, minLength",
        example=('{"type":"string","minLength":1}', '{"type":"string","minLength":2}'),
    ),
    entry(
        "JSON_MAX_LENGTH_ADDED",
        "a greatest length where there was none",
        "{where} may be as long as it likes for the writer, and the reader takes at most {reader} characters.",
        why="Longer strings have been allowed so far.",
        fix=_KEEP,
        source=f"{_SOURCE}.1, maxLength",
        example=('{"type":"string"}', '{"type":"string","maxLength":3}'),
    ),
    entry(
        "JSON_MAX_LENGTH_LOWERED",
        "a lower greatest length",
        "{where} may have {writer} characters for the writer, and the reader takes at most {reader}.",
        why="Longer strings have been allowed so far.",
        fix=_KEEP,
        source=f"{_SOURCE}.1, maxLength",
        example=('{"type":"string","maxLength":4}', '{"type":"string","maxLength":3}'),
    ),
    entry(
        "JSON_PATTERN_ADDED",
        "a pattern where there was none",
        "{where} may be any string for the writer, and the reader takes only what {reader} matches.",
        why="Strings that the pattern does not match have been allowed so far.",
        fix="Put the pattern into the description, or start the next major.",
        source=f"{_SOURCE}.3, pattern",
        example=('{"type":"string"}', '{"type":"string","pattern":"^[a-z]+$"}'),
    ),
    entry(
        "JSON_PATTERN_CHANGED",
        "a pattern that matches less",
        "{where} matches {writer} for the writer, and the reader takes only what {reader} matches.",
        why="Some strings match the writer's pattern and not the reader's.",
        fix="Widen the pattern so that it matches all that the old one does.",
        source=f"{_SOURCE}.3, pattern",
        example=('{"type":"string","pattern":"^[a-z]+$"}', '{"type":"string","pattern":"^[a-m]+$"}'),
    ),
    entry(
        "JSON_FORMAT_ADDED",
        "a format where there was none",
        "{where} may be any string for the writer, and the reader takes only the format {reader}.",
        why="With formats asserted, strings that are not of the format are refused.",
        fix="Leave the format out, or let formats be annotations in the domain's policy.",
        source="JSON Schema Validation 2020-12, section 7, format",
        example=('{"type":"string"}', '{"type":"string","format":"date"}'),
    ),
    entry(
        "JSON_FORMAT_CHANGED",
        "another format",
        "{where} is of the format {writer} for the writer, and the reader takes only the format {reader}.",
        why="Strings of the one format are not of the other.",
        fix="Keep the format.",
        source="JSON Schema Validation 2020-12, section 7, format",
        example=('{"type":"string","format":"date"}', '{"type":"string","format":"date-time"}'),
    ),
)
