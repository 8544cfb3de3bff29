"""Corrections of schemas whose text is JSON: Avro and JSON Schema.

Keywords are restored first. Then every field that is taken out or put in is looked up, before the first one moves.
"""

import copy
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from moorings_compat.changes.change import Change, WayKind
from moorings_compat.changes.corrections.port import Texts
from moorings_compat.changes.corrections.spots import Spot, spot_at
from moorings_compat.changes.edit import Edit, EditKind, FacetChange, Place
from moorings_compat.changes.json_rewriting import rewritten
from moorings_compat.changes.outline import Part
from moorings_compat.findings import Suggestion
from moorings_compat.pointer_edits import has, insert, put, remove, value_at


class FieldRules(Protocol):
    """What differs between the two formats."""

    def old_field(self, place: Place, instead_of: str | None = None) -> Any:
        """Return the JSON that declares a field of the older version, fit for the candidate.

        *instead_of* is the pointer of what it takes the place of, with the definitions in it.
        """

    def make_optional(self, spot: Spot, place: Place) -> None:
        """Change the field at *spot* so that an event without it can be read."""

    def forget(self, spot: Spot) -> None:
        """Take a field out, with everything around it that names it."""

    def restore(self, spot: Spot, value: Any, place: Place) -> None:
        """Put a field of the older version in, with everything around it that names it."""

    def facet_pointer(self, facet: FacetChange) -> str | None:
        """Return where the keyword of a facet is, below the location of what it belongs to; None for no keyword."""

    def undo_flag(self, content: Any, facet: FacetChange) -> bool:
        """Undo a facet that is not a keyword of its own; False if *facet* is a keyword."""


class JsonEditor:
    """Edits one candidate; see `Editor`."""

    def __init__(self, texts: Texts, rules: FieldRules) -> None:
        self._texts = texts
        self._rules = rules
        self._content = json.loads(texts.text)
        self._old = json.loads(texts.newest.text)

    def corrected(self, chosen: Sequence[tuple[Change, WayKind]]) -> str | None:
        content = copy.deepcopy(self._content)
        try:
            for change, kind in chosen:
                if change.edit is None and kind is not WayKind.ADJUST:
                    return None
                self._facets(content, change, kind)
            self._fields(content, chosen)
        except (LookupError, ValueError, TypeError):
            return None
        return rewritten(self._texts.text, content)

    def _facets(self, content: Any, change: Change, kind: WayKind) -> None:
        """Undo what changed about fields that stay where they are, and apply what findings suggest."""
        edit = change.edit
        if kind is WayKind.ADJUST:
            self._adjust(content, change)
        elif edit is not None and kind is WayKind.UNDO and not edit.is_structural:
            self._undo(content, edit)

    def _undo(self, content: Any, edit: Edit) -> None:
        if edit.type_change is not None and edit.old and edit.new:
            pointer = edit.new[0].part.pointer
            put(content, pointer, self._rules.old_field(edit.old[0], pointer))
            self._undo_facets(content, (one for one in edit.facets if not one.of_definition))
            return
        self._undo_facets(content, edit.facets)
        for change in edit.symbols:
            for keyword in ("symbols", "enum"):
                if has(self._old, f"{change.old_pointer}/{keyword}"):
                    put(
                        content,
                        f"{change.new_pointer}/{keyword}",
                        value_at(self._old, f"{change.old_pointer}/{keyword}"),
                    )

    def _undo_facets(self, content: Any, facets: Iterable[FacetChange]) -> None:
        for facet in facets:
            keyword = self._rules.facet_pointer(facet)
            if self._rules.undo_flag(content, facet) or keyword is None:
                continue
            before, now = facet.old_pointer + keyword, facet.new_pointer + keyword
            if has(self._old, before):
                put(content, now, copy.deepcopy(value_at(self._old, before)))
            elif has(content, now):
                remove(content, now)

    def _adjust(self, content: Any, change: Change) -> None:
        edit = change.edit
        if edit is not None and edit.kind is EditKind.ADDED and not edit.new[0].part.fillable:
            self._rules.make_optional(spot_at(content, edit.new[0].part.pointer), edit.new[0])
            return
        suggested = [one.finding.suggestion for one in change.findings if one.weighs]
        if not suggested or any(one is None for one in suggested):
            raise LookupError("a finding without a suggestion")
        for one in dict.fromkeys(one for one in suggested if one is not None):
            _apply(content, one)

    def _fields(self, content: Any, chosen: Sequence[tuple[Change, WayKind]]) -> None:
        """Find every place first, since what is taken out or put in moves what comes after it."""
        plans = [plan for change, kind in chosen if (plan := _plan(change, kind)) is not None]
        optional = [(spot_at(content, one.part.pointer), one) for plan in plans for one in plan.optional]
        retyped = [(spot_at(content, now.part.pointer), was, now) for plan in plans for was, now in plan.retyped]
        out = [spot_at(content, one.part.pointer) for plan in plans for one in plan.out]
        into = [(spot_at(content, pointer), one) for plan in plans for pointer, one in plan.back()]
        for spot, place in optional:
            self._rules.make_optional(spot, place)
        for spot, was, now in retyped:
            self._beside(spot, was, now)
        for spot in out:
            self._rules.forget(spot)
        for spot, place in sorted(into, key=lambda one: one[1].index):
            self._rules.restore(spot, self._rules.old_field(place), place)

    def _beside(self, spot: Spot, was: Place, now: Place) -> None:
        """Give the field of another type a name of its own; the old one gets its type back."""
        name = _beside_name(now.part.step, now.part.label)
        value = copy.deepcopy(spot.item)
        self._rules.restore(spot.replaced(), self._rules.old_field(was), was)
        beside = spot.after(name)
        if isinstance(value, dict) and isinstance(spot.parent, list):
            value["name"] = name
        part = Part(name, now.part.pointer, now.part.label, name, {}, now.part.definitions)
        place = Place(now.path, part, now.holder)
        self._rules.restore(beside, value, place)
        self._rules.make_optional(beside.filled(value), place)


@dataclass(frozen=True, slots=True)
class _Plan:
    """What one way does to fields."""

    out: tuple[Place, ...] = ()
    into: tuple[Place, ...] = ()
    optional: tuple[Place, ...] = ()
    retyped: tuple[tuple[Place, Place], ...] = ()
    holders: tuple[str, str] = ("", "")

    def back(self) -> Iterator[tuple[str, Place]]:
        """Yield where each field of the older version goes in the candidate."""
        for place in self.into:
            below = place.part.pointer.removeprefix(place.holder)
            yield (self.holders[1] if place.holder == self.holders[0] else place.holder) + below, place


def _plan(change: Change, kind: WayKind) -> _Plan | None:
    edit = change.edit
    if edit is None or kind is WayKind.ADJUST:
        return None
    if edit.is_structural:
        if kind is WayKind.UNDO:
            return _Plan(out=edit.new, into=edit.old, holders=edit.holders)
        if edit.kind in (EditKind.ADDED, EditKind.REMOVED):
            raise LookupError("nothing to keep beside it")
        needy = tuple(one for one in edit.new if not one.part.fillable)
        return _Plan(into=edit.old, optional=needy, holders=edit.holders)
    if kind is WayKind.BESIDE:
        if edit.type_change is None or not edit.new or not edit.new[0].part.step:
            raise LookupError("only a type can be kept beside the old one")
        return _Plan(retyped=((edit.old[0], edit.new[0]),), holders=edit.holders)
    return None


def _beside_name(name: str, label: str) -> str:
    """Name the field of the new type: ``points`` of type string is ``points_string``."""
    kind = label.partition(" (")[0].replace("null or ", "").replace(" or null", "")
    word = "_".join(kind.replace("array of ", "list of ").split()).lower()
    return f"{name}_{''.join(one if one.isalnum() or one == '_' else '' for one in word)}"


def _apply(content: Any, suggestion: Suggestion) -> None:
    """Apply an edit of RFC 6902.

    Raises:
        LookupError: it does not lead anywhere.
    """
    if suggestion.action == "remove":
        remove(content, suggestion.path)
    elif suggestion.action == "add":
        insert(content, suggestion.path, json.loads(suggestion.value))
    elif suggestion.action == "replace":
        put(content, suggestion.path, json.loads(suggestion.value))
    else:
        raise LookupError(suggestion.action)
