"""Rules about schemas that combine others."""

from moorings_compat.json_schema.rules.entries import entry

_CORE = "JSON Schema Core 2020-12, section"

ENTRIES = (
    entry(
        "JSON_ANY_OF_ADDED",
        "anyOf where the writer has none",
        "the writer allows values{for_} that match none of the reader's anyOf branches.",
        why="The writer allows values that match no branch.",
        fix="Add a branch that accepts the remaining values, or start the next major.",
        source=f"{_CORE} 10.2.1.2, anyOf",
        example=("{}", '{"anyOf":[{"type":"string"},{"type":"null"}]}'),
    ),
    entry(
        "JSON_ANY_OF_NARROWED",
        "an anyOf that accepts less",
        "the writer allows values{for_} that match none of the reader's anyOf branches.",
        why="A branch was removed or accepts less, and no other branch accepts its values.",
        fix="Keep the branches that were there, and add new ones to them.",
        source=f"{_CORE} 10.2.1.2, anyOf",
        example=(
            '{"anyOf":[{"minimum":5,"type":"number"},{"type":"number","maximum":3}]}',
            '{"anyOf":[{"minimum":5,"type":"number"},{"type":"number","maximum":2}]}',
        ),
    ),
    entry(
        "JSON_ONE_OF_ADDED",
        "oneOf where the writer has none",
        "the writer allows values{for_} that do not match exactly one of the reader's oneOf branches.",
        why="The writer allows values that match no branch, or two of them.",
        fix="Use anyOf with a branch that accepts the remaining values, or start the next major.",
        source=f"{_CORE} 10.2.1.3, oneOf",
        example=("{}", '{"oneOf":[{"type":"string"},{"type":"null"}]}'),
    ),
    entry(
        "JSON_ONE_OF_NARROWED",
        "a oneOf that accepts less",
        "the writer allows values{for_} that match none of the reader's oneOf branches.",
        why="A branch was removed or accepts less, and no other branch accepts its values.",
        fix="Keep the branches that were there, and add new ones to them.",
        source=f"{_CORE} 10.2.1.3, oneOf",
        example=(
            '{"oneOf":[{"type":"number","minimum":5},{"type":"number","maximum":3}]}',
            '{"oneOf":[{"type":"number","minimum":5},{"type":"number","maximum":2}]}',
        ),
    ),
    entry(
        "JSON_ONE_OF_OVERLAP",
        "two oneOf branches that accept the same value",
        "the writer allows values{for_} that match more than one of the reader's oneOf branches.",
        why="oneOf refuses a value that two branches accept, so a branch that accepts more can cause a refusal.",
        fix="Use anyOf, or give each branch a property with a const of its own.",
        source=f"{_CORE} 10.2.1.3, oneOf",
        example=(
            '{"oneOf":[{"type":"integer"},{"type":"string"}]}',
            '{"oneOf":[{"type":"integer"},{"type":"string"},{"type":"number"}]}',
        ),
    ),
    entry(
        "JSON_NOT_ADDED",
        "not, where the writer has none",
        "the writer allows values{for_} that the reader excludes: {reader}.",
        why="The writer allows the excluded values.",
        fix="Remove the exclusion, or start the next major.",
        source=f"{_CORE} 10.2.1.4, not",
        example=("{}", '{"not":{"type":"string"}}'),
    ),
    entry(
        "JSON_NOT_WIDENED",
        "more values excluded",
        "the writer allows values{for_} that the reader excludes: {reader}; the writer excludes only {writer}.",
        why="The reader excludes values that the writer allows.",
        fix="Keep the exclusion as it was.",
        source=f"{_CORE} 10.2.1.4, not",
        example=('{"not":{"const":"a"}}', '{"not":{"enum":["a","b"]}}'),
    ),
    entry(
        "JSON_CONDITION_ADDED",
        "a condition where the writer has none",
        "the writer allows values{for_} that meet the reader's condition (if) and violate the schema that "
        "then applies.",
        why="The writer allows such values.",
        fix="Check the condition where the event is used, or start the next major.",
        source=f"{_CORE} 10.2.2, if, then and else",
        example=("{}", '{"if":{"type":"string"},"then":{"maxLength":3}}'),
    ),
    entry(
        "JSON_CONDITION_CHANGED",
        "a stricter condition",
        "the writer allows values{for_} that satisfy its own condition (if, then, else) and violate the reader's.",
        why="Some values satisfy the writer's condition but not the reader's.",
        fix="Keep the condition, or widen the schema that it applies.",
        source=f"{_CORE} 10.2.2, if, then and else",
        example=(
            '{"if":{"type":"string"},"then":{"maxLength":3}}',
            '{"if":{"type":["string","null"]},"then":{"maxLength":2,"type":"string"}}',
        ),
    ),
)
