"""The shape of a JSON Schema's events, over every schema that may apply to a value, in whatever branch.

What applies always (the schema itself, `allOf`, `$ref`) decides kinds and required fields; what may apply (`anyOf`,
`oneOf`, `if`, `dependentSchemas`) only adds fields.
"""

from collections.abc import Iterable
from typing import Any

from moorings.event_model.from_json_schema.locations import Location, below, location_of, properties_of
from moorings.event_model.shapes import ANY, ANYTHING, ARRAY, OBJECT, FieldShape, Shape
from moorings_compat import Schema
from moorings_compat.json_schema.documents.documents import Place
from moorings_compat.json_schema.model import model_of

_MOST_SHAPES = 5_000
_KINDS = {"object": OBJECT, "array": ARRAY, "string": "string", "boolean": "boolean", "null": "null"}


def read_shape(schema: Schema) -> Shape:
    """Return the shape of the events that *schema* describes."""
    return _JsonShapes().shape([model_of(schema).document.places[()]])


class _JsonShapes:
    def __init__(self) -> None:
        self._known: dict[frozenset[int], Shape] = {}

    def shape(self, starts: Iterable[Place]) -> Shape:
        location = location_of(starts)
        key = frozenset((*location.always, *location.sometimes))
        if key in self._known:
            return self._known[key]
        if len(self._known) >= _MOST_SHAPES:
            return ANY
        shape = self._known[key] = Shape()
        always = [one.content for one in location.always.values() if isinstance(one.content, dict)]
        shape.kinds = _possible_kinds(location)
        shape.symbols = _enum_symbols(always)
        self._add_fields(shape, location, always)
        items = below(location.places, "items", "prefixItems", "additionalItems", "contains", "unevaluatedItems")
        further = below(location.places, "additionalProperties", "unevaluatedProperties", "patternProperties")
        further = [one for one in further if one.content is not False]
        shape.items = self.shape(items) if items else None
        shape.values = self.shape(further) if further else None
        return shape

    def _add_fields(self, shape: Shape, location: Location, always: list[dict[str, Any]]) -> None:
        required = {name for one in always for name in _texts(one.get("required"))}
        named = properties_of(location.places)
        for name, places in named.items():
            shape.fields[name] = FieldShape(self.shape(places), name in required, present=name in required)
        for name in sorted(required - named.keys()):
            shape.fields[name] = FieldShape(ANY, required=True, present=True)


def _possible_kinds(location: Location) -> frozenset[str]:
    """Return the kinds that all that always applies allows; where that names none, those that alternatives name."""
    always = [found for one in location.always.values() if (found := _named_kinds(one.content)) is not None]
    if always:
        return frozenset.intersection(*always)
    sometimes = [found for one in location.sometimes.values() if (found := _named_kinds(one.content)) is not None]
    return frozenset().union(*sometimes) if sometimes else frozenset((ANYTHING,))


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


def _enum_symbols(always: list[dict[str, Any]]) -> frozenset[str] | None:
    for one in always:
        if isinstance(one.get("enum"), list):
            return frozenset(_texts(one["enum"]))
    return None


def _texts(found: Any) -> list[str]:
    return [one for one in found if isinstance(one, str)] if isinstance(found, list) else []
