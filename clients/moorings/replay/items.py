"""What an archive yields, one after the other: events in whatever wrapping, and places that cannot be read."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias

from moorings.errors import MooringsError
from moorings_compat import Schema

Cursor: TypeAlias = Mapping[str, int | str]
"""Where an archive goes on, in its own words; JSON."""

LARGEST_EVENT_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class FramedEvent:
    """An event with the id or guid of its writer's schema before it."""

    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class UnframedEvent:
    """An event without its framing; `writer` is the schema that the archive itself brings along."""

    data: bytes = field(repr=False)
    writer: Schema | None = None


@dataclass(frozen=True, slots=True)
class PlainEvent:
    """An event as JSON, not encoded; `writer` is the label of the revision that it belongs to, where it is said."""

    value: Any = field(repr=False)
    writer: str = ""


@dataclass(frozen=True, slots=True)
class Tombstone:
    """A record without an event: what its key names is gone."""


@dataclass(frozen=True, slots=True)
class Damage:
    """A place that cannot be read; `reason` holds nothing of its content."""

    reason: str


Content = FramedEvent | UnframedEvent | PlainEvent | Tombstone | Damage


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that was found. `done` is how far that is, in the archive's own measure."""

    place: str
    """Where it begins, for people: ``line 12``, ``byte 4096``, ``entry 1732-0``."""
    content: Content
    cursor: Cursor
    """Where to go on after it."""
    done: int


class Archive(Protocol):
    """A sequence of events that may be longer than memory."""

    @property
    def kind(self) -> str:
        """Its form: one of `opening.KINDS`."""

    @property
    def name(self) -> str:
        """What it is called in reports; never a password."""

    @property
    def identity(self) -> str:
        """What tells it from another archive, so that a replay goes on in the same one; empty where nothing does."""

    @property
    def total(self) -> int | None:
        """What `Item.done` comes to at its end: bytes of a file, entries of a stream; None where nobody knows."""

    def read(self, start: Cursor | None = None) -> Iterator[Item]:
        """Yield what there is, from the beginning or from a cursor on.

        Damage that nothing can be found behind is the last item.

        Raises:
            ArchiveUnreadable: the archive as a whole cannot be read, or not any more.
        """

    def close(self) -> None:
        """Let go of the file or connection."""


class ArchiveUnreadable(MooringsError):
    """An archive cannot be opened, is of another kind, or is away."""

    code = "ARCHIVE_UNREADABLE"
