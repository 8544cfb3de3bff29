"""Corrections of JSON Schemas: a property is declared in `properties`, and may be named in `required`."""

import copy
import json
from typing import Any

from moorings_compat.changes.corrections.json_texts import JsonEditor
from moorings_compat.changes.corrections.port import Texts
from moorings_compat.changes.corrections.spots import Spot, spot_at
from moorings_compat.changes.edit import FacetChange, Place
from moorings_compat.json_text import pointer as pointer_of
from moorings_compat.pointer_edits import value_at


def editor(texts: Texts) -> JsonEditor:
    """Return what edits a candidate in JSON Schema."""
    return JsonEditor(texts, _JsonSchemaRules(texts))


class _JsonSchemaRules:
    def __init__(self, texts: Texts) -> None:
        self._old = json.loads(texts.newest.text)

    def old_field(self, place: Place, instead_of: str | None = None) -> Any:
        return copy.deepcopy(value_at(self._old, place.part.pointer))

    def make_optional(self, spot: Spot, place: Place) -> None:
        _set_required(spot, required=False)

    def forget(self, spot: Spot) -> None:
        _set_required(spot, required=False)
        spot.remove()

    def restore(self, spot: Spot, value: Any, place: Place) -> None:
        spot.put(value)
        if "required" in place.part.facets:
            _set_required(spot, required=True)

    def facet_pointer(self, facet: FacetChange) -> str | None:
        return pointer_of(facet.keyword)

    def undo_flag(self, content: Any, facet: FacetChange) -> bool:
        if facet.keyword != "required" or facet.of_definition:
            return False
        _set_required(spot_at(content, facet.new_pointer), required=facet.before is not None)
        return True


def _set_required(spot: Spot, *, required: bool) -> None:
    """Name a property in `required` of the object around it, or take its name out."""
    if spot.word != "properties":
        return
    names = list(spot.owner.get("required", ()))
    if required and spot.step not in names:
        spot.owner["required"] = [*names, spot.step]
    elif not required and spot.step in names:
        names.remove(spot.step)
        if names:
            spot.owner["required"] = names
        else:
            del spot.owner["required"]
