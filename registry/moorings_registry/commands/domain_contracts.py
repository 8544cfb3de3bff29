"""Writing all that a repository says of a domain in one go: the domain, its events, versions, lifecycles, mappings.

Each part is decided as a command of its own, on the state that the parts before it lead to, so nothing is decided
otherwise than in single steps. All parts become one entry, or none of them happens.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from moorings_registry.commands.candidate import Draft
from moorings_registry.commands.decision import Change, Decision, Dependencies, Outcome, Part, PartResult
from moorings_registry.commands.declarations import DeclareEvent, declare_event, require_fields_of
from moorings_registry.commands.domains import PutDomain, put_domain
from moorings_registry.commands.lifecycle import SetMajorLifecycle, set_major_lifecycle
from moorings_registry.commands.migrations import SetMigration, require_fit, set_migration
from moorings_registry.commands.preconditions import Expected, require_match
from moorings_registry.commands.registrations import RegisterSchema, refused_before, register_schema
from moorings_registry.commands.simulation import simulate
from moorings_registry.commands.topic_names import new_topics, require_agreement, require_release, with_subjects_meant
from moorings_registry.errors import (
    ContractsIncompatible,
    ContractsRefused,
    DomainNotFound,
    Refusal,
    RefusedPart,
    SchemaIncompatible,
)
from moorings_registry.etags import contracts_etag
from moorings_registry.event_rules import declaration_of
from moorings_registry.facts import (
    ChangeHeldBack,
    DialectChosen,
    DomainOwnerChanged,
    DomainPolicyChanged,
    DomainRegistered,
    EventDeclared,
    Fact,
    MajorLifecycleChanged,
    MajorMigrationChanged,
    SchemaDefined,
    SchemaRefused,
    SchemaRegistered,
)
from moorings_registry.names import Subject
from moorings_registry.state import Declaration, Definition, MajorState, State, Version, report_id


@dataclass(frozen=True, slots=True)
class MajorContract:
    """What is said of one major; None where nothing is said."""

    major: int
    lifecycle: SetMajorLifecycle | None = None
    draft: Draft | None = None
    migration: SetMigration | None = None


@dataclass(frozen=True, slots=True)
class EventContract:
    """What is said of one event."""

    subject: Subject
    declaration: Declaration | None
    majors: tuple[MajorContract, ...]


@dataclass(frozen=True, slots=True)
class PutContracts:
    """Write all that is said of a domain, or nothing."""

    domain: str
    put_domain: PutDomain | None
    events: tuple[EventContract, ...]
    expected: Expected = None
    """The etags (`etags.contracts_etag`) of which one has to hold."""


Command = PutDomain | DeclareEvent | RegisterSchema | SetMajorLifecycle | SetMigration


@dataclass(frozen=True, slots=True)
class _Step:
    """One part, as the command that it is."""

    pointer: str
    part: Part
    command: Command
    major: int | None = None

    @property
    def subject(self) -> str:
        return "" if isinstance(self.command, PutDomain) else str(self.command.subject)


_DECIDE: Mapping[type[Command], Callable[..., Decision]] = {
    PutDomain: put_domain,
    DeclareEvent: declare_event,
    RegisterSchema: register_schema,
    SetMajorLifecycle: set_major_lifecycle,
    SetMigration: set_migration,
}


def put_contracts(state: State, command: PutContracts, dependencies: Dependencies) -> Decision:
    """Decide every part; what was refused is named part by part, and then nothing happens.

    Raises:
        DomainNotFound: it is not registered, and the request does not say who owns it.
        StateChanged: the domain's contracts are not as the caller has read them.
        ContractsRefused, ContractsIncompatible: parts were refused, and there is nothing new to record of that.
        Refusal: one that may pass by itself, such as a compiler that is not available.
    """
    if command.expected is not None:
        require_match(command.expected, contracts_etag(state, command.domain))
    if command.put_domain is None and command.domain not in state.domains:
        raise DomainNotFound(command.domain)
    progress = _Progress(state, dependencies)
    for step in _steps(state, command):
        if not progress.take(step):
            break
    progress.require_declared_schemas(command)
    progress.require_mappings_fit(command)
    if progress.refusals:
        return progress.refused()
    results = in_order(command, progress.results)
    return Decision(tuple(progress.facts), Outcome(domain=command.domain, created=bool(progress.facts), parts=results))


def in_order(command: PutContracts, results: Iterable[PartResult]) -> tuple[PartResult, ...]:
    """Sort *results* by their places in the request, whatever order they were decided in."""
    places = {pointer: number for number, pointer in enumerate(_pointers(command))}
    return tuple(sorted(results, key=lambda one: places[one.pointer]))


def _pointers(command: PutContracts) -> Iterator[str]:
    yield "/domain"
    for at, event in enumerate(command.events):
        yield from (f"/events/{at}", f"/events/{at}/event")
        for number in range(len(event.majors)):
            yield from (f"/events/{at}/majors/{number}/{name}" for name in ("version", "lifecycle", "migration"))


def _steps(state: State, command: PutContracts) -> Iterator[_Step]:
    """The parts in the order of deciding; versions in that of the request, as they refer to each other."""
    if command.put_domain is not None:
        yield _Step("/domain", Part.DOMAIN, command.put_domain)
    for at, event in enumerate(command.events):
        place = f"/events/{at}"
        if event.declaration is not None:
            declare = DeclareEvent(event.subject, event.declaration, schemas_checked=False)
            yield _Step(f"{place}/event", Part.EVENT, declare)
    for at, event in enumerate(command.events):
        held = state.subject(event.subject)
        for number, major in enumerate(event.majors):
            is_open = held is not None and major.major in held.majors
            yield from _steps_of_major(f"/events/{at}/majors/{number}", event.subject, major, is_open=is_open)
    for at, event in enumerate(command.events):
        for number, major in enumerate(event.majors):
            if major.migration is not None:
                place = f"/events/{at}/majors/{number}/migration"
                yield _Step(place, Part.MIGRATION, major.migration, major.major)


def _steps_of_major(place: str, subject: Subject, major: MajorContract, *, is_open: bool) -> Iterator[_Step]:
    """A version goes into a major before that is retired, and after it is active again."""
    lives, versions = [], []
    if major.lifecycle is not None:
        lives.append(_Step(f"{place}/lifecycle", Part.LIFECYCLE, major.lifecycle, major.major))
    if major.draft is not None:
        opens_draft = major.lifecycle is not None and major.lifecycle.state is MajorState.DRAFT
        register = RegisterSchema(
            subject,
            major.draft,
            major.major,
            whole=True,
            fields_checked=False,
            mappings_checked=False,
            opens_draft=opens_draft and not is_open,
        )
        versions.append(_Step(f"{place}/version", Part.VERSION, register, major.major))
    opens = is_open and major.lifecycle is not None and major.lifecycle.state is not MajorState.RETIRED
    yield from (*lives, *versions) if opens else (*versions, *lives)


class _Progress:
    """The state that the parts so far lead to, and what was refused on the way."""

    def __init__(self, state: State, dependencies: Dependencies) -> None:
        self.before = state
        self.state = state
        self.dependencies = dependencies
        self.facts: list[Fact] = []
        self.results: list[PartResult] = []
        self.refusals: list[tuple[_Step, Callable[[int], Refusal]]] = []
        self.recorded: list[Fact] = []
        """What is recorded of refusals."""

    def take(self, step: _Step) -> bool:
        """Decide a part; False where the parts after it hang on it, and it was refused."""
        if any(one.part is Part.EVENT and one.subject == step.subject for one, _ in self.refusals):
            return True  # its kind and its name are not settled, so nothing can be said of its versions
        try:
            command = with_subjects_meant(self.state, step.command)
            decision = _DECIDE[type(command)](self.state, command, self.dependencies)
        except Refusal as refusal:
            if refusal.retryable:
                raise
            self._refuse(step, refusal)
            return step.part is not Part.DOMAIN
        if decision.refusal is not None:
            self._record(step, decision)
            return True
        self.facts += decision.facts
        self.state = simulate(self.state, decision.facts)
        self.results.append(_result(self.state, step, decision))
        return True

    def _refuse(self, step: _Step, refusal: Refusal) -> None:
        self.refusals.append((step, lambda _position: refusal))

    def _record(self, step: _Step, decision: Decision) -> None:
        """Note a refusal with its proof, unless it hangs on what will not happen now."""
        make = decision.refusal
        assert make is not None
        (refused,) = (fact for fact in decision.facts if isinstance(fact, SchemaRefused))
        found = [one for one in decision.facts if isinstance(one, SchemaDefined | DialectChosen)]
        definition, *dialect = found or _defined(self.state.definitions[refused.guid])
        assert isinstance(definition, SchemaDefined)
        if not _resolves(self.before, refused, definition):
            self.refusals.append((step, lambda _position: make(0)))
            return
        known = {one.guid for one in self.recorded if isinstance(one, SchemaDefined)}
        if refused.guid not in self.before.definitions and refused.guid not in known:
            self.recorded += (definition, *dialect)
        place = sum(isinstance(one, SchemaRefused) for one in self.recorded)
        self.recorded += (one for one in decision.facts if isinstance(one, ChangeHeldBack))
        self.recorded.append(refused)
        self.refusals.append((step, lambda position: make(report_id(position, place) if position else 0)))

    def require_declared_schemas(self, command: PutContracts) -> None:
        """Hold declared fields and topics against the schemas that the events have in the end, where either is new."""
        refused = {step.subject for step, _ in self.refusals}
        new = {one.subject for one in self.facts if isinstance(one, EventDeclared | SchemaRegistered)} - refused
        for at, event in enumerate(command.events):
            declared = declaration_of(self.state, event.subject)
            if declared is None or str(event.subject) not in new:
                continue
            try:
                topics = new_topics(self.before, event.subject, declared)
                require_agreement(self.state, event.subject, topics, declared, self.dependencies)
                was = self.before.declarations.get(event.subject)
                require_release(self.state, event.subject, was, self.dependencies)
                require_fields_of(self.state, event.subject, declared, self.dependencies)
            except Refusal as refusal:
                declare = DeclareEvent(event.subject, declared)
                self._refuse(_Step(f"/events/{at}", Part.EVENT, declare), refusal)

    def require_mappings_fit(self, command: PutContracts) -> None:
        """Hold mappings between majors against the schemas that they have in the end, where one is new."""
        refused = {step.subject for step, _ in self.refusals}
        new = {one.subject for one in self.facts if isinstance(one, SchemaRegistered)} - refused
        for at, event in enumerate(command.events):
            held = self.state.subject(event.subject)
            if held is None or str(event.subject) not in new:
                continue
            for major in sorted(held.migrations):
                try:
                    require_fit(self.state, held, major, self.dependencies)
                except Refusal as refusal:
                    command_of = SetMigration(event.subject, major)
                    self._refuse(_Step(f"/events/{at}", Part.MIGRATION, command_of, major), refusal)

    def refused(self) -> Decision:
        """What the refused parts come to.

        Raises:
            ContractsRefused, ContractsIncompatible: there is nothing new to record of them.
        """

        def refusal(position: int) -> Refusal:
            return refusal_of((step.pointer, make(position)) for step, make in self.refusals)

        if not self.recorded:
            raise refusal(0)
        return Decision(tuple(self.recorded), Outcome(), refusal)


def refusal_of(parts: Iterable[tuple[str, Refusal]]) -> ContractsRefused:
    """The one refusal that names each refused part, by its pointer."""
    named = [RefusedPart(pointer, refusal) for pointer, refusal in parts]
    breaks = any(isinstance(one.refusal, SchemaIncompatible) for one in named)
    return ContractsIncompatible(named) if breaks else ContractsRefused(named)


def _result(state: State, step: _Step, decision: Decision) -> PartResult:
    outcome = decision.outcome.on(state)
    if not decision.facts:
        change = Change.UNCHANGED
    else:
        change = Change.CREATED if outcome.created and step.part is not Part.EVENT else Change.CHANGED
    return _about_version(PartResult(step.pointer, step.part, step.subject, step.major, change), outcome.version)


def _about_version(result: PartResult, version: Version | None) -> PartResult:
    if result.part is not Part.VERSION or version is None:
        return result
    return replace(result, version=version.number, label=version.label)


def _defined(one: Definition) -> list[SchemaDefined | DialectChosen]:
    references: list[Mapping[str, Any]] = [
        {"name": each.name, "subject": each.subject, "version": each.version} for each in one.references
    ]
    defined = SchemaDefined(one.guid, str(one.format), one.text, references, one.metadata, one.rule_set)
    return [defined, *([DialectChosen(one.guid, one.dialect)] if one.dialect else [])]


def _resolves(state: State, refused: SchemaRefused, definition: SchemaDefined) -> bool:
    """Whether *state* has all that a refused schema refers to, so that its report can be derived from it."""
    context = Subject.parse(refused.subject).context
    places = [(Subject.parse(one["subject"], context=context), one["version"]) for one in definition.references]
    return all(state.version_at(place) is not None for place in places)


def answered_before(
    state: State, command: PutContracts, position: int, facts: Iterable[Fact], dependencies: Dependencies
) -> Outcome:
    """The first answer to a write that the entry at *position* recorded, for a request that is repeated.

    Raises:
        ContractsRefused, ContractsIncompatible: that was the answer.
    """
    refused = {(str(one.subject), one.major): one for one in state.checks_of(position) if not one.accepted}
    told = list(facts)
    results, refusals = [], []
    for step in _steps(state, command):
        record = refused.get((step.subject, step.major or 0)) if step.part is Part.VERSION else None
        if record is not None:
            refusals.append((step.pointer, refused_before(state, record, dependencies)))
        results.append(_told_result(state, step, told))
    if refusals:
        raise refusal_of(refusals)
    return Outcome(domain=command.domain, created=True, parts=in_order(command, results))


_CREATED = (DomainRegistered, SchemaRegistered)
_OF_PART: Mapping[Part, tuple[type[Fact], ...]] = {
    Part.DOMAIN: (DomainRegistered, DomainOwnerChanged, DomainPolicyChanged),
    Part.EVENT: (EventDeclared,),
    Part.VERSION: (SchemaRegistered,),
    Part.LIFECYCLE: (MajorLifecycleChanged,),
    Part.MIGRATION: (MajorMigrationChanged,),
}


def _told_result(state: State, step: _Step, facts: Iterable[Fact]) -> PartResult:
    """The result of a part, by the facts of its entry."""
    found = next((one for one in facts if isinstance(one, _OF_PART[step.part]) and _is_about(one, step)), None)
    change = Change.UNCHANGED if found is None else Change.CREATED if isinstance(found, _CREATED) else Change.CHANGED
    result = PartResult(step.pointer, step.part, step.subject, step.major, change)
    held = state.subject(Subject.parse(step.subject)) if step.part is Part.VERSION else None
    if held is None:
        return result
    if isinstance(found, SchemaRegistered):
        return _about_version(result, held.by_number(found.version))
    return _about_version(result, next(reversed(held.of_major(step.major or 0)), None))


def _is_about(fact: Fact, step: _Step) -> bool:
    return getattr(fact, "subject", "") == step.subject and getattr(fact, "major", step.major) in (step.major, None)
