"""How large a schema may be, and how many steps a comparison may take.

Both are counted, never timed: the same input gets the same answer on every machine.
"""

from dataclasses import dataclass

from moorings_compat.errors import BudgetSpent, LimitExceeded


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
        """Pass, or raise `LimitExceeded` naming *what*."""
        if found > allowed:
            raise LimitExceeded(what, found, allowed)


DEFAULT_LIMITS = Limits()


class Budget:
    """Steps left for one comparison; one step is about one pair of nodes looked at."""

    __slots__ = ("granted", "left")

    def __init__(self, steps: int = 2_000_000) -> None:
        self.granted = steps
        self.left = steps

    def spend(self, steps: int = 1) -> None:
        """Use *steps* of what is left.

        Raises:
            BudgetSpent: there were fewer left than that.
        """
        self.left -= steps
        if self.left < 0:
            raise BudgetSpent(f"more than {self.granted} steps")
