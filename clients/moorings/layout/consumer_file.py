"""A consumer's file, ``consumers/billing.toml``: the application, and what it reads of each event."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from moorings.layout.issues import Issue
from moorings.layout.schema_files import read_schema
from moorings.layout.toml_reader import Table, TomlReader
from moorings_compat import SchemaError
from moorings_compat.fields import PathInvalid, field_tree, path_of, pointer_of
from moorings_compat.fields.tree import Holder, walk
from moorings_compat.impact import Use

FOLDER = "consumers"
USES = tuple(str(one) for one in Use)
_KEYS = ("application", "team", "contact", "environment", "version", "reads")
_READ_KEYS = ("event", "major", "fields", "reader", "tests")
_TEST_KEYS = ("name", "event", "assertion")


@dataclass(frozen=True, slots=True)
class FieldRead:
    """A field that is read, and how it is used."""

    path: str
    use: str = str(Use.REQUIRED)


@dataclass(frozen=True, slots=True)
class EventRead:
    """What is read of one major of an event."""

    event: str
    major: int
    fields: tuple[FieldRead, ...] = ()
    """Empty: the whole event, and nobody knows what of it."""
    tests: tuple[Mapping[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class ConsumerFile:
    """One application, as its file describes it."""

    path: Path
    application: str = ""
    team: str = ""
    contact: str = ""
    environment: str = ""
    version: str = ""
    reads: tuple[EventRead, ...] = field(default=())

    def body(self) -> dict[str, Any]:
        """Return the body of ``PUT /v1/consumers/{application}``."""
        return {
            "team": self.team,
            "contact": self.contact,
            "environment": self.environment,
            "version": self.version,
            "reads": [
                {
                    "event": one.event,
                    "major": one.major,
                    "fields": [{"path": field.path, "use": field.use} for field in one.fields],
                    "tests": [dict(test) for test in one.tests],
                }
                for one in self.reads
            ],
        }


def read_consumer_file(path: Path) -> tuple[ConsumerFile, list[Issue]]:
    """Read a consumer's file; a value that cannot be used is an issue, and left out."""
    reader = TomlReader(path, "CONSUMER_FILE_INVALID")
    found = reader.load()
    if found is None:
        return ConsumerFile(path), reader.issues
    reader.only(found, _KEYS)
    for key, example in (("application", path.stem), ("team", "payments")):
        if not reader.text(found, key, example=example):
            keys = (key,) if key in found else ()
            reader.refuse(f"the consumer has no {key}", f'Write {key} = "{example}".', *keys)
    reads = tuple(_reads(reader, path, found))
    texts = {key: reader.text(found, key) for key in _KEYS[:5]}
    return ConsumerFile(path, **texts, reads=reads), reader.issues


def _reads(reader: TomlReader, path: Path, found: Table) -> Iterator[EventRead]:
    for index, read in enumerate(reader.tables(found, "reads") or ()):
        at = ("reads", index)
        reader.only(read, _READ_KEYS, *at)
        event, major = reader.text(read, "event", *at), reader.count(read, "major", *at, least=1)
        if not event or major is None:
            reader.refuse("reads without event and major", 'Write event = "shop.orders.OrderPlaced", major = 1.', *at)
            continue
        if "reader" in read and "fields" in read:
            reader.refuse("reads has both fields and reader", "Keep one of the two.", *at, "reader")
        fields = tuple(_fields(reader, read, at))
        if "reader" in read:
            fields = _fields_of_reader(reader, path, read, event, at)
        yield EventRead(event, major, fields, tuple(_tests(reader, read, at)))


def _fields(reader: TomlReader, read: Table, at: tuple[str | int, ...]) -> Iterator[FieldRead]:
    listed = read.get("fields", [])
    if not isinstance(listed, list):
        reader.refuse("fields is not a list", 'Write fields = ["/order_id"].', *at, "fields")
        return
    for index, one in enumerate(listed):
        match one:
            case str(pointer):
                found = FieldRead(pointer)
            case {"path": str(pointer), "use": str(use)} if use in USES and len(one) == 2:
                found = FieldRead(pointer, use)
            case _:
                advice = f'Write "/order_id" or {{ path = "/order_id", use = "optional" }}; uses: {", ".join(USES)}.'
                reader.refuse(f"field {index + 1} is not a path", advice, *at, "fields")
                continue
        try:
            path_of(found.path)
        except PathInvalid as error:
            reader.refuse(f"field {index + 1}: {error}", "Write a JSON Pointer such as /items/*/sku.", *at, "fields")
            continue
        yield found


def _fields_of_reader(
    reader: TomlReader, path: Path, read: Table, event: str, at: tuple[str | int, ...]
) -> tuple[FieldRead, ...]:
    """The fields of the schema that the application reads events as; those without fields of their own."""
    named = reader.text(read, "reader", *at)
    try:
        schema = read_schema(path.parent / named)
    except (SchemaError, ValueError, OSError) as error:
        reader.refuse(f"reader {named!r} cannot be read: {error}", "Name a schema file beside this one.", *at, "reader")
        return ()
    root = field_tree(schema, event.rpartition(".")[2])
    leaves = [one for one, place in walk(root) if place.holder is Holder.NOTHING]
    return tuple(FieldRead(pointer_of(one)) for one in leaves)


def _tests(reader: TomlReader, read: Table, at: tuple[str | int, ...]) -> Iterator[dict[str, str]]:
    for index, test in enumerate(reader.tables(read, "tests", *at) or ()):
        place = (*at, "tests", index)
        reader.only(test, _TEST_KEYS, *place)
        event = test.get("event")
        if not isinstance(event, str | Mapping):
            reader.refuse("the test has no event", "Write event as a table, or as JSON text.", *place)
            continue
        text = event if isinstance(event, str) else json.dumps(event, ensure_ascii=False, default=str)
        name = reader.text(test, "name", *place) or f"test {index + 1}"
        yield {"name": name, "event": text, "assertion": reader.text(test, "assertion", *place)}
