"""One issue with a file: where it is, what is wrong, and what to do."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class Weight(StrEnum):
    """How much an issue weighs; errors make a command fail."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Issue:
    """`place` is a JSON Pointer or ``line 3, column 7``; `line` and `column` count from 1, 0 where unknown."""

    file: Path
    code: str
    message: str
    advice: str = ""
    weight: Weight = Weight.ERROR
    place: str = ""
    line: int = 0
    column: int = 0
