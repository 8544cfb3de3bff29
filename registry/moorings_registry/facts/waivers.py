"""Waivers: requested, approved or granted, used, and ended."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class WaiverRequested:
    """A caller asked for a waiver, which holds once another one approves. Named by the position of its entry."""

    kind: str
    domain: str
    subject: str
    major: int
    guid: str
    reason: str
    requested_by: str
    """The name of the principal."""
    until: str
    v: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class WaiverApproved:
    """A caller other than the one who requested it approved a waiver."""

    waiver: int
    approved_by: str
    """The name of the principal."""
    v: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class WaiverGranted:
    """Two people suspended a rule of governance, until a date or for one change. Named by the position of its entry."""

    kind: str
    """``level``, ``import``, ``purge``, ``retire`` or ``finding``."""
    domain: str
    subject: str
    """The only subject that it is for; empty: every subject of the domain and of those below it."""
    major: int
    """The only major that it is for; 0: every major."""
    guid: str
    """Of kind ``finding``: the definition that may be registered."""
    reason: str
    requested_by: str
    approved_by: str
    until: str
    """The moment at which it ends, as entries have them; empty for kind ``finding``, which does not end."""
    v: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class WaiverUsed:
    """A waiver let the facts of this entry happen."""

    waiver: int
    domain: str
    """The domain that it allowed something in: its own, or one below it."""
    subject: str
    """The subject that it was about; empty: the domain as a whole."""
    version: int
    """The version that was registered under it; 0: it was about something else."""
    verdict: str
    """Of kind ``finding``: what the check of that version came to."""
    rules: list[str]
    """Codes of the rules that fired, sorted."""
    v: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class WaiverWithdrawn:
    """A waiver ended early."""

    waiver: int
    v: ClassVar[int] = 1


WaiverFact = WaiverRequested | WaiverApproved | WaiverGranted | WaiverUsed | WaiverWithdrawn
