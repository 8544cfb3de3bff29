"""What an operator chooses once, as one value that is passed down."""

import re
from dataclasses import dataclass, field

from moorings_compat import Level, Limits
from moorings_registry.receiver_addresses import Network

AUTHORITY_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}", re.ASCII)
"""A name that an operator gives to a certificate authority."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Choices of the service itself; the defaults are what `moorings-registry serve` starts with."""

    limits: Limits = field(default_factory=Limits)
    default_level: Level = Level.BACKWARD
    """The level of a subject outside any domain, where nobody set one."""
    owned_level: Level = Level.FULL_TRANSITIVE
    """The level of a subject in a registered domain whose policy names none."""
    floor: Level = Level.BACKWARD
    """What no domain may fall below, by strength (`moorings_compat.levels.is_as_strong`); never NONE."""
    require_domain: bool = False
    """Refuse subjects that no registered domain owns."""
    check_steps: int = 1_200_000
    """The budget of one check, in steps (`moorings_compat.Budget`)."""
    modes_locked: bool = False
    """Refuse to change modes of subjects, contexts and the registry."""
    webhook_networks: tuple[Network, ...] = ()
    """Networks that are not public, and that webhooks may lead to nevertheless."""
    exporter_authorities: tuple[tuple[str, str], ...] = ()
    """Certificate authorities that exporters may name: names, and the paths of their files in PEM. Files are the
    operator's alone: a caller who could name a path would have the registry open it."""
