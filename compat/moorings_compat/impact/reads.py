"""What a consumer reads of an event: fields, and how it uses each."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from moorings_compat.fields import WHOLE, Path, covers


class Use(StrEnum):
    """How a consumer uses a field."""

    REQUIRED = "required"
    """It needs a value in every event."""
    OPTIONAL = "optional"
    """It works without one."""
    EXHAUSTIVE = "exhaustive"
    """It needs a value, and handles the symbols of the enumeration that it knows and no others."""


@dataclass(frozen=True, slots=True)
class FieldUse:
    """A field that a consumer reads, with all below it."""

    path: Path
    use: Use = Use.REQUIRED


@dataclass(frozen=True, slots=True)
class Reads:
    """The fields that a consumer reads; of one whose fields nobody knows, the event as a whole."""

    fields: tuple[FieldUse, ...]
    known: bool = True
    """Whether the consumer, or a test of it, says so; else it may read anything."""

    @property
    def paths(self) -> tuple[Path, ...]:
        """The paths that are read, sorted; those below another one are left out."""
        every = sorted({one.path for one in self.fields})
        return tuple(one for one in every if not any(other != one and one[: len(other)] == other for other in every))


OPAQUE = Reads((FieldUse(WHOLE, Use.OPTIONAL),), known=False)
"""What is assumed of whoever reads an event and does not say what of it."""


def overlapping(paths: Iterable[Path], path: Path) -> bool:
    """Tell whether reading *paths* reads *path*, something in it, or something around it."""
    return any(covers(one, path) or covers(path, one) for one in paths)
