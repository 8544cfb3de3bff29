"""The checks that left a trace, as a sequence that can be asked for some of them."""

from bisect import bisect_left
from collections.abc import Callable, Container, Iterator

from moorings_registry.names import Subject
from moorings_registry.state.append_only import AppendOnly
from moorings_registry.state.values import CheckRecord


class Checks(AppendOnly[CheckRecord]):
    """Checks, oldest first."""

    __slots__ = ()

    def first_of(self, position: int) -> int:
        """The index of the first check that the entry at *position*, or a later one, recorded."""
        # In the list itself: each registration asks twice, and an index of this sequence costs ten times as much.
        return bisect_left(self._items, position, 0, self._length, key=_position)

    def unusual(self) -> Iterator[CheckRecord]:
        """Yield those that were refused, or in which rules fired, newest first."""
        return (one for one in reversed(self) if is_unusual(one))

    def with_guid(self, guid: str) -> Iterator[CheckRecord]:
        """Yield those of one definition, oldest first."""
        return (one for one in self if one.guid == guid)

    def of_subject(self, subject: Subject) -> "Checks":
        """Those of one subject."""
        return self.about(lambda one: one == subject)

    def about(self, wanted: Callable[[Subject], bool]) -> "Checks":
        """Those of the subjects that *wanted* holds for."""
        found = [one for one in self if wanted(one.subject)]
        return Checks(found, len(found))

    def guids_about(self, wanted: Callable[[Subject], bool]) -> Container[str]:
        """The guids of the definitions that were checked for a subject that *wanted* holds for."""
        return {one.guid for one in self if wanted(one.subject)}


def is_unusual(check: CheckRecord) -> bool:
    """Whether it was refused, or accepted though rules fired."""
    return not check.accepted or bool(check.rules)


def _position(check: CheckRecord) -> int:
    return check.position
