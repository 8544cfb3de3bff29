"""The lives of majors: what clients of a retired one see, what follows a major, and who still uses one. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from moorings_registry.errors import SubjectInvalid
from moorings_registry.names import Subject
from moorings_registry.state import Lifecycle, MajorState, State, SubjectState, Version

DAY = len("2027-01-31")
"""Characters of a moment that are its day."""


@dataclass(frozen=True, slots=True)
class Successor:
    """What to use instead of a major."""

    subject: Subject
    major: int

    def named_from(self, subject: Subject) -> str:
        """How a text about *subject* names it."""
        return f"major {self.major}" if self.subject == subject else f"major {self.major} of '{self.subject}'"


def major_written(revision: str) -> int:
    """The major of a revision that a client named; 0 where it did not say."""
    number = revision.partition(".")[0]
    return int(number) if number.isascii() and number.isdecimal() and len(number) < 11 else 0


@dataclass(frozen=True, slots=True)
class Use:
    """Somebody was seen to write or to read events of a major."""

    direction: str
    """``produce`` or ``consume``."""
    application: str
    """What it calls itself; empty where it does not say."""
    last_seen: str
    """A moment as entries have them."""


def is_retired(held: SubjectState, version: Version) -> bool:
    """Whether the major of *version* is retired."""
    return bool(held.lives) and held.life(version.major).state is MajorState.RETIRED


def as_served(held: SubjectState) -> SubjectState:
    """The subject as the Confluent API serves it: versions of a retired major are soft-deleted ones there."""
    if not held.lives or all(life.state is not MajorState.RETIRED for life in held.lives.values()):
        return held
    versions = tuple(replace(one, deleted=True) if is_retired(held, one) else one for one in held.versions)
    return replace(held, versions=versions)


def version_as_served(state: State, version: Version) -> Version:
    """One version as `as_served` has it."""
    held = state.subject(version.subject)
    if held is None or version.deleted or not is_retired(held, version):
        return version
    return replace(version, deleted=True)


def without_drafts(held: SubjectState, versions: Sequence[Version]) -> Sequence[Version]:
    """*versions* without those of drafts, unless there are no others: nobody is led to a draft who does not name it."""
    if not held.lives:
        return versions
    return [one for one in versions if held.life(one.major).state is not MajorState.DRAFT] or versions


def latest_in_use(held: SubjectState) -> Version | None:
    """The newest active version of a major that is neither a draft nor retired; of any major where there is none."""
    closed = (MajorState.DRAFT, MajorState.RETIRED)
    in_use = (one for one in reversed(held.active) if held.life(one.major).state not in closed)
    return next(in_use, held.latest)


def successor(state: State, subject: Subject, major: int) -> Successor | None:
    """What to use instead of *major*: what its deprecation names, else the newest later major of the event.

    None where neither is there to be used.
    """
    held = state.subject(subject)
    if held is None:
        return None
    named = replacement_of(state, subject, held.life(major))
    if named is not None:
        return named
    later = [one for one in _usable(held) if one > major]
    return Successor(subject, max(later)) if later else None


def replacement_of(state: State, subject: Subject, life: Lifecycle) -> Successor | None:
    """The successor that *life* names, with its newest major where it names none; None where it cannot be used."""
    if not life.replacement:
        return None
    name, _, number = life.replacement.rpartition("@")
    if not name or not number.isdecimal():
        name, number = life.replacement, ""
    try:
        target = Subject.parse(name, context=subject.context)
    except SubjectInvalid:
        return None
    held = state.subject(target)
    usable = _usable(held) if held else []
    if not number:
        return Successor(target, max(usable)) if usable else None
    return Successor(target, int(number)) if len(number) < 11 and int(number) in usable else None


def instead(state: State, subject: Subject, major: int) -> str:
    """The end of a sentence that says what to use instead of a retired major; empty where there is nothing."""
    found = successor(state, subject, major)
    return f"; use {found.named_from(subject)} instead" if found else ""


def _usable(held: SubjectState) -> list[int]:
    closed = (MajorState.DRAFT, MajorState.RETIRED)
    return sorted({one.major for one in held.active if held.life(one.major).state not in closed})


def day_of(moment: str) -> date:
    """The day of a moment as entries have them, in UTC."""
    return date.fromisoformat(moment[:DAY])


def days_after(day: str, count: int) -> str:
    """The day that lies *count* days after *day*."""
    return (date.fromisoformat(day[:DAY]) + timedelta(days=count)).isoformat()
