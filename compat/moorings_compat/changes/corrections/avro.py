"""Corrections of Avro schemas: what a field needs around it, and the definitions that it brings along."""

import copy
import json
from typing import Any

from moorings_compat.avro.defaults import fits
from moorings_compat.avro.edits import zero_default
from moorings_compat.avro.model import AvroModel, Record, model_of
from moorings_compat.avro.names import own_namespace, short_name
from moorings_compat.changes.cautions import is_telling
from moorings_compat.changes.corrections.json_texts import JsonEditor
from moorings_compat.changes.corrections.port import Texts
from moorings_compat.changes.corrections.spots import Spot
from moorings_compat.changes.edit import FacetChange, Place
from moorings_compat.pointer_edits import value_at

_PRIMITIVES = frozenset(("null", "boolean", "int", "long", "float", "double", "bytes", "string"))
_KINDS = ("record", "error", "enum", "fixed")
_KEYWORDS = ("default", "aliases", "doc", "size")


def editor(texts: Texts) -> JsonEditor:
    """Return what edits an Avro candidate."""
    return JsonEditor(texts, _AvroRules(texts))


class _AvroRules:
    def __init__(self, texts: Texts) -> None:
        self._model = model_of(texts.candidate)
        self._old_model = model_of(texts.newest)
        self._old = json.loads(texts.newest.text)

    def old_field(self, place: Place, instead_of: str | None = None) -> Any:
        field = copy.deepcopy(value_at(self._old, place.part.pointer))
        namespace = _namespace_at(self._old_model, place.holder)
        known = {
            name
            for name, named in self._model.types.items()
            if instead_of is None or not f"{named.at}/".startswith(f"{instead_of}/")
        }
        if "type" in field:
            field["type"] = self._transplanted(field["type"], namespace, known)
        return field

    def _transplanted(self, node: Any, namespace: str, known: set[str]) -> Any:
        """Write a type of the older version so that the candidate can hold it: names in full, defined once."""
        if isinstance(node, str):
            return self._name(node, namespace, known)
        if isinstance(node, list):
            return [self._transplanted(one, namespace, known) for one in node]
        kind = node.get("type")
        if kind in _KINDS:
            return self._defined(node, namespace, known)
        inner = ("items", "values") if kind in ("array", "map") else ("type",) if not isinstance(kind, str) else ()
        for keyword in inner:
            if keyword in node:
                node[keyword] = self._transplanted(node[keyword], namespace, known)
        return node

    def _name(self, name: str, namespace: str, known: set[str]) -> Any:
        if name in _PRIMITIVES:
            return name
        full = name if "." in name or not namespace else f"{namespace}.{name}"
        full = full if full in self._old_model.types else name
        named = self._old_model.types[full]
        if full in known or "#" in named.at:
            return full
        return self._defined(copy.deepcopy(value_at(self._old, named.at)), _package(full), known)

    def _defined(self, node: dict[str, Any], namespace: str, known: set[str]) -> Any:
        name = node["name"]
        own = own_namespace(node, namespace)
        full = name if "." in name or not own else f"{own}.{name}"
        if full in known:
            return full
        known.add(full)
        node["name"] = short_name(full)
        if _package(full):
            node["namespace"] = _package(full)
        for field in node.get("fields", ()):
            field["type"] = self._transplanted(field["type"], _package(full), known)
        return node

    def make_optional(self, spot: Spot, place: Place) -> None:
        field = spot.item
        parsed = self._field(place)
        value = zero_default(self._model, parsed.type) if parsed is not None else None
        plain = value is not None and not is_telling(place.part)
        if parsed is not None and value is not None and plain and fits(self._model, parsed.type, value[0]):
            field["default"] = value[0]
            return
        kinds = field["type"] if isinstance(field["type"], list) else [field["type"]]
        field["type"] = ["null", *(one for one in kinds if one != "null")]
        field["default"] = None

    def _field(self, place: Place) -> Any:
        record = next((one for one in self._model.types.values() if one.at == place.holder), None)
        if not isinstance(record, Record):
            return None
        steps = place.part.pointer.rpartition("/")[2]
        if steps.isdecimal() and int(steps) < len(record.fields):
            return record.fields[int(steps)]
        return None

    def forget(self, spot: Spot) -> None:
        spot.remove()

    def restore(self, spot: Spot, value: Any, place: Place) -> None:
        spot.put(value)

    def facet_pointer(self, facet: FacetChange) -> str | None:
        return f"/{facet.keyword}" if facet.keyword in _KEYWORDS else None

    def undo_flag(self, content: Any, facet: FacetChange) -> bool:
        """Give a definition its name back: names are written in two keywords."""
        if facet.keyword != "name":
            return False
        named, was = value_at(content, facet.new_pointer), value_at(self._old, facet.old_pointer)
        for keyword in ("name", "namespace"):
            if keyword in was:
                named[keyword] = was[keyword]
            else:
                named.pop(keyword, None)
        return True


def _namespace_at(model: AvroModel, holder: str) -> str:
    record = next((one for one in model.types.values() if one.at == holder), None)
    return _package(record.full) if record is not None else ""


def _package(full: str) -> str:
    return full.rpartition(".")[0]
