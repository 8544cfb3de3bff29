"""Rules about numbers."""

from moorings_compat.json_schema.rules.entries import entry

_SOURCE = "JSON Schema Validation 2020-12, section 6.2"
_KEEP = "Keep the bound of the first version of the major; check tighter bounds where the value is used."

ENTRIES = (
    entry(
        "JSON_MINIMUM_ADDED",
        "a least value where there was none",
        "{where} may be as small as it likes for the writer, and the reader takes nothing below {reader}.",
        why="Smaller numbers have been allowed so far.",
        fix=_KEEP,
        source=f"{_SOURCE}.4 and 6.2.5, minimum and exclusiveMinimum",
        example=('{"type":"integer"}', '{"type":"integer","minimum":1}'),
    ),
    entry(
        "JSON_MINIMUM_RAISED",
        "a higher least value",
        "{where} may be as small as {writer} for the writer, and the reader takes nothing below {reader}.",
        why="Numbers between the two bounds have been allowed so far.",
        fix=_KEEP,
        source=f"{_SOURCE}.4 and 6.2.5, minimum and exclusiveMinimum",
        example=('{"type":"integer","minimum":0}', '{"type":"integer","minimum":1}'),
    ),
    entry(
        "JSON_MAXIMUM_ADDED",
        "a greatest value where there was none",
        "{where} may be as large as it likes for the writer, and the reader takes nothing above {reader}.",
        why="Larger numbers have been allowed so far.",
        fix=_KEEP,
        source=f"{_SOURCE}.2 and 6.2.3, maximum and exclusiveMaximum",
        example=('{"type":"integer"}', '{"type":"integer","maximum":9}'),
    ),
    entry(
        "JSON_MAXIMUM_LOWERED",
        "a lower greatest value",
        "{where} may be as large as {writer} for the writer, and the reader takes nothing above {reader}.",
        why="Numbers between the two bounds have been allowed so far.",
        fix=_KEEP,
        source=f"{_SOURCE}.2 and 6.2.3, maximum and exclusiveMaximum",
        example=('{"type":"integer","maximum":10}', '{"type":"integer","maximum":9}'),
    ),
    entry(
        "JSON_MULTIPLE_OF_ADDED",
        "multiples where any number was allowed",
        "{where} may be any number for the writer, and the reader takes only multiples of {reader}.",
        why="Numbers between the multiples have been allowed so far.",
        fix="Leave the precision open, or start the next major.",
        source=f"{_SOURCE}.1, multipleOf",
        example=('{"type":"number"}', '{"type":"number","multipleOf":0.01}'),
    ),
    entry(
        "JSON_MULTIPLE_OF_CHANGED",
        "multiples of something else",
        "{where} is a multiple of {writer} for the writer, and the reader takes only multiples of {reader}.",
        why="Some multiples of the one are no multiples of the other.",
        fix="Choose a number that divides the old one.",
        source=f"{_SOURCE}.1, multipleOf",
        example=('{"type":"integer","multipleOf":2}', '{"type":"integer","multipleOf":4}'),
    ),
)
