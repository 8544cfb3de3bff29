"""Resolving a contract: the registry's entry of a major, and the schemas that a handle writes with and reads as."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from moorings.api.requests import Requests
from moorings.api.responses import Event, Major, Migration, Version
from moorings.contracts.reader_choice import (
    ClassContract,
    ReaderOption,
    ReaderSchema,
    is_file,
    read_class,
    read_file,
    revision_of,
)
from moorings.contracts.schema_cache import SchemaCache
from moorings.errors import ContractUnknown, MooringsError
from moorings.transport.effects import Effects
from moorings.violations import meant
from moorings_compat import Schema

if TYPE_CHECKING:
    from moorings.upcasting import Upcasts
    from moorings.upcasting.stages import Way


@dataclass(frozen=True, slots=True)
class ContractRequest:
    """The contract that a handle is for; what `reader` may be: `moorings.contracts.reader_choice`."""

    subject: str
    major: int
    reader: ReaderOption = None
    upcasts: "Upcasts | None" = None
    """Mappings from earlier majors to this one."""


@dataclass(frozen=True, slots=True)
class ResolvedContract:
    """A contract as the registry has it."""

    major: Major
    version: Version
    """The revision that events are written with."""
    schema: Schema
    """Of `version`."""
    reader: ReaderSchema
    """What events are read as; the same schema where the user chose none."""
    labels: dict[int | UUID, str]
    """The labels of the subject's revisions, by id and guid."""
    follows_latest: bool
    """Whether the handle moves to each new revision of its major."""
    domain: str = ""
    """The domain that the event's name lies in; empty for a name without one."""
    is_type: bool = False
    """Whether it is a type that others refer to, and never produced by itself."""
    internal_fields: str = ""
    """What applications outside the domain get of internal fields: ``strip`` or ``flag``; empty: all of them."""
    migrations: Mapping[int, Migration] = field(default_factory=dict)
    """The registry's mappings, by the major that each leads to."""


class Resolver:
    """Resolves contracts, as effects."""

    def __init__(self, requests: Requests, schemas: SchemaCache) -> None:
        self._requests = requests
        self.schemas = schemas

    def find(self, request: ContractRequest) -> Effects[ResolvedContract]:
        """Resolve a contract.

        Raises:
            ContractUnknown: the registry has no such event, major or revision.
            SettingInvalid: the reader cannot be used.
        """
        event, major = yield from self._overview(request)
        kind = read_class(request.reader, request.subject, request.major)
        own = kind.revision(event) if kind is not None else None
        asked = own.version if own is not None else f"v{request.major}"
        version, schema = yield from self.schemas.version(request.subject, asked)
        chosen = ReaderSchema(version.label, schema)
        if own is None and request.reader is not None:
            chosen = yield from self._reader_schema(event, request.reader, kind)
        return ResolvedContract(
            major,
            version,
            schema,
            chosen,
            labels_of(event),
            follows_latest=own is None,
            domain=event.domain or "",
            is_type=event.is_type,
            internal_fields=event.internal_fields,
            migrations=migrations_of(event),
        )

    def renew(self, request: ContractRequest, known: ResolvedContract) -> Effects[ResolvedContract]:
        """Resolve it again; what has not changed is taken from *known*."""
        event, major = yield from self._overview(request)
        known = replace(
            known,
            major=major,
            labels=labels_of(event),
            is_type=event.is_type,
            internal_fields=event.internal_fields,
            migrations=migrations_of(event),
        )
        if not known.follows_latest or major.latest is None or major.latest.id == known.version.id:
            return known
        version, schema = yield from self.schemas.version(request.subject, f"v{request.major}")
        chosen = known.reader if request.reader is not None else ReaderSchema(version.label, schema)
        return replace(known, version=version, schema=schema, reader=chosen)

    def labels(self, subject: str) -> Effects[dict[int | UUID, str]]:
        """Return the labels of a subject's revisions; none if the registry is unavailable: only messages need them."""
        try:
            event = yield from self._requests.event(subject)
        except MooringsError:
            return {}
        return labels_of(event) if event is not None else {}

    def upcasting(self, request: ContractRequest, label: str, resolved: ResolvedContract) -> Effects["Way | None"]:
        """Find the mappings from the major of revision *label* to the contract's; None where one is missing.

        Those that the handle was made with come first, then those of the registry.

        Raises:
            ContractUnknown, RegistryUnavailable: the schema of a major in between cannot be fetched.
            MappingInvalid: a newer registry has a step that this version does not know.
        """
        before, dot, _ = label.partition(".")
        if not dot or not before.isdecimal() or int(before) >= request.major:
            return None
        if request.upcasts is None and not resolved.migrations:
            return None
        from moorings.upcasting import Upcasts  # 0.01 CPU-seconds, for those alone who upcast

        upcasts = (request.upcasts or Upcasts()).completed(request.subject, migrations=_steps_of(resolved.migrations))
        mappings = upcasts.way(request.subject, int(before), request.major)
        if mappings is None:
            return None
        _, first = yield from self.schemas.version(request.subject, f"v{int(before)}")
        targets = []
        for mapping in mappings[:-1]:
            version, schema = yield from self.schemas.version(request.subject, f"v{mapping.after}")
            targets.append((mapping, version.label, schema))
        return upcasts.made(first, [*targets, (mappings[-1], resolved.reader.label, resolved.reader.schema)])

    def _overview(self, request: ContractRequest) -> Effects[tuple[Event, Major]]:
        event = yield from self._requests.event(request.subject)
        major = event.major(request.major) if event is not None else None
        if event is None or major is None or major.latest is None:
            hint = (yield from self._missing(request.subject)) if event is None else _majors_of(event)
            raise ContractUnknown(request.subject, request.major, hint=hint)
        return event, major

    def _missing(self, subject: str) -> Effects[str]:
        """Say what may be the reason: that the caller may not read it, or that another one was meant."""
        why = yield from self._requests.why_unreadable(subject)
        return f", or may not be read. {why} If it is new" if why else (yield from self._meant(subject))

    def _meant(self, subject: str) -> Effects[str]:
        """Ask which event was meant: one with a similar name, in the domains that begin with the same word."""
        try:
            known = yield from self._requests.events_page(0, subject.partition(".")[0])
        except MooringsError:
            return ""  # what was asked for is not there: that is the answer, with or without a hint
        return meant(subject, [one.subject for one in known])

    def _reader_schema(self, event: Event, reader: ReaderOption, kind: ClassContract | None) -> Effects[ReaderSchema]:
        if kind is not None:
            return kind.reader_schema()
        if is_file(reader):
            return read_file(Path(str(reader)))
        assert isinstance(reader, int | str)
        revision = revision_of(event, reader)
        version, schema = yield from self.schemas.version(event.subject, revision.version)
        return ReaderSchema(version.label, schema)


def migrations_of(event: Event) -> dict[int, Migration]:
    """Return the mappings that the registry has, by the major that each leads to."""
    return {one.major: one.migration for one in event.majors if one.migration is not None}


def _steps_of(migrations: Mapping[int, Migration]) -> dict[int, tuple[Mapping[str, Any], ...]]:
    return {major: one.steps for major, one in migrations.items() if one.steps}


def labels_of(event: Event) -> dict[int | UUID, str]:
    """Return the labels of all revisions, by id and by guid."""
    revisions = [one for major in event.majors for one in major.revisions]
    by_id: dict[int | UUID, str] = {one.id: one.label for one in revisions}
    return by_id | {one.guid: one.label for one in revisions}


def _majors_of(event: Event) -> str:
    known = [str(one.major) for one in event.majors if one.latest is not None]
    return f": it has {' and '.join(filter(None, (', '.join(known[:-1]), known[-1])))}" if known else ""
