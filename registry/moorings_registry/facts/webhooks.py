"""Webhooks, and how far each has come."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class WebhookCreated:
    """Events of the registry are sent to a URL from now on. Named by the position of its entry."""

    url: str
    """Where they are posted; never a secret."""
    node: str
    """The part of the tree of names that they are about."""
    kinds: list[str]
    """The kinds of events that are sent; empty: all."""
    mode: str
    """``structured`` or ``binary``: how CloudEvents are written."""
    after: int
    """Events of entries that follow this position are sent."""
    grants: list[int]
    """What allowed its author to subscribe, by id; empty: the registry's operator. It stops when none is left."""
    created_by: str
    v: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class WebhookReplayed:
    """A webhook gets what followed a position again."""

    webhook: int
    after: int
    v: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class DeadLettersReplayed:
    """A webhook gets again what it did not take."""

    webhook: int
    v: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class WebhookAdvanced:
    """A webhook has everything up to a position. Recorded rarely, so that a lost count does not mean a flood."""

    webhook: int
    position: int
    v: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class WebhookRemoved:
    """A webhook ended."""

    webhook: int
    node: str
    because: str
    """Why: what somebody said, or that the receiver answered that it is gone."""
    v: ClassVar[int] = 1


WebhookFact = WebhookCreated | WebhookReplayed | DeadLettersReplayed | WebhookAdvanced | WebhookRemoved
