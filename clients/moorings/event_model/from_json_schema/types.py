"""The types that every event of a JSON Schema keeps to, as far as Python's types can express them; else `Any`.

`allOf` is read as one object with the fields of all, `anyOf` and `oneOf` as unions. What only narrows values (bounds,
patterns, `not`, `if`) leaves their type as it is; a field that only such a part names is optional and may be anything.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from moorings.event_model import model
from moorings.event_model.model import (
    EnumerationType,
    EventField,
    EventModel,
    JsonConstraints,
    ListType,
    MapType,
    NamedType,
    RecordType,
    ScalarType,
    TypeReference,
    ValueType,
    union_of,
)
from moorings.event_model.values import fits
from moorings_compat import Schema
from moorings_compat.json_schema.documents.documents import Place
from moorings_compat.json_schema.documents.resolving import target_of
from moorings_compat.json_schema.model import model_of

_SCALARS = {
    "null": model.NONE,
    "boolean": model.BOOL,
    "integer": model.INT,
    "number": model.FLOAT,
    "string": model.STR,
}
_TYPE_KEYWORDS = frozenset(("type", "enum", "const", "$ref", "allOf", "anyOf", "oneOf", "$dynamicRef", "$recursiveRef"))
_OBJECT_KEYWORDS = frozenset(("properties", "patternProperties", "additionalProperties", "unevaluatedProperties"))
_CONDITIONAL = ("if", "then", "else", "not")
_TEXT = ScalarType(model.STR, "string")
_MOST_BRANCHES = 64
_MOST_PLACES = 20_000
"""Types that are not objects are repeated wherever they are used: a small schema can ask for millions."""


def read_types(schema: Schema, subject: str, *, docs: bool = False) -> EventModel:  # noqa: ARG001 - they cost nothing
    """Read the types of a JSON Schema; objects are named by their location: ``shop.orders.OrderShipped.to``."""
    root = model_of(schema).document.root
    reading = _ExactTypes(dict(_subjects(schema, subject)))
    type = reading.type(root.document.places[()], subject)
    return EventModel(type, reading.named)


def _subjects(schema: Schema, subject: str) -> Iterator[tuple[int, str]]:
    """Yield the name of each document, by its identity."""
    yield id(model_of(schema).document), subject
    for one in schema.references:
        yield from _subjects(one.schema, one.reference.subject)


@dataclass(slots=True)
class _Object:
    """One object, as several schemas together describe it."""

    properties: dict[str, list[Place]] = field(default_factory=dict)
    conditional: set[str] = field(default_factory=set)
    required: set[str] = field(default_factory=set)
    further: list[Place] = field(default_factory=list)
    open: bool = False
    """Further fields of any kind may be written."""


def _any(reason: str) -> ScalarType:
    return ScalarType(model.ANY, "anything", reason=reason)


class _ExactTypes:
    def __init__(self, subjects: Mapping[int, str]) -> None:
        self.subjects = subjects
        self.named: dict[str, NamedType] = {}
        self.names: dict[frozenset[tuple[int, Any]], str] = {}
        self.inside: list[int] = []
        self.read = 0

    def type(self, place: Place, name: str) -> ValueType:
        """Read the schema at *place*; an object there is called *name* unless a definition or title names it."""
        content = place.content
        if not isinstance(content, dict):
            return _any("the schema takes anything" if content else "the schema takes nothing")
        self.read += 1
        if self.read > _MOST_PLACES:
            return _any("the schema is too large to be spelled out")
        if id(place) in self.inside:
            return _any("a recursive type that is not an object")
        self.inside.append(id(place))
        try:
            return self._type(place, content, self._name(place, name))
        finally:
            self.inside.pop()

    def _name(self, place: Place, name: str) -> str:
        document = self.subjects.get(id(place.resource.document), "")
        if not place.steps:
            return document or name
        if len(place.steps) > 1 and place.steps[-2] in ("$defs", "definitions"):
            return f"{document}.{place.steps[-1]}"
        title = place.content.get("title")
        return f"{name.rpartition('.')[0]}.{title}" if isinstance(title, str) and title.strip() else name

    def _type(self, place: Place, content: Mapping[str, Any], name: str) -> ValueType:
        if "$dynamicRef" in content or "$recursiveRef" in content:
            return _any("the schema behind a dynamic reference is not fixed")
        if isinstance(content.get("$ref"), str) and (
            place.draft.ref_hides_siblings or not self._asserts_beside(content)
        ):
            return self.type(target_of(place, "$ref", content["$ref"]), name)
        if "enum" in content or "const" in content:
            return self._enumeration(content)
        parts = list(self._conjuncts(place))
        for keyword in ("oneOf", "anyOf"):
            with_branches = [one for one in parts if keyword in one.content]
            if with_branches:
                return self._branches(with_branches[0], keyword, parts, name)
        return self._conjunction(parts, name)

    def _asserts_beside(self, content: Mapping[str, Any]) -> bool:
        return not (_TYPE_KEYWORDS | _OBJECT_KEYWORDS | {"required", "items"}).isdisjoint(content.keys() - {"$ref"})

    def _conjuncts(self, place: Place) -> Iterator[Place]:
        """Yield the schemas that all apply to the same value: the one at *place*, those it refers to, and `allOf`."""
        if not isinstance(place.content, dict):
            return
        yield place
        reference = place.content.get("$ref")
        if isinstance(reference, str):
            yield from self._conjuncts(target_of(place, "$ref", reference))
        for number in range(len(place.content.get("allOf", ()))):
            yield from self._conjuncts(place.resource.document.places[(*place.steps, "allOf", number)])

    def _branches(self, place: Place, keyword: str, parts: list[Place], name: str) -> ValueType:
        document = place.resource.document
        branches = [document.places[(*place.steps, keyword, n)] for n in range(len(place.content[keyword]))]
        rest = [one for one in parts if one is not place]
        bare = Place(place.resource, place.steps, {k: v for k, v in place.content.items() if k != keyword})
        common = [bare, *rest] if self._describes(bare) else rest
        if not common:
            each = [self.type(one, f"{name}_{number + 1}") for number, one in enumerate(branches)]
            return union_of(each) if len(each) <= _MOST_BRANCHES else _any("too many alternatives")
        if not any(self._describes(one) for one in branches):
            return self._conjunction(common, name)
        each = []
        for number, branch in enumerate(branches):
            conjuncts = [*common, *self._conjuncts(branch)]
            if any(k in one.content for one in conjuncts for k in ("oneOf", "anyOf")):
                return _any(f"{keyword} inside {keyword}, with more beside it")
            each.append(self._conjunction(conjuncts, f"{name}_{number + 1}"))
        return union_of(each)

    def _describes(self, place: Place) -> bool:
        return isinstance(place.content, dict) and not (_TYPE_KEYWORDS | _OBJECT_KEYWORDS).isdisjoint(place.content)

    def _conjunction(self, parts: list[Place], name: str) -> ValueType:
        choices = [one.content for one in parts if "enum" in one.content or "const" in one.content]
        if choices:
            return self._enumeration(choices[0])
        kinds = self._kinds(parts)
        if kinds is None:
            return _any("the schema asks for no type")
        return (
            union_of([self._of_kind(kind, parts, name) for kind in kinds]) if kinds else _any("types that no value has")
        )

    def _kinds(self, parts: list[Place]) -> list[str] | None:
        """Return the types that all of *parts* allow; None when no part names any."""
        kinds: list[str] | None = None
        for one in parts:
            given = one.content.get("type")
            if given is not None:
                listed = given if isinstance(given, list) else [given]
                kinds = listed if kinds is None else _in_both(kinds, listed)
        return kinds

    def _of_kind(self, kind: str, parts: list[Place], name: str) -> ValueType:
        if kind == "object":
            return self._object(parts, name)
        if kind == "array":
            return self._array(parts, name)
        format = next((one.content["format"] for one in parts if isinstance(one.content.get("format"), str)), "")
        return ScalarType(_SCALARS[kind], kind, format if kind == "string" else "", constraints=_constraints(parts))

    def _array(self, parts: list[Place], name: str) -> ValueType:
        name = f"{name}_item"
        for one in parts:
            places = one.resource.document.places
            listed = "prefixItems" if "prefixItems" in one.content else "items"
            if isinstance(one.content.get(listed), list):
                rest = "items" if listed == "prefixItems" else "additionalItems"
                each = [places[(*one.steps, listed, n)] for n in range(len(one.content[listed]))]
                if one.content.get(rest) is not False:
                    if not isinstance(one.content.get(rest), dict):
                        return ListType(_any("items beyond those that the schema lists"))
                    each.append(places[(*one.steps, rest)])
                return ListType(union_of([self.type(place, name) for place in each]), constraints=_constraints(parts))
            if isinstance(one.content.get("items"), dict):
                return ListType(self.type(places[(*one.steps, "items")], name), constraints=_constraints(parts))
        return ListType(_any("the schema asks nothing of the items"), constraints=_constraints(parts))

    def _object(self, parts: list[Place], name: str) -> ValueType:
        found = _Object()
        for one in parts:
            self._note_object(found, one)
        if not found.properties and not found.required and not found.conditional:
            further = self._further(found, name) or _any("the schema asks nothing of the fields")
            return MapType(_TEXT, further, _constraints(parts))
        key = frozenset((id(one.resource.document), one.steps) for one in parts)
        if key in self.names:
            return TypeReference(self.names[key])
        while name in self.named:
            name += "_"
        self.names[key] = name
        self.named[name] = RecordType(name, ())  # for the fields that lead back to it
        doc = next((one.content["description"] for one in parts if isinstance(one.content.get("description"), str)), "")
        inside, self.inside = self.inside, []
        fields = tuple(
            self._field(found, one, name)
            for one in dict.fromkeys([*found.properties, *sorted(found.required), *sorted(found.conditional)])
        )
        extra = self._further(found, name) if found.open or found.further else None
        self.inside = inside
        self.named[name] = RecordType(name, fields, extra, doc)
        return TypeReference(name)

    def _note_object(self, found: _Object, place: Place) -> None:
        content, places = place.content, place.resource.document.places
        for name in content.get("properties", ()):
            found.properties.setdefault(name, []).append(places[(*place.steps, "properties", name)])
        if isinstance(content.get("required"), list):
            found.required.update(content["required"])
        found.further += [
            places[(*place.steps, "patternProperties", one)] for one in content.get("patternProperties", ())
        ]
        for keyword in ("additionalProperties", "unevaluatedProperties"):
            further = content.get(keyword)
            found.open = found.open or further is True or further == {}
            if isinstance(further, dict) and further:
                found.further.append(places[(*place.steps, keyword)])
        found.conditional |= set(_names_below(place))

    def _further(self, found: _Object, name: str) -> ValueType | None:
        if found.open:
            return _any("the schema asks nothing of further fields")
        return union_of([self.type(one, f"{name}_value") for one in found.further]) if found.further else None

    def _field(self, found: _Object, key: str, name: str) -> EventField:
        places, required = found.properties.get(key, []), key in found.required
        if not places:
            reason = "the schema does not describe it" if required else "only some events have it"
            return EventField(key, _any(reason), required=required, present=required)
        each = [self.type(one, f"{name}.{key}") for one in places]
        exact = [one for one in each if not (isinstance(one, ScalarType) and one.kind == model.ANY)]
        type = exact[0] if exact else each[0]
        content = places[0].content if isinstance(places[0].content, dict) else {}
        doc = content.get("description")
        default = content.get("default", model.NO_DEFAULT)
        if required or default is model.NO_DEFAULT or not fits(default, type, EventModel(type, self.named)):
            default = model.NO_DEFAULT
        return EventField(key, type, required, required, default, doc if isinstance(doc, str) else "")

    def _enumeration(self, content: Mapping[str, Any]) -> ValueType:
        values = [content["const"]] if "const" in content else content["enum"]
        if all(value is None or isinstance(value, str | int) for value in values):
            values_but_none = [value for value in values if value is not None]
            branches: list[ValueType] = [EnumerationType("", tuple(values_but_none))] if values_but_none else []
            return union_of([*branches, ScalarType(model.NONE, "null")] if None in values else branches)
        if all(isinstance(value, int | float) and not isinstance(value, bool) for value in values):
            return ScalarType(model.FLOAT, "number")
        return _any("an enumeration of objects, arrays or fractions")


def _constraints(parts: list[Place]) -> JsonConstraints:
    return JsonConstraints(parts[0].draft.meta_schema, tuple(one.content for one in parts))


def _in_both(kinds: list[str], others: list[str]) -> list[str]:
    whole = ["integer"] if "integer" in (*kinds, *others) and "number" in (*kinds, *others) else []
    common = [kind for kind in kinds if kind in others]
    return common if "number" in common else list(dict.fromkeys([*common, *whole]))


def _names_below(place: Place) -> Iterator[str]:
    """Yield the fields that only conditional parts name."""
    content = place.content
    conditional: list[Any] = [content.get(keyword) for keyword in _CONDITIONAL]
    for keyword in ("dependentSchemas", "dependencies"):
        named = content.get(keyword)
        conditional += named.values() if isinstance(named, dict) else ()
    for one in conditional:
        properties = one.get("properties") if isinstance(one, dict) else None
        yield from properties if isinstance(properties, dict) else ()
