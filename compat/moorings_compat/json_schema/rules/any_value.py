"""Rules about values of any type."""

from moorings_compat.json_schema.rules.entries import entry

_SOURCE = "JSON Schema Validation 2020-12, section 6.1"

ENTRIES = (
    entry(
        "JSON_TYPE_ADDED",
        "a type where the writer has none",
        "{where} can have any type for the writer; the reader accepts only {reader}.",
        why="Without a type, the writer's schema allows values of every type.",
        fix="Leave the type open, or declare it in the first version of a major.",
        source=f"{_SOURCE}.1, type",
        example=("{}", '{"type":"string"}'),
    ),
    entry(
        "JSON_TYPE_NARROWED",
        "fewer types",
        "{where} can be {writer} for the writer; the reader accepts only {reader}.",
        why="The reader refuses every value of a type that only the writer allows.",
        fix="Keep the type that was there, and add the new one to it.",
        source=f"{_SOURCE}.1, type",
        example=('{"type":["string","null"]}', '{"type":"string"}'),
    ),
    entry(
        "JSON_WHOLE_NUMBER_REFUSED",
        "1.0 is not an integer in draft 4",
        "{where} can be written as 1.0, which is an integer for the writer but not in draft 4.",
        why="In draft 4 an integer is a number without a decimal point; since draft 6 it is a number without "
        "a fraction.",
        fix="Read with a schema of draft 6 or later, or with the type number.",
        source="JSON Schema Core draft 4, section 3.5; draft 6, section 4.2",
        example=(
            '{"$schema":"http://json-schema.org/draft-07/schema#","type":"integer"}',
            '{"$schema":"http://json-schema.org/draft-04/schema#","type":"integer"}',
        ),
        mirror="None: an integer of draft 4 is an integer of every later draft.",
    ),
    entry(
        "JSON_ENUM_ADDED",
        "an enum where the writer has none",
        "the writer allows values{for_} that are not among the reader's: {reader}.",
        why="The writer allows values outside the reader's list.",
        fix="Describe the values instead of listing them, or start the next major.",
        source=f"{_SOURCE}.2, enum",
        example=('{"type":"string"}', '{"enum":["a","b"]}'),
    ),
    entry(
        "JSON_ENUM_NARROWED",
        "fewer values in an enum",
        "{where} can be one of {writer} for the writer; the reader accepts only {reader}.",
        why="The reader refuses a value that only the writer's list has.",
        fix="Keep the value in the list; to retire it, mark it as deprecated in the description.",
        source=f"{_SOURCE}.2, enum",
        example=('{"enum":["a","b"]}', '{"enum":["a"]}'),
    ),
    entry(
        "JSON_CONST_ADDED",
        "a fixed value where the writer allows others",
        "the writer allows values{for_} other than {reader}, the only one that the reader accepts.",
        why="The writer allows values other than the reader's constant.",
        fix="Use a default or a description instead of const, or start the next major.",
        source=f"{_SOURCE}.3, const",
        example=('{"type":"string"}', '{"const":"a"}'),
    ),
    entry(
        "JSON_CONST_CHANGED",
        "another fixed value",
        "{where} is {writer} for the writer; the reader accepts only {reader}.",
        why="Every value that the writer allows has the writer's constant, which the reader refuses.",
        fix="Accept both values with an enum.",
        source=f"{_SOURCE}.3, const",
        example=('{"const":"a"}', '{"const":"b"}'),
    ),
    entry(
        "JSON_NOTHING_ACCEPTED",
        "a schema that accepts nothing",
        "the writer allows values{for_}; the reader's schema is false and accepts none.",
        why="No value is valid against the schema false.",
        fix="Keep the schema as it was.",
        source="JSON Schema Core 2020-12, section 4.3.2",
        example=("{}", "false"),
    ),
)
