"""Who reads an event, on its page: applications, and the fields that each of them reads."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from moorings_compat.fields import field_paths, pointer_of
from moorings_registry.commands import Reader, parsed
from moorings_registry.deprecation_calendar import CalendarDate
from moorings_registry.http.requests import current_registry
from moorings_registry.names import Subject
from moorings_registry.questions import known_readers, readers_of_field
from moorings_registry.service import Registry
from moorings_registry.state import State, Version

MOST_READERS, MOST_FIELDS = 25, 50
"""Rows that are listed."""


@dataclass(frozen=True, slots=True)
class FieldShown:
    """A field, and those who declare to read it."""

    pointer: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReadersShown:
    """The readers of one major, and of each of its fields."""

    major: int
    readers: tuple[Reader, ...]
    hidden: int
    """Readers that are not listed."""
    opaque: int
    """Readers of whom nobody knows which fields they read."""
    fields: tuple[FieldShown, ...]
    hidden_fields: int


def readers_shown(state: State, version: Version) -> ReadersShown:
    """What the page of an event says of those who read the major of *version*."""
    registry = current_registry()
    readers = known_readers(registry, state, version.subject, version.major)
    known = [one for one in readers if one.reads.known]
    counts = Counter(one.reads.known for one in readers)
    if not readers:
        return ReadersShown(version.major, (), 0, 0, (), 0)
    paths = field_paths(parsed(state, version, registry.dependencies), version.subject.of_event.name)
    fields = [
        FieldShown(pointer_of(path), tuple(one.application for one in readers_of_field(known, path))) for path in paths
    ]
    listed = readers[:MOST_READERS]
    hidden_fields = max(0, len(fields) - MOST_FIELDS)
    shown = tuple(fields[:MOST_FIELDS])
    return ReadersShown(version.major, listed, len(readers) - len(listed), counts[False], shown, hidden_fields)


def readers_left(registry: Registry, state: State, dates: Iterable[CalendarDate]) -> dict[tuple[Subject, int], int]:
    """How many still read each major that ends, by event and major: those who declare it, and those observed."""
    return {(one.subject, one.major): len(known_readers(registry, state, one.subject, one.major)) for one in dates}
