"""The items of an archive, in order: events in any framing, and places that cannot be read."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias

from moorings.errors import MooringsError
from moorings_compat import Schema

Cursor: TypeAlias = Mapping[str, int | str]
"""Where to resume an archive, in its own terms; JSON."""

LARGEST_EVENT_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class FramedEvent:
    """An event with the id or guid of its writer's schema before it."""

    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class UnframedEvent:
    """An event without its framing; `writer` is the schema that the archive itself has."""

    data: bytes = field(repr=False)
    writer: Schema | None = None


@dataclass(frozen=True, slots=True)
class PlainEvent:
    """An event as JSON, not encoded; `writer` is the label of its revision, if given."""

    value: Any = field(repr=False)
    writer: str = ""


@dataclass(frozen=True, slots=True)
class Tombstone:
    """A record without an event: what its key names was deleted."""


@dataclass(frozen=True, slots=True)
class Damage:
    """A place that cannot be read; `reason` holds nothing of its content."""

    reason: str


Content = FramedEvent | UnframedEvent | PlainEvent | Tombstone | Damage


@dataclass(frozen=True, slots=True)
class Item:
    """One item. `done` is the progress after it, in the archive's own unit."""

    place: str
    """Where it begins, for messages: ``line 12``, ``byte 4096``, ``entry 1732-0``."""
    content: Content
    cursor: Cursor
    """Where to resume after it."""
    done: int


class Archive(Protocol):
    """A sequence of events that may be longer than memory."""

    @property
    def kind(self) -> str:
        """Its kind: one of `opening.KINDS`."""

    @property
    def name(self) -> str:
        """Its name in reports; never with a password."""

    @property
    def identity(self) -> str:
        """What identifies it, so that a replay resumes in the same archive; empty if it cannot be identified."""

    @property
    def total(self) -> int | None:
        """The value of `Item.done` at its end: bytes of a file, entries of a stream; None if unknown."""

    def read(self, start: Cursor | None = None) -> Iterator[Item]:
        """Yield its items, from the beginning or from a cursor on.

        Damage after which nothing can be found is the last item.

        Raises:
            ArchiveUnreadable: the archive as a whole cannot be read, or no longer.
        """

    def close(self) -> None:
        """Close the file or connection."""


class ArchiveUnreadable(MooringsError):
    """An archive cannot be opened, is of another kind, or is unavailable."""

    code = "ARCHIVE_UNREADABLE"
