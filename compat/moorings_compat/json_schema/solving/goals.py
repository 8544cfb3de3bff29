"""Goals and answers: what a value is asked to satisfy and to violate, and whether there is one."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeAlias

from moorings_compat.json_schema.evaluating import atom_holds, holds
from moorings_compat.json_schema.nodes import Atom, Node

GoalKey: TypeAlias = tuple[frozenset[bytes], frozenset[bytes]]


class Status(StrEnum):
    """What is known about a goal."""

    FOUND = "found"
    """A value reaches it."""
    NONE = "none"
    """No value can: proven."""
    OPEN = "open"
    """Neither could be shown."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A status, and with FOUND the value."""

    status: Status
    value: Any = None

    @property
    def found(self) -> bool:
        return self.status is Status.FOUND

    @property
    def none(self) -> bool:
        return self.status is Status.NONE


NONE = Answer(Status.NONE)
OPEN = Answer(Status.OPEN)


class Goal:
    """One value shall satisfy every atom in `yes` and violate every node in `no`."""

    __slots__ = ("key", "no", "yes")

    def __init__(self, yes: Iterable[Node], no: Iterable[Node] = ()) -> None:
        self.yes: dict[bytes, Atom] = {}
        for node in yes:
            self.yes.update(node.by_key)
        self.no: dict[bytes, Node] = {node.key: node for node in no}
        self.key: GoalKey = (frozenset(self.yes), frozenset(self.no))

    def without(self, others: Iterable[Node]) -> "Goal":
        """The same goal for a value that violates *others* too."""
        goal = Goal((), (*self.no.values(), *others))
        goal.yes = self.yes
        goal.key = (self.key[0], goal.key[1])
        return goal

    def reached_by(self, value: Any) -> bool:
        """Say whether *value* is what the goal asks for."""
        return all(atom_holds(atom, value) for atom in self.yes.values()) and not any(
            holds(node, value) for node in self.no.values()
        )
