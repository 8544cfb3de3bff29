"""Rules about values of any type."""

from moorings_compat.json_schema.rules.entries import entry

_SOURCE = "JSON Schema Validation 2020-12, section 6.1"

ENTRIES = (
    entry(
        "JSON_TYPE_ADDED",
        "a type where there was none",
        "{where} may be of any type for the writer, and the reader takes only {reader}.",
        why="Where the writer's schema names no type, values of every type may have been written.",
        fix="Leave the type open, or give it from the first version of a major on.",
        source=f"{_SOURCE}.1, type",
        example=("{}", '{"type":"string"}'),
    ),
    entry(
        "JSON_TYPE_NARROWED",
        "fewer types",
        "{where} may be {writer} for the writer, and the reader takes only {reader}.",
        why="Values of the type that is gone have been written, and every one of them is refused.",
        fix="Keep the type that was there, and add the new one beside it.",
        source=f"{_SOURCE}.1, type",
        example=('{"type":["string","null"]}', '{"type":"string"}'),
    ),
    entry(
        "JSON_WHOLE_NUMBER_REFUSED",
        "1.0 is no integer in draft 4",
        "{where} may be written as 1.0, which is an integer for the writer and none for draft 4.",
        why="Until draft 4 an integer is a number without a decimal point; since draft 6 one without a fraction.",
        fix="Read with a schema of draft 6 or later, or with the type number.",
        source="JSON Schema Core draft 4, section 3.5; draft 6, section 4.2",
        example=(
            '{"$schema":"http://json-schema.org/draft-07/schema#","type":"integer"}',
            '{"$schema":"http://json-schema.org/draft-04/schema#","type":"integer"}',
        ),
        mirror="None: what draft 4 takes for an integer is one for every later draft.",
    ),
    entry(
        "JSON_ENUM_ADDED",
        "a list of values where any was allowed",
        "{where} may have other values than {reader} for the writer.",
        why="Values beyond the list have been allowed so far.",
        fix="Describe the values instead of listing them, or start the next major.",
        source=f"{_SOURCE}.2, enum",
        example=('{"type":"string"}', '{"enum":["a","b"]}'),
    ),
    entry(
        "JSON_ENUM_NARROWED",
        "fewer values in an enum",
        "{where} may be any of {writer} for the writer, and the reader takes only {reader}.",
        why="The value that is gone from the list has been written.",
        fix="Keep the value in the list; to retire it, say so in its description.",
        source=f"{_SOURCE}.2, enum",
        example=('{"enum":["a","b"]}', '{"enum":["a"]}'),
    ),
    entry(
        "JSON_CONST_ADDED",
        "one fixed value where others were allowed",
        "{where} may have other values for the writer, and the reader takes only {reader}.",
        why="Other values have been allowed so far.",
        fix="Use a default or a description rather than const, or start the next major.",
        source=f"{_SOURCE}.3, const",
        example=('{"type":"string"}', '{"const":"a"}'),
    ),
    entry(
        "JSON_CONST_CHANGED",
        "another fixed value",
        "{where} is {writer} for the writer, and the reader takes only {reader}.",
        why="Everything written so far has the old value.",
        fix="Accept both with an enum.",
        source=f"{_SOURCE}.3, const",
        example=('{"const":"a"}', '{"const":"b"}'),
    ),
    entry(
        "JSON_NOTHING_ACCEPTED",
        "a schema that accepts nothing",
        "{where} has values for the writer, and the reader's schema is false: it takes none.",
        why="The schema false is valid for no value at all.",
        fix="Leave the schema as it was.",
        source="JSON Schema Core 2020-12, section 4.3.2",
        example=("{}", "false"),
    ),
)
