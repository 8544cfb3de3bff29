"""What a registration would be held to, and what the check of it finds; dry runs and real ones ask the same."""

from dataclasses import dataclass

from moorings_compat import Level, Report, Schema
from moorings_registry.commands.candidate import Candidate
from moorings_registry.commands.decision import Tools
from moorings_registry.errors import MajorRetiredRefusal, MajorUnknown
from moorings_registry.names import Subject
from moorings_registry.policy import comparison_policy, effective_level, group_of
from moorings_registry.state import MajorState, State, SubjectState, Version

NEXT = "next"
LARGEST_MAJOR = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Place:
    """Where a candidate would stand: its major, the older versions of that, and its revision."""

    major: int
    group: str
    older: tuple[Version, ...]
    """The active versions of the major, oldest first."""
    revision: int


@dataclass(frozen=True, slots=True)
class Assessment:
    """A place, the level that holds there, and the report."""

    place: Place
    level: Level
    report: Report

    @property
    def compared(self) -> list[int]:
        """Numbers of the versions compared, newest first."""
        return list(dict.fromkeys(one.version for one in self.report.comparisons))


def place_for(state: State, subject: Subject, candidate: Candidate, major: int | str | None) -> Place:
    """Find the place that *major* asks for: a number, ``next``, or None for the current one.

    Raises:
        MajorUnknown: neither an existing major nor the one that follows.
        MajorRetiredRefusal: the major takes no new revisions.
    """
    held = state.subject(subject)
    group = group_of(state, subject, candidate.metadata)
    if held is None:
        return Place(_first_major(subject, group, major), group, (), 0)
    number = _major_in(held, subject, group, major)
    if held.life(number).state is MajorState.RETIRED:
        raise MajorRetiredRefusal(subject, number)
    revisions = [one.revision for one in held.versions if one.major == number]
    return Place(number, group, held.of_major(number), max(revisions, default=-1) + 1)


def assess(
    state: State,
    subject: Subject,
    candidate: Candidate,
    place: Place,
    tools: Tools,
    *,
    level: Level | None = None,
) -> Assessment:
    """Check *candidate* against the versions before it, at *level* or the one that holds for the subject."""
    held_to = level or effective_level(state, subject, tools.settings)
    report = tools.reports.check(
        (candidate.guid, candidate.schema),
        [(one.number, one.guid, parsed(state, one, tools)) for one in place.older],
        held_to,
        comparison_policy(state, subject),
    )
    return Assessment(place, held_to, report)


def assess_against(state: State, subject: Subject, candidate: Candidate, version: Version, tools: Tools) -> Report:
    """Check *candidate* against one version alone, at the level that holds for the subject."""
    return tools.reports.check(
        (candidate.guid, candidate.schema),
        [(version.number, version.guid, parsed(state, version, tools))],
        effective_level(state, subject, tools.settings),
        comparison_policy(state, subject),
    )


def parsed(state: State, version: Version, tools: Tools) -> Schema:
    """The schema of a version that the registry holds."""
    return tools.library.schema(state, state.definitions[version.guid], version.subject.context)


def _first_major(subject: Subject, group: str, major: int | str | None) -> int:
    if major not in (None, NEXT, 1):
        raise MajorUnknown(subject, int(major or 0), 0)
    return _as_major(group) or 1


def _major_in(held: SubjectState, subject: Subject, group: str, major: int | str | None) -> int:
    newest = max(held.majors)
    if major == NEXT:
        return newest + 1
    if isinstance(major, int):
        if major not in held.majors and major != newest + 1:
            raise MajorUnknown(subject, major, newest)
        return major
    if group:
        known = next((one.major for one in reversed(held.versions) if one.group == group), None)
        asked = _as_major(group)
        if known is None and asked in held.majors and not any(one.group for one in held.of_major(asked)):
            return asked
        return known or (asked if asked > newest else newest + 1)
    latest = held.latest
    return latest.major if latest else newest


def _as_major(group: str) -> int:
    return int(group) if group.isascii() and group.isdigit() and 0 < int(group[:11]) <= LARGEST_MAJOR else 0
