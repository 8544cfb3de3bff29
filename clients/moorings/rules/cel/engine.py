"""The engine of rules in CEL, with the time of this process."""

from datetime import UTC, datetime

from moorings_compat.cel.engine import CannotRun
from moorings_compat.cel.engine import Program as TimelessProgram

__all__ = ["CannotRun", "Program"]


class Program(TimelessProgram):
    """A compiled expression in which `now` is the current time."""

    def __init__(self, text: str) -> None:
        super().__init__(text, _now)


def _now() -> datetime:
    return datetime.now(UTC)
