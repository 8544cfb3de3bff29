"""Rules about arrays."""

from moorings_compat.json_schema.rules.entries import entry

_SOURCE = "JSON Schema Validation 2020-12, section 6.4"
_CORE = "JSON Schema Core 2020-12, section"
_KEEP = "Keep the bound of the first version of the major."

ENTRIES = (
    entry(
        "JSON_MIN_ITEMS_ADDED",
        "a minItems where the writer has none",
        "{where} has no minItems for the writer; the reader's minItems is {reader}.",
        why="The writer allows shorter arrays, the empty one among them.",
        fix=_KEEP,
        source=f"{_SOURCE}.2, minItems",
        example=('{"type":"array"}', '{"type":"array","minItems":1}'),
    ),
    entry(
        "JSON_MIN_ITEMS_RAISED",
        "a greater minItems",
        "{where} has the minItems {writer} for the writer; the reader's minItems is {reader}.",
        why="The writer allows shorter arrays.",
        fix=_KEEP,
        source=f"{_SOURCE}.2, minItems",
        example=('{"type":"array","minItems":1}', '{"type":"array","minItems":2}'),
    ),
    entry(
        "JSON_MAX_ITEMS_ADDED",
        "a maxItems where the writer has none",
        "{where} has no maxItems for the writer; the reader's maxItems is {reader}.",
        why="The writer allows longer arrays.",
        fix=_KEEP,
        source=f"{_SOURCE}.1, maxItems",
        example=('{"type":"array"}', '{"type":"array","maxItems":2}'),
    ),
    entry(
        "JSON_MAX_ITEMS_LOWERED",
        "a smaller maxItems",
        "{where} has the maxItems {writer} for the writer; the reader's maxItems is {reader}.",
        why="The writer allows longer arrays.",
        fix=_KEEP,
        source=f"{_SOURCE}.1, maxItems",
        example=('{"type":"array","maxItems":3}', '{"type":"array","maxItems":2}'),
    ),
    entry(
        "JSON_UNIQUE_ITEMS_ADDED",
        "items that must all differ",
        "{where} can have equal items for the writer; the reader requires all items to differ.",
        why="The writer allows arrays with repeated items.",
        fix="Remove repeated items where the array is used.",
        source=f"{_SOURCE}.3, uniqueItems",
        example=('{"type":"array"}', '{"type":"array","uniqueItems":true}'),
    ),
    entry(
        "JSON_ITEMS_ADDED",
        "a schema for items where the writer has none",
        "items of {where} can be anything for the writer; the reader's schema for them is {reader}.",
        why="The writer allows items of every kind.",
        fix="Describe items in the first version of a major.",
        source=f"{_CORE} 10.3.1, items and prefixItems",
        example=('{"type":"array"}', '{"type":"array","items":{"type":"string"}}'),
    ),
    entry(
        "JSON_ITEMS_CLOSED",
        "no items beyond the listed ones",
        "{where} can have more items for the writer; the reader accepts none beyond the listed ones.",
        why="The writer allows longer arrays.",
        fix="Leave the array open behind the listed items.",
        source=f"{_CORE} 10.3.1.2, items; additionalItems before 2020-12",
        example=('{"type":"array"}', '{"type":"array","items":false}'),
    ),
    entry(
        "JSON_CONTAINS_ADDED",
        "an item that the array must contain",
        "{where} can be without an item that the reader requires: {reader}.",
        why="The writer allows arrays without such an item.",
        fix="Check for the item where the array is used, or start the next major.",
        source=f"{_CORE} 10.3.1.3, contains; Validation, section 6.4.4",
        example=('{"type":"array"}', '{"type":"array","contains":{"const":1}}'),
    ),
    entry(
        "JSON_CONTAINS_CHANGED",
        "another item that the array must contain",
        "{where} has the contains {writer} for the writer; the reader's contains is {reader}.",
        why="Some arrays satisfy the writer's contains but not the reader's.",
        fix="Widen the reader's contains so that every array that satisfies the writer's satisfies it.",
        source=f"{_CORE} 10.3.1.3, contains; Validation, sections 6.4.4 and 6.4.5",
        example=(
            '{"type":"array","contains":{"type":"integer"}}',
            '{"type":"array","contains":{"type":"integer","minimum":1}}',
        ),
    ),
    entry(
        "JSON_UNEVALUATED_ITEMS_CLOSED",
        "items that no other keyword describes",
        "{where} can have items that no other keyword describes for the writer; the reader's "
        "unevaluatedItems is {reader}.",
        why="The writer allows such items.",
        fix="Remove unevaluatedItems, or start the next major.",
        source=f"{_CORE} 11.2, unevaluatedItems",
        example=('{"type":"array"}', '{"type":"array","prefixItems":[true],"unevaluatedItems":false}'),
    ),
)
