"""The fields that a schema declares, location by location: what a writer may write, and what a reader looks at.

JSON Schema lets an object have fields that no schema mentions. Moorings reads a contract more strictly, as Avro and
Protobuf have it. A *location* of a value is where a set of schemas can apply: those that lead there, and all that they
apply in place (`$ref`, `allOf`, `anyOf`, `oneOf`, `not`, `if`, `then`, `else`, `dependentSchemas`, `dependencies`),
whichever branch a value takes. At a location

- a field is declared if one of the schemas names it in `properties`, or has a pattern in `patternProperties` that it
  matches; `required`, `propertyNames` and `dependentRequired` declare nothing;
- every field is declared if one of the schemas has `additionalProperties` or `unevaluatedProperties`, not `false`;
- every field is declared if none of the schemas names any field: ``{"type": "object"}`` is a free-form object. Where
  further fields are forbidden by all that speak of them, only those named are declared;
- every field is declared where `$dynamicRef` or `$recursiveRef` applies: which schemas they lead to depends on the way;
- all items of an array are one location: the union of `items`, `prefixItems`, `additionalItems`, `contains` and
  `unevaluatedItems`;
- the value of a field is a location of all schemas that can apply to it: those under its name, those of the patterns
  it matches, and `additionalProperties` or `unevaluatedProperties` of schemas that do not name it. If a named field
  matches a pattern too, the values of all fields of the location are free.

A location that restricts nothing, itself and below, is *free*: everything in its values is declared. What is declared
does not depend on the value, so leaving out what is not declared is one walk, and the same one for every value.

With `strict`, a shape closes every location that has named fields. Without, `additionalProperties` and
`unevaluatedProperties` decide for their object, `false` too: the schema's own validator refuses what they forbid.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from moorings_compat.json_schema.documents.documents import Place, reference_texts
from moorings_compat.json_schema.documents.drafts import Draft, children
from moorings_compat.json_schema.documents.resolving import all_applied_in_place, target_of
from moorings_compat.json_schema.nodes.validator import matches

_SETTLES = ("additionalProperties", "unevaluatedProperties")
_DYNAMIC = ("$dynamicRef", "$recursiveRef")
_ITEMS = ("items", "prefixItems", "additionalItems", "contains", "unevaluatedItems")
_TYPED = ("type", "enum", "const")
_MOST_LOCATIONS = 2000

_Key = frozenset[int]


@dataclass(slots=True, eq=False)
class Location:
    """What is declared at one location; a location below it that is None is free.

    Filled step by step while a schema is read, since schemas contain themselves.
    """

    pointer: str
    """Leads to a schema that applies here."""
    names: "dict[str, Location | None]" = field(default_factory=dict)
    patterns: tuple[str, ...] = ()
    of_patterns: "Location | None" = None
    """The values of fields that match a pattern."""
    closed: bool = False
    """Only fields in `names` and `patterns` are declared."""
    settled: bool = False
    """Closed by `additionalProperties` or `unevaluatedProperties`, for some branch at least."""
    further: "Location | None" = None
    """The values of all other fields, where they are declared."""
    items: "Location | None" = None

    def declares(self, name: str) -> bool:
        """Say whether the field *name* is declared."""
        return not self.closed or name in self.names or any(matches(one, name) for one in self.patterns)

    def below(self, name: str) -> "Location | None":
        """Return the location of the value of the declared field *name*."""
        if name in self.names:
            return self.names[name]
        return self.of_patterns if any(matches(one, name) for one in self.patterns) else self.further

    @property
    def inner(self) -> "Iterator[Location]":
        """The locations directly below that are not free."""
        for one in (*self.names.values(), self.of_patterns, self.further, self.items):
            if one is not None:
                yield one


@dataclass(frozen=True, slots=True)
class Declared:
    """What a schema declares."""

    root: Location | None
    """None if it declares everything."""
    loose: bool
    """Some values can have any type."""

    def shape(self, *, strict: bool = False) -> Any:
        """Return a schema of draft 2020-12 that refuses undeclared fields alone; None if it would refuse nothing."""
        if self.root is None:
            return None
        numbers = {one: f"location{number}" for number, one in enumerate(locations(self.root))}
        if not any(_closes(one, strict=strict) for one in numbers):
            return None
        definitions = {name: _definition(one, numbers, strict=strict) for one, name in numbers.items()}
        return {"$schema": Draft.DRAFT_2020_12.meta_schema, **_reference(self.root, numbers), "$defs": definitions}


def locations(root: Location) -> list[Location]:
    """List *root* and every location below it."""
    found = {root: None}
    waiting = [root]
    while waiting:
        for one in waiting.pop().inner:
            if one not in found:
                found[one] = None
                waiting.append(one)
    return list(found)


def _closes(location: Location, *, strict: bool) -> bool:
    return location.closed and (strict or not location.settled)


def _definition(location: Location, numbers: dict[Location, str], *, strict: bool) -> dict[str, Any]:
    definition: dict[str, Any] = {}
    if location.items is not None:
        definition["items"] = _reference(location.items, numbers)
    if location.names:
        definition["properties"] = {
            name: True if one is None else _reference(one, numbers) for name, one in location.names.items()
        }
    if location.patterns:
        below = True if location.of_patterns is None else _reference(location.of_patterns, numbers)
        definition["patternProperties"] = dict.fromkeys(location.patterns, below)
    if _closes(location, strict=strict):
        definition["additionalProperties"] = False
    elif location.further is not None:
        definition["additionalProperties"] = _reference(location.further, numbers)
    return definition


def _reference(location: Location, numbers: dict[Location, str]) -> dict[str, str]:
    return {"$ref": f"#/$defs/{numbers[location]}"}


def declared_at(root: Place) -> Declared:
    """Collect what the schema at *root* declares at each location of its values."""
    return _Locations().collect(root)


class _Locations:
    """Locations of a value, each as the set of all schemas that may apply there."""

    def __init__(self) -> None:
        self.known: dict[_Key, Location] = {}
        self.open_locations: list[tuple[Location, list[Place]]] = []
        self.loose = False

    def collect(self, root: Place) -> Declared:
        start = self._location([root])
        while self.open_locations:
            location, places = self.open_locations.pop()
            self._describe(location, places)
            if len(self.known) > _MOST_LOCATIONS:
                return Declared(None, loose=True)
        restricting = _restricting(self.known.values())
        for location in self.known.values():
            _free(location, restricting)
        return Declared(start if start in restricting else None, self.loose)

    def _location(self, starts: list[Place]) -> Location:
        """Return the location where *starts* apply."""
        places = all_applied_in_place(starts)
        key = frozenset(map(id, places))
        if key not in self.known:
            self.known[key] = Location(starts[0].pointer)
            self.open_locations.append((self.known[key], places))
            self.loose = self.loose or not any(_is_typed(place) for place in starts)
        return self.known[key]

    def _describe(self, location: Location, places: list[Place]) -> None:
        contents = [one.content for one in places if isinstance(one.content, dict) and not _is_hidden(one)]
        items = [child for place in places for child in _below(place, *_ITEMS)]
        if items:
            location.items = self._location(items)
        elif "array" in _value_types(contents):
            self.loose = True
        if any(keyword in content for content in contents for keyword in _DYNAMIC):
            self.loose = True
            return
        self._describe_fields(location, places, contents)

    def _describe_fields(self, location: Location, places: list[Place], contents: list[Any]) -> None:
        location.patterns = tuple(sorted({one for content in contents for one in content.get("patternProperties", ())}))
        names = sorted({name for content in contents for name in content.get("properties", ())})
        location.names = dict.fromkeys(names)
        if not any(matches(pattern, name) for pattern in location.patterns for name in names):
            for name in names:
                location.names[name] = self._location(list(_of_field(places, name)))
            if location.patterns:
                location.of_patterns = self._location(list(_of_patterns(places)))
        if any(keyword in content for content in contents for keyword in _SETTLES):
            self._describe_further(location, places, contents)
        elif names or location.patterns:
            location.closed = True
        elif "object" in _value_types(contents):
            self.loose = True

    def _describe_further(self, location: Location, places: list[Place], contents: list[Any]) -> None:
        further = [content[keyword] for content in contents for keyword in _SETTLES if keyword in content]
        if all(one is False for one in further):
            location.closed = location.settled = True
            return
        schemas = [child for place in places for child in _below(place, *_SETTLES)]
        if len(schemas) == len(further) and all(isinstance(one, dict) for one in further):
            location.further = self._location(schemas)
        else:
            self.loose = True


def _restricting(known: Iterable[Location]) -> set[Location]:
    """Return the locations of *known* where a field can be undeclared, there or below."""
    above: dict[Location, list[Location]] = {}
    for location in known:
        for one in location.inner:
            above.setdefault(one, []).append(location)
    waiting = [location for location in known if location.closed]
    found = set(waiting)
    while waiting:
        for one in above.get(waiting.pop(), ()):
            if one not in found:
                found.add(one)
                waiting.append(one)
    return found


def _free(location: Location, restricting: set[Location]) -> None:
    """Leave out the locations directly below that restrict nothing."""

    def kept(one: Location | None) -> Location | None:
        return one if one in restricting else None

    location.names = {name: kept(one) for name, one in location.names.items()}
    location.of_patterns, location.further = kept(location.of_patterns), kept(location.further)
    location.items = kept(location.items)


def _is_hidden(place: Place) -> bool:
    """Say whether all keywords but `$ref` are ignored here."""
    return place.draft.ref_hides_siblings and isinstance(place.content.get("$ref"), str)


def _below(place: Place, *keywords: str) -> list[Place]:
    """Return the schemas under *keywords* of a place."""
    if not isinstance(place.content, dict) or _is_hidden(place):
        return []
    steps = [steps for steps, _ in children(place.content, place.draft) if steps[0] in keywords]
    return [place.resource.document.places[place.steps + one] for one in steps]


def _of_field(places: list[Place], name: str) -> Iterator[Place]:
    """Yield the schemas that can apply to the value of the field *name*, which no pattern matches."""
    own: list[Place] = []
    others: list[Place] = []
    for place in places:
        named = [one for one in _below(place, "properties") if one.steps[len(place.steps) + 1] == name]
        own += named
        others += [] if named else _below(place, *_SETTLES)
    yield from own
    yield from (one for one in others if one.content is not False)


def _of_patterns(places: list[Place]) -> Iterator[Place]:
    """Yield the schemas that can apply to the values of fields that match a pattern."""
    for place in places:
        yield from _below(place, "patternProperties")
    for place in places:
        yield from (one for one in _below(place, *_SETTLES) if one.content is not False)


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
