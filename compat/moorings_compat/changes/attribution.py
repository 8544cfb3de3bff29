"""Which edit causes which finding: the one whose place is nearest to the places that the finding names."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from moorings_compat.changes.edit import Edit
from moorings_compat.changes.outline import Outline
from moorings_compat.findings import Finding
from moorings_compat.json_text import pointer
from moorings_compat.levels import Promise
from moorings_compat.pointer_positions import enclosing

_CHOICES = ("/oneOf", "/anyOf")


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
    if not outline.located:
        return path
    for head in enclosing(path):
        if head in outline.located:
            return outline.located[head] + path.removeprefix(head)
    return path


class Causes:
    """The edits since one older version, by the places that they are about."""

    def __init__(self, edits: Sequence[Edit]) -> None:
        self._edits = [edit for edit in edits if not edit.is_harmless_kind]
        self._new: dict[str, int] = {}
        self._old: dict[str, int] = {}
        for index, edit in enumerate(edits):
            for one in edit.new_pointers:
                self._new.setdefault(one, index)
            for one in edit.old_pointers:
                self._old.setdefault(one, index)
        self._all = edits

    def of(self, places: FoundPlaces) -> Edit | None:
        """Return the edit that causes what was found at *places*; None where none explains it."""
        sides: tuple[tuple[str, Mapping[str, int]], ...] = ((places.candidate, self._new), (places.older, self._old))
        for ends in (pointer("properties", places.about), "") if places.about else ("",):
            found = [hit for path, known in sides for hit in _nearest(path, known, ends)]
            if found:
                _, index = min(found)
                return self._all[index]
        for nearby in (_is_branch_beside, _is_inside):
            near = [edit for edit in self._edits if nearby(edit, places)]
            if len(near) == 1:
                return near[0]
        return None


def _nearest(path: str, known: Mapping[str, int], ends: str) -> Iterator[tuple[int, int]]:
    """Yield the depth, negative, and the index of the edit at *path* or at the nearest place around it.

    With *ends*, the edit of that property of an object at or around *path*. The whole is not a place.
    """
    for above in enclosing(path):
        if (above or ends) and above + ends in known:
            yield -(above + ends).count("/"), known[above + ends]
            return


def _is_branch_beside(edit: Edit, places: FoundPlaces) -> bool:
    """Whether the edit is about a branch of the choice in which something was found: branches are weighed together."""
    for found, pointers in ((places.candidate, edit.new_pointers), (places.older, edit.old_pointers)):
        for one in pointers:
            choice = one.rpartition("/")[0]
            if choice.endswith(_CHOICES) and f"{found}/".startswith(f"{choice}/"):
                return True
    return False


def _is_inside(edit: Edit, places: FoundPlaces) -> bool:
    return any(one.startswith(places.candidate) for one in edit.new_pointers) or any(
        one.startswith(places.older) for one in edit.old_pointers
    )
