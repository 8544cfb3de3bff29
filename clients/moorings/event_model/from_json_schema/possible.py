"""Every field that an event of a JSON Schema may have: whichever alternative applies, rules find it with all its tags.

`confluent:tags` are in the schema of a property; a field has those of every schema that may apply to it.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import count
from typing import Any

from moorings.event_model import model
from moorings.event_model.from_json_schema.locations import below, possible_places, properties_of
from moorings.event_model.model import (
    ANYTHING,
    EventField,
    EventModel,
    ListType,
    NamedType,
    RecordType,
    ScalarType,
    TypeReference,
    UnionType,
    ValueType,
)
from moorings_compat import Schema
from moorings_compat.json_schema.documents.documents import Place
from moorings_compat.json_schema.model import model_of

_SCALARS = {
    "string": ScalarType(model.STR, "string", primitive="string"),
    "integer": ScalarType(model.INT, "integer", primitive="integer"),
    "number": ScalarType(model.FLOAT, "number", primitive="number"),
    "boolean": ScalarType(model.BOOL, "boolean", primitive="boolean"),
    "null": ScalarType(model.NONE, "null", primitive="null"),
}
_DEEPEST_ARRAYS = 100
"""Arrays directly inside one another: a schema that contains itself has them without end."""
_SYMBOL = ScalarType(model.ANY, "a value that the schema lists", primitive="enum")


def read_possible(schema: Schema) -> EventModel:
    """Return the model of all fields that an event of *schema* may have."""
    records = _PossibleRecords()
    root = records.type([model_of(schema).document.places[()]])
    return EventModel(root, records)


class _PossibleRecords(Mapping[str, NamedType]):
    """The records of a schema, each made when it is first looked up: few events have all that might be there.

    A record is known by the schemas that may apply to it, and these have combinations without number.
    """

    def __init__(self) -> None:
        self._names: dict[frozenset[int], str] = {}
        self._numbers = count(1)
        self._properties: dict[str, dict[str, list[Place]]] = {}
        self._made: dict[str, RecordType] = {}

    def __getitem__(self, name: str) -> RecordType:
        if name not in self._made:
            fields = [self._field(key, schemas) for key, schemas in self._properties[name].items()]
            self._made.setdefault(name, RecordType(name, tuple(fields)))
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._properties)

    def __len__(self) -> int:
        return len(self._properties)

    def type(self, starts: Iterable[Place], arrays: int = 0) -> ValueType:
        """Return the type of what *starts* apply to, which is inside so many *arrays*."""
        places = possible_places(starts)
        branches: list[ValueType] = [*self._objects(places), *self._arrays(places, arrays + 1), *_scalar_types(places)]
        return branches[0] if len(branches) == 1 else UnionType(tuple(branches)) if branches else ANYTHING

    def _objects(self, places: list[Place]) -> Iterator[TypeReference]:
        properties = properties_of(places)
        if properties:
            name = self._names.setdefault(frozenset(map(id, places)), f"object {next(self._numbers)}")
            self._properties.setdefault(name, properties)
            yield TypeReference(name)

    def _arrays(self, places: list[Place], arrays: int) -> Iterator[ListType]:
        items = below(places, "items", "prefixItems", "additionalItems")
        if items:
            yield ListType(self.type(items, arrays) if arrays < _DEEPEST_ARRAYS else ANYTHING)

    def _field(self, name: str, schemas: list[Place]) -> EventField:
        return EventField(
            name, self.type(schemas), required=False, present=False, tags=frozenset(_inline_tags(schemas))
        )


def _scalar_types(places: list[Place]) -> Iterable[ScalarType]:
    contents = [place.content for place in places if isinstance(place.content, dict)]
    if any("enum" in one or "const" in one for one in contents):
        return [_SYMBOL]
    named = dict.fromkeys(name for one in contents for name in _type_names(one) if name in _SCALARS)
    return [_SCALARS[name] for name in named]


def _type_names(content: dict[str, Any]) -> list[str]:
    types = content.get("type", ())
    return [types] if isinstance(types, str) else list(types)


def _inline_tags(schemas: Iterable[Place]) -> Iterator[str]:
    for place in schemas:
        tags = place.content.get("confluent:tags") if isinstance(place.content, dict) else None
        yield from map(str, tags if isinstance(tags, list) else ())
