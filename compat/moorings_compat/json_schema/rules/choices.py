"""Rules about schemas that combine others."""

from moorings_compat.json_schema.rules.entries import entry

_CORE = "JSON Schema Core 2020-12, section"

ENTRIES = (
    entry(
        "JSON_ANY_OF_ADDED",
        "a choice where anything was allowed",
        "{where} need not fit any of the reader's branches for the writer.",
        why="Values that fit none of the branches have been allowed so far.",
        fix="Add a branch that accepts what is left, or start the next major.",
        source=f"{_CORE} 10.2.1.2, anyOf",
        example=("{}", '{"anyOf":[{"type":"string"},{"type":"null"}]}'),
    ),
    entry(
        "JSON_ANY_OF_NARROWED",
        "a choice with less in it",
        "{where} may be something for the writer that fits none of the reader's branches.",
        why="A branch is gone or accepts less, and no other one takes its values.",
        fix="Keep the branches that were there, and add new ones beside them.",
        source=f"{_CORE} 10.2.1.2, anyOf",
        example=(
            '{"anyOf":[{"minimum":5,"type":"number"},{"type":"number","maximum":3}]}',
            '{"anyOf":[{"minimum":5,"type":"number"},{"type":"number","maximum":2}]}',
        ),
    ),
    entry(
        "JSON_ONE_OF_ADDED",
        "a choice where anything was allowed",
        "{where} need not fit exactly one of the reader's branches for the writer.",
        why="Values that fit none of the branches, or two of them, have been allowed so far.",
        fix="Use anyOf with a branch that accepts what is left, or start the next major.",
        source=f"{_CORE} 10.2.1.3, oneOf",
        example=("{}", '{"oneOf":[{"type":"string"},{"type":"null"}]}'),
    ),
    entry(
        "JSON_ONE_OF_NARROWED",
        "a choice with less in it",
        "{where} may be something for the writer that fits none of the reader's branches.",
        why="A branch is gone or accepts less, and no other one takes its values.",
        fix="Keep the branches that were there, and add new ones beside them.",
        source=f"{_CORE} 10.2.1.3, oneOf",
        example=(
            '{"oneOf":[{"type":"number","minimum":5},{"type":"number","maximum":3}]}',
            '{"oneOf":[{"type":"number","minimum":5},{"type":"number","maximum":2}]}',
        ),
    ),
    entry(
        "JSON_ONE_OF_OVERLAP",
        "two branches that accept the same value",
        "{where} may be something for the writer that fits more than one of the reader's branches.",
        why="oneOf refuses what two branches accept: a branch that accepts more can make others refuse.",
        fix="Use anyOf, or keep the branches apart by a property with a const of its own in each.",
        source=f"{_CORE} 10.2.1.3, oneOf",
        example=(
            '{"oneOf":[{"type":"integer"},{"type":"string"}]}',
            '{"oneOf":[{"type":"integer"},{"type":"string"},{"type":"number"}]}',
        ),
    ),
    entry(
        "JSON_NOT_ADDED",
        "something excluded that was allowed",
        "{where} may be what the reader excludes: {reader}.",
        why="The excluded values have been allowed so far.",
        fix="Leave the exclusion out, or start the next major.",
        source=f"{_CORE} 10.2.1.4, not",
        example=("{}", '{"not":{"type":"string"}}'),
    ),
    entry(
        "JSON_NOT_WIDENED",
        "more excluded",
        "{where} may be what the reader excludes: {reader}; for the writer only {writer} is.",
        why="The reader excludes values that the writer does not.",
        fix="Keep the exclusion as it was.",
        source=f"{_CORE} 10.2.1.4, not",
        example=('{"not":{"const":"a"}}', '{"not":{"enum":["a","b"]}}'),
    ),
    entry(
        "JSON_CONDITION_ADDED",
        "a condition where there was none",
        "{where} may meet the reader's condition without being as the reader then wants it.",
        why="Such values have been allowed so far.",
        fix="Check the condition where the event is used, or start the next major.",
        source=f"{_CORE} 10.2.2, if, then and else",
        example=("{}", '{"if":{"type":"string"},"then":{"maxLength":3}}'),
    ),
    entry(
        "JSON_CONDITION_CHANGED",
        "a condition that asks for more",
        "{where} may be as the writer's condition allows and not as the reader's does.",
        why="Some values pass the writer's condition and fail the reader's.",
        fix="Keep the condition, or widen what follows from it.",
        source=f"{_CORE} 10.2.2, if, then and else",
        example=(
            '{"if":{"type":"string"},"then":{"maxLength":3}}',
            '{"if":{"type":["string","null"]},"then":{"maxLength":2,"type":"string"}}',
        ),
    ),
)
