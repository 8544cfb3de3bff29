"""Corrections of schemas whose text is JSON: Avro and JSON Schema.

Fields are taken out and put in by their pointers. Taking out goes from the last item of an array to the first, so that
pointers stay right, and putting in comes after that.
"""

import copy
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from moorings_compat.changes.change import Change, WayKind
from moorings_compat.changes.corrections.port import Texts
from moorings_compat.changes.edit import Edit, EditKind, FacetChange, Place
from moorings_compat.changes.json_pointer_edits import has, insert, put, remove, steps_of, value_at
from moorings_compat.changes.json_rewriting import rewritten
from moorings_compat.findings import Suggestion


class FieldRules(Protocol):
    """What differs between the two formats."""

    def old_field(self, place: Place) -> Any:
        """Return the JSON that declares a field of the older version, fit for the candidate."""

    def make_optional(self, content: Any, pointer: str, place: Place) -> None:
        """Change the field at *pointer* of *content* so that an event without it can be read.

        Raises:
            LookupError: it cannot be done.
        """

    def forget(self, content: Any, pointer: str) -> None:
        """Take the field at *pointer* out, with everything around it that names it."""

    def restore(self, content: Any, pointer: str, value: Any, place: Place) -> None:
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
            field = self._rules.old_field(edit.old[0])
            put(content, edit.new[0].part.pointer, field)
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
            self._rules.make_optional(content, edit.new[0].part.pointer, edit.new[0])
            return
        suggested = [one.finding.suggestion for one in change.findings if one.weighs]
        if not suggested or any(one is None for one in suggested):
            raise LookupError("a finding without a suggestion")
        for one in dict.fromkeys(one for one in suggested if one is not None):
            _apply(content, one)

    def _fields(self, content: Any, chosen: Sequence[tuple[Change, WayKind]]) -> None:
        plans = [plan for change, kind in chosen if (plan := _plan(change, kind)) is not None]
        optional = [(place.part.pointer, place) for plan in plans for place in plan.optional]
        for pointer, place in optional:
            self._rules.make_optional(content, pointer, place)
        beside = [one for plan in plans for one in self._renamed(content, plan)]
        gone = {place.part.pointer for plan in plans for place in plan.out}
        for pointer in sorted(gone, key=_later_first, reverse=True):
            self._rules.forget(content, pointer)
        come = [(pointer, place) for plan in plans for pointer, place in plan.back()]
        for pointer, place in sorted(come, key=lambda one: _later_first(one[0])):
            self._rules.restore(content, pointer, self._rules.old_field(place), place)
        for pointer, value, place in beside:
            self._rules.restore(content, pointer, value, place)
            self._rules.make_optional(content, _found(content, pointer), place)

    def _renamed(self, content: Any, plan: "_Plan") -> Iterator[tuple[str, Any, Place]]:
        """Give a field of another type a name of its own; the old one gets its type back."""
        for was, now in plan.retyped:
            value = copy.deepcopy(value_at(content, now.part.pointer))
            name = _beside_name(now.part.step, now.part.label)
            parent = now.part.pointer.rpartition("/")[0]
            put(content, now.part.pointer, self._rules.old_field(was))
            held = value_at(content, parent)
            if isinstance(held, list):
                value["name"] = name
                yield f"{parent}/-", value, _named(now, name, f"{parent}/-")
            elif name not in held:
                yield f"{parent}/{name}", value, _named(now, name, f"{parent}/{name}")


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


def _later_first(pointer: str) -> list[tuple[int, str]]:
    return [(int(one), "") if one.isdecimal() else (-1, one) for one in steps_of(pointer)]


def _beside_name(name: str, label: str) -> str:
    """Name the field of the new type: ``points`` of type string is ``points_string``."""
    kind = label.partition(" (")[0].replace("null or ", "").replace(" or null", "")
    word = "_".join(kind.replace("array of ", "list of ").split()).lower()
    return f"{name}_{''.join(one if one.isalnum() or one == '_' else '' for one in word)}"


def _named(place: Place, name: str, pointer: str) -> Place:
    part = place.part
    return Place(place.path, type(part)(name, pointer, part.label, name, {}, part.definitions), place.holder)


def _found(content: Any, pointer: str) -> str:
    """Return where a field was put: the last item, for a pointer that ends in a dash."""
    if not pointer.endswith("/-"):
        return pointer
    parent = pointer.removesuffix("/-")
    return f"{parent}/{len(value_at(content, parent)) - 1}"


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
