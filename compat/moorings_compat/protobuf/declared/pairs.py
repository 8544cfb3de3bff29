"""The candidate and the older schema side by side."""

from collections.abc import Iterator
from dataclasses import dataclass

from moorings_compat.protobuf.compiled import Compiled
from moorings_compat.protobuf.differences import Difference
from moorings_compat.protobuf.types import EnumType, Message, counterpart_name


@dataclass(frozen=True, slots=True)
class Candidacy:
    """The candidate and the older schema, and which of them is the reader."""

    candidate: Compiled
    older: Compiled
    candidate_reads: bool

    def messages(self) -> Iterator[tuple[Message, Message | None]]:
        """Yield each message that the older file declares, and the candidate's of that name."""
        for name, message in self.older.types.messages.items():
            if message.own and not message.map_entry:
                yield message, self.candidate.types.messages.get(self.renamed(name))

    def enums(self) -> Iterator[tuple[EnumType, EnumType | None]]:
        """Yield each enum that the older file declares, and the candidate's of that name."""
        for name, enum in self.older.types.enums.items():
            if enum.own:
                yield enum, self.candidate.types.enums.get(self.renamed(name))

    def difference(
        self, older_path: str, older_has: str, path: str, has: str, message: str, *, repair: str = ""
    ) -> Difference:
        """Make a difference with the candidate as reader or writer."""
        if self.candidate_reads:
            return Difference(path, older_path, has, older_has, message, repair=repair)
        return Difference(older_path, path, older_has, has, message, repair=repair)

    def renamed(self, full_name: str) -> str:
        """Return the name that a type of the older schema would have in the candidate's package."""
        return counterpart_name(full_name, self.older.types, self.candidate.types)
