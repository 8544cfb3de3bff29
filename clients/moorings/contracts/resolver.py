"""Looking contracts up: what the registry says of a major, and the schemas that a handle writes with and reads as."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from moorings.api.requests import Requests
from moorings.api.responses import Event, Major, Version
from moorings.contracts.reader_choice import (
    ClassContract,
    Reader,
    ReaderChoice,
    is_file,
    read_class,
    read_file,
    revision_of,
)
from moorings.contracts.schema_cache import SchemaSource
from moorings.errors import ContractUnknown, MooringsError
from moorings.transport.effects import Effects
from moorings_compat import Schema

if TYPE_CHECKING:
    from moorings.upcasting import Upcasts
    from moorings.upcasting.stages import Way


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a handle was asked for; what `reader` may be: `moorings.contracts.reader_choice`."""

    subject: str
    major: int
    reader: Reader = None
    upcasts: "Upcasts | None" = None
    """What leads from earlier majors to this one."""


@dataclass(frozen=True, slots=True)
class Found:
    """What the registry has of it."""

    state: Major
    version: Version
    """What is written with."""
    schema: Schema
    """Of `version`."""
    reading: ReaderChoice
    """What is read as; the same schema where the user chose none."""
    labels: dict[int | UUID, str]
    """What the revisions of the subject are called, by id and guid."""
    follows: bool
    """The handle writes with the newest revision of its major, whichever that is."""


class Resolver:
    """Asks for contracts, in steps."""

    def __init__(self, requests: Requests, schemas: SchemaSource) -> None:
        self._requests = requests
        self.schemas = schemas

    def find(self, wanted: Wanted) -> Effects[Found]:
        """Look a contract up.

        Raises:
            ContractUnknown: the registry has no such event, major or revision.
            SettingInvalid: the reader that was asked for is none.
        """
        event, state = yield from self._overview(wanted)
        kind = read_class(wanted.reader, wanted.subject, wanted.major)
        own = kind.revision(event) if kind is not None else None
        asked = own.version if own is not None else f"v{wanted.major}"
        version, schema = yield from self.schemas.version(wanted.subject, asked)
        reading = ReaderChoice(version.label, schema)
        if own is None and wanted.reader is not None:
            reading = yield from self._reading(event, wanted.reader, kind)
        return Found(state, version, schema, reading, labels_of(event), follows=own is None)

    def renew(self, wanted: Wanted, known: Found) -> Effects[Found]:
        """Look again; what has not changed is taken from *known*."""
        event, state = yield from self._overview(wanted)
        known = replace(known, state=state, labels=labels_of(event))
        if not known.follows or state.latest is None or state.latest.id == known.version.id:
            return known
        version, schema = yield from self.schemas.version(wanted.subject, f"v{wanted.major}")
        reading = known.reading if wanted.reader is not None else ReaderChoice(version.label, schema)
        return replace(known, version=version, schema=schema, reading=reading)

    def labels(self, subject: str) -> Effects[dict[int | UUID, str]]:
        """Learn what revisions are called; for messages alone, so a registry that is away does not matter."""
        try:
            event = yield from self._requests.event(subject)
        except MooringsError:
            return {}
        return labels_of(event) if event is not None else {}

    def upcasting(self, wanted: Wanted, label: str, found: Found) -> Effects["Way | None"]:
        """Find what leads from the major of revision *label* to the one that is read; None where nothing is declared.

        Raises:
            ContractUnknown, RegistryUnavailable: the schema of a major on the way is not to be had.
        """
        before, dot, _ = label.partition(".")
        if wanted.upcasts is None or not dot or not before.isdecimal() or int(before) >= wanted.major:
            return None
        mappings = wanted.upcasts.way(wanted.subject, int(before), wanted.major)
        if mappings is None:
            return None
        _, first = yield from self.schemas.version(wanted.subject, f"v{int(before)}")
        targets = []
        for mapping in mappings[:-1]:
            version, schema = yield from self.schemas.version(wanted.subject, f"v{mapping.after}")
            targets.append((mapping, version.label, schema))
        return wanted.upcasts.made(first, [*targets, (mappings[-1], found.reading.label, found.reading.schema)])

    def _overview(self, wanted: Wanted) -> Effects[tuple[Event, Major]]:
        event = yield from self._requests.event(wanted.subject)
        major = event.major(wanted.major) if event is not None else None
        if event is None or major is None or major.latest is None:
            raise ContractUnknown(wanted.subject, wanted.major)
        return event, major

    def _reading(self, event: Event, reader: Reader, kind: ClassContract | None) -> Effects[ReaderChoice]:
        if kind is not None:
            return kind.reading()
        if is_file(reader):
            return read_file(Path(str(reader)))
        assert isinstance(reader, int | str)
        revision = revision_of(event, reader)
        version, schema = yield from self.schemas.version(event.subject, revision.version)
        return ReaderChoice(version.label, schema)


def labels_of(event: Event) -> dict[int | UUID, str]:
    """Return the labels of all revisions, by id and by guid."""
    revisions = [one for major in event.majors for one in major.revisions]
    by_id: dict[int | UUID, str] = {one.id: one.label for one in revisions}
    return by_id | {one.guid: one.label for one in revisions}
