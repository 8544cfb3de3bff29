"""The shapes of a JSON Schema: as far as Python's types can say what it says, and `Any` with a reason beyond that.

`allOf` is read as one object with the fields of all, `anyOf` and `oneOf` as unions. What only narrows values (bounds,
patterns, `not`, `if`) leaves their type as it is; a field that only such a part names may be there and may be anything.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from moorings.event_model import model
from moorings.event_model.model import (
    Choice,
    Entries,
    Field,
    Items,
    Named,
    Record,
    Rules,
    Shape,
    Shapes,
    Simple,
    Use,
    union_of,
)
from moorings.event_model.values import fits
from moorings_compat import Schema
from moorings_compat.json_schema.documents.documents import Place
from moorings_compat.json_schema.documents.resolving import target_of
from moorings_compat.json_schema.model import model_of

_PLAIN = {
    "null": model.NONE,
    "boolean": model.BOOL,
    "integer": model.INT,
    "number": model.FLOAT,
    "string": model.STR,
}
_SAYS_WHAT = frozenset(("type", "enum", "const", "$ref", "allOf", "anyOf", "oneOf", "$dynamicRef", "$recursiveRef"))
_OBJECT_WORDS = frozenset(("properties", "patternProperties", "additionalProperties", "unevaluatedProperties"))
_SOMETIMES = ("if", "then", "else", "not")
_TEXT = Simple(model.STR, "string")
_MOST_BRANCHES = 64
_MOST_PLACES = 20_000
"""Types that are no objects are spelled out wherever they are used: a small schema can ask for millions."""


def read(schema: Schema, subject: str) -> Shapes:
    """Read the shapes of a JSON Schema; objects are called by where they stand: ``shop.orders.OrderShipped.to``."""
    root = model_of(schema).document.root
    reading = _Reading(dict(_subjects(schema, subject)))
    shape = reading.shape(root.document.places[()], subject)
    return Shapes(shape, reading.named)


def _subjects(schema: Schema, subject: str) -> Iterator[tuple[int, str]]:
    """Yield what each document is called, by its identity."""
    yield id(model_of(schema).document), subject
    for one in schema.references:
        yield from _subjects(one.schema, one.reference.subject)


@dataclass(slots=True)
class _Object:
    """What several schemas together say of one object."""

    properties: dict[str, list[Place]] = field(default_factory=dict)
    sometimes: set[str] = field(default_factory=set)
    required: set[str] = field(default_factory=set)
    further: list[Place] = field(default_factory=list)
    open: bool = False
    """Further fields of any kind may be written."""


def _any(why: str) -> Simple:
    return Simple(model.ANY, "anything", why=why)


class _Reading:
    def __init__(self, subjects: Mapping[int, str]) -> None:
        self.subjects = subjects
        self.named: dict[str, Named] = {}
        self.names: dict[frozenset[tuple[int, Any]], str] = {}
        self.inside: list[int] = []
        self.read = 0

    def shape(self, place: Place, name: str) -> Shape:
        """Read the schema at *place*; an object there is called *name* unless a definition or title names it."""
        content = place.content
        if not isinstance(content, dict):
            return _any("the schema takes anything" if content else "the schema takes nothing")
        self.read += 1
        if self.read > _MOST_PLACES:
            return _any("the schema is too large to be spelled out")
        if id(place) in self.inside:
            return _any("a recursive type that is no object")
        self.inside.append(id(place))
        try:
            return self._shape(place, content, self._name(place, name))
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

    def _shape(self, place: Place, content: Mapping[str, Any], name: str) -> Shape:
        if "$dynamicRef" in content or "$recursiveRef" in content:
            return _any("what a dynamic reference leads to depends on who refers")
        if isinstance(content.get("$ref"), str) and (
            place.draft.ref_hides_siblings or not self._asserts_beside(content)
        ):
            return self.shape(target_of(place, "$ref", content["$ref"]), name)
        if "enum" in content or "const" in content:
            return self._choice(content)
        parts = list(self._conjuncts(place))
        for keyword in ("oneOf", "anyOf"):
            with_branches = [one for one in parts if keyword in one.content]
            if with_branches:
                return self._branches(with_branches[0], keyword, parts, name)
        return self._conjunction(parts, name)

    def _asserts_beside(self, content: Mapping[str, Any]) -> bool:
        return not (_SAYS_WHAT | _OBJECT_WORDS | {"required", "items"}).isdisjoint(content.keys() - {"$ref"})

    def _conjuncts(self, place: Place) -> Iterator[Place]:
        """Yield the schemas that all hold of the same value: the place itself, what it refers to, and `allOf`."""
        if not isinstance(place.content, dict):
            return
        yield place
        reference = place.content.get("$ref")
        if isinstance(reference, str):
            yield from self._conjuncts(target_of(place, "$ref", reference))
        for number in range(len(place.content.get("allOf", ()))):
            yield from self._conjuncts(place.resource.document.places[(*place.steps, "allOf", number)])

    def _branches(self, place: Place, keyword: str, parts: list[Place], name: str) -> Shape:
        document = place.resource.document
        branches = [document.places[(*place.steps, keyword, n)] for n in range(len(place.content[keyword]))]
        rest = [one for one in parts if one is not place]
        bare = Place(place.resource, place.steps, {k: v for k, v in place.content.items() if k != keyword})
        common = [bare, *rest] if self._says_anything(bare) else rest
        if not common:
            each = [self.shape(one, f"{name}_{number + 1}") for number, one in enumerate(branches)]
            return union_of(each) if len(each) <= _MOST_BRANCHES else _any("too many alternatives")
        if not any(self._says_anything(one) for one in branches):
            return self._conjunction(common, name)
        each = []
        for number, branch in enumerate(branches):
            conjuncts = [*common, *self._conjuncts(branch)]
            if any(k in one.content for one in conjuncts for k in ("oneOf", "anyOf")):
                return _any(f"{keyword} inside {keyword}, with more beside it")
            each.append(self._conjunction(conjuncts, f"{name}_{number + 1}"))
        return union_of(each)

    def _says_anything(self, place: Place) -> bool:
        return isinstance(place.content, dict) and not (_SAYS_WHAT | _OBJECT_WORDS).isdisjoint(place.content)

    def _conjunction(self, parts: list[Place], name: str) -> Shape:
        choices = [one.content for one in parts if "enum" in one.content or "const" in one.content]
        if choices:
            return self._choice(choices[0])
        kinds = self._kinds(parts)
        if kinds is None:
            return _any("the schema asks for no type")
        return (
            union_of([self._of_kind(kind, parts, name) for kind in kinds]) if kinds else _any("types that no value has")
        )

    def _kinds(self, parts: list[Place]) -> list[str] | None:
        """Return the types that all of *parts* allow; None when none of them names any."""
        kinds: list[str] | None = None
        for one in parts:
            said = one.content.get("type")
            if said is not None:
                listed = said if isinstance(said, list) else [said]
                kinds = listed if kinds is None else _in_both(kinds, listed)
        return kinds

    def _of_kind(self, kind: str, parts: list[Place], name: str) -> Shape:
        if kind == "object":
            return self._object(parts, name)
        if kind == "array":
            return self._array(parts, name)
        format = next((one.content["format"] for one in parts if isinstance(one.content.get("format"), str)), "")
        return Simple(_PLAIN[kind], kind, format if kind == "string" else "", rules=_rules(parts))

    def _array(self, parts: list[Place], name: str) -> Shape:
        name = f"{name}_item"
        for one in parts:
            places = one.resource.document.places
            listed = "prefixItems" if "prefixItems" in one.content else "items"
            if isinstance(one.content.get(listed), list):
                rest = "items" if listed == "prefixItems" else "additionalItems"
                each = [places[(*one.steps, listed, n)] for n in range(len(one.content[listed]))]
                if one.content.get(rest) is not False:
                    if not isinstance(one.content.get(rest), dict):
                        return Items(_any("items beyond those that the schema lists"))
                    each.append(places[(*one.steps, rest)])
                return Items(union_of([self.shape(place, name) for place in each]), rules=_rules(parts))
            if isinstance(one.content.get("items"), dict):
                return Items(self.shape(places[(*one.steps, "items")], name), rules=_rules(parts))
        return Items(_any("the schema asks nothing of the items"), rules=_rules(parts))

    def _object(self, parts: list[Place], name: str) -> Shape:
        found = _Object()
        for one in parts:
            self._note_object(found, one)
        if not found.properties and not found.required and not found.sometimes:
            further = self._further(found, name) or _any("the schema asks nothing of the fields")
            return Entries(_TEXT, further, _rules(parts))
        key = frozenset((id(one.resource.document), one.steps) for one in parts)
        if key in self.names:
            return Use(self.names[key])
        while name in self.named:
            name += "_"
        self.names[key] = name
        self.named[name] = Record(name, ())  # stands there while its fields lead back to it
        doc = next((one.content["description"] for one in parts if isinstance(one.content.get("description"), str)), "")
        inside, self.inside = self.inside, []
        fields = tuple(
            self._field(found, one, name)
            for one in dict.fromkeys([*found.properties, *sorted(found.required), *sorted(found.sometimes)])
        )
        extra = self._further(found, name) if found.open or found.further else None
        self.inside = inside
        self.named[name] = Record(name, fields, extra, doc)
        return Use(name)

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
        found.sometimes |= set(_names_below(place))

    def _further(self, found: _Object, name: str) -> Shape | None:
        if found.open:
            return _any("the schema asks nothing of further fields")
        return union_of([self.shape(one, f"{name}_value") for one in found.further]) if found.further else None

    def _field(self, found: _Object, key: str, name: str) -> Field:
        places, needed = found.properties.get(key, []), key in found.required
        if not places:
            why = "the schema does not describe it" if needed else "only some events have it"
            return Field(key, _any(why), needed=needed, given=needed)
        each = [self.shape(one, f"{name}.{key}") for one in places]
        told = [one for one in each if not (isinstance(one, Simple) and one.kind == model.ANY)]
        shape = told[0] if told else each[0]
        content = places[0].content if isinstance(places[0].content, dict) else {}
        doc = content.get("description")
        default = content.get("default", model.NO_DEFAULT)
        if needed or default is model.NO_DEFAULT or not fits(default, shape, Shapes(shape, self.named)):
            default = model.NO_DEFAULT
        return Field(key, shape, needed, needed, default, doc if isinstance(doc, str) else "")

    def _choice(self, content: Mapping[str, Any]) -> Shape:
        values = [content["const"]] if "const" in content else content["enum"]
        if all(value is None or isinstance(value, str | int) for value in values):
            told = [value for value in values if value is not None]
            choice: list[Shape] = [Choice("", tuple(told))] if told else []
            return union_of([*choice, Simple(model.NONE, "null")] if None in values else choice)
        if all(isinstance(value, int | float) and not isinstance(value, bool) for value in values):
            return Simple(model.FLOAT, "number")
        return _any("an enumeration of objects, arrays or fractions")


def _rules(parts: list[Place]) -> Rules:
    return Rules(parts[0].draft.meta_schema, tuple(one.content for one in parts))


def _in_both(kinds: list[str], others: list[str]) -> list[str]:
    whole = ["integer"] if "integer" in (*kinds, *others) and "number" in (*kinds, *others) else []
    common = [kind for kind in kinds if kind in others]
    return common if "number" in common else list(dict.fromkeys([*common, *whole]))


def _names_below(place: Place) -> Iterator[str]:
    """Yield the fields that parts name which hold only sometimes."""
    content = place.content
    conditional: list[Any] = [content.get(keyword) for keyword in _SOMETIMES]
    for keyword in ("dependentSchemas", "dependencies"):
        named = content.get(keyword)
        conditional += named.values() if isinstance(named, dict) else ()
    for one in conditional:
        properties = one.get("properties") if isinstance(one, dict) else None
        yield from properties if isinstance(properties, dict) else ()
