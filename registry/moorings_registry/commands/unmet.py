"""Revisions that do not meet what their major is held to now: a policy was tightened after they were accepted."""

from dataclasses import dataclass, replace

from moorings_compat import Level, Policy, Report, covers
from moorings_registry.commands.assessment import Assessment, Placement, assess, parsed
from moorings_registry.commands.candidate import Candidate
from moorings_registry.commands.contracts import contracts_of
from moorings_registry.commands.decision import Dependencies
from moorings_registry.errors import SchemaUnreadable
from moorings_registry.policy import comparison_policy, level_of_major, owning_domains, policy_recorded
from moorings_registry.state import State, SubjectState, Version


@dataclass(frozen=True, slots=True)
class UnmetRevision:
    """A revision, and the report of checking it again."""

    version: Version
    report: Report


def unmet_revisions(state: State, held: SubjectState, dependencies: Dependencies) -> tuple[UnmetRevision, ...]:
    """Check again each active revision that was accepted under less than its major is held to now, oldest first.

    Outside the registered domains nothing is held, so nothing is unmet. A revision that was accepted under a waiver
    is what the waiver says it is.
    """
    if not owning_domains(state, held.subject):
        return ()
    found = []
    for version in held.active:
        level = level_of_major(state, held.subject, version.major, dependencies.settings)
        policy = comparison_policy(state, held.subject, version.major)
        if version.waiver or _was_held_to(state, version, level, policy):
            continue
        try:
            report = _check(state, version, level, dependencies).report
        except SchemaUnreadable:
            continue  # it, or what it would be compared with, was imported as the other registry had it
        if not report.passes:
            found.append(UnmetRevision(version, report))
    return tuple(found)


def _was_held_to(state: State, version: Version, level: Level, policy: Policy) -> bool:
    record = state.check_at(version.report)
    if record is None or not covers(Level(record.level), level):
        return False
    recorded = policy_recorded(record.policy)
    if replace(recorded, conditions=False) != policy:
        return False
    return recorded.conditions or not _has_conditions(state, version)


def _has_conditions(state: State, version: Version) -> bool:
    definition = state.definitions[version.guid]
    older = state.accepted(version.subject, version.major)
    before = (one for one in older if one.number < version.number)
    return contracts_of(state, version.subject, definition.rule_set, definition.metadata, before) is not None


def _check(state: State, version: Version, level: Level, dependencies: Dependencies) -> Assessment:
    older = tuple(one for one in state.accepted(version.subject, version.major) if one.number < version.number)
    definition = state.definitions[version.guid]
    schema = parsed(state, version, dependencies)
    candidate = Candidate(version.guid, schema, definition.references, definition.metadata, definition.rule_set)
    place = Placement(version.major, version.group, older, version.revision)
    return assess(state, version.subject, candidate, place, dependencies, level=level)
