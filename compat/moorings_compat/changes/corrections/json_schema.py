"""Corrections of JSON Schemas: a property is declared in `properties`, and may be named in `required`."""

import copy
import json
from typing import Any

from moorings_compat.changes.corrections.json_texts import JsonEditor
from moorings_compat.changes.corrections.port import Texts
from moorings_compat.changes.edit import FacetChange, Place
from moorings_compat.changes.json_pointer_edits import has, insert, put, remove, steps_of, value_at
from moorings_compat.json_text import pointer as pointer_of


def editor(texts: Texts) -> JsonEditor:
    """Return what edits a candidate in JSON Schema."""
    return JsonEditor(texts, _JsonSchemaRules(texts))


class _JsonSchemaRules:
    def __init__(self, texts: Texts) -> None:
        self._old = json.loads(texts.newest.text)

    def old_field(self, place: Place) -> Any:
        return copy.deepcopy(value_at(self._old, place.part.pointer))

    def make_optional(self, content: Any, pointer: str, place: Place) -> None:
        self._set_required(content, pointer, required=False)

    def forget(self, content: Any, pointer: str) -> None:
        self._set_required(content, pointer, required=False)
        remove(content, pointer)

    def restore(self, content: Any, pointer: str, value: Any, place: Place) -> None:
        insert(content, pointer, value)
        if "required" in place.part.facets:
            self._set_required(content, pointer, required=True)

    def _set_required(self, content: Any, pointer: str, *, required: bool) -> None:
        """Name a property in `required` of the object around it, or take its name out."""
        parent, _, _ = pointer.rpartition("/")
        holder, _, word = parent.rpartition("/")
        if word != "properties":
            return
        name = steps_of(pointer)[-1]
        at = f"{holder}/required"
        names = list(value_at(content, at)) if has(content, at) else []
        if required and name not in names:
            put(content, at, [*names, name])
        elif not required and name in names:
            left = [one for one in names if one != name]
            if left:
                put(content, at, left)
            else:
                remove(content, at)

    def facet_pointer(self, facet: FacetChange) -> str | None:
        return pointer_of(facet.keyword)

    def undo_flag(self, content: Any, facet: FacetChange) -> bool:
        if facet.keyword != "required" or facet.of_definition:
            return False
        self._set_required(content, facet.new_pointer, required=facet.before is not None)
        return True
