"""Who reads an event, on its page."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from moorings_registry.commands import Reader
from moorings_registry.deprecation_calendar import CalendarDate
from moorings_registry.errors import UsageUnavailable
from moorings_registry.http.requests import current_registry
from moorings_registry.names import Subject
from moorings_registry.questions import known_readers
from moorings_registry.service import Registry
from moorings_registry.state import State, Version
from moorings_registry.usage import last_read

MOST_READERS = 25
"""Rows that are listed."""


@dataclass(frozen=True, slots=True)
class ReadersShown:
    """The readers of one major."""

    major: int
    every: tuple[Reader, ...]
    readers: tuple[Reader, ...]
    """Those that are listed."""
    last_read: Mapping[str, str]
    """When each application read it last, whether or not it is one of *every*: moments by application."""

    @property
    def before(self) -> tuple[tuple[str, str], ...]:
        """Applications that read it once and do not any more, with the moment, the latest first."""
        now = {one.application for one in self.every}
        found = [one for one in self.last_read.items() if one[0] not in now]
        return tuple(sorted(found, key=lambda one: one[1], reverse=True)[:MOST_READERS])

    @property
    def hidden(self) -> int:
        return len(self.every) - len(self.readers)


def readers_shown(state: State, version: Version) -> ReadersShown:
    """What the page of an event says of those who read the major of *version*."""
    registry = current_registry()
    readers = known_readers(registry, state, version.subject, version.major)
    try:
        moments = last_read(registry, version.subject, version.major)
    except UsageUnavailable:
        moments = {}
    return ReadersShown(version.major, readers, readers[:MOST_READERS], moments)


def readers_left(registry: Registry, state: State, dates: Iterable[CalendarDate]) -> dict[tuple[Subject, int], int]:
    """How many still read each major that ends, by event and major: those who declare it, and those observed."""
    return {(one.subject, one.major): len(known_readers(registry, state, one.subject, one.major)) for one in dates}
