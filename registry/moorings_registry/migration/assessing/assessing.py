"""The assessment of a registry that was read: everything is worked out on the state that an import would lead to.

So verdicts, refusals and what is kept are those of the import and of registrations, asked of the same functions; the
state lives in memory, and nothing is written.
"""

import hashlib
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field

from moorings_compat import Schema
from moorings_registry.commands import Dependencies
from moorings_registry.commands.assessment import parsed
from moorings_registry.migration.assessing.assessed import (
    AssessedRegistry,
    AssessedSubject,
    DoubtfulName,
    TakenOver,
    Unused,
)
from moorings_registry.migration.assessing.histories import assess_history
from moorings_registry.migration.assessing.names_of_events import doubtful_name
from moorings_registry.migration.assessing.owners import has_owner, ownership, suggested_domain
from moorings_registry.migration.assessing.reading import ReadRegistry
from moorings_registry.migration.assessing.references import (
    duplicates,
    unreferenced,
    unresolved_references,
    without_circles,
)
from moorings_registry.migration.imported import ImportedRegistry
from moorings_registry.migration.planning import ImportPlan, plan_import
from moorings_registry.names import Subject
from moorings_registry.state import State, SubjectState, Version

Progress = Callable[[str, int, int], None]
"""Called with what is done, how much of it is, and of how much."""
_SHOWN_REASON = 400


def assess_registry(
    read: ReadRegistry, state: State, dependencies: Dependencies, progress: Progress = lambda *_: None
) -> AssessedRegistry:
    """Assess what was *read*; *state* is that of an empty registry. Ctrl-C ends it with what was assessed until then.

    Raises:
        CompilerUnavailable: Protobuf cannot be read on this machine.
    """
    imported, circles = without_circles(read.registry)
    unresolved = unresolved_references(imported.versions)
    plan = plan_import(state, imported, dependencies, lambda done, of: progress("versions parsed", done, of))
    found = _Findings(plan.state, dependencies, read)
    stopped = found.take_all(progress)
    left_out = {version.label for version in imported.versions if version.place in unresolved}
    refused = tuple(one for one in plan.refused if one.partition(": ")[0] not in left_out)
    return AssessedRegistry(
        read.source,
        tuple(found.subjects),
        ownership(found.domains),
        tuple(found.names),
        Unused(unreferenced(plan.state), _all_deleted(plan.state), duplicates(found.digests)),
        _taken_over(imported, plan, (*unresolved.values(), *circles), (*plan.conflicts, *refused)),
        (*read.unread, *stopped),
    )


@dataclass
class _Findings:
    """What is found subject by subject: values alone, so that no parsed schema outlives its turn."""

    state: State
    dependencies: Dependencies
    read: ReadRegistry
    subjects: list[AssessedSubject] = field(default_factory=list)
    names: list[DoubtfulName] = field(default_factory=list)
    domains: dict[Subject, str | None] = field(default_factory=dict)
    digests: dict[Subject, str] = field(default_factory=dict)

    def take_all(self, progress: Progress) -> tuple[str, ...]:
        """Assess every subject, by name; return a sentence about those left where somebody interrupts it."""
        histories = sorted(self.state.subjects.values(), key=lambda held: str(held.subject))
        referred = {subject for subject, _ in self.state.referrers}
        done, versions = itertools.count(), sum(len(held.versions) for held in histories)
        try:
            for held in histories:
                is_type = held.subject in referred
                self._take(held, lambda: progress("versions checked", next(done), versions), is_type=is_type)
        except KeyboardInterrupt:
            left = len(histories) - len(self.subjects)
            return (f"interrupted: {left} of {len(histories)} subjects were not assessed",)
        progress("versions checked", versions, versions)
        return ()

    def _take(self, held: SubjectState, advance: Callable[[], None], *, is_type: bool) -> None:
        subject = held.subject
        self.subjects.append(assess_history(self.state, held, self.dependencies, advance))
        newest = max(held.active or held.versions, key=lambda one: one.number)
        definition, schema = self.state.definitions[newest.guid], self._schema(newest)
        owned = has_owner(subject, definition.metadata, self.read.owners)
        self.domains[subject] = None if owned else suggested_domain(subject, schema)
        if not held.active:
            return
        if subject.is_key:
            return  # not an event, and often the same: a string
        canonical = schema.canonical if schema is not None else definition.text
        self.digests[subject] = hashlib.sha256(f"{definition.format}:{canonical}".encode()).hexdigest()
        doubtful = None if is_type else doubtful_name(subject, schema)
        if doubtful is not None:
            self.names.append(doubtful)

    def _schema(self, version: Version) -> Schema | None:
        readable = not self.state.definitions[version.guid].unreadable
        return parsed(self.state, version, self.dependencies) if readable else None


def _all_deleted(state: State) -> tuple[str, ...]:
    return tuple(sorted(str(held.subject) for held in state.subjects.values() if not held.active))


def _taken_over(
    imported: ImportedRegistry, plan: ImportPlan, unresolved: tuple[str, ...], refused: tuple[str, ...]
) -> TakenOver:
    state = plan.state
    versions = [one for held in state.subjects.values() for one in held.versions]
    return TakenOver(
        versions=len(versions),
        ids=len(state.ids),
        guids=len({guid for one in imported.versions for guid in one.guids if one.place not in plan.skipped}),
        settings=sum(len(own) for own in state.configs.values()),
        modes=len(state.modes),
        keys=len(state.keks) + sum(map(len, state.deks.values())),
        contexts=tuple(sorted({one.subject.context for one in versions})),
        unreadable=plan.unreadable,
        unresolved=unresolved,
        refused=refused,
        left_out=imported.left_out,
    )
