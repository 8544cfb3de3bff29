"""Subjects of a target that takes no ids and numbers of ours: it gives its own, and schemas are found by their content.

What was permanently deleted here cannot be found that way any more, and stays in the target.
"""

from collections.abc import Iterable
from typing import Any

from moorings_registry.exporting.planning import Held
from moorings_registry.exporting.selecting import Selection, qualified, version_body
from moorings_registry.exporting.target import Target, TargetRefuses, versions_path
from moorings_registry.migration.peer import segment
from moorings_registry.names import Subject
from moorings_registry.state import Place, State

_UNPROCESSABLE = 422


class PlainSubjects:
    """Those subjects, and which number each version of ours has there."""

    def __init__(self, selection: Selection, target: Target) -> None:
        self._selection = selection
        self._target = target
        self._subjects: set[Subject] = set()
        self.numbers: dict[Place, int] = {}
        """By our places, as far as they have been looked for."""

    def has(self, subject: Subject) -> bool:
        """Whether *subject*, by its name here, is one of them."""
        return self._selection.target(subject) in self._subjects

    def add(self, subject: Subject) -> None:
        """Note that *subject*, by the target's name, is one of them."""
        self._subjects.add(subject)

    def discard(self, subject: Subject) -> None:
        """Note that *subject*, by the target's name, takes ours after all."""
        if subject not in self._subjects:
            return
        self._subjects.remove(subject)
        self.numbers = {place: one for place, one in self.numbers.items() if self.has(place[0])}

    def number(self, place: Place) -> int:
        """The number of *place* in the target, where it is known; our own otherwise."""
        return self.numbers.get(place, place[1])

    def held(self, state: State, places: Iterable[Place], has: Held) -> Held:
        """What the target has of *places*, all of one subject, by our numbers.

        Raises:
            TargetAway, TargetRefuses, LeaseLost
        """
        active: set[int] = set()
        deleted: set[int] = set()
        for place in places:
            number = self._find(state, place)
            if number is not None:
                (active if number in has.active else deleted).add(place[1])
        return Held(frozenset(active), frozenset(deleted))

    def register(self, state: State, place: Place) -> None:
        """Have the target take a version, under whatever number.

        Raises:
            TargetAway, TargetRefuses, LeaseLost
        """
        path = versions_path(qualified(self._selection.target(place[0])))
        self._note(place, self._target.ask("POST", path, self._body(state, place)))
        if place not in self.numbers:  # an older registry tells the id alone
            self._find(state, place)

    def _find(self, state: State, place: Place) -> int | None:
        self.numbers.pop(place, None)
        path = f"/subjects/{segment(qualified(self._selection.target(place[0])))}?deleted=true"
        try:
            self._note(place, self._target.ask("POST", path, self._body(state, place)))
        except TargetRefuses as error:
            # Nor has it what refers to something that it does not have.
            if error.code not in (404, _UNPROCESSABLE) and error.code // 100 not in (404, _UNPROCESSABLE):
                raise
        return self.numbers.get(place)

    def _body(self, state: State, place: Place) -> dict[str, Any]:
        body = version_body(state, self._selection, place, self.number)
        return {name: value for name, value in body.items() if name not in ("id", "version")}

    def _note(self, place: Place, told: Any) -> None:
        number = told.get("version") if isinstance(told, dict) else None
        if isinstance(number, int):
            self.numbers[place] = number
