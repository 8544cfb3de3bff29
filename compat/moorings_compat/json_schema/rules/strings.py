"""Rules about strings."""

from moorings_compat.json_schema.rules.entries import entry

_SOURCE = "JSON Schema Validation 2020-12, section 6.3"
_KEEP = "Keep the bound of the first version of the major."

ENTRIES = (
    entry(
        "JSON_MIN_LENGTH_ADDED",
        "a minLength where the writer has none",
        "{where} has no minLength for the writer; the reader's minLength is {reader}.",
        why="The writer allows shorter strings, the empty one among them.",
        fix=_KEEP,
        source=f"{_SOURCE}.2, minLength",
        example=('{"type":"string"}', '{"type":"string","minLength":1}'),
    ),
    entry(
        "JSON_MIN_LENGTH_RAISED",
        "a greater minLength",
        "{where} has the minLength {writer} for the writer; the reader's minLength is {reader}.",
        why="The writer allows shorter strings.",
        fix=_KEEP,
        source=f"{_SOURCE}.2, minLength",
        example=('{"type":"string","minLength":1}', '{"type":"string","minLength":2}'),
    ),
    entry(
        "JSON_MAX_LENGTH_ADDED",
        "a maxLength where the writer has none",
        "{where} has no maxLength for the writer; the reader's maxLength is {reader}.",
        why="The writer allows longer strings.",
        fix=_KEEP,
        source=f"{_SOURCE}.1, maxLength",
        example=('{"type":"string"}', '{"type":"string","maxLength":3}'),
    ),
    entry(
        "JSON_MAX_LENGTH_LOWERED",
        "a smaller maxLength",
        "{where} has the maxLength {writer} for the writer; the reader's maxLength is {reader}.",
        why="The writer allows longer strings.",
        fix=_KEEP,
        source=f"{_SOURCE}.1, maxLength",
        example=('{"type":"string","maxLength":4}', '{"type":"string","maxLength":3}'),
    ),
    entry(
        "JSON_PATTERN_ADDED",
        "a pattern where the writer has none",
        "{where} can be any string for the writer; the reader accepts only strings that match {reader}.",
        why="The writer allows strings that the pattern does not match.",
        fix="Put the pattern into the description, or start the next major.",
        source=f"{_SOURCE}.3, pattern",
        example=('{"type":"string"}', '{"type":"string","pattern":"^[a-z]+$"}'),
    ),
    entry(
        "JSON_PATTERN_CHANGED",
        "a pattern that matches less",
        "{where} matches {writer} for the writer; the reader accepts only strings that match {reader}.",
        why="Some strings match the writer's pattern but not the reader's.",
        fix="Widen the reader's pattern so that it matches everything that the writer's pattern matches.",
        source=f"{_SOURCE}.3, pattern",
        example=('{"type":"string","pattern":"^[a-z]+$"}', '{"type":"string","pattern":"^[a-m]+$"}'),
    ),
    entry(
        "JSON_FORMAT_ADDED",
        "a format where the writer has none",
        "{where} can be any string for the writer; the reader accepts only the format {reader}.",
        why="Where formats are asserted, strings that do not have the format are refused.",
        fix="Remove the format, or set formats to annotations in the domain's policy.",
        source="JSON Schema Validation 2020-12, section 7, format",
        example=('{"type":"string"}', '{"type":"string","format":"date"}'),
    ),
    entry(
        "JSON_FORMAT_CHANGED",
        "another format",
        "{where} has the format {writer} for the writer; the reader accepts only the format {reader}.",
        why="A string of one format does not have the other.",
        fix="Keep the format.",
        source="JSON Schema Validation 2020-12, section 7, format",
        example=('{"type":"string","format":"date"}', '{"type":"string","format":"date-time"}'),
    ),
)
