"""Applications that read events: what they declare, where they run, and who may change that."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class ConsumerDeclared:
    """An application declared what it reads, or renewed its declaration: the whole of it as it is from now on."""

    application: str
    team: str
    """The team that owns the application."""
    contact: str
    environment: str
    version: str
    """The version of the application that the declaration was made for; empty where it does not say."""
    reads: list[Mapping[str, Any]]
    """Each with `event`, `major`, `fields` (each a `path` and a `use`) and `tests` (`name`, `event`, `assertion`)."""
    v: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class ConsumerWithdrawn:
    """An application no longer reads any event."""

    application: str
    v: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class ApplicationDeployed:
    """A version of an application runs in an environment, in place of the one before it."""

    application: str
    environment: str
    version: str
    v: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class ApplicationHeld:
    """Who may change what is declared of an application from now on: the whole of it."""

    application: str
    principals: list[str]
    domains: list[str]
    """Whoever governs one of these may, too."""
    v: ClassVar[int] = 1


ConsumerFact = ConsumerDeclared | ConsumerWithdrawn | ApplicationDeployed | ApplicationHeld
