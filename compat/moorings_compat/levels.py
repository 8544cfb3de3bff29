"""Compatibility levels: which promise each one keeps, and over how much of the history.

This one table turns a level into reader/writer pairs; everything below it knows only *reader* and *writer*.
"""

from collections.abc import Iterable
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


def covers(level: Level, other: Level) -> bool:
    """Whether *level* checks all that *other* checks: its promises, over as much of the history."""
    ours, theirs = DEMANDS[level], DEMANDS[other]
    return set(theirs.promises) <= set(ours.promises) and (ours.transitive or not theirs.transitive)


def joined(levels: Iterable[Level]) -> Level:
    """Return the weakest level that checks all that each of *levels* checks; NONE for none at all."""
    listed = list(levels)
    if len(listed) == 1:
        return listed[0]
    return next(one for one in BY_STRENGTH if all(covers(one, other) for other in listed))


BY_STRENGTH = (
    Level.NONE,
    Level.BACKWARD,
    Level.FORWARD,
    Level.BACKWARD_TRANSITIVE,
    Level.FORWARD_TRANSITIVE,
    Level.FULL,
    Level.FULL_TRANSITIVE,
)
"""Every level, the weakest first: one that covers another comes after it."""


def is_as_strong(level: Level, other: Level) -> bool:
    """Whether *level* checks as much as *other*, be it another promise: FORWARD is as strong as BACKWARD."""
    return _strength(level) >= _strength(other)


def _strength(level: Level) -> int:
    demand = DEMANDS[level]
    return len(demand.promises) * (2 if demand.transitive else 1)
