"""The outline of a JSON Schema, over every schema that may apply at a place, in whatever branch.

A field has the tags of all of them: `confluent:tags` stand in the schema of the property.
"""

from collections.abc import Iterable
from typing import Any

from moorings.rules.outlines.model import ANYTHING, Choice, Field, Leaf, Listing, Outline, Record, Tags
from moorings_compat import Schema
from moorings_compat.json_schema.documents.documents import Place
from moorings_compat.json_schema.documents.drafts import children
from moorings_compat.json_schema.documents.resolving import applied_in_place
from moorings_compat.json_schema.model import model_of

_MOST_PLACES = 5_000
_MOST_RECORDS = 5_000
"""Records that are told apart by their paths; of a schema that contains itself, events may have any number."""


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_whole(value: Any) -> bool:
    return _is_number(value) and value == value // 1


_TYPES = {
    "string": Leaf("STRING", lambda value: isinstance(value, str)),
    "integer": Leaf("INT", _is_whole),
    "number": Leaf("DOUBLE", _is_number),
    "boolean": Leaf("BOOLEAN", lambda value: isinstance(value, bool)),
    "null": Leaf("NULL", lambda value: value is None),
}
_ENUM = Leaf("ENUM", lambda value: not isinstance(value, list | dict))
_IN_A_LIST = ("items", "prefixItems", "additionalItems")


def json_outline(schema: Schema, tags: Tags) -> Outline:
    """Return the outline of the events that *schema* describes."""
    return _Reading(tags).outline([model_of(schema).document.places[()]], "$")


class _Reading:
    """A property's full name is its path, so one schema in two places is two records."""

    def __init__(self, tags: Tags) -> None:
        self._tags = tags
        self._known: dict[frozenset[int], Record] = {}
        self._made = 0

    def outline(self, starts: Iterable[Place], path: str) -> Outline:
        places = _all_in_place(starts)
        branches: list[Outline] = [*self._records(places, path), *self._lists(places, path), *_leaves(places)]
        return branches[0] if len(branches) == 1 else Choice(tuple(branches)) if branches else ANYTHING

    def _records(self, places: list[Place], path: str) -> Iterable[Record]:
        key = frozenset(map(id, places))
        if self._made > _MOST_RECORDS and key in self._known:
            yield self._known[key]
            return
        properties: dict[str, list[Place]] = {}
        for place in places:
            for steps, child in _inside(place, "properties"):
                properties.setdefault(str(steps[1]), []).append(child)
        if properties:
            self._made += 1
            record = Record(path, lambda: {name: self._field(name, path, properties[name]) for name in properties})
            yield self._known.setdefault(key, record) if self._made > _MOST_RECORDS else record

    def _field(self, name: str, path: str, schemas: list[Place]) -> Field:
        full = f"{path}.{name}"
        return Field(name, full, self._tags.of(full, _inline(schemas)), self.outline(schemas, full))

    def _lists(self, places: list[Place], path: str) -> Iterable[Listing]:
        items = [child for place in places for keyword in _IN_A_LIST for _, child in _inside(place, keyword)]
        if items:
            yield Listing(self.outline(items, path))


def _all_in_place(starts: Iterable[Place]) -> list[Place]:
    """Return the schemas of one place with all that are applied to the same value, each once."""
    found: dict[int, Place] = {}
    waiting = list(starts)
    while waiting:
        place = waiting.pop(0)
        if id(place) not in found and len(found) < _MOST_PLACES:
            found[id(place)] = place
            waiting.extend(applied_in_place(place))
    return list(found.values())


def _inside(place: Place, keyword: str) -> list[tuple[tuple[Any, ...], Place]]:
    """Return the schemas under a keyword, with the steps that lead to them."""
    content, known = place.content, place.resource.document.places
    if not isinstance(content, dict):
        return []
    found = [steps for steps, _ in children(content, place.draft) if steps[0] == keyword]
    return [(steps, known[place.steps + steps]) for steps in found if place.steps + steps in known]


def _leaves(places: list[Place]) -> Iterable[Leaf]:
    contents = [place.content for place in places if isinstance(place.content, dict)]
    if any("enum" in one or "const" in one for one in contents):
        return [_ENUM]
    named = dict.fromkeys(name for one in contents for name in _types(one) if name in _TYPES)
    return [_TYPES[name] for name in named]


def _types(content: dict[str, Any]) -> list[str]:
    types = content.get("type", ())
    return [types] if isinstance(types, str) else list(types)


def _inline(schemas: Iterable[Place]) -> list[str]:
    found: list[str] = []
    for place in schemas:
        tags = place.content.get("confluent:tags") if isinstance(place.content, dict) else None
        found.extend(str(tag) for tag in tags or () if isinstance(tags, list))
    return found
