"""Fields that are somewhere else now: moved into a new object, out of one that is gone, or from one to another."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from moorings_compat.changes.edit import Edit, EditKind, Place
from moorings_compat.changes.outline import Outline

_MOST_INNER = 500
_DEEPEST = 4


def with_moves(edits: list[Edit], old: Outline, new: Outline) -> tuple[Edit, ...]:
    """Return *edits* with each removal and addition that belong together as one move."""
    return tuple(_Moves(edits, old, new).edits())


class _Moves:
    def __init__(self, edits: list[Edit], old: Outline, new: Outline) -> None:
        self._edits = edits
        self._old, self._new = old, new
        self._used: set[int] = set()

    def edits(self) -> Iterator[Edit]:
        made = {**self._nested(), **self._flattened(), **self._elsewhere()}
        for index, edit in enumerate(self._edits):
            if index in made:
                yield made[index]
            elif index not in self._used:
                yield edit

    def _of(self, kind: EditKind) -> list[int]:
        return [index for index, one in enumerate(self._edits) if one.kind is kind and index not in self._used]

    def _nested(self) -> dict[int, Edit]:
        """Find removed fields that an added object holds."""
        made: dict[int, Edit] = {}
        for added in self._of(EditKind.ADDED):
            inner = list(_inner(self._edits[added].new[0], self._new))
            gone = [index for index in self._of(EditKind.REMOVED) if _find(self._edits[index].old[0], inner)]
            if inner and gone:
                old = tuple(self._edits[index].old[0] for index in gone)
                made[added] = replace(self._edits[added], kind=EditKind.MOVED, old=old)
                self._used.update(gone)
        return made

    def _flattened(self) -> dict[int, Edit]:
        """Find added fields that a removed object held."""
        made: dict[int, Edit] = {}
        for removed in self._of(EditKind.REMOVED):
            inner = list(_inner(self._edits[removed].old[0], self._old))
            come = [index for index in self._of(EditKind.ADDED) if _find(self._edits[index].new[0], inner)]
            if inner and come:
                new = tuple(self._edits[index].new[0] for index in come)
                made[removed] = replace(self._edits[removed], kind=EditKind.MOVED, new=new)
                self._used.update(come)
        return made

    def _elsewhere(self) -> dict[int, Edit]:
        """Find a removed field that another object has now."""
        made: dict[int, Edit] = {}
        for removed in self._of(EditKind.REMOVED):
            was = self._edits[removed].old[0]
            found = [index for index in self._of(EditKind.ADDED) if index not in made and self._is_moved(was, index)]
            if len(found) == 1:
                made[found[0]] = replace(self._edits[found[0]], kind=EditKind.MOVED, old=(was,))
                self._used.add(removed)
        return made

    def _is_moved(self, was: Place, added: int) -> bool:
        now = self._edits[added].new[0]
        return was.part.step == now.part.step != "" and was.part.label == now.part.label and was.path != now.path


def _find(place: Place, inner: Iterable[Place]) -> bool:
    return any(one.part.step == place.part.step and one.part.label == place.part.label for one in inner)


def _inner(place: Place, outline: Outline) -> Iterator[Place]:
    """Yield the fields inside a part, nearest first."""
    waiting = [(place.path, key, 0) for key in place.part.definitions]
    seen: set[str] = set()
    count = 0
    while waiting and count < _MOST_INNER:
        path, key, depth = waiting.pop(0)
        if key in seen or depth > _DEEPEST:
            continue
        seen.add(key)
        definition = outline.of(key)
        for index, part in enumerate(definition.parts):
            count += 1
            inner = f"{path}.{part.step}" if part.step else path
            if part.step:
                yield Place(inner, part, definition.pointer, index)
            waiting += [(inner, one, depth + 1) for one in part.definitions]
