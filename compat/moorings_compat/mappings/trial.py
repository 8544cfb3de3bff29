"""Tries a mapping: made-up events of the major before are mapped, and have to be valid in the major after."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from moorings_compat.conditions.events.port import Event
from moorings_compat.conditions.events.table import events_of
from moorings_compat.conditions.literals import Literals
from moorings_compat.conditions.trials import trials
from moorings_compat.errors import BudgetSpent
from moorings_compat.limits import Budget
from moorings_compat.mappings.applying import StepFailed, apply_step, copied
from moorings_compat.mappings.mapping import Convert, Default, Step, Symbols
from moorings_compat.mappings.values.port import Invalid, Values
from moorings_compat.mappings.values.table import values_of
from moorings_compat.policies import Policy
from moorings_compat.schema import Schema

MOST_EVENTS = 400
_MOST_TEXTS = 12


@dataclass(frozen=True, slots=True)
class MappingFailure:
    """An event that a mapping does not take to the next major."""

    payload: str
    """The event, made up, as JSON text."""
    step: int
    """The step that fails, from 1; 0 where the result is not valid."""
    path: str
    reason: str

    def __str__(self) -> str:
        place = f"step {self.step}" if self.step else "the result"
        return f"{place}, at {self.path or 'the event'}: {self.reason}"


@dataclass(frozen=True, slots=True)
class MappingTrial:
    """What came of trying a mapping."""

    tried: int
    """How many events were mapped."""
    failure: MappingFailure | None
    """The first event that is not mapped to a valid one; None where all were."""
    may_fail: tuple[MappingFailure, ...]
    """The first event that each conversion cannot convert, of those that are known to fail for some values."""


def try_mapping(
    steps: Sequence[Step], before: Schema, after: Schema, event: str, policy: Policy, budget: Budget
) -> MappingTrial:
    """Map events that *before* allows, and hold the results against *after*; *event* names the message of Protobuf.

    The events vary every field of the schema, around the constants of the steps. A conversion that is known to fail
    for some values (`Conversion.may_fail`) does not count as a failure of the mapping.
    """
    literals = _literals(steps)
    written, read = values_of(before, event, policy), values_of(after, event, policy)
    doubtful: dict[int, MappingFailure] = {}
    tried = 0
    try:
        events = events_of(before, before, event, policy, budget)
        for choices in islice(trials(events.sites(literals)), MOST_EVENTS):
            made = events.event(choices)
            if made is None:
                continue
            failure = _failure(steps, made, written, read)
            tried += 1
            if failure is None:
                continue
            if not _is_known_to_fail(steps, failure):
                return MappingTrial(tried, failure, tuple(doubtful.values()))
            doubtful.setdefault(failure.step, failure)
    except BudgetSpent:
        pass
    return MappingTrial(tried, None, tuple(doubtful.values()))


def _failure(steps: Sequence[Step], event: Event, written: Values, read: Values) -> MappingFailure | None:
    try:
        value = copied(written.read(event))
    except Invalid:
        return None  # an event that no client can hand over
    for number, step in enumerate(steps, start=1):
        try:
            apply_step(step, value)
        except StepFailed as failed:
            return MappingFailure(event.payload, number, failed.path, str(failed))
    try:
        read.require_valid(value)
    except Invalid as invalid:
        return MappingFailure(event.payload, 0, invalid.path, str(invalid))
    return None


def _is_known_to_fail(steps: Sequence[Step], failure: MappingFailure) -> bool:
    step = steps[failure.step - 1] if failure.step else None
    return isinstance(step, Convert) and step.conversion.may_fail


def _literals(steps: Sequence[Step]) -> Literals:
    """The constants of the steps: events are made around them, with every field varied."""
    texts: dict[str, None] = {}
    numbers: dict[int | float, None] = {}
    for step in steps:
        if isinstance(step, Symbols):
            texts |= dict.fromkeys(step.table)
        if isinstance(step, Default) and isinstance(step.value, str):
            texts[step.value] = None
        if isinstance(step, Default) and isinstance(step.value, int | float) and not isinstance(step.value, bool):
            numbers[step.value] = None
    return Literals(frozenset(), tuple(numbers)[:_MOST_TEXTS], tuple(texts)[:_MOST_TEXTS], every_field=True)
