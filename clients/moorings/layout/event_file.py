"""An event's own file, ``OrderPlaced.toml``: what the event is, whatever its majors are."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from moorings.api.domain_contracts import DECLARED_MEMBERS
from moorings.layout.issues import Issue
from moorings.layout.toml_reader import Table, TomlReader
from moorings_compat.event_names import EventKind
from moorings_compat.field_pointers import is_field_pointer

CLASSIFICATIONS = ("public", "internal", "confidential", "restricted")

_NAME = re.compile(r"(?P<event>[A-Za-z_][A-Za-z0-9_]*)\.toml")
_TOPIC = re.compile(r"(?!\.{1,2}$)[A-Za-z0-9._-]{1,249}")
_LINE = re.compile(r"[^\x00-\x1f\x7f]{0,500}")
KEYS = DECLARED_MEMBERS
"""A file has what the API takes, under the same names."""
REPLAY_KEYS = ("source", "retention_days", "ordering_key", "replayable", "reason")
EXPECTATION_KEYS = ("peak_per_second", "largest_bytes", "delivery_p99_ms")


@dataclass(frozen=True, slots=True)
class Replay:
    """Where the event can be read again, and in which order."""

    source: str = ""
    retention_days: int | None = None
    ordering_key: str = ""
    """A JSON Pointer: events with the same value keep their order."""
    replayable: bool = True
    reason: str = ""
    """Why it is not replayable."""


@dataclass(frozen=True, slots=True)
class Expectations:
    """What producers and consumers plan for; None where nothing was said."""

    peak_per_second: float | None = None
    largest_bytes: int | None = None
    delivery_p99_ms: float | None = None


@dataclass(frozen=True, slots=True)
class EventFile:
    """What a file says about one event."""

    path: Path
    domain: str
    event: str
    kind: EventKind = EventKind.FACT
    description: str = ""
    classification: str = ""
    topics: tuple[str, ...] = ()
    handler: str = ""
    """Of a command: the one that carries it out."""
    name_reviewed: str = ""
    """Why the name is right, although the lint cannot tell."""
    replay: Replay | None = None
    idempotency: tuple[str, ...] | None = None
    """JSON Pointers that identify an event together."""
    expectations: Expectations | None = None

    @property
    def subject(self) -> str:
        return f"{self.domain}.{self.event}"

    def settings(self) -> dict[str, Any]:
        """Return the body of ``PUT /v1/events/{subject}``."""
        return {
            "kind": str(self.kind),
            "description": self.description,
            "classification": self.classification,
            "topics": list(self.topics),
            "handler": self.handler,
            "name_reviewed": self.name_reviewed,
            "replay": _members(self.replay),
            "idempotency": None if self.idempotency is None else {"key": list(self.idempotency)},
            "expectations": _members(self.expectations),
        }

    def pointers(self) -> list[tuple[tuple[str | int, ...], str]]:
        """Return every JSON Pointer to a field, with the keys that it is under."""
        found: list[tuple[tuple[str | int, ...], str]] = [
            (("idempotency", "key"), pointer) for pointer in self.idempotency or ()
        ]
        if self.replay is not None and self.replay.ordering_key:
            found.append((("replay", "ordering_key"), self.replay.ordering_key))
        return found


def split_event_file_name(name: str) -> str | None:
    """Return the event that a file is about; None for a file that is not an event's."""
    match = _NAME.fullmatch(name)
    return match["event"] if match is not None and match["event"] != "domain" else None


def event_file_name(event: str) -> str:
    return f"{event}.toml"


def read_event_file(path: Path) -> tuple[EventFile | None, list[Issue]]:
    """Read an event's file; a value that cannot be used is an issue, and left out. None: the file cannot be read."""
    reader = TomlReader(path, "EVENT_FILE_INVALID")
    found = reader.load()
    if found is None:
        return None, reader.issues
    reader.only(found, KEYS)
    event = EventFile(
        path,
        path.parent.name,
        split_event_file_name(path.name) or path.stem,
        EventKind(reader.choice(found, "kind", tuple(EventKind), default=EventKind.FACT)),
        reader.text(found, "description"),
        reader.choice(found, "classification", ("", *CLASSIFICATIONS), default=""),
        _topics(reader, found),
        _handler(reader, found),
        _line(reader, found, "name_reviewed"),
        _replay(reader, found),
        _idempotency(reader, found),
        _expectations(reader, found),
    )
    return event, reader.issues


def _topics(reader: TomlReader, found: Table) -> tuple[str, ...]:
    topics = reader.texts(found, "topics", example="orders")
    for topic in dict.fromkeys(one for one in topics if topics.count(one) > 1):
        reader.refuse(f"topics names {topic!r} twice", "Remove one of them.", "topics")
    for topic in topics:
        if not _TOPIC.fullmatch(topic):
            advice = "Use letters, digits, dots, underscores and hyphens, at most 249."
            reader.refuse(f"topics has {topic!r}, which is not the name of a Kafka topic", advice, "topics")
    return tuple(one for one in dict.fromkeys(topics) if _TOPIC.fullmatch(one))


def _line(reader: TomlReader, table: Table, key: str, *keys: str) -> str:
    """Return a text that has to be one line."""
    text = reader.text(table, key, *keys)
    if _LINE.fullmatch(text):
        return text
    reader.refuse(f"{'.'.join((*keys, key))} is not one line of at most 500 characters", "Shorten it.", *keys, key)
    return ""


def _handler(reader: TomlReader, found: Table) -> str:
    handler = found.get("handler", "")
    if isinstance(handler, list):
        reader.refuse("handler is a list; a command has exactly one handler", 'Write handler = "billing".', "handler")
        return ""
    return reader.text(found, "handler", example="billing")


def _replay(reader: TomlReader, found: Table) -> Replay | None:
    table = reader.table(found, "replay")
    if table is None:
        return None
    reader.only(table, REPLAY_KEYS, "replay")
    replay = Replay(
        reader.text(table, "source", "replay", example="kafka:orders"),
        reader.count(table, "retention_days", "replay", least=1),
        _pointer(reader, reader.text(table, "ordering_key", "replay", example="/order_id"), "replay", "ordering_key"),
        reader.flag(table, "replayable", "replay", default=True),
        _line(reader, table, "reason", "replay"),
    )
    if not replay.replayable and not replay.reason.strip():
        message = "replay.replayable is false, and no reason is given"
        reader.refuse(message, 'Say why in [replay]: reason = "...".', "replay", "replayable")
    return replay


def _idempotency(reader: TomlReader, found: Table) -> tuple[str, ...] | None:
    table = reader.table(found, "idempotency")
    if table is None:
        return None
    reader.only(table, ("key",), "idempotency")
    keys = reader.texts(table, "key", "idempotency", example="/order_id")
    if not keys and not any(one.place.startswith("idempotency") for one in reader.issues):
        reader.refuse("idempotency has no key", 'Write key = ["/order_id"].', "idempotency")
    kept = tuple(one for one in keys if _pointer(reader, one, "idempotency", "key"))
    return kept or None


def _expectations(reader: TomlReader, found: Table) -> Expectations | None:
    table = reader.table(found, "expectations")
    if table is None:
        return None
    reader.only(table, EXPECTATION_KEYS, "expectations")
    return Expectations(
        reader.number(table, "peak_per_second", "expectations"),
        reader.count(table, "largest_bytes", "expectations", least=1),
        reader.number(table, "delivery_p99_ms", "expectations"),
    )


def _pointer(reader: TomlReader, pointer: str, *keys: str) -> str:
    if not pointer or is_field_pointer(pointer):
        return pointer
    message = f"{'.'.join(keys)} has {pointer!r}, which is not a JSON Pointer"
    reader.refuse(message, "Begin it with a slash, as in /order_id or /customer/id.", *keys)
    return ""


def _members(value: Replay | Expectations | None) -> dict[str, Any] | None:
    if value is None:
        return None
    members: Mapping[str, Any] = {name: getattr(value, name) for name in value.__dataclass_fields__}
    return {name: one for name, one in members.items() if one is not None}
