"""Entries of registrations, written past the registry: histories of a size that nobody would wait to register."""

from collections.abc import Iterable

from moorings_registry import facts
from moorings_registry.entries import Entry, Head


def guid_of(number: int) -> str:
    """The guid of the schema of registration *number*, from 0."""
    return f"{number:08x}-0000-8000-8000-000000000000"


def registration(
    number: int, place: tuple[str, int], text: str, level: str, compared: Iterable[int] = ()
) -> tuple[facts.Fact, ...]:
    """What is recorded of an Avro schema that nobody had before, at *place*: a subject and a version, in major 1."""
    subject, version = place
    guid = guid_of(number)
    return (
        facts.SchemaDefined(guid, "AVRO", text, [], None, None),
        facts.SchemaRegistered(subject, version, number + 1, guid, 1, version - 1, "", level, list(compared), {}),
    )


def entry_after(head: Head, told: Iterable[facts.Fact], name: str = "") -> Entry:
    """The entry that follows *head*; *name* tells it from others."""
    return Entry.following(
        head,
        recorded_at="2026-11-22T10:00:00.000000Z",
        actor="bench",
        correlation_id=name,
        facts=[facts.to_json(one) for one in told],
    )
