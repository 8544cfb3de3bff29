"""Compatibility levels: which promise each one keeps, and over how much of the history.

This one table turns a level into reader/writer pairs; everything below it knows only *reader* and *writer*.
"""

from dataclasses import dataclass
from enum import StrEnum


class Promise(StrEnum):
    """What a level guarantees."""

    REPLAY_SAFE = "replay_safe"
    """New readers read stored events: the candidate reads what an older version wrote (BACKWARD)."""
    CONSUMERS_SAFE = "consumers_safe"
    """Today's readers read new events: an older version reads what the candidate writes (FORWARD)."""


class Level(StrEnum):
    """How far a new version has to agree with the earlier ones."""

    NONE = "NONE"
    BACKWARD = "BACKWARD"
    BACKWARD_TRANSITIVE = "BACKWARD_TRANSITIVE"
    FORWARD = "FORWARD"
    FORWARD_TRANSITIVE = "FORWARD_TRANSITIVE"
    FULL = "FULL"
    FULL_TRANSITIVE = "FULL_TRANSITIVE"


@dataclass(frozen=True, slots=True)
class Demand:
    """What a level demands: the promises to keep, and whether for every older version or only the newest."""

    promises: tuple[Promise, ...]
    transitive: bool


_BOTH = (Promise.REPLAY_SAFE, Promise.CONSUMERS_SAFE)

DEMANDS: dict[Level, Demand] = {
    Level.NONE: Demand((), transitive=False),
    Level.BACKWARD: Demand((Promise.REPLAY_SAFE,), transitive=False),
    Level.BACKWARD_TRANSITIVE: Demand((Promise.REPLAY_SAFE,), transitive=True),
    Level.FORWARD: Demand((Promise.CONSUMERS_SAFE,), transitive=False),
    Level.FORWARD_TRANSITIVE: Demand((Promise.CONSUMERS_SAFE,), transitive=True),
    Level.FULL: Demand(_BOTH, transitive=False),
    Level.FULL_TRANSITIVE: Demand(_BOTH, transitive=True),
}
