"""Consumers as values: applications, the events that they declare to read, and where they are deployed."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from moorings_compat.impact import Reads
from moorings_registry.names import Subject

RENEWAL = timedelta(days=180)
"""How long a declaration holds without renewal; after that it still counts, and is shown as expired."""


@dataclass(frozen=True, slots=True)
class ContractTest:
    """An event that a consumer must be able to read, and what it asserts of it."""

    name: str
    event: str
    """The event as JSON text."""
    assertion: str
    """A CEL expression of `message`; empty where reading the event is all that is asked."""


@dataclass(frozen=True, slots=True)
class DeclaredRead:
    """What an application reads of one major of an event."""

    event: Subject
    major: int
    reads: Reads
    tests: tuple[ContractTest, ...] = ()


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Consumer:
    """An application, and what it declares to read; its members are described at `facts.ConsumerDeclared`."""

    application: str
    team: str
    contact: str
    environment: str
    version: str
    reads: tuple[DeclaredRead, ...]
    declared_at: str
    """The moment of the first declaration."""
    renewed_at: str
    declared_by: str

    def is_expired(self, now: str) -> bool:
        """Whether nobody has renewed the declaration for `RENEWAL`, at *now*, a moment as entries have them."""
        return datetime.fromisoformat(now) - datetime.fromisoformat(self.renewed_at) > RENEWAL

    def of(self, event: Subject, major: int) -> DeclaredRead | None:
        """What it reads of a major of an event; None for nothing."""
        return next((one for one in self.reads if one.event == event and one.major == major), None)


@dataclass(frozen=True, slots=True)
class Deployment:
    """A version of an application that runs in an environment."""

    application: str
    environment: str
    version: str
    deployed_at: str
    deployed_by: str


@dataclass(frozen=True, slots=True)
class Holders:
    """Who may change what is declared of an application: these, and whoever governs one of the domains."""

    principals: tuple[str, ...]
    domains: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HeldReader:
    """A reader for whom a change was held back; its members are described at `facts.ChangeHeldBack`."""

    application: str
    team: str
    source: str
    rule: str
    path: str
    message: str
    payload: str = ""
