"""Bringing back soft-deleted versions of a registered domain: checked like a registration."""

from itertools import takewhile

from moorings_compat import Level
from moorings_registry.commands.assessment import Placement, assess
from moorings_registry.commands.candidate import Candidate
from moorings_registry.commands.decision import Decision, Dependencies
from moorings_registry.commands.registrations import refused
from moorings_registry.policy import level_of_major, owning_domains
from moorings_registry.state import State, Version

_SEEN_FROM_BEFORE = {
    Level.BACKWARD: Level.FORWARD,
    Level.BACKWARD_TRANSITIVE: Level.FORWARD_TRANSITIVE,
    Level.FORWARD: Level.BACKWARD,
    Level.FORWARD_TRANSITIVE: Level.BACKWARD_TRANSITIVE,
}
"""What a level asks of an older version towards a newer one: BACKWARD, that the newer one reads it."""


def checked_restore(state: State, versions: tuple[Version, ...], dependencies: Dependencies) -> Decision | None:
    """Check each of *versions* against what its major accepted before it and after it; the refusal, or None.

    Outside the registered domains nothing is checked: Confluent's rule.
    """
    for version in versions:
        if not owning_domains(state, version.subject):
            continue
        candidate = _candidate(state, version, dependencies)
        becomes_newest = _becomes_newest(state, version)
        for place, level in _both_sides(state, version, dependencies):
            assessed = assess(
                state, version.subject, candidate, place, dependencies, level=level, weighs_readers=becomes_newest
            )
            if not assessed.report.passes:
                return refused(state, version.subject, candidate, assessed, dependencies)
    return None


def _becomes_newest(state: State, version: Version) -> bool:
    """Whether a restored version would be what consumers of its major read events as."""
    held = state.subject(version.subject)
    return held is None or all(one.number < version.number for one in held.of_major(version.major))


def _both_sides(state: State, version: Version, dependencies: Dependencies) -> list[tuple[Placement, Level]]:
    level = level_of_major(state, version.subject, version.major, dependencies.settings)
    accepted = [one for one in state.accepted(version.subject, version.major) if one.number != version.number]
    if version.waiver:
        accepted = [one for one in accepted if one.number > version.number]
    older = tuple(one for one in accepted if one.number < version.number)
    after = takewhile(lambda one: not one.waiver, (one for one in accepted if one.number > version.number))
    newer = tuple(reversed(list(after)))
    sides = ((older, level), (newer, _SEEN_FROM_BEFORE.get(level, level)))
    return [(Placement(version.major, version.group, side, version.revision), held) for side, held in sides if side]


def _candidate(state: State, version: Version, dependencies: Dependencies) -> Candidate:
    definition = state.definitions[version.guid]
    schema = dependencies.schema_cache.schema(state, definition, version.subject.context)
    return Candidate(version.guid, schema, definition.references, definition.metadata, definition.rule_set)
