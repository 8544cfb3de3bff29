"""Two outlines paired: the edits that lead from one to the other, each field's in one edit.

Definitions are paired along the fields that hold them, the nearest to the top first, so that a type that is used in
several places is compared once, under its shortest path.
"""

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from moorings_compat.changes.edit import Edit, EditKind, FacetChange, Place, SymbolChange
from moorings_compat.changes.matching import Matched, is_branch, match_parts
from moorings_compat.changes.moves import with_moves
from moorings_compat.changes.outline import REFERENCE, Definition, Outline, Part
from moorings_compat.changes.symbols import symbol_change

_MOST_DEFINITIONS = 5_000
_SHOWN_BY_TYPE = ("type", "name")
"""Facets of a definition that the type of a field shows already."""


def edits_between(old: Outline, new: Outline) -> tuple[Edit, ...]:
    """Find the edits that make *new* of *old*, in the order of the new text, nearest to the top first."""
    pairing = _Pairing(old, new)
    pairing.run()
    return with_moves(pairing.edits(), old, new)


@dataclass(slots=True)
class _Gathered:
    """What happened to one field, while definitions are being paired."""

    kind: EditKind
    old: list[Place] = field(default_factory=list)
    new: list[Place] = field(default_factory=list)
    type_change: tuple[str, str] | None = None
    facets: list[FacetChange] = field(default_factory=list)
    symbols: list[SymbolChange] = field(default_factory=list)
    holders: tuple[str, str] = ("", "")


@dataclass(frozen=True, slots=True)
class _Paired:
    """Two definitions that meet, under the dotted paths that lead to them."""

    old: str
    new: str
    old_path: str = ""
    new_path: str = ""
    type_shown: bool = False
    """Whether a type change of the field that holds them is noted already."""


class _Pairing:
    def __init__(self, old: Outline, new: Outline) -> None:
        self._old, self._new = old, new
        self._gathered: dict[tuple[str, str], _Gathered] = {}
        """By side (``new``, or ``old`` for what the candidate does not have) and path."""

    def run(self) -> None:
        waiting = deque([_Paired(self._old.root, self._new.root)])
        seen: set[tuple[str, str]] = set()
        while waiting and len(seen) < _MOST_DEFINITIONS:
            paired = waiting.popleft()
            if (paired.old, paired.new) not in seen:
                seen.add((paired.old, paired.new))
                waiting.extend(self._definitions(paired))

    def edits(self) -> list[Edit]:
        return [
            Edit(
                one.kind,
                path,
                tuple(one.old),
                tuple(one.new),
                one.type_change,
                tuple(one.facets),
                tuple(one.symbols),
                one.holders,
            )
            for (_, path), one in self._gathered.items()
        ]

    def _at(self, side: str, path: str, kind: EditKind = EditKind.CHANGED) -> _Gathered:
        return self._gathered.setdefault((side, path), _Gathered(kind))

    def _definitions(self, paired: _Paired) -> Iterator[_Paired]:
        old, new = self._old.of(paired.old), self._new.of(paired.new)
        self._note_facets(old, new, paired)
        matching = match_parts(old, new)
        for one in matching.pairs:
            yield from self._part(paired, old, new, one)
        for whole, pieces in matching.splits:
            places = [_place(paired.new_path, new, index) for index in pieces]
            self._note(EditKind.SPLIT, [_place(paired.old_path, old, whole)], places, old, new)
        for pieces, whole in matching.merges:
            places = [_place(paired.old_path, old, index) for index in pieces]
            self._note(EditKind.MERGED, places, [_place(paired.new_path, new, whole)], old, new)
        for index in matching.removed:
            self._gone(paired, old, new, index)
        for index in matching.added:
            self._come(paired, old, new, index)
        order = [one.new for one in matching.pairs]
        if old.ordered and order != sorted(order):
            self._at("new", paired.new_path, EditKind.REORDERED)

    def _gone(self, paired: _Paired, old: Definition, new: Definition, index: int) -> None:
        part = old.parts[index]
        if part.step:
            self._note(EditKind.REMOVED, [_place(paired.old_path, old, index)], [], old, new)
        elif part.name != REFERENCE:
            gone = FacetChange(part.name.partition(" ")[0], part.label, None, old.pointer, new.pointer, True)
            self._at("new", paired.new_path).facets.append(gone)

    def _come(self, paired: _Paired, old: Definition, new: Definition, index: int) -> None:
        part = new.parts[index]
        if part.step:
            self._note(EditKind.ADDED, [], [_place(paired.new_path, new, index)], old, new)
        elif part.name != REFERENCE:
            come = FacetChange(part.name.partition(" ")[0], None, part.label, old.pointer, new.pointer, True)
            self._at("new", paired.new_path).facets.append(come)

    def _note(
        self, kind: EditKind, old: list[Place], new: list[Place], old_holder: Definition, new_holder: Definition
    ) -> None:
        side, path = ("new", new[0].path) if new else ("old", old[0].path)
        held = self._at(side, path, kind)
        held.kind = kind
        held.holders = old_holder.pointer, new_holder.pointer
        held.old += old
        held.new += new

    def _note_facets(self, old: Definition, new: Definition, paired: _Paired) -> None:
        changed = _facet_changes(old.facets, new.facets, old.pointer, new.pointer, of_definition=True)
        facets = [replace(one, shown=not (paired.type_shown and one.keyword in _SHOWN_BY_TYPE)) for one in changed]
        symbols = symbol_change(old, new)
        if facets or symbols:
            held = self._at("new", paired.new_path)
            held.kind = EditKind.CHANGED if held.kind is EditKind.REORDERED else held.kind
            held.facets += facets
            held.symbols += [symbols] if symbols else []

    def _part(self, paired: _Paired, old: Definition, new: Definition, pair: Matched) -> Iterator[_Paired]:
        was, now = _place(paired.old_path, old, pair.old), _place(paired.new_path, new, pair.new)
        ours, theirs = was.part, now.part
        retyped = ours.label != theirs.label and bool(ours.step or not paired.type_shown)
        facets = list(_facet_changes(ours.facets, theirs.facets, ours.pointer, theirs.pointer))
        renamed = ours.step != theirs.step and not (is_branch(theirs) and ours.name == theirs.name)
        if ours.name != theirs.name and not (ours.step or theirs.step):
            facets += _renamed_message(ours, theirs)
        if renamed or facets or retyped:
            held = self._at("new", now.path)
            if renamed:
                held.kind = EditKind.RENAMED if pair.related else EditKind.REPLACED
            elif held.kind is EditKind.REORDERED:
                held.kind = EditKind.CHANGED
            if theirs.step or not held.new:
                held.old.append(was)
                held.new.append(now)
                held.holders = old.pointer, new.pointer
            if retyped:
                held.type_change = held.type_change or (ours.label, theirs.label)
            held.facets += facets
        shown = retyped or (paired.type_shown and not theirs.step)
        for before, after in _definition_pairs(ours, theirs, self._old, self._new):
            yield _Paired(before, after, was.path, now.path, shown)


def _place(path: str, definition: Definition, index: int) -> Place:
    part = definition.parts[index]
    return Place(".".join(filter(None, (path, part.step))), part, definition.pointer, index)


def _facet_changes(
    old: Mapping[str, str], new: Mapping[str, str], old_pointer: str, new_pointer: str, *, of_definition: bool = False
) -> Iterator[FacetChange]:
    for keyword in dict.fromkeys((*old, *new)):
        before, after = old.get(keyword), new.get(keyword)
        if before != after:
            yield FacetChange(keyword, before, after, old_pointer, new_pointer, of_definition)


def _renamed_message(ours: Part, theirs: Part) -> Iterator[FacetChange]:
    """The message of the event has no place in dotted paths, so that its name is a facet of the whole."""
    if ours.name.startswith("/") and theirs.name.startswith("/"):
        yield FacetChange("message", ours.name[1:], theirs.name[1:], ours.pointer, theirs.pointer)


def _definition_pairs(ours: Part, theirs: Part, old: Outline, new: Outline) -> Iterator[tuple[str, str]]:
    """Pair the definitions of two parts: by key, by name, and then what is left if it is one of each."""
    before, after = list(ours.definitions), list(theirs.definitions)
    for key in tuple(before):
        if key in after:
            before.remove(key)
            after.remove(key)
            yield key, key
    if len(before) == 1 and len(after) == 1 and _kind(old.of(before[0])) == _kind(new.of(after[0])):
        yield before[0], after[0]


def _kind(definition: Definition) -> str:
    return "enum" if definition.symbols else "fields" if definition.noun in ("value", "object") else definition.noun
