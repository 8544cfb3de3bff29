"""The shape of a JSON Schema, over every schema that may apply at a place, in whatever branch.

What applies always (the schema itself, `allOf`, `$ref`) decides kinds and required fields; what may apply (`anyOf`,
`oneOf`, `if`, `dependentSchemas`) only adds fields.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from moorings.shapes.model import ANY, ANYTHING, ARRAY, OBJECT, FieldShape, Shape
from moorings_compat import Schema
from moorings_compat.json_schema.documents.documents import Place, reference_texts
from moorings_compat.json_schema.documents.drafts import children
from moorings_compat.json_schema.documents.resolving import target_of
from moorings_compat.json_schema.model import model_of

_MOST_PLACES = 5_000
_CHOICES = ("anyOf", "oneOf")
_MAYBE = ("if", "then", "else", "dependentSchemas", "dependencies")
_KINDS = {"object": OBJECT, "array": ARRAY, "string": "string", "boolean": "boolean", "null": "null"}


def json_shape(schema: Schema) -> Shape:
    """Return the shape of the events that *schema* describes."""
    document = model_of(schema).document
    return _Building().shape([document.places[()]])


@dataclass(slots=True)
class _Location:
    """Every schema that may apply at one place of an event."""

    always: dict[int, Place] = field(default_factory=dict)
    maybe: dict[int, Place] = field(default_factory=dict)

    @property
    def places(self) -> list[Place]:
        return [*self.always.values(), *self.maybe.values()]


class _Building:
    def __init__(self) -> None:
        self._known: dict[frozenset[int], Shape] = {}

    def shape(self, starts: Iterable[Place]) -> Shape:
        location = _location(starts)
        key = frozenset((*location.always, *location.maybe))
        if key in self._known:
            return self._known[key]
        if len(self._known) >= _MOST_PLACES:
            return ANY
        shape = self._known[key] = Shape()
        always = [one.content for one in location.always.values() if isinstance(one.content, dict)]
        shape.kinds = _kinds(location)
        shape.symbols = _symbols(always)
        self._add_fields(shape, location, always)
        items = _below(location.places, "items", "prefixItems", "additionalItems", "contains", "unevaluatedItems")
        further = _below(location.places, "additionalProperties", "unevaluatedProperties", "patternProperties")
        further = [one for one in further if one.content is not False]
        shape.items = self.shape(items) if items else None
        shape.values = self.shape(further) if further else None
        return shape

    def _add_fields(self, shape: Shape, location: _Location, always: list[dict[str, Any]]) -> None:
        required = {name for one in always for name in _listed(one.get("required"))}
        named: dict[str, list[Place]] = {}
        for place in location.places:
            for steps, child in _children(place):
                if steps[0] == "properties":
                    named.setdefault(str(steps[1]), []).append(child)
        for name, places in named.items():
            shape.fields[name] = FieldShape(self.shape(places), name in required, present=name in required)
        for name in sorted(required - named.keys()):
            shape.fields[name] = FieldShape(ANY, required=True, present=True)


def _location(starts: Iterable[Place]) -> _Location:
    location = _Location()
    waiting = [(place, True) for place in starts]
    while waiting:
        place, sure = waiting.pop()
        if id(place) in location.always or (not sure and id(place) in location.maybe):
            continue
        location.maybe.pop(id(place), None)
        (location.always if sure else location.maybe)[id(place)] = place
        waiting += [(one, sure and always) for one, always in _in_place(place)]
    return location


def _in_place(place: Place) -> list[tuple[Place, bool]]:
    """Return the schemas that apply to the same value, and whether they always do."""
    found = [(target_of(place, keyword, text), True) for keyword, text in reference_texts(place)]
    for steps, child in _children(place):
        if steps[0] == "allOf":
            found.append((child, True))
        elif steps[0] in _CHOICES or steps[0] in _MAYBE:
            found.append((child, False))
    return found


def _children(place: Place) -> list[tuple[tuple[Any, ...], Place]]:
    content = place.content
    if not isinstance(content, dict) or (place.draft.ref_hides_siblings and "$ref" in content):
        return []
    document = place.resource.document
    return [(steps, document.places[place.steps + steps]) for steps, _ in children(content, place.draft)]


def _below(places: list[Place], *keywords: str) -> list[Place]:
    return [child for place in places for steps, child in _children(place) if steps[0] in keywords]


def _kinds(location: _Location) -> frozenset[str]:
    """Return what all that always applies allows; where that says nothing, what the alternatives name."""
    always = [found for one in location.always.values() if (found := _named_kinds(one.content)) is not None]
    if always:
        return frozenset.intersection(*always)
    maybe = [found for one in location.maybe.values() if (found := _named_kinds(one.content)) is not None]
    return frozenset().union(*maybe) if maybe else frozenset((ANYTHING,))


def _named_kinds(content: Any) -> frozenset[str] | None:
    if not isinstance(content, dict):
        return None
    if "type" in content:
        types = content["type"] if isinstance(content["type"], list) else [content["type"]]
        return frozenset(_KINDS.get(str(one), str(one)) for one in types)
    listed = content.get("enum", [content["const"]] if "const" in content else None)
    return frozenset({_kind_of(one) for one in listed}) if isinstance(listed, list) else None


def _kind_of(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return "null" if value is None else "boolean"
    if isinstance(value, str):
        return "string"
    if isinstance(value, int | float):
        return "integer" if isinstance(value, int) else "number"
    return ARRAY if isinstance(value, list) else OBJECT


def _symbols(always: list[dict[str, Any]]) -> frozenset[str] | None:
    for one in always:
        if isinstance(one.get("enum"), list):
            return frozenset(_listed(one["enum"]))
    return None


def _listed(found: Any) -> list[str]:
    return [one for one in found if isinstance(one, str)] if isinstance(found, list) else []
