"""Goals and answers: the nodes that a value has to satisfy and to violate, and whether there is such a value."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeAlias

from moorings_compat.json_schema.nodes.evaluating import holds
from moorings_compat.json_schema.nodes.nodes import Atom, Node
from moorings_compat.json_schema.solving.violations import follows
from moorings_compat.limits import Budget

GoalKey: TypeAlias = tuple[frozenset[bytes], frozenset[bytes]]


class Status(StrEnum):
    """The state of a goal."""

    FOUND = "found"
    """A value reaches it."""
    NONE = "none"
    """Proven: no value reaches it."""
    OPEN = "open"
    """Neither was found out."""


@dataclass(frozen=True, slots=True)
class GoalAnswer:
    """A status, and with FOUND the value and how many parts it has."""

    status: Status
    value: Any = None
    size: int = 1

    @property
    def found(self) -> bool:
        return self.status is Status.FOUND

    @property
    def none(self) -> bool:
        return self.status is Status.NONE


NONE = GoalAnswer(Status.NONE)
OPEN = GoalAnswer(Status.OPEN)
MOST_PARTS = 100_000
"""A value with more parts is not built: a schema of thirty lines can demand a billion of them."""


_MOST_COMPARED = 30
"""Assertions up to which all pairs are compared."""


def found_whole(value: Any, size: int) -> GoalAnswer:
    """Answer with a value made of parts, unless there are too many of them."""
    return GoalAnswer(Status.FOUND, value, size) if size <= MOST_PARTS else OPEN


class Goal:
    """A value that satisfies the nodes in `yes` and violates those in `no`."""

    __slots__ = ("_atoms", "key", "no", "weight", "yes")

    def __init__(self, yes: Iterable[Node], no: Iterable[Node] = ()) -> None:
        self.yes = {node.key: node for node in yes}
        self.no = {node.key: node for node in no}
        self.key: GoalKey = (frozenset(self.yes), frozenset(self.no))
        self.weight = 1 + sum(node.weight for part in (self.yes, self.no) for node in part.values())
        """An estimate of the work to try one value."""
        self._atoms: dict[bytes, Atom] | None = None

    @property
    def atoms(self) -> dict[bytes, Atom]:
        """All that has to hold, by key."""
        if self._atoms is None:
            nodes = list(self.yes.values())
            self._atoms = nodes[0].by_key if len(nodes) == 1 else {}
            for node in nodes if len(nodes) > 1 else ():
                self._atoms.update(node.by_key)
        return self._atoms

    @property
    def contradicts_itself(self) -> bool:
        """True if every assertion of a node in `no` has to hold, or plainly follows."""
        atoms = self.atoms
        if any(node.by_key.keys() <= atoms.keys() for node in self.no.values()):
            return True
        if len(atoms) > _MOST_COMPARED:
            return False
        return any(
            all(atom.key in atoms or follows(atom, atoms.values()) for atom in node.atoms) for node in self.no.values()
        )

    def without(self, others: Iterable[Node]) -> "Goal":
        """The same goal for a value that violates *others* too."""
        goal = Goal((), (*self.no.values(), *others))
        goal.yes = self.yes
        goal.key = (self.key[0], goal.key[1])
        goal.weight += sum(node.weight for node in self.yes.values())
        goal._atoms = self.atoms  # its own kind
        return goal

    def reached_by(self, value: Any, budget: Budget) -> bool:
        """Say whether *value* reaches the goal."""
        return all(holds(node, value, budget) for node in self.yes.values()) and not any(
            holds(node, value, budget) for node in self.no.values()
        )
