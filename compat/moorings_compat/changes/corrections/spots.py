"""A place in JSON content that stays itself while other places come and go: by what holds it, not by its pointer."""

from dataclasses import dataclass, replace
from typing import Any

from moorings_compat.pointer_edits import has, put, steps_of, value_at


@dataclass(frozen=True, slots=True)
class Spot:
    """A member of an object, or an item of an array."""

    parent: Any
    """The object or array that holds it."""
    step: str
    """Its name, or its index when it was looked up."""
    owner: Any
    """What holds the parent: for a property, the schema whose `properties` these are."""
    word: str
    """What the parent is called there: ``properties``, ``fields``."""
    item: Any = None
    """What was there; None where nothing was."""

    def remove(self) -> None:
        """Take what was there out; nothing happens if it is there no more."""
        if isinstance(self.parent, list):
            self.parent[:] = [one for one in self.parent if one is not self.item]
        else:
            self.parent.pop(self.step, None)

    def put(self, value: Any) -> None:
        """Put *value* there, before what is in its place in an array."""
        if isinstance(self.parent, list):
            self.parent.insert(self._index(), value)
        else:
            self.parent[self.step] = value

    def replaced(self) -> "Spot":
        """Take what was there out, and return the place that it had."""
        step = str(self._index())
        self.remove()
        return replace(self, step=step if isinstance(self.parent, list) else self.step, item=None)

    def after(self, name: str) -> "Spot":
        """Return the place behind this one: in an object the member *name*.

        Raises:
            LookupError: there is such a member already.
        """
        if not isinstance(self.parent, list) and name in self.parent:
            raise LookupError(name)
        step = str(int(self.step) + 1) if isinstance(self.parent, list) else name
        return replace(self, step=step, item=None)

    def filled(self, item: Any) -> "Spot":
        return replace(self, item=item)

    def _index(self) -> int:
        """Where in the array it is now."""
        at = next((index for index, one in enumerate(self.parent) if one is self.item), None)
        return min(int(self.step), len(self.parent)) if at is None else at


def spot_at(content: Any, pointer: str) -> Spot:
    """Look a place up; an object that is to hold it is made.

    Raises:
        LookupError: the pointer leads nowhere.
    """
    above, _, _ = pointer.rpartition("/")
    step = steps_of(pointer)[-1]
    if not has(content, above):
        put(content, above, {})
    parent = value_at(content, above)
    if not isinstance(parent, dict | list) or (isinstance(parent, list) and not step.isdecimal()):
        raise LookupError(pointer)
    around, _, word = above.rpartition("/")
    owner = value_at(content, around) if above else None
    item = value_at(parent, f"/{pointer.rpartition('/')[2]}") if has(parent, f"/{pointer.rpartition('/')[2]}") else None
    return Spot(parent, step, owner, word, item)
