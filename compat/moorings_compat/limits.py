"""How large a schema may be, and how many steps a comparison may take.

Both are counted, never timed: the same input gets the same answer on every machine.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from moorings_compat.errors import BudgetSpent, SchemaLimitExceeded

T = TypeVar("T")


_BRACKETS_A_TYPE = 4  # a record in a union with null: its object, its fields, the field's object, the union
_MOST_BRACKETS = 272  # what the standard library's parser and encoder and our own walks handle by recursion


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds for a schema that `parse` reads."""

    size_bytes: int = 1024 * 1024
    """UTF-8 bytes of one text without its references."""
    depth: int = 64
    """Types within each other: records, arrays and maps; objects and arrays; messages."""
    references: int = 200
    """Schemas that a text refers to, directly or through others."""
    digits: int = 400
    """Digits of one number literal."""

    @property
    def brackets(self) -> "Limits":
        """Return the limits for reading a schema's text as JSON, where a type may take four levels of brackets."""
        return replace(self, depth=max(self.depth, min(_BRACKETS_A_TYPE * (self.depth + 4), _MOST_BRACKETS)))

    def allow(self, what: str, found: int, allowed: int) -> None:
        """Raise `SchemaLimitExceeded`, naming *what*, if *found* exceeds *allowed*."""
        if found > allowed:
            raise SchemaLimitExceeded(what, found, allowed)


DEFAULT_LIMITS = Limits()
LARGEST_LIMITS = Limits(size_bytes=4 * 1024 * 1024)
"""The widest bounds that a registry can be set to, for whoever reads what one may take."""


class Budget:
    """Steps left for one check, or for one comparison alone; one step is about one pair of nodes looked at.

    It also carries what the comparisons of one check share.
    """

    __slots__ = ("_set_aside", "_shared", "granted", "left")

    def __init__(self, steps: int = 1_200_000) -> None:
        self.granted = steps
        """Steps of the current `portion`."""
        self.left = steps
        self._set_aside = 0
        self._shared: dict[object, Any] = {}

    def spend(self, steps: int = 1) -> None:
        """Use *steps* of what is left.

        Raises:
            BudgetSpent: there were fewer left than that.
        """
        self.left -= steps
        if self.left < 0:
            raise BudgetSpent(f"more than {self.granted} steps")

    def portion(self, weight: int, of: int) -> None:
        """Grant *weight* parts in *of* of the steps that are left, and set the rest aside."""
        whole = max(self.left, 0) + self._set_aside
        self.granted = self.left = whole * weight // of
        self._set_aside = whole - self.left

    def shared(self, make: Callable[["Budget"], T]) -> T:
        """Return what *make* makes of this budget: the same value for all comparisons that share it."""
        if make not in self._shared:
            self._shared[make] = make(self)
        made: T = self._shared[make]
        return made

    def forget(self) -> None:
        """Drop what the comparisons shared."""
        self._shared.clear()
