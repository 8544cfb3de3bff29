"""How large a schema may be, and how many steps a comparison may take.

Both are counted, never timed: the same input gets the same answer on every machine.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from moorings_compat.errors import BudgetSpent, SchemaLimitExceeded

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds that `parse` holds a schema to."""

    size_bytes: int = 1024 * 1024
    """UTF-8 bytes of one text, its references not counted."""
    depth: int = 64
    """Levels of nesting in the text."""
    references: int = 200
    """Schemas that a text may draw in, directly or through others."""
    digits: int = 400
    """Digits of one number literal."""

    def allow(self, what: str, found: int, allowed: int) -> None:
        """Pass, or raise `SchemaLimitExceeded` naming *what*."""
        if found > allowed:
            raise SchemaLimitExceeded(what, found, allowed)


DEFAULT_LIMITS = Limits()


class Budget:
    """Steps left for one check, or for one comparison alone; one step is about one pair of nodes looked at.

    It also carries what the comparisons of one check hand on to each other.
    """

    __slots__ = ("_handed_on", "_set_aside", "granted", "left")

    def __init__(self, steps: int = 1_200_000) -> None:
        self.granted = steps
        """How many may be spent before the next `portion` is taken."""
        self.left = steps
        self._set_aside = 0
        self._handed_on: dict[object, Any] = {}

    def spend(self, steps: int = 1) -> None:
        """Use *steps* of what is left.

        Raises:
            BudgetSpent: there were fewer left than that.
        """
        self.left -= steps
        if self.left < 0:
            raise BudgetSpent(f"more than {self.granted} steps")

    def portion(self, weight: int, of: int) -> None:
        """Set aside all that is left but *weight* parts in *of*, which are what may be spent from now on."""
        whole = max(self.left, 0) + self._set_aside
        self.granted = self.left = whole * weight // of
        self._set_aside = whole - self.left

    def shared(self, make: Callable[["Budget"], T]) -> T:
        """Return what *make* makes of this budget: the same for all comparisons that draw on it."""
        if make not in self._handed_on:
            self._handed_on[make] = make(self)
        made: T = self._handed_on[make]
        return made

    def forget(self) -> None:
        """Let go of what was handed on."""
        self._handed_on.clear()
