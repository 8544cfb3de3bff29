"""Rules about numbers."""

from moorings_compat.json_schema.rules.entries import entry

_SOURCE = "JSON Schema Validation 2020-12, section 6.2"
_KEEP = "Keep the bound of the first version of the major; check tighter bounds where the value is used."

ENTRIES = (
    entry(
        "JSON_MINIMUM_ADDED",
        "a minimum where the writer has none",
        "{where} has no minimum for the writer; the reader's minimum is {reader}.",
        why="The writer allows smaller numbers.",
        fix=_KEEP,
        source=f"{_SOURCE}.4 and 6.2.5, minimum and exclusiveMinimum",
        example=('{"type":"integer"}', '{"type":"integer","minimum":1}'),
    ),
    entry(
        "JSON_MINIMUM_RAISED",
        "a higher minimum",
        "{where} has the minimum {writer} for the writer; the reader's minimum is {reader}.",
        why="The writer allows numbers between the two bounds.",
        fix=_KEEP,
        source=f"{_SOURCE}.4 and 6.2.5, minimum and exclusiveMinimum",
        example=('{"type":"integer","minimum":0}', '{"type":"integer","minimum":1}'),
    ),
    entry(
        "JSON_MAXIMUM_ADDED",
        "a maximum where the writer has none",
        "{where} has no maximum for the writer; the reader's maximum is {reader}.",
        why="The writer allows larger numbers.",
        fix=_KEEP,
        source=f"{_SOURCE}.2 and 6.2.3, maximum and exclusiveMaximum",
        example=('{"type":"integer"}', '{"type":"integer","maximum":9}'),
    ),
    entry(
        "JSON_MAXIMUM_LOWERED",
        "a lower maximum",
        "{where} has the maximum {writer} for the writer; the reader's maximum is {reader}.",
        why="The writer allows numbers between the two bounds.",
        fix=_KEEP,
        source=f"{_SOURCE}.2 and 6.2.3, maximum and exclusiveMaximum",
        example=('{"type":"integer","maximum":10}', '{"type":"integer","maximum":9}'),
    ),
    entry(
        "JSON_MULTIPLE_OF_ADDED",
        "multipleOf where the writer has none",
        "{where} can be any number for the writer; the reader accepts only multiples of {reader}.",
        why="The writer allows numbers between the multiples.",
        fix="Leave the precision open, or start the next major.",
        source=f"{_SOURCE}.1, multipleOf",
        example=('{"type":"number"}', '{"type":"number","multipleOf":0.01}'),
    ),
    entry(
        "JSON_MULTIPLE_OF_CHANGED",
        "another multipleOf",
        "{where} is a multiple of {writer} for the writer; the reader accepts only multiples of {reader}.",
        why="Some multiples of the writer's number are not multiples of the reader's.",
        fix="Choose a number for the reader that divides the writer's.",
        source=f"{_SOURCE}.1, multipleOf",
        example=('{"type":"integer","multipleOf":2}', '{"type":"integer","multipleOf":4}'),
    ),
)
