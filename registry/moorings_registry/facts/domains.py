"""Domains: who owns them, their policies, and the events that are declared in them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class DomainRegistered:
    """A domain got its accountable owner."""

    domain: str
    owner: str
    contacts: list[str]
    description: str
    policy: Mapping[str, Any]
    v: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class DomainOwnerChanged:
    """Another owner, other contacts or another description."""

    domain: str
    owner: str
    contacts: list[str]
    description: str
    v: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class DomainPolicyChanged:
    """The whole policy as it is from now on."""

    domain: str
    policy: Mapping[str, Any]
    v: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class EventDeclared:
    """What an event is, besides its schemas: the whole of it as it is from now on."""

    subject: str
    kind: str
    """``fact``, ``type`` or ``command``."""
    description: str
    classification: str
    """``public``, ``internal``, ``confidential`` or ``restricted``; empty where nobody said."""
    topics: list[str]
    """The Kafka topics that carry it."""
    handler: str
    """Of a command: the one application that acts on it; empty for other kinds."""
    name_reviewed: str
    """Why the name is right although the lint cannot tell; empty where nobody was asked."""
    replay: Mapping[str, Any] | None
    idempotency: Mapping[str, Any] | None
    expectations: Mapping[str, Any] | None
    v: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class OwnerTransferOffered:
    """A domain was offered to another owner, who has to accept."""

    domain: str
    owner: str
    receiver: str
    """The name of the one principal who may accept; empty: whoever governs a domain of that owner."""
    offered_by: str
    v: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class OwnerTransferAccepted:
    """The receiving side accepted a domain, which has another owner from now on."""

    domain: str
    owner: str
    accepted_by: str
    v: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class OwnerTransferWithdrawn:
    """An offer of a domain was withdrawn or declined."""

    domain: str
    withdrawn_by: str
    v: ClassVar[int] = 1


DomainFact = (
    DomainRegistered
    | DomainOwnerChanged
    | DomainPolicyChanged
    | EventDeclared
    | OwnerTransferOffered
    | OwnerTransferAccepted
    | OwnerTransferWithdrawn
)
