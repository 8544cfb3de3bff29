"""The calendar of deprecations: which major is deprecated when, and until when it is maintained. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from moorings_registry.lifecycle import Successor, days_after, successor
from moorings_registry.names import Subject, is_within
from moorings_registry.policy import owning_domains
from moorings_registry.state import MajorState, State, SubjectState

REMINDER_DAYS = 30
"""Days before a sunset from which it is a reminder."""


class DateKind(StrEnum):
    """What happens on a day."""

    DEPRECATION = "deprecation"
    """The major is deprecated from that day on."""
    SUNSET = "sunset"
    """The last day on which consumers may rely on it."""


@dataclass(frozen=True, slots=True)
class CalendarDate:
    """One day in the life of a major that is deprecated, and not retired yet."""

    day: str
    kind: DateKind
    subject: Subject
    major: int
    owner: str
    """Empty where no domain owns the event."""
    successor: Successor | None
    page: str


def calendar_dates(state: State, domain: str = "") -> list[CalendarDate]:
    """The days of every deprecated major, in order; those of *domain* and below it, if it is given."""
    found = [
        one
        for held in state.led_subjects()
        if not domain or is_within(held.subject.domain, domain)
        for one in _dates(state, held)
    ]
    return sorted(found, key=lambda one: (one.day, str(one.subject), one.major, one.kind))


def reminders(state: State, today: str, domain: str = "") -> list[CalendarDate]:
    """The sunsets that are over, or will be within `REMINDER_DAYS` of *today*, in order."""
    until = days_after(today, REMINDER_DAYS)
    return [one for one in calendar_dates(state, domain) if one.kind is DateKind.SUNSET and one.day <= until]


def _dates(state: State, held: SubjectState) -> Iterator[CalendarDate]:
    owners = owning_domains(state, held.subject)
    owner = owners[0].owner if owners else ""
    for major in held.majors:
        life = held.life(major)
        if life.state is not MajorState.DEPRECATED:
            continue
        following = successor(state, held.subject, major)
        for day, kind in ((life.since, DateKind.DEPRECATION), (life.sunset, DateKind.SUNSET)):
            if day:
                yield CalendarDate(day, kind, held.subject, major, owner, following, life.page)
