"""Mappings from one major to the next: kept with a major, and held to both schemas."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from moorings_compat import Budget, Problem, Schema
from moorings_compat.mappings.mapping import Step
from moorings_compat.mappings.reading import read_steps
from moorings_compat.mappings.trial import MappingTrial, try_mapping
from moorings_registry.commands.assessment import parsed
from moorings_registry.commands.decision import Decision, Dependencies, Outcome
from moorings_registry.commands.preconditions import Expected, major_to_change
from moorings_registry.commands.simulation import simulate
from moorings_registry.errors import MigrationInvalid, MigrationUnfit
from moorings_registry.facts import Fact, MajorMigrationChanged
from moorings_registry.names import Subject
from moorings_registry.policy import comparison_policy
from moorings_registry.state import Migration, State, SubjectState

LONGEST_REASON = 500
LARGEST_BYTES = 64 * 1024
"""All steps together, as JSON: every client of the major reads them."""
NO_MIGRATION = Migration((), "")


@dataclass(frozen=True, slots=True)
class SetMigration:
    """Say how events of the major before become events of *major*, or why they do not.

    Neither steps nor a reason: nothing is said any more.
    """

    subject: Subject
    major: int
    steps: tuple[Mapping[str, Any], ...] = ()
    """As files have them: ``{"rename": "/customer", "to": "customer_id"}``."""
    reason: str = ""
    expected: Expected = None
    """The etags (`etags.event_etag`) of which one has to hold."""


def set_migration(state: State, command: SetMigration, dependencies: Dependencies) -> Decision:
    """Decide the mapping that leads to a major; the same again is nothing new.

    Raises:
        SubjectNotFound, MajorUnknown
        MigrationInvalid: it is not a mapping; says where, and why.
        MigrationUnfit: it does not lead every event that was made up to a valid one; shows the event.
        OperationNotPermitted: the subject is read-only.
    """
    held = major_to_change(state, command.subject, command.major, command.expected)
    steps = _read(command, held)
    outcome = Outcome(subject=str(command.subject))
    asked = Migration(command.steps, command.reason.strip())
    if held.migrations.get(command.major, NO_MIGRATION) == asked:
        return Decision((), outcome)
    _require_fit(state, command.subject, command.major, steps, dependencies)
    told: list[Mapping[str, Any]] = [dict(one) for one in command.steps]
    return Decision((MajorMigrationChanged(str(command.subject), command.major, told, asked.reason),), outcome)


def require_mappings_fit(
    state: State, subject: Subject, candidate: Schema, major: int, dependencies: Dependencies
) -> None:
    """Pass, or refuse a new revision of *major* that a mapping from or to it does not fit.

    Raises:
        MigrationUnfit
    """
    held = state.subject(subject)
    if held is None:
        return
    for target in (major, major + 1):
        migration = held.migrations.get(target, NO_MIGRATION)
        if migration.steps:
            steps, _ = read_steps([dict(one) for one in migration.steps])
            _require_fit(state, subject, target, steps, dependencies, replaced=(major, candidate))


def require_fit(state: State, held: SubjectState, major: int, dependencies: Dependencies) -> None:
    """Pass, or refuse what made the mapping that leads to *major* fit its two majors no longer.

    Raises:
        MigrationUnfit
    """
    trial = trial_of(state, held, major, dependencies)
    if trial is not None and trial.failure is not None:
        raise MigrationUnfit(held.subject, major, str(trial.failure), trial.failure.payload)


def require_mappings_hold(state: State, subject: Subject, facts: Sequence[Fact], dependencies: Dependencies) -> None:
    """Pass, or refuse *facts* that give a major another newest revision, which a mapping from or to it does not fit.

    Raises:
        MigrationUnfit
    """
    before = state.subject(subject)
    if before is None or not before.migrations:
        return
    after = simulate(state, facts)
    held = after.subject(subject)
    if held is None:
        return
    moved = {one for one in before.majors if before.of_major(one)[-1:] != held.of_major(one)[-1:]}
    for major in sorted(held.migrations):
        if moved & {major - 1, major}:
            require_fit(after, held, major, dependencies)


def trial_of(state: State, held: SubjectState, major: int, dependencies: Dependencies) -> MappingTrial | None:
    """Try the mapping that leads to *major*; None where there is none, or a schema is missing."""
    steps, _ = read_steps([dict(one) for one in held.migrations.get(major, NO_MIGRATION).steps])
    return _trial(state, held.subject, major, steps, dependencies) if steps else None


def _read(command: SetMigration, held: SubjectState) -> tuple[Step, ...]:
    problems: list[Problem] = []
    if command.steps and command.reason.strip():
        problems.append(Problem("/reason", "a reason is for a major without a mapping: leave it or the steps out"))
    if len(command.reason) > LONGEST_REASON or "\n" in command.reason:
        problems.append(Problem("/reason", f"not one line of at most {LONGEST_REASON} characters"))
    if command.steps and command.major - 1 not in held.majors:
        problems.append(Problem("/steps", f"there is no major {command.major - 1} to map from"))
    if len(json.dumps([dict(one) for one in command.steps])) > LARGEST_BYTES:
        problems.append(Problem("/steps", f"more than {LARGEST_BYTES} bytes"))
    steps, found = read_steps([dict(one) for one in command.steps])
    problems += [Problem(f"/steps/{one.step - 1}" if one.step else "/steps", one.message) for one in found]
    if problems:
        raise MigrationInvalid(f"The mapping cannot be taken: {problems[0].message}", problems)
    return steps


def _require_fit(
    state: State,
    subject: Subject,
    major: int,
    steps: Sequence[Step],
    dependencies: Dependencies,
    *,
    replaced: tuple[int, Schema] | None = None,
) -> None:
    trial = _trial(state, subject, major, steps, dependencies, replaced) if steps else None
    if trial is not None and trial.failure is not None:
        raise MigrationUnfit(subject, major, str(trial.failure), trial.failure.payload)


def _trial(
    state: State,
    subject: Subject,
    major: int,
    steps: Sequence[Step],
    dependencies: Dependencies,
    replaced: tuple[int, Schema] | None = None,
) -> MappingTrial | None:
    """Try *steps* on the newest revisions of the two majors; *replaced* is one that is about to be registered."""
    before, after = (
        replaced[1] if replaced and replaced[0] == number else _newest(state, subject, number, dependencies)
        for number in (major - 1, major)
    )
    if before is None or after is None:
        return None
    policy = comparison_policy(state, subject, major)
    return try_mapping(steps, before, after, subject.of_event.name, policy, Budget(dependencies.settings.check_steps))


def _newest(state: State, subject: Subject, major: int, dependencies: Dependencies) -> Schema | None:
    held = state.subject(subject)
    versions = held.of_major(major) if held else ()
    return parsed(state, versions[-1], dependencies) if versions else None
