"""The history of one subject: which revisions break which, and where majors would begin.

Every revision is compared with those before it twice: as the other registry's level asks for, with what is active; and
as an owned domain would, with all of its major, both promises. A revision that a domain would refuse begins the next
major, so that the majors suggested are those that the domain would have had.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from moorings_compat import (
    DEFAULT_POLICY,
    Contract,
    Contracts,
    JsonFields,
    Level,
    Policy,
    Report,
    Schema,
    Verdict,
)
from moorings_compat.changes import changes_of
from moorings_registry.commands import Dependencies
from moorings_registry.commands.assessment import parsed
from moorings_registry.migration.assessing.assessed import (
    AssessedSubject,
    Failing,
    FailingRevision,
    FoundChange,
    MajorReason,
    SuggestedMajor,
)
from moorings_registry.migration.assessing.found_changes import found_change
from moorings_registry.policy import comparison_policy, group_of, level_of_major
from moorings_registry.state import Definition, State, SubjectState, Version

MOST_COMPARED = 32
"""Revisions of one major that one is compared with: the newest, and the first. A check's steps are bounded besides."""
MOST_CHANGES = 8
"""Changes of one revision that are kept; the others are counted."""
OWNED_POLICY = replace(DEFAULT_POLICY, json_fields=JsonFields.DECLARED)
"""How a newly registered domain weighs findings."""


def assess_history(
    state: State, held: SubjectState, dependencies: Dependencies, advance: Callable[[], None] = lambda: None
) -> AssessedSubject:
    """Compare the versions of *held*, which are there in *state* as an import leaves them.

    *advance* is called before each of them.
    """
    return _History(state, held, dependencies, advance).assessed()


@dataclass
class _Major:
    """A major so far."""

    number: int
    because: MajorReason
    against: tuple[int, ...] = ()
    versions: list[Version] = field(default_factory=list)
    guids: set[str] = field(default_factory=set)

    def distinct(self) -> list[Version]:
        """The revisions to compare with, oldest first, each schema once, and of very many the newest and the first."""
        newest = {one.guid: one for one in reversed(self.versions)}
        listed = sorted(newest.values(), key=lambda one: one.number)
        return listed if len(listed) <= MOST_COMPARED else [listed[0], *listed[-(MOST_COMPARED - 1) :]]

    def add(self, version: Version) -> None:
        self.versions.append(version)
        self.guids.add(version.guid)

    def suggested(self) -> SuggestedMajor:
        numbers = tuple(one.number for one in self.versions)
        return SuggestedMajor(self.number, numbers, self.because, self.against)


class _History:
    """One subject at work."""

    def __init__(
        self, state: State, held: SubjectState, dependencies: Dependencies, advance: Callable[[], None]
    ) -> None:
        self._advance = advance
        self._state = state
        self._held = held
        self._dependencies = dependencies
        self._majors: list[_Major] = []
        self._open: dict[str, _Major] = {}
        """The newest major of each compatibility group: versions of one group are not compared with another's."""
        self._in_part = False

    def assessed(self) -> AssessedSubject:
        versions = sorted(self._held.versions, key=lambda one: one.number)
        readable = [one for one in versions if not self._definition(one).unreadable]
        level = level_of_major(self._state, self._held.subject, versions[-1].major, self._dependencies.settings)
        failing = [found for at, one in enumerate(readable) if (found := self._take(one, readable[:at], level))]
        return AssessedSubject(
            str(self._held.subject),
            str(self._definition(versions[-1]).format),
            tuple(one.number for one in versions),
            tuple(one.number for one in versions if one.deleted),
            tuple(one.number for one in versions if self._definition(one).unreadable),
            level,
            tuple(failing),
            tuple(one.suggested() for one in self._majors),
            self._in_part,
        )

    def _take(self, version: Version, before: Sequence[Version], level: Level) -> FailingRevision | None:
        """Compare *version*, and put it into a major."""
        self._advance()
        configured, of_configured = self._configured(version, before, level)
        owned, of_owned = self._owned(version)
        if not (configured.fails or owned.fails):
            return None
        changes = self._changes(version, of_owned, of_configured)
        return FailingRevision(
            version.number, configured, owned, changes[:MOST_CHANGES], max(0, len(changes) - MOST_CHANGES)
        )

    def _configured(self, version: Version, before: Sequence[Version], level: Level) -> tuple[Failing, Report | None]:
        if version.deleted or level is Level.NONE:
            return Failing(level), None
        group = self._group(version)
        active = [one for one in before if not one.deleted and self._group(one) == group]
        older = _each_once(active)[-MOST_COMPARED:]
        policy = comparison_policy(self._state, self._held.subject, version.major)
        report = self._check(version, older, level, policy)
        return _failing(level, report), report

    def _owned(self, version: Version) -> tuple[Failing, Report | None]:
        """Compare with the major that is open, and begin the next one where a domain would refuse."""
        level, major = Level.FULL_TRANSITIVE, self._open.get(self._group(version))
        if major is None:
            self._begin(version, MajorReason.GROUP if self._majors else MajorReason.FIRST)
            return Failing(level), None
        if version.guid in major.guids:
            major.add(version)
            return Failing(level), None
        older = major.distinct()
        self._in_part = self._in_part or len(older) < len(major.guids)
        contracts = self._contracts(version, older)
        policy = OWNED_POLICY if contracts is None else replace(OWNED_POLICY, conditions=True)
        report = self._check(version, older, level, policy, contracts)
        failing = _failing(level, report)
        if failing.fails:
            because = MajorReason.BREAKS if failing.breaking else MajorReason.UNDECIDED
            self._begin(version, because, failing.breaking or failing.undecided)
        else:
            major.add(version)
        return failing, report

    def _begin(self, version: Version, because: MajorReason, against: tuple[int, ...] = ()) -> None:
        major = _Major(len(self._majors) + 1, because, against)
        major.add(version)
        self._majors.append(major)
        self._open[self._group(version)] = major

    def _check(
        self,
        version: Version,
        older: Iterable[Version],
        level: Level,
        policy: Policy,
        contracts: Contracts | None = None,
    ) -> Report:
        return self._dependencies.reports.check(
            (version.guid, self._schema(version)),
            [(one.number, one.guid, self._schema(one)) for one in older],
            level,
            policy,
            resolved_in=(version.subject.context, self._state.purged),
            contracts=contracts,
        )

    def _changes(
        self, version: Version, of_owned: Report | None, of_configured: Report | None
    ) -> tuple[FoundChange, ...]:
        """What the failing reports say was done, each change once; first what the configured level refuses."""
        owned, configured = self._failing_changes(version, of_owned), self._failing_changes(version, of_configured)
        found = {**configured, **owned}
        return tuple(found[sentence] for sentence in sorted(found, key=lambda one: one not in configured))

    def _failing_changes(self, version: Version, report: Report | None) -> dict[str, FoundChange]:
        """By their sentences."""
        if report is None or report.passes:
            return {}
        older = {one: self._schema(self._by_number(one)) for one in {made.version for made in report.comparisons}}
        failing = (one for one in changes_of(report, self._schema(version), older) if one.fails)
        return {one.sentence: found_change(one, version.number) for one in failing}

    def _by_number(self, number: int) -> Version:
        version = self._held.by_number(number)
        assert version is not None, number
        return version

    def _schema(self, version: Version) -> Schema:
        return parsed(self._state, version, self._dependencies)

    def _group(self, version: Version) -> str:
        return group_of(self._state, version.subject, self._definition(version).metadata)

    def _definition(self, version: Version) -> Definition:
        return self._state.definitions[version.guid]

    def _contracts(self, version: Version, older: Iterable[Version]) -> Contracts | None:
        """The rules of the revisions, which a domain compares like schemas; None where none has any."""
        found = Contracts(
            self._contract(version),
            {one.number: self._contract(one) for one in older if self._definition(one).rule_set},
            self._held.subject.of_event.name,
        )
        return found if found.have_rules else None

    def _contract(self, version: Version) -> Contract:
        definition = self._definition(version)
        return Contract(definition.rule_set, (definition.metadata or {}).get("tags"))


def _each_once(versions: Iterable[Version]) -> list[Version]:
    """Versions in their order, each schema where it stands last."""
    last = {one.guid: one for one in versions}
    return sorted(last.values(), key=lambda one: one.number)


def _failing(level: Level, report: Report) -> Failing:
    by_verdict = {
        verdict: tuple(dict.fromkeys(one.version for one in report.failing if one.verdict is verdict))
        for verdict in (Verdict.BREAKING, Verdict.UNDECIDED)
    }
    breaking = by_verdict[Verdict.BREAKING]
    undecided = tuple(one for one in by_verdict[Verdict.UNDECIDED] if one not in breaking)
    return Failing(level, breaking, undecided, tuple(dict.fromkeys(one.promise for one in report.failing)))
