"""Which edit causes which finding: the one whose place is nearest to the places that the finding names."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from moorings_compat.changes.edit import Edit
from moorings_compat.changes.outline import Outline
from moorings_compat.findings import Finding
from moorings_compat.json_text import pointer
from moorings_compat.levels import Promise

_NAMED = 1_000
"""Weighs more than any depth: the finding names the very field."""


@dataclass(frozen=True, slots=True)
class FoundPlaces:
    """The two places of a finding, as locations of declarations: in the candidate, and in the older text."""

    candidate: str
    older: str
    about: str

    @classmethod
    def of(cls, finding: Finding, promise: Promise, candidate: Outline, older: Outline) -> "FoundPlaces":
        reads = promise is Promise.REPLAY_SAFE
        ours, theirs = (
            (finding.reader_path, finding.writer_path) if reads else (finding.writer_path, finding.reader_path)
        )
        return cls(_declared(ours, candidate), _declared(theirs, older), finding.about)


def _declared(path: str, outline: Outline) -> str:
    """Return the location of the declaration behind *path*, whose end may go further into it."""
    located: Mapping[str, str] = outline.located
    head, tail = path, ""
    while head:
        if head in located:
            return located[head] + tail
        head, _, step = head.rpartition("/")
        tail = f"/{step}{tail}"
    return path


def cause(edits: Sequence[Edit], places: FoundPlaces) -> Edit | None:
    """Return the edit that causes what was found at *places*; None where none explains it."""
    scored = [(_score(edit, places), edit) for edit in edits]
    best = max((score for score, _ in scored), default=0)
    if best > 0:
        return next(edit for score, edit in scored if score == best)
    inside = [edit for edit in edits if not edit.is_harmless_kind and _is_inside(edit, places)]
    return inside[0] if len(inside) == 1 else None


def _score(edit: Edit, places: FoundPlaces) -> int:
    named = _named_depth(edit, places) if places.about else 0
    if named:
        return _NAMED + named
    depths = [_depth(one, places.candidate) for one in edit.new_pointers]
    depths += [_depth(one, places.older) for one in edit.old_pointers]
    return max(depths, default=0)


def _named_depth(edit: Edit, places: FoundPlaces) -> int:
    """Say how deep the object is whose property the finding names, if the edit is about it; else 0."""
    ends = pointer("properties", places.about)
    deepest = 0
    for found, parts in ((places.candidate, edit.new), (places.older, edit.old)):
        for place in parts:
            holder = place.part.pointer.removesuffix(ends)
            inside = found == holder or found.startswith(f"{holder}/")
            if place.part.pointer.endswith(ends) and inside:
                deepest = max(deepest, holder.count("/") + 1)
    return deepest


def _depth(declared: str, found: str) -> int:
    """Count the steps of *declared* if *found* is there or further inside, from 1; 0 if it is not."""
    if found == declared or found.startswith(f"{declared}/"):
        return declared.count("/") + 1 if declared else 0
    return 0


def _is_inside(edit: Edit, places: FoundPlaces) -> bool:
    return any(one.startswith(places.candidate) for one in edit.new_pointers) or any(
        one.startswith(places.older) for one in edit.old_pointers
    )
