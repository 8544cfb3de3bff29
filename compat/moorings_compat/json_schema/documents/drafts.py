"""The drafts of JSON Schema, and their differences in reading a schema.

Sources: the meta-schemas and the release notes of drafts 4, 6, 7, 2019-09 and 2020-12.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from moorings_compat.json_schema.documents.pointers import Steps


class Draft(IntEnum):
    """One dialect; later drafts compare greater."""

    DRAFT_4 = 4
    DRAFT_6 = 6
    DRAFT_7 = 7
    DRAFT_2019_09 = 201909
    DRAFT_2020_12 = 202012

    @property
    def id_keyword(self) -> str:
        return "id" if self is Draft.DRAFT_4 else "$id"

    @property
    def definitions_keyword(self) -> str:
        """Where a document of this draft keeps schemas that others refer to."""
        return "$defs" if self >= Draft.DRAFT_2019_09 else "definitions"

    @property
    def meta_schema(self) -> str:
        """The URI that ``$schema`` names, without a fragment."""
        return _META_SCHEMAS[self]

    @property
    def ref_hides_siblings(self) -> bool:
        """True where the keywords next to ``$ref`` are ignored, ``$id`` among them."""
        return self <= Draft.DRAFT_7

    def __str__(self) -> str:
        return _NAMES[self]


_META_SCHEMAS = {
    Draft.DRAFT_4: "http://json-schema.org/draft-04/schema",
    Draft.DRAFT_6: "http://json-schema.org/draft-06/schema",
    Draft.DRAFT_7: "http://json-schema.org/draft-07/schema",
    Draft.DRAFT_2019_09: "https://json-schema.org/draft/2019-09/schema",
    Draft.DRAFT_2020_12: "https://json-schema.org/draft/2020-12/schema",
}

_NAMES = {
    Draft.DRAFT_4: "draft 4",
    Draft.DRAFT_6: "draft 6",
    Draft.DRAFT_7: "draft 7",
    Draft.DRAFT_2019_09: "draft 2019-09",
    Draft.DRAFT_2020_12: "draft 2020-12",
}

_BY_URI = {uri.split("://")[1]: draft for draft, uri in _META_SCHEMAS.items()}
_BY_URI |= {f"{uri.removesuffix('schema')}hyper-schema": draft for uri, draft in _BY_URI.items()}
_BY_URI["spec.openapis.org/oas/3.1/dialect/base"] = Draft.DRAFT_2020_12
"""By what `$schema` names, without its protocol: hyper-schemas add keywords for links to their drafts, and OpenAPI 3.1
keywords for documentation to draft 2020-12 (its section 4.8.24.1); none of them refuses a value."""

_SPECIFICATION = "json-schema.org/"

_NEWER_WORDS = frozenset(
    [
        *("$defs", "$anchor", "$dynamicRef", "$dynamicAnchor", "prefixItems", "dependentRequired", "dependentSchemas"),
        *("minContains", "maxContains", "unevaluatedItems", "unevaluatedProperties"),
    ]
)
_WORDS_OF_2019 = frozenset(["$recursiveRef", "$recursiveAnchor"])
_OLDER_WORDS = frozenset(["definitions", "dependencies", "additionalItems"])


def draft_named(uri: str) -> Draft | None:
    """Find the draft whose meta-schema *uri* names, or its hyper-schema; http or https, an empty fragment or none."""
    return _BY_URI.get(uri.removesuffix("#").removeprefix("https://").removeprefix("http://"))


def is_foreign(uri: str) -> bool:
    """Say whether *uri* names a dialect of another party: of these nobody here knows what they add to a draft.

    What lies under json-schema.org and is not known is a draft that is not supported, or a slip.
    """
    bare = uri.removeprefix("https://").removeprefix("http://")
    return draft_named(uri) is None and not bare.startswith(_SPECIFICATION)


def names_no_draft(uri: str) -> bool:
    """Say whether *uri* means the latest draft, which was allowed until draft 6."""
    return uri.removesuffix("#").removeprefix("https://").removeprefix("http://") == "json-schema.org/schema"


def guess_draft(schema: Any) -> Draft:
    """Choose the draft of a document without ``$schema`` by the words it uses.

    Draft 2020-12, as today's validators assume, unless the document is written in the words of an older one:
    ``definitions``, ``dependencies``, ``additionalItems`` or a list under ``items`` mean draft 7 (2019-09 next to words
    that came with it), a boolean ``exclusiveMinimum`` or an ``id`` at the root draft 4.
    """
    words: set[str] = set()
    lists_items = boolean_bounds = False
    for node in _schemas_of_any_draft(schema):
        words |= node.keys()
        lists_items = lists_items or isinstance(node.get("items"), list)
        bounds = (node.get("exclusiveMinimum"), node.get("exclusiveMaximum"))
        boolean_bounds = boolean_bounds or any(isinstance(bound, bool) for bound in bounds)
    names_itself = isinstance(schema, dict) and "$id" not in schema and _looks_like_uri(schema.get("id"))
    if boolean_bounds or (names_itself and not words & (_NEWER_WORDS | {"const", "if", "contains"})):
        return Draft.DRAFT_4
    if words & _WORDS_OF_2019 or (lists_items and words & _NEWER_WORDS):
        return Draft.DRAFT_2019_09
    if words & _NEWER_WORDS:
        return Draft.DRAFT_2020_12
    return Draft.DRAFT_7 if lists_items or words & _OLDER_WORDS else Draft.DRAFT_2020_12


def _looks_like_uri(value: Any) -> bool:
    return isinstance(value, str) and (":" in value or value.startswith("#") or value.endswith(".json"))


def _schemas_of_any_draft(schema: Any) -> Iterator[dict[str, Any]]:
    open_nodes = [schema]
    while open_nodes:
        node = open_nodes.pop()
        if isinstance(node, dict):
            yield node
            inner = (child for _, child in children(node, None))
            open_nodes.extend(child for child in inner if isinstance(child, dict) and "$schema" not in child)


@dataclass(frozen=True, slots=True)
class _SchemaKeyword:
    """One keyword that holds schemas: by itself, in a list, or under names; and the drafts that know it."""

    single: bool = False
    listed: bool = False
    named: bool = False
    since: Draft = Draft.DRAFT_4
    until: Draft = Draft.DRAFT_2020_12


_PLACES = {
    "properties": _SchemaKeyword(named=True),
    "patternProperties": _SchemaKeyword(named=True),
    "additionalProperties": _SchemaKeyword(single=True),
    "propertyNames": _SchemaKeyword(single=True, since=Draft.DRAFT_6),
    "dependencies": _SchemaKeyword(named=True),
    "dependentSchemas": _SchemaKeyword(named=True, since=Draft.DRAFT_2019_09),
    "items": _SchemaKeyword(single=True, listed=True),
    "prefixItems": _SchemaKeyword(listed=True, since=Draft.DRAFT_2020_12),
    "additionalItems": _SchemaKeyword(single=True, until=Draft.DRAFT_2019_09),
    "contains": _SchemaKeyword(single=True, since=Draft.DRAFT_6),
    "unevaluatedItems": _SchemaKeyword(single=True, since=Draft.DRAFT_2019_09),
    "unevaluatedProperties": _SchemaKeyword(single=True, since=Draft.DRAFT_2019_09),
    "contentSchema": _SchemaKeyword(single=True, since=Draft.DRAFT_2019_09),
    "allOf": _SchemaKeyword(listed=True),
    "anyOf": _SchemaKeyword(listed=True),
    "oneOf": _SchemaKeyword(listed=True),
    "not": _SchemaKeyword(single=True),
    "if": _SchemaKeyword(single=True, since=Draft.DRAFT_7),
    "then": _SchemaKeyword(single=True, since=Draft.DRAFT_7),
    "else": _SchemaKeyword(single=True, since=Draft.DRAFT_7),
    "definitions": _SchemaKeyword(named=True),
    "$defs": _SchemaKeyword(named=True, since=Draft.DRAFT_2019_09),
}


def children(schema: dict[str, Any], draft: Draft | None) -> Iterator[tuple[Steps, Any]]:
    """Yield the schemas directly inside *schema* with the steps that lead to them; draft None: of any draft."""
    for keyword, value in schema.items():
        place = _PLACES.get(keyword)
        if place is None or (draft is not None and not place.since <= draft <= place.until):
            continue
        if isinstance(value, list):
            if place.listed:
                yield from (((keyword, index), child) for index, child in enumerate(value))
        elif isinstance(value, dict) and place.named:
            yield from (((keyword, name), child) for name, child in value.items() if not isinstance(child, list))
        elif place.single and isinstance(value, dict | bool):
            yield (keyword,), value


_SAME_VALUE = frozenset(["allOf", "anyOf", "oneOf", "not", "if", "then", "else", "definitions", "$defs"])
"""Keywords whose schemas are applied to the same value, or only kept."""


def nested_schemas(schema: Any) -> int:
    """Count the schemas of values within each other, in any draft and without a stack of calls."""
    deepest = 0
    waiting = [(schema, 0)]
    while waiting:
        one, depth = waiting.pop()
        deepest = max(deepest, depth)
        if isinstance(one, dict):
            waiting.extend((child, depth + (steps[0] not in _SAME_VALUE)) for steps, child in children(one, None))
    return deepest
