"""The fields of JSON events, and a JSON Schema reduced to some of them."""

from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from moorings_compat.errors import SchemaError
from moorings_compat.fields.paths import ANY, Path
from moorings_compat.fields.tree import FieldTree, Holder
from moorings_compat.json_schema.documents.canonical import write_json
from moorings_compat.json_schema.documents.documents import Document, Place, reference_texts
from moorings_compat.json_schema.documents.drafts import children
from moorings_compat.json_schema.documents.resolving import all_applied_in_place, target_of
from moorings_compat.json_schema.model import model_of
from moorings_compat.json_schema.parse import parse
from moorings_compat.schema import Schema

_ITEMS = ("items", "prefixItems", "additionalItems", "unevaluatedItems", "contains")
_FURTHER = ("patternProperties", "additionalProperties", "unevaluatedProperties")
_DEFINITIONS = ("$defs", "definitions")
_ANNOTATIONS = frozenset(
    [
        *("title", "description", "$comment", "examples", "deprecated", "readOnly", "writeOnly"),
        *("confluent:tags", "confluent:version"),
    ]
)
_REDUCIBLE = _ANNOTATIONS | frozenset(
    [
        *("$schema", "$id", "id", "$ref", "$defs", "definitions", "type", "properties", "required", "default"),
        *("additionalProperties", "items", "minItems", "maxItems", "minimum", "maximum", "format", "pattern"),
        *("minLength", "maxLength"),
    ]
)
"""The keywords beside which a schema says of each field by itself what it may be."""
_NO_FIELD = ""
"""The name of a field that no event has, in objects that are reduced."""
_DYNAMIC = frozenset(["$dynamicRef", "$recursiveRef", "$dynamicAnchor", "$recursiveAnchor"])


@dataclass(frozen=True, slots=True)
class JsonFields:
    """A place in JSON events: every schema that may apply there."""

    places: tuple[Place, ...]
    path: str = "$"
    """Names from the root, ``$.customer.email``; items and values of a map are at the path of what holds them."""
    is_field: bool = False

    @property
    def key(self) -> Hashable:
        return frozenset(map(id, self.places))

    @property
    def holder(self) -> Holder:
        contents = self._contents()
        if any(content.get("properties") for content in contents):
            return Holder.FIELDS
        if any(keyword in content for content in contents for keyword in _ITEMS):
            return Holder.ITEMS
        further = any(isinstance(content.get(one), dict) for content in contents for one in _FURTHER)
        return Holder.VALUES if further else Holder.NOTHING

    @property
    def symbols(self) -> tuple[str, ...]:
        listed = [content["enum"] for content in self._contents() if isinstance(content.get("enum"), list)]
        return tuple(dict.fromkeys(one for symbols in listed for one in symbols if isinstance(one, str)))

    @property
    def tags(self) -> frozenset[str]:
        given = [content.get("confluent:tags") for content in self._contents()]
        return frozenset(str(one) for tags in given if isinstance(tags, list) for one in tags)

    @property
    def full_name(self) -> str:
        return self.path if self.is_field else ""

    @property
    def pointer(self) -> str:
        return self.places[0].pointer if self.is_field and self.places else ""

    def children(self) -> Mapping[str, FieldTree]:
        found: dict[str, list[Place]] = {}
        for place in self.places:
            for steps, child in _below(place):
                if child.content is False:
                    continue
                if steps[0] == "properties":
                    found.setdefault(str(steps[1]), []).append(child)
                elif steps[0] in (*_ITEMS, *_FURTHER):
                    found.setdefault(ANY, []).append(child)
        return {
            name: json_fields(places, self.path if name == ANY else f"{self.path}.{name}", is_field=name != ANY)
            for name, places in found.items()
        }

    def _contents(self) -> list[dict[str, Any]]:
        return [one.content for one in self.places if isinstance(one.content, dict)]


def json_fields(starts: Iterable[Place], path: str = "$", *, is_field: bool = False) -> JsonFields:
    """Return the place where *starts* apply, and all that they apply in place."""
    return JsonFields(tuple(all_applied_in_place(starts)), path, is_field)


def field_tree(schema: Schema, event: str) -> FieldTree:  # noqa: ARG001 - of other formats
    """Return the fields of the events of *schema*."""
    return json_fields([model_of(schema).document.places[()]])


def project(schema: Schema, paths: Iterable[Path], event: str) -> Schema:  # noqa: ARG001 - of other formats
    """Reduce *schema* to the fields at *paths* and all below them.

    Where a schema says more of a value than what each field may be (alternatives, dependencies, counts of fields), it
    stays whole there, and so does one that cannot be reduced at all. Annotations are left out, so that projections
    are equal where reading them is.
    """
    document = model_of(schema).document
    reduction = _Reduction(document)
    if document.words & _DYNAMIC:
        reduction.keep_whole(document.places[()])
    else:
        reduction.visit(document.places[()], frozenset(paths))
    reduced = reduction.written(document.places[()])
    if isinstance(reduced, dict):  # words that are left out may have shown the draft
        reduced["$schema"] = document.draft.meta_schema + ("#" if document.draft.ref_hides_siblings else "")
    try:
        return parse(write_json(reduced), schema.references)
    except SchemaError:
        return schema


class _Reduction:
    """What is kept of a document: the fields of each object, and the places that stay as they are."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._fields: dict[int, set[str]] = {}
        self._whole: set[int] = set()
        self._visited: set[tuple[int, frozenset[Path]]] = set()

    def visit(self, place: Place, rest: frozenset[Path]) -> None:
        """Keep what is read at *place* by the paths *rest*."""
        if place.resource.document is not self._document or (id(place), rest) in self._visited or not rest:
            return
        self._visited.add((id(place), rest))
        content = place.content
        if () in rest or not isinstance(content, dict) or not _is_reducible(content):
            self.keep_whole(place)
            return
        kept = self._fields.setdefault(id(place), set())
        for keyword, text in reference_texts(place):
            self.visit(target_of(place, keyword, text), rest)
        for steps, child in _below(place):
            if steps[0] == "properties":
                below = frozenset(path[1:] for path in rest if path[0] in (steps[1], ANY))
                if below:
                    kept.add(str(steps[1]))
                    self.visit(child, below)
            elif steps[0] in (*_ITEMS, *_FURTHER):
                self.visit(child, frozenset(path[1:] for path in rest))

    def keep_whole(self, place: Place) -> None:
        """Keep *place*, all inside it, and all that these refer to."""
        waiting = [place]
        while waiting:
            one = waiting.pop()
            if id(one) in self._whole or one.resource.document is not self._document:
                continue
            self._whole.add(id(one))
            waiting.extend(target_of(one, keyword, text) for keyword, text in reference_texts(one))
            waiting.extend(child for _, child in _below(one))

    def written(self, place: Place) -> Any:
        """Write what is kept of *place*."""
        content = place.content
        if not isinstance(content, dict):
            return content
        if _is_hidden(place):
            return {"$ref": content["$ref"]}
        inner = dict(_below(place))
        whole = id(place) in self._whole
        kept = self._fields.get(id(place), set())
        found: dict[str, Any] = {}
        for keyword, value in sorted(content.items()):
            if keyword in _ANNOTATIONS:
                continue
            if keyword in _DEFINITIONS and isinstance(value, dict):
                found |= self._definitions(keyword, inner)
            elif keyword == "required" and not whole and isinstance(value, list):
                found |= {"required": sorted(name for name in value if name in kept)}
            elif keyword == "properties" and isinstance(value, dict):
                names = value if whole else [name for name in value if name in kept]
                found[keyword] = {name: self.written(inner["properties", name]) for name in sorted(names)}
                if value and not whole:  # an object that declares no field at all would be free-form
                    found[keyword].setdefault(_NO_FIELD, False)
            else:
                found[keyword] = self._keyword(keyword, value, inner)
        if found.get("required") == []:
            del found["required"]
        return found

    def _keyword(self, keyword: str, value: Any, inner: Mapping[tuple[Any, ...], Place]) -> Any:
        if (keyword,) in inner:
            return self.written(inner[keyword,])
        if isinstance(value, list) and (keyword, 0) in inner:
            return [self.written(inner[keyword, index]) for index in range(len(value))]
        if isinstance(value, dict) and any(steps[0] == keyword for steps in inner):
            return {
                name: self.written(inner[keyword, name]) if (keyword, name) in inner else value[name]
                for name in sorted(value)
            }
        return value

    def _definitions(self, keyword: str, inner: Mapping[tuple[Any, ...], Place]) -> dict[str, Any]:
        used = {
            str(steps[1]): self.written(child)
            for steps, child in inner.items()
            if steps[0] == keyword and (id(child) in self._whole or id(child) in self._fields)
        }
        return {keyword: dict(sorted(used.items()))} if used else {}


def _is_reducible(content: Mapping[str, Any]) -> bool:
    if not content.keys() <= _REDUCIBLE:
        return False
    return not isinstance(content.get("items"), list) and not isinstance(content.get("exclusiveMinimum"), bool)


def _is_hidden(place: Place) -> bool:
    """Tell whether all keywords but `$ref` are ignored here."""
    return place.draft.ref_hides_siblings and isinstance(place.content.get("$ref"), str)


def _below(place: Place) -> Iterator[tuple[tuple[Any, ...], Place]]:
    """Yield the schemas directly inside *place*, with the steps that lead to them."""
    content = place.content
    if not isinstance(content, dict):
        return
    if _is_hidden(place):
        return
    document = place.resource.document
    for steps, _ in children(content, place.draft):
        known = document.places.get(place.steps + steps)
        if known is not None:
            yield steps, known
