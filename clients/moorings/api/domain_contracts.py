"""All contracts of a domain as the registry has them, and what a write of several of them came to."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from moorings.api.responses import Domain, MajorState, Version, read_answer, read_domain, read_version

DECLARED_MEMBERS = (
    "kind",
    "description",
    "classification",
    "topics",
    "handler",
    "name_reviewed",
    "replay",
    "idempotency",
    "expectations",
)
"""What an event is declared to be: the members of ``PUT /v1/events/{subject}``."""


@dataclass(frozen=True, slots=True)
class MajorContract:
    """One major of an event: its lifecycle, and its newest revision."""

    major: int
    lifecycle: Mapping[str, Any]
    version: Version
    migration: Mapping[str, Any] | None = None
    """How events of the major before become events of this, `steps` or a `reason`; None where nobody said."""

    @property
    def state(self) -> str:
        return str(self.lifecycle.get("state", MajorState.ACTIVE))


@dataclass(frozen=True, slots=True)
class EventContracts:
    """One event of a domain; `declaration` is None where nobody declared it."""

    subject: str
    declaration: Mapping[str, Any] | None
    majors: tuple[MajorContract, ...]

    def major(self, number: int) -> MajorContract | None:
        return next((one for one in self.majors if one.major == number), None)


@dataclass(frozen=True, slots=True)
class DomainContracts:
    """A domain with its own events; those of the domains below it are theirs."""

    domain: Domain
    events: tuple[EventContracts, ...]
    etag: str

    def has_major(self, subject: str, number: int) -> bool:
        event = self.event(subject)
        return event is not None and event.major(number) is not None

    def event(self, subject: str) -> EventContracts | None:
        return next((one for one in self.events if one.subject == subject), None)


@dataclass(frozen=True, slots=True)
class PartWritten:
    """What one part of a write came to: ``created``, ``changed`` or ``unchanged``."""

    pointer: str
    change: str
    version: int | None
    label: str


@dataclass(frozen=True, slots=True)
class ContractsWritten:
    """What a write came to, part by part."""

    parts: tuple[PartWritten, ...]
    etag: str


def read_contracts(answer: Any) -> DomainContracts:
    return read_answer("the contracts of a domain", _contracts, answer)


def read_written(answer: Any) -> ContractsWritten:
    return read_answer("the result of a write", _written, answer)


def _contracts(found: Any) -> DomainContracts:
    return DomainContracts(
        read_domain(found["domain"]), tuple(_event(one) for one in found["events"]), str(found.get("etag") or "")
    )


def _event(found: Any) -> EventContracts:
    declared = found["event"]
    members = {name: declared.get(name) for name in DECLARED_MEMBERS} if declared.get("declared") else None
    majors = tuple(
        MajorContract(int(one["major"]), dict(one["lifecycle"]), read_version(one["version"]), _migration(one))
        for one in found["majors"]
    )
    return EventContracts(str(found["subject"]), members, majors)


def _migration(major: Any) -> Mapping[str, Any] | None:
    found = major.get("migration")
    return None if found is None else {"steps": list(found["steps"]), "reason": str(found.get("reason") or "")}


def _written(found: Any) -> ContractsWritten:
    parts = tuple(
        PartWritten(str(one["pointer"]), str(one["change"]), one.get("version"), str(one.get("label") or ""))
        for one in found["results"]
    )
    return ContractsWritten(parts, str(found.get("etag") or ""))
