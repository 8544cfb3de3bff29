"""Reminders of sunsets while somebody still reads the major: recorded once for each stage."""

from dataclasses import dataclass

from moorings_registry.commands.decision import Decision, Dependencies, Outcome
from moorings_registry.facts import SunsetReminded
from moorings_registry.names import Subject
from moorings_registry.state import MajorState, State


@dataclass(frozen=True, slots=True)
class RecordReminders:
    """Remind of sunsets; what was recorded before, or is not so any more, is left out."""

    reminders: tuple[SunsetReminded, ...]


def record_reminders(state: State, command: RecordReminders, _dependencies: Dependencies) -> Decision:
    """Decide which reminders are new: several workers and nodes find the same ones."""
    return Decision(tuple(one for one in command.reminders if _is_new(state, one)), Outcome())


def is_reminded(state: State, subject: Subject, major: int, sunset: str, days: int) -> bool:
    """Whether a reminder of this sunset was recorded at this stage, or at a later one."""
    known = state.reminders.get((subject, major))
    return known is not None and known.sunset == sunset and known.days <= days


def _is_new(state: State, one: SunsetReminded) -> bool:
    subject = Subject.parse(one.subject)
    held = state.subject(subject)
    life = held.life(one.major) if held else None
    if life is None or life.state is not MajorState.DEPRECATED or life.sunset != one.sunset:
        return False
    return not is_reminded(state, subject, one.major, one.sunset, one.days)
