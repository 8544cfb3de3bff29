"""What correcting asks of a format: a text in which some changes are corrected, each in one way."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from moorings_compat.changes.change import Change, WayKind
from moorings_compat.schema import Schema


@dataclass(frozen=True, slots=True)
class Texts:
    """The candidate as its author wrote it, and the older versions by number."""

    candidate: Schema
    text: str
    older: Mapping[int, Schema]

    @property
    def newest(self) -> Schema:
        return self.older[max(self.older)]


class Editor(Protocol):
    """Edits the candidate's text, never an older version's."""

    def corrected(self, chosen: Sequence[tuple[Change, WayKind]]) -> str | None:
        """Return the text with each change corrected in its way; None where a way does not exist for one."""
