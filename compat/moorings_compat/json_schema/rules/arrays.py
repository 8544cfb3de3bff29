"""Rules about arrays."""

from moorings_compat.json_schema.rules.entries import entry

_SOURCE = "JSON Schema Validation 2020-12, section 6.4"
_CORE = "JSON Schema Core 2020-12, section"
_KEEP = "Keep the bound of the first version of the major."

ENTRIES = (
    entry(
        "JSON_MIN_ITEMS_ADDED",
        "a least number of items where there was none",
        "{where} may be empty for the writer, and the reader wants at least {reader} items.",
        why="Shorter arrays, the empty one among them, have been allowed so far.",
        fix=_KEEP,
        source=f"{_SOURCE}.2, minItems",
        example=('{"type":"array"}', '{"type":"array","minItems":1}'),
    ),
    entry(
        "JSON_MIN_ITEMS_RAISED",
        "a higher least number of items",
        "{where} may have {writer} items for the writer, and the reader wants at least {reader}.",
        why="Shorter arrays have been allowed so far.",
        fix=_KEEP,
        source=f"{_SOURCE}.2, minItems",
        example=('{"type":"array","minItems":1}', '{"type":"array","minItems":2}'),
    ),
    entry(
        "JSON_MAX_ITEMS_ADDED",
        "a greatest number of items where there was none",
        "{where} may have any number of items for the writer, and the reader takes at most {reader}.",
        why="Longer arrays have been allowed so far.",
        fix=_KEEP,
        source=f"{_SOURCE}.1, maxItems",
        example=('{"type":"array"}', '{"type":"array","maxItems":2}'),
    ),
    entry(
        "JSON_MAX_ITEMS_LOWERED",
        "a lower greatest number of items",
        "{where} may have {writer} items for the writer, and the reader takes at most {reader}.",
        why="Longer arrays have been allowed so far.",
        fix=_KEEP,
        source=f"{_SOURCE}.1, maxItems",
        example=('{"type":"array","maxItems":3}', '{"type":"array","maxItems":2}'),
    ),
    entry(
        "JSON_UNIQUE_ITEMS_ADDED",
        "items that must all differ",
        "{where} may hold equal items for the writer, and the reader wants all of them to differ.",
        why="Arrays with repeated items have been allowed so far.",
        fix="Remove repetitions where the items are used.",
        source=f"{_SOURCE}.3, uniqueItems",
        example=('{"type":"array"}', '{"type":"array","uniqueItems":true}'),
    ),
    entry(
        "JSON_ITEMS_ADDED",
        "a schema for items where there was none",
        "items of {where} may be anything for the writer, and the reader takes only {reader}.",
        why="Items of every kind have been allowed so far.",
        fix="Describe items from the first version of a major on.",
        source=f"{_CORE} 10.3.1, items and prefixItems",
        example=('{"type":"array"}', '{"type":"array","items":{"type":"string"}}'),
    ),
    entry(
        "JSON_ITEMS_CLOSED",
        "no items beyond the listed ones",
        "{where} may have more items for the writer, and the reader takes no further ones.",
        why="Longer arrays have been allowed so far.",
        fix="Leave items open behind the tuple.",
        source=f"{_CORE} 10.3.1.2, items; additionalItems before 2020-12",
        example=('{"type":"array"}', '{"type":"array","items":false}'),
    ),
    entry(
        "JSON_CONTAINS_ADDED",
        "an item that has to be among them",
        "{where} need not hold any particular item for the writer, and the reader wants {reader}.",
        why="Arrays without such an item have been allowed so far.",
        fix="Check for the item where the array is used, or start the next major.",
        source=f"{_CORE} 10.3.1.3, contains; Validation, section 6.4.4",
        example=('{"type":"array"}', '{"type":"array","contains":{"const":1}}'),
    ),
    entry(
        "JSON_CONTAINS_CHANGED",
        "another demand on which items there are",
        "{where} holds items as {writer} asks for the writer, and the reader wants {reader}.",
        why="Some arrays satisfy the writer's demand and not the reader's.",
        fix="Widen the demand so that all that satisfied the old one satisfies it.",
        source=f"{_CORE} 10.3.1.3, contains; Validation, sections 6.4.4 and 6.4.5",
        example=(
            '{"type":"array","contains":{"type":"integer"}}',
            '{"type":"array","contains":{"type":"integer","minimum":1}}',
        ),
    ),
    entry(
        "JSON_UNEVALUATED_ITEMS_CLOSED",
        "items that nothing else describes",
        "{where} may have items that no other keyword describes for the writer, and the reader takes only {reader}.",
        why="Such items have been allowed so far.",
        fix="Leave unevaluatedItems out, or start the next major.",
        source=f"{_CORE} 11.2, unevaluatedItems",
        example=('{"type":"array"}', '{"type":"array","prefixItems":[true],"unevaluatedItems":false}'),
    ),
)
