"""What a registration would be held to, and what the check of it finds; dry runs and real ones ask the same."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from moorings_compat import (
    DEMANDS,
    Budget,
    Contracts,
    Finding,
    Level,
    Policy,
    Problem,
    Promise,
    Report,
    Schema,
    compare_conditions,
)
from moorings_compat.contracts import NO_CONTRACT
from moorings_compat.impact import Change
from moorings_registry.commands.candidate import Candidate
from moorings_registry.commands.contract_tests import with_tests
from moorings_registry.commands.contracts import contracts_of
from moorings_registry.commands.decision import Dependencies
from moorings_registry.commands.readers import (
    ReaderImpact,
    held_readers,
    impacts_on,
    nobody_observed,
    readers_of,
    with_held,
)
from moorings_registry.errors import MajorRetired, MajorUnknown, RequestInvalid, SchemaUnreadable, UsageUnavailable
from moorings_registry.lifecycle import instead
from moorings_registry.names import Subject
from moorings_registry.policy import (
    comparison_policies,
    comparison_policy,
    group_of,
    level_of_major,
    owning_domains,
    policy_recorded,
)
from moorings_registry.second_opinion import ComparedSchemas
from moorings_registry.state import CheckRecord, HeldReader, MajorState, State, SubjectState, Version

NEXT = "next"
LARGEST_MAJOR = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a candidate would stand: its major, the older versions of that, and its revision."""

    major: int
    group: str
    older: tuple[Version, ...]
    """What the candidate has to agree with, oldest first: in a registered domain every revision that the major ever
    accepted, deleted or not, since stored events outlive a delete; elsewhere the active versions."""
    revision: int


@dataclass(frozen=True, slots=True)
class Assessment:
    """A place, the level that holds there, and the report."""

    subject: Subject
    place: Placement
    level: Level
    policy: Policy
    report: Report
    impacts: tuple[ReaderImpact, ...] = ()
    """What the candidate does to those who read the newest revision of its major."""
    held: tuple[HeldReader, ...] = ()
    """For whom it is held back; the report has a finding for each."""

    @property
    def compared(self) -> list[int]:
        """Numbers of the versions compared, newest first."""
        return list(dict.fromkeys(one.version for one in self.report.comparisons))

    @property
    def against(self) -> list[Version]:
        """The versions compared, newest first."""
        numbers = set(self.compared)
        return [one for one in reversed(self.place.older) if one.number in numbers]


@dataclass(frozen=True, slots=True)
class Rechecked:
    """A check of the past, run again."""

    candidate: Schema
    older: tuple[tuple[Version, Schema], ...]
    """The versions that it was compared with and that are not permanently deleted, newest first."""
    report: Report

    policy: Policy
    contracts: Contracts | None = None

    @property
    def labels(self) -> dict[int, str]:
        """What people call each version compared: ``{5: "2.1"}``."""
        return {version.number: version.label for version, _ in self.older}

    @property
    def compared(self) -> ComparedSchemas:
        older = {version.number: schema for version, schema in self.older}
        return ComparedSchemas(self.candidate, older, self.policy, self.contracts)


def placement_for(
    state: State, subject: Subject, candidate: Candidate, major: int | str | None, *, may_skip: bool = False
) -> Placement:
    """Find the place that *major* asks for: a number, ``next``, or None for the current one.

    In a registered domain majors follow one another, unless *may_skip*: an import brings them as they are elsewhere.

    Raises:
        MajorUnknown: neither an existing major nor the one that follows.
        MajorRetired: the major takes no new revisions.
    """
    owned = bool(owning_domains(state, subject))
    held = state.history(subject)
    group = group_of(state, subject, candidate.metadata)
    if held is None:
        number = _first_major(subject, group, major)
        _require_no_skip(subject, number, 0, skips=not owned or may_skip)
        return Placement(number, group, (), 0)
    number = _major_in(held, subject, group, major)
    _require_no_skip(subject, number, held.newest_major, skips=not owned or may_skip)
    if owned and not may_skip:
        _require_own_group(held, group, number)
    if held.life(number).state is MajorState.RETIRED:
        raise MajorRetired(subject, number, instead(state, subject, number))
    older = state.accepted(subject, number) if owned else held.of_major(number)
    return Placement(number, group, older, held.revisions.get(number, -1) + 1)


def _require_own_group(held: SubjectState, group: str, number: int) -> None:
    """Pass, or refuse a label that names another major: clients of the Confluent API would take the two for one.

    Raises:
        RequestInvalid
    """
    named = {one.major for one in held.versions if group and one.group == group} or {_as_major(group)} - {0}
    if named - {number}:
        raise RequestInvalid(
            f"The metadata names major {group}, and the registration is for major {number}",
            [Problem("/metadata/properties", f"{group} is the label of another major")],
        )


def _require_no_skip(subject: Subject, number: int, newest: int, *, skips: bool) -> None:
    if number > newest + 1 and not skips:
        raise MajorUnknown(subject, number, newest)


def assess(
    state: State,
    subject: Subject,
    candidate: Candidate,
    place: Placement,
    dependencies: Dependencies,
    *,
    level: Level | None = None,
    weighs_readers: bool = True,
) -> Assessment:
    """Check *candidate* against the versions before it, at *level* or the one that holds for the subject.

    It *weighs_readers* unless the candidate would not be what they read from then on.
    """
    held_to = level or level_of_major(state, subject, place.major, dependencies.settings)
    answered_for = place.older if held_to is not Level.NONE else _readable(state, place.older)
    older = answered_for if DEMANDS[held_to].transitive else answered_for[-1:]
    policy, report = _weighed(state, subject, place.major, candidate, older, held_to, dependencies)
    if not answered_for or not weighs_readers:
        return Assessment(subject, place, held_to, policy, report)
    newest = read_as(answered_for)
    impacts = impacts_of(state, newest, candidate, dependencies)
    held = held_readers(state, subject, impacts) if held_to is not Level.NONE else ()
    weighed = with_held(report, newest.number, held, parsed(state, newest, dependencies), subject.of_event.name)
    return Assessment(subject, place, held_to, policy, weighed, impacts, held)


def _readable(state: State, older: Sequence[Version]) -> tuple[Version, ...]:
    """Those that are valid schemas here: at level NONE the others, which were imported, hold nobody back."""
    return tuple(one for one in older if not state.definitions[one.guid].unreadable)


def read_as(older: Sequence[Version]) -> Version:
    """What consumers of a major read events as: its newest revision that is not deleted, else its newest one.

    *older* is every revision that counts, oldest first.
    """
    return next((one for one in reversed(older) if not one.deleted), older[-1])


def impacts_of(
    state: State, newest: Version, candidate: Candidate, dependencies: Dependencies
) -> tuple[ReaderImpact, ...]:
    """What *candidate* does to those who read the major of *newest*, which is what they read events as.

    Raises:
        UsageUnavailable: it removes a field, and nobody knows now who was observed to read the event.
    """
    observe = dependencies.observe
    now = dependencies.now()
    try:
        readers = readers_of(state, newest.subject, newest.major, observe, now)
    except UsageUnavailable:
        if _change(state, newest, candidate, dependencies).removed_paths:
            raise
        readers = readers_of(state, newest.subject, newest.major, nobody_observed, now)
    if not readers:
        return ()
    policy = comparison_policy(state, newest.subject, newest.major)
    impacts = impacts_on(_change(state, newest, candidate, dependencies), readers)
    if not any(one.tests for one in readers):
        return impacts
    return with_tests(
        impacts, candidate.schema, parsed(state, newest, dependencies), newest.subject.of_event.name, policy
    )


def _change(state: State, newest: Version, candidate: Candidate, dependencies: Dependencies) -> Change:
    return dependencies.changes.change(
        (newest.guid, parsed(state, newest, dependencies)),
        (candidate.guid, candidate.schema),
        comparison_policy(state, newest.subject, newest.major),
        newest.subject.of_event.name,
        (newest.subject.context, state.purged),
    )


def _weighed(
    state: State,
    subject: Subject,
    major: int,
    candidate: Candidate,
    older: Sequence[Version],
    level: Level,
    dependencies: Dependencies,
) -> tuple[Policy, Report]:
    """Check in every way in which the major's revisions are weighed; return the first that refuses, else today's."""
    contracts = contracts_of(state, subject, candidate.rule_set, candidate.metadata, older)
    history = [(one.number, one.guid, _comparable(state, one, dependencies)) for one in older]
    checked = []
    for weighed in comparison_policies(state, subject, major):
        policy = replace(weighed, conditions=True) if contracts is not None else weighed
        report = dependencies.reports.check(
            (candidate.guid, candidate.schema),
            history,
            level,
            policy,
            resolved_in=(subject.context, state.purged),
            contracts=contracts,
            subject=subject,
        )
        if not report.passes:
            return policy, report
        checked.append((policy, report))
    return checked[0]


def _comparable(state: State, one: Version, dependencies: Dependencies) -> Schema:
    """Return the schema of a version that a candidate is compared with.

    Raises:
        SchemaUnreadable: there is nothing to compare with, and what follows from it.
    """
    try:
        return parsed(state, one, dependencies)
    except SchemaUnreadable as refused:
        held_back = (
            f"It is version {one.number} of {one.subject}, and nothing can be compared with it, so major {one.major} "
            "takes no new revision"
        )
        raise SchemaUnreadable(refused.guid, refused.reason, held_back) from None


def check_again(state: State, record: CheckRecord, dependencies: Dependencies) -> Rechecked:
    """Run a check of the past again, held to what it was held to, against the versions that are still there.

    Raises:
        ReferenceNotFound: the candidate, which was refused, refers to what is permanently deleted.
    """
    schema_cache = dependencies.schema_cache
    candidate = schema_cache.schema(state, state.definitions[record.guid], record.subject.context)
    there = [one for one in record.against if _is_there(state, one)]
    older = tuple((one, parsed(state, one, dependencies)) for one in there)
    definition, policy = state.definitions[record.guid], policy_recorded(record.policy)
    found = contracts_of(state, record.subject, definition.rule_set, definition.metadata, there)
    contracts = found if policy.conditions else None
    derived = dependencies.reports.check(
        (record.guid, candidate),
        [(one.number, one.guid, schema) for one, schema in reversed(older)],
        Level(record.level),
        policy,
        resolved_in=(record.subject.context, state.purged),
        contracts=contracts,
        subject=record.subject,
    )
    report = derived
    if older:
        newest, schema = next((one for one in older if not one[0].deleted), older[0])
        report = with_held(derived, newest.number, record.held, schema, record.subject.of_event.name)
    return Rechecked(candidate, older, report, policy, contracts)


def _is_there(state: State, version: Version) -> bool:
    now = state.version_at((version.subject, version.number))
    gone = state.departed.get(version.subject)
    known = [*((now,) if now else ()), *(gone.versions if gone else ())]
    return any(one.position == version.position for one in known)


def assess_against(
    state: State, subject: Subject, candidate: Candidate, version: Version, dependencies: Dependencies
) -> Report:
    """Check *candidate* against one version alone, at the level that holds for the subject."""
    level = level_of_major(state, subject, version.major, dependencies.settings)
    _, report = _weighed(state, subject, version.major, candidate, (version,), level, dependencies)
    if level is Level.NONE or not _is_newest(state, version):
        return report
    held = held_readers(state, subject, impacts_of(state, version, candidate, dependencies))
    return with_held(report, version.number, held, parsed(state, version, dependencies), subject.of_event.name)


def _is_newest(state: State, version: Version) -> bool:
    """Whether *version* is what consumers of its major read events as."""
    held = state.subject(version.subject)
    return held is not None and held.of_major(version.major)[-1:] == (version,)


def compared_schemas(
    state: State, candidate: Candidate, assessed: Assessment, dependencies: Dependencies
) -> ComparedSchemas:
    """The candidate, and the versions that it was compared with."""
    subject, against = assessed.subject, assessed.against
    older = {one.number: parsed(state, one, dependencies) for one in against}
    contracts = contracts_of(state, subject, candidate.rule_set, candidate.metadata, against)
    return ComparedSchemas(candidate.schema, older, assessed.policy, contracts if assessed.policy.conditions else None)


def parsed(state: State, version: Version, dependencies: Dependencies) -> Schema:
    """The schema of a version that the registry holds."""
    return dependencies.schema_cache.schema(state, state.definitions[version.guid], version.subject.context)


def _first_major(subject: Subject, group: str, major: int | str | None) -> int:
    if major not in (None, NEXT, 1):
        raise MajorUnknown(subject, int(major or 0), 0)
    return (_as_major(group) or 1) if major is None else 1


def _major_in(held: SubjectState, subject: Subject, group: str, major: int | str | None) -> int:
    newest = held.newest_major
    if major == NEXT:
        return newest + 1
    if isinstance(major, int):
        if major not in held.revisions and major != newest + 1:
            raise MajorUnknown(subject, major, newest)
        return major
    if group:
        known = next((one.major for one in reversed(held.versions) if one.group == group), None)
        asked = _as_major(group)
        if known is None and asked in held.revisions and not any(one.group for one in held.of_major(asked)):
            return asked
        return known or (asked if asked > newest else newest + 1)
    return held.current_major


def _as_major(group: str) -> int:
    is_number = group.isascii() and group.isdigit() and len(group) <= len(str(LARGEST_MAJOR))
    return int(group) if is_number and int(group) <= LARGEST_MAJOR else 0


def condition_findings(
    state: State, reader: Version, writer: Version, dependencies: Dependencies, budget: Budget
) -> tuple[Finding, ...]:
    """Find what *reader* refuses by a condition of what *writer* writes; the newer one of the two is the candidate."""
    backward = reader.number >= writer.number
    candidate, older = (reader, writer) if backward else (writer, reader)
    definition = state.definitions[candidate.guid]
    contracts = contracts_of(state, candidate.subject, definition.rule_set, definition.metadata, (older,))
    if contracts is None or definition.format is not state.definitions[older.guid].format:
        return ()
    return compare_conditions(
        (parsed(state, candidate, dependencies), contracts.candidate),
        (parsed(state, older, dependencies), contracts.older.get(older.number, NO_CONTRACT)),
        Promise.REPLAY_SAFE if backward else Promise.CONSUMERS_SAFE,
        comparison_policy(state, candidate.subject, candidate.major),
        budget,
        contracts.event,
    )
