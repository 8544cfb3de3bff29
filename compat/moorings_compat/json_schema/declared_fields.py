"""The fields that a schema declares, as a second schema that refuses every other one.

JSON Schema lets an object have fields that are not declared. A producer that writes one has usually mistyped a name, so
the client refuses it, unless the schema mentions further fields: `additionalProperties` or `unevaluatedProperties`,
whatever their value, decide for their object.

A field is declared if any schema that can apply to its object names it, in any branch. So only fields that are declared
nowhere are refused.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from moorings_compat.json_schema.documents.documents import Place, reference_texts
from moorings_compat.json_schema.documents.drafts import Draft, children
from moorings_compat.json_schema.documents.resolving import applied_in_place, target_of
from moorings_compat.json_schema.model import model_of
from moorings_compat.schema import Schema

_SETTLES = ("additionalProperties", "unevaluatedProperties")
_DYNAMIC = ("$dynamicRef", "$recursiveRef")
_ITEMS = ("items", "prefixItems", "additionalItems", "contains", "unevaluatedItems")
_TYPED = ("type", "enum", "const")
_MOST_LOCATIONS = 2000

_Key = frozenset[int]


@dataclass(frozen=True, slots=True)
class Declared:
    """`shape` is a schema of draft 2020-12; None if it would not refuse anything.

    `loose` says that some values can have any type.
    """

    shape: Any
    loose: bool


def declared(schema: Schema) -> Declared:
    """Collect what *schema* declares at each location of its values."""
    root = model_of(schema).document.root
    return _Locations().collect(root.document.places[()])


class _Locations:
    """Locations of a value, each as the set of all schemas that may apply there; each set becomes one definition."""

    def __init__(self) -> None:
        self.names: dict[_Key, str] = {}
        self.definitions: dict[str, Any] = {}
        self.open_locations: list[tuple[str, list[Place]]] = []
        self.loose = False
        self.closes = False

    def collect(self, root: Place) -> Declared:
        reference = self._location([root])
        while self.open_locations:
            name, places = self.open_locations.pop()
            self.definitions[name] = self._definition(places)
            if len(self.names) > _MOST_LOCATIONS:
                return Declared(None, loose=True)
        shape = {"$schema": Draft.DRAFT_2020_12.meta_schema, **reference, "$defs": self.definitions}
        return Declared(shape if self.closes else None, self.loose)

    def _location(self, starts: Iterable[Place]) -> dict[str, str]:
        """Return a reference to the definition of the location where *starts* apply."""
        places = _in_place(starts)
        key = frozenset(map(id, places))
        if key not in self.names:
            self.names[key] = f"location{len(self.names)}"
            self.open_locations.append((self.names[key], places))
            self.loose = self.loose or not any(_is_typed(place) for place in starts)
        return {"$ref": f"#/$defs/{self.names[key]}"}

    def _definition(self, places: list[Place]) -> dict[str, Any]:
        contents = [place.content for place in places if isinstance(place.content, dict)]
        definition: dict[str, Any] = {}
        items = [child for place in places for child in _below(place, *_ITEMS)]
        if items:
            definition["items"] = self._location(items)
        elif "array" in _value_types(contents):
            self.loose = True
        if any(keyword in content for content in contents for keyword in _DYNAMIC):
            self.loose = True
            return definition
        self._describe_fields(definition, places, contents)
        return definition

    def _describe_fields(self, definition: dict[str, Any], places: list[Place], contents: list[Any]) -> None:
        patterns = sorted({pattern for content in contents for pattern in content.get("patternProperties", ())})
        names = sorted({name for content in contents for name in content.get("properties", ())})
        properties: dict[str, Any] = dict.fromkeys(names, True)
        if not patterns:  # a field that a pattern matches too has declarations in both places: left as it is
            for name in names:
                properties[name] = self._location(_property_places(places, name))
        if names:
            definition["properties"] = properties
        if patterns:
            definition["patternProperties"] = dict.fromkeys(patterns, True)
        if any(keyword in content for content in contents for keyword in _SETTLES):
            self._describe_further(definition, places, contents)
        elif names or patterns:
            definition["additionalProperties"] = False
            self.closes = True
        elif "object" in _value_types(contents):
            self.loose = True

    def _describe_further(self, definition: dict[str, Any], places: list[Place], contents: list[Any]) -> None:
        further = [content[keyword] for content in contents for keyword in _SETTLES if keyword in content]
        if all(one is False for one in further):
            return
        schemas = [child for place in places for child in _below(place, *_SETTLES)]
        if len(further) == len(schemas) == 1 and isinstance(further[0], dict) and "patternProperties" not in definition:
            definition["additionalProperties"] = self._location(schemas)
        else:
            self.loose = True


def _in_place(starts: Iterable[Place]) -> list[Place]:
    found = {id(place): place for place in starts}
    waiting = list(found.values())
    while waiting:
        for place in applied_in_place(waiting.pop()):
            if id(place) not in found:
                found[id(place)] = place
                waiting.append(place)
    return list(found.values())


def _below(place: Place, *keywords: str) -> list[Place]:
    """Return the schemas under *keywords* of a place."""
    if not isinstance(place.content, dict) or (place.draft.ref_hides_siblings and "$ref" in place.content):
        return []
    steps = [steps for steps, _ in children(place.content, place.draft) if steps[0] in keywords]
    return [place.resource.document.places[place.steps + one] for one in steps]


def _property_places(places: list[Place], name: str) -> list[Place]:
    below = [(place, child) for place in places for child in _below(place, "properties")]
    return [child for place, child in below if child.steps[len(place.steps) :] == ("properties", name)]


def _is_typed(place: Place) -> bool:
    """Say whether every value here has to be of a type, or one of listed values, on every way through the schema."""
    content = place.content
    if not isinstance(content, dict):
        return content is False
    if any(keyword in content for keyword in _TYPED):
        return True
    document = place.resource.document
    for keyword, every in (("allOf", False), ("anyOf", True), ("oneOf", True)):
        branches = [document.places[(*place.steps, keyword, n)] for n in range(len(content.get(keyword, ())))]
        verdicts = [_is_typed(branch) for branch in branches]
        if verdicts and (all(verdicts) if every else any(verdicts)):
            return True
    return any(_is_typed(target_of(place, keyword, text)) for keyword, text in reference_texts(place))


def _value_types(contents: list[Any]) -> set[str]:
    """Collect the types that values of a location may have; all that matter here when no schema names one."""
    named = [content["type"] for content in contents if "type" in content]
    if named:
        return {one for types in named for one in (types if isinstance(types, list) else [types])}
    listed = any(keyword in content for content in contents for keyword in ("enum", "const"))
    return set() if listed else {"object", "array"}
