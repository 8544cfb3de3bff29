"""The registry's responses as values. Unknown keys are ignored, so that an older client can use a newer registry."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar
from uuid import UUID

from moorings.errors import AnswerInvalid
from moorings_compat import Format, JsonFields, Reference

T = TypeVar("T")


class MajorState(StrEnum):
    """Where a major is in its life."""

    DRAFT = "draft"
    """Only applications of its own domain may write with it."""
    ACTIVE = "active"
    DEPRECATED = "deprecated"
    """The owner asks users to move to a later major."""
    RETIRED = "retired"
    """Nothing may be written with it any more."""


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a subject. `schema` is empty in lists of versions, which leave the text out."""

    subject: str
    version: int
    major: int
    revision: int
    label: str
    """Major and revision: ``2.1``."""
    id: int
    guid: UUID
    format: Format
    schema: str
    references: tuple[Reference, ...]
    metadata: Mapping[str, Any] | None
    rule_set: Mapping[str, Any] | None
    state: MajorState
    deleted: bool
    registered_at: str
    registered_by: str
    fingerprint: str
    json_fields: str = ""
    """Which fields of JSON events count: ``declared`` or ``open``; empty from older registries."""
    dialect: str = ""
    """The draft that a policy chose for a dialect of another party that `$schema` names; else empty."""


@dataclass(frozen=True, slots=True)
class StoredSchema:
    """One definition, without the subjects that hold it."""

    id: int
    guid: UUID
    format: Format
    schema: str
    references: tuple[Reference, ...]
    metadata: Mapping[str, Any] | None = None
    rule_set: Mapping[str, Any] | None = None
    aliases: tuple[UUID, ...] = ()
    """Its guids in registries that it was imported from, which older messages carry."""
    dialect: str = ""
    """As of a `Version`."""


@dataclass(frozen=True, slots=True)
class Revision:
    """One version in an event's overview."""

    version: int
    label: str
    id: int
    guid: UUID
    deleted: bool


@dataclass(frozen=True, slots=True)
class Migration:
    """How events of the major before are read as a major."""

    steps: tuple[Mapping[str, Any], ...] = ()
    """As files have them; empty where there is not a mapping."""
    reason: str = ""
    """Why there is not one, where somebody said so."""


@dataclass(frozen=True, slots=True)
class Major:
    """One major of an event, its revisions oldest first."""

    major: int
    state: MajorState
    sunset: str | None
    """The date (ISO 8601) after which a deprecated major is no longer maintained."""
    revisions: tuple[Revision, ...]
    json_fields: JsonFields = JsonFields.OPEN
    """Whether only declared fields of its JSON events count."""
    page: str = ""
    """The address of a page that says how to migrate; empty where none is given."""
    successor: tuple[str, int] | None = None
    """The subject and the major to use instead of one that is deprecated or retired."""
    migration: Migration | None = None
    """The mapping from the major before, or why there is none; None where the registry says neither."""

    @property
    def latest(self) -> Revision | None:
        """The newest revision that is not deleted."""
        return next((one for one in reversed(self.revisions) if not one.deleted), None)


@dataclass(frozen=True, slots=True)
class Event:
    """The overview of one event."""

    subject: str
    domain: str | None
    event: str
    owner: str | None
    format: Format | None
    level: str
    majors: tuple[Major, ...]
    is_type: bool = False
    """Whether it is a type that others refer to, and never produced by itself."""
    internal_fields: str = ""
    """What applications outside its domain get of internal fields: ``strip`` or ``flag``; empty: all of them."""

    def major(self, number: int) -> Major | None:
        """Return the major of that number; None if the event does not have it."""
        return next((one for one in self.majors if one.major == number), None)


@dataclass(frozen=True, slots=True)
class Domain:
    """One producing domain. `policy` is what it sets itself, `effective` includes what it inherits."""

    domain: str
    owner: str
    contacts: tuple[str, ...]
    description: str
    policy: Mapping[str, Any]
    effective: Mapping[str, Any]
    events: int
    etag: str = ""
    """Identifies what was read, for a change that must not overwrite another one; empty from older registries."""


@dataclass(frozen=True, slots=True)
class Registered:
    """The outcome of a registration; `created` is False where the subject already had this schema."""

    version: Version
    created: bool


def read_version(answer: Any) -> Version:
    """Read the JSON of one version; raises what `read_answer` does."""
    return read_answer("a version", _version, answer)


def read_versions(answer: Any) -> tuple[Version, ...]:
    """Read the JSON of a list of versions, in its order; raises what `read_answer` does."""
    return read_answer("versions", lambda found: tuple(_version(one) for one in found["versions"]), answer)


def read_stored(answer: Any) -> StoredSchema:
    """Read the JSON of a schema by its id or guid; raises what `read_answer` does."""
    return read_answer("a schema", _stored, answer)


def read_event(answer: Any) -> Event:
    """Read the JSON of one event; raises what `read_answer` does."""
    return read_answer("an event", _event, answer)


def read_events(answer: Any) -> tuple[Event, ...]:
    """Read the JSON of a list of events, in its order; raises what `read_answer` does."""
    return read_answer("events", lambda found: tuple(_event(one) for one in found["events"]), answer)


def read_domain(answer: Any) -> Domain:
    """Read the JSON of one domain; raises what `read_answer` does."""
    return read_answer("a domain", _domain, answer)


def read_domains(answer: Any) -> tuple[Domain, ...]:
    """Read the JSON of a list of domains, in its order; raises what `read_answer` does."""
    return read_answer("domains", lambda found: tuple(_domain(one) for one in found["domains"]), answer)


def read_answer(what: str, read: Callable[[Any], T], answer: Any) -> T:
    """Return what *read* makes of a response.

    Raises:
        AnswerInvalid: it is not *what* it has to be.
    """
    try:
        return read(answer)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        said = f"the key {error} is missing" if isinstance(error, KeyError) else type(error).__name__
    raise AnswerInvalid(f"the response is not {what}: {said}; is the URL that of a Moorings registry?")


def _references(found: Any) -> tuple[Reference, ...]:
    return tuple(Reference(str(one["name"]), str(one["subject"]), int(one["version"])) for one in found or ())


def _version(found: Any) -> Version:
    return Version(
        subject=str(found["subject"]),
        version=int(found["version"]),
        major=int(found["major"]),
        revision=int(found["revision"]),
        label=str(found["label"]),
        id=int(found["id"]),
        guid=UUID(found["guid"]),
        format=Format(found["format"]),
        schema=str(found.get("schema", "")),
        references=_references(found.get("references")),
        metadata=found.get("metadata"),
        rule_set=found.get("rule_set"),
        state=_state(found.get("state")),
        deleted=bool(found.get("deleted", False)),
        registered_at=str(found.get("registered_at", "")),
        registered_by=str(found.get("registered_by", "")),
        fingerprint=str(found.get("fingerprint", "")),
        json_fields=str(found.get("json_fields") or ""),
        dialect=str(found.get("dialect") or ""),
    )


def _state(found: Any) -> MajorState:
    """Read a state; one that only a newer registry knows counts as active."""
    return MajorState(found) if found in tuple(MajorState) else MajorState.ACTIVE


def _stored(found: Any) -> StoredSchema:
    return StoredSchema(
        id=int(found["id"]),
        guid=UUID(found["guid"]),
        format=Format(found["format"]),
        schema=str(found["schema"]),
        references=_references(found.get("references")),
        metadata=found.get("metadata"),
        rule_set=found.get("rule_set"),
        aliases=tuple(UUID(one) for one in found.get("aliases") or ()),
        dialect=str(found.get("dialect") or ""),
    )


def _event(found: Any) -> Event:
    return Event(
        subject=str(found["subject"]),
        domain=found.get("domain"),
        event=str(found.get("event", "")),
        owner=found.get("owner"),
        format=Format(found["format"]) if found.get("format") else None,
        level=str(found.get("level", "")),
        majors=tuple(_major(one) for one in found["majors"]),
        is_type=found.get("kind") == "type",
        internal_fields=str(found.get("internal") or ""),
    )


def _major(found: Any) -> Major:
    revisions = tuple(
        Revision(
            int(one["version"]), str(one["label"]), int(one["id"]), UUID(one["guid"]), bool(one.get("deleted", False))
        )
        for one in found["revisions"]
    )
    fields = JsonFields.DECLARED if found.get("json_fields") == JsonFields.DECLARED else JsonFields.OPEN
    instead = found.get("successor")
    return Major(
        int(found["major"]),
        _state(found.get("state")),
        found.get("sunset"),
        revisions,
        fields,
        str(found.get("page") or ""),
        (str(instead["subject"]), int(instead["major"])) if instead else None,
        _migration(found.get("migration")),
    )


def _migration(found: Any) -> Migration | None:
    if not found:
        return None
    return Migration(tuple(dict(one) for one in found.get("steps") or ()), str(found.get("reason") or ""))


def _domain(found: Any) -> Domain:
    return Domain(
        domain=str(found["domain"]),
        owner=str(found.get("owner") or ""),
        contacts=tuple(str(one) for one in found.get("contacts") or ()),
        description=str(found.get("description") or ""),
        policy=dict(found.get("policy") or {}),
        effective=dict(found.get("effective") or {}),
        events=int(found.get("events", 0)),
        etag=str(found.get("etag") or ""),
    )
