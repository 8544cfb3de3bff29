"""Declaring events: what one is besides its schemas, before or after its first version."""

from collections.abc import Iterable
from dataclasses import dataclass

from moorings_compat import Problem, Schema
from moorings_compat.event_names import EventKind
from moorings_compat.field_pointers import missing_field
from moorings_registry.commands.assessment import parsed
from moorings_registry.commands.candidate import Candidate
from moorings_registry.commands.decision import Decision, Dependencies, Outcome
from moorings_registry.commands.preconditions import Expected, require_match
from moorings_registry.commands.simulation import simulate
from moorings_registry.commands.topic_names import new_topics, require_agreement, require_free, require_release
from moorings_registry.errors import DeclaredFieldMissing, EventInvalid, EventOutsideDomains
from moorings_registry.etags import event_etag
from moorings_registry.event_rules import declaration_of, require_kind
from moorings_registry.facts import EventDeclared
from moorings_registry.modes import require_settable
from moorings_registry.names import Scope, Subject
from moorings_registry.policy import owning_domains
from moorings_registry.state import Declaration, State, Version


@dataclass(frozen=True, slots=True)
class DeclareEvent:
    """Say what an event is: its kind, its topics, how it is replayed and identified. Replaces what was said before."""

    subject: Subject
    declaration: Declaration
    expected: Expected = None
    """The etags (`etags.event_etag`) of which one has to hold."""
    schemas_checked: bool = True
    """Whether its fields and topics are held against schemas now; a write that brings the schemas asks at its end."""


def declare_event(state: State, command: DeclareEvent, dependencies: Dependencies) -> Decision:
    """Decide what an event is from now on; the same again is nothing new.

    Raises:
        StateChanged: the event is not as the caller has read it.
        EventOutsideDomains, EventInvalid, KindRefused, NameRefused
        TopicTaken, TopicSubjectDiffers: it cannot be bound to a topic.
        DeclaredFieldMissing: a pointer leads to no field of the newest revision.
        OperationNotPermitted: the subject is read-only.
    """
    subject, declared = command.subject, command.declaration
    is_known = subject in state.declarations or state.subject(subject) is not None
    require_match(command.expected, event_etag(state, subject) if is_known else "")
    outcome = Outcome(subject=str(subject))
    if state.declarations.get(subject) == declared:
        return Decision((), outcome)
    if not owning_domains(state, subject):
        raise EventOutsideDomains(subject)
    _require_whole(subject, declared)
    require_kind(state, subject, declared)
    require_free(state, subject, declared, dependencies)
    require_settable(state, Scope.of(subject))
    if command.schemas_checked:
        require_agreement(state, subject, new_topics(state, subject, declared), declared, dependencies)
        require_fields_of(state, subject, declared, dependencies)
    fact = EventDeclared(str(subject), **declared.record())
    if command.schemas_checked:
        require_release(simulate(state, (fact,)), subject, state.declarations.get(subject), dependencies)
    return Decision((fact,), outcome)


def _require_whole(subject: Subject, declared: Declaration) -> None:
    """Pass, or say which members of a declaration contradict each other.

    Raises:
        EventInvalid: says where.
    """
    problems = list(_problems(subject, declared))
    if problems:
        raise EventInvalid(f"'{subject}' cannot be declared: {problems[0].message}", problems)


def _problems(subject: Subject, declared: Declaration) -> Iterable[Problem]:
    kind, replay = declared.kind, declared.replay
    if subject != subject.of_event:
        yield Problem("", f"keys and values are those of {subject.of_event}, which is what can be declared")
    if kind is EventKind.COMMAND and not declared.handler:
        yield Problem("/handler", "a command names its one handler, and none is given")
    if kind is not EventKind.COMMAND and declared.handler:
        yield Problem("/handler", f"a {kind} has no handler: only commands do")
    if kind is EventKind.TYPE:
        for name in ("topics", "replay", "idempotency", "expectations"):
            if getattr(declared, name):
                yield Problem(f"/{name}", f"a type is never produced by itself, so it has no {name}")
    if declared.idempotency is not None and len(set(declared.idempotency.key)) < len(declared.idempotency.key):
        yield Problem("/idempotency/key", "a field is listed twice")
    if len(set(declared.topics)) < len(declared.topics):
        yield Problem("/topics", "a topic is listed twice")
    if replay is not None and not replay.replayable and not replay.reason:
        yield Problem("/replay/reason", "an event that is not replayable needs the reason")


def require_fields_of(state: State, subject: Subject, declared: Declaration, dependencies: Dependencies) -> None:
    """Pass, or say which pointer of a declaration leads to no field of the newest revision of the newest major.

    Raises:
        DeclaredFieldMissing: says where.
    """
    newest = newest_revision(state, subject)
    if newest is not None and declared.pointers:
        _require_fields(subject, declared, parsed(state, newest, dependencies), newest.label)


def require_declared_fields(state: State, subject: Subject, candidate: Candidate, major: int) -> None:
    """Pass, or refuse a revision of the newest major that lacks a field by which its events are identified or ordered.

    Raises:
        DeclaredFieldMissing: says which.
    """
    declared, held = declaration_of(state, subject), state.history(subject)
    if declared is None or not declared.pointers or subject.is_key:
        return
    if held is None or major >= held.newest_major:
        _require_fields(subject, declared, candidate.schema, f"major {major}")


def _require_fields(subject: Subject, declared: Declaration, schema: Schema, where: str) -> None:
    problems = list(_missing(declared, schema, subject.of_event.name))
    if problems:
        raise DeclaredFieldMissing(
            f"{where} of '{subject}' does not have what its declaration names: {problems[0].message}", problems
        )


def missing_pointers(state: State, subject: Subject, dependencies: Dependencies) -> tuple[str, ...]:
    """The pointers of an event's declaration that lead to no field of its newest revision."""
    declared, newest = declaration_of(state, subject), newest_revision(state, subject)
    if declared is None or newest is None or not declared.pointers:
        return ()
    schema = parsed(state, newest, dependencies)
    named = dict.fromkeys(pointer for _, pointer in declared.pointers)
    return tuple(one for one in named if missing_field(schema, one, subject.of_event.name) is not None)


def _missing(declared: Declaration, schema: Schema, event: str) -> Iterable[Problem]:
    for place, pointer in declared.pointers:
        missing = missing_field(schema, pointer, event)
        if missing is not None:
            yield Problem(place, str(missing))


def newest_revision(state: State, subject: Subject) -> Version | None:
    """The newest active revision of the newest major that has one."""
    held = state.subject(subject)
    active = held.active if held else ()
    return max(active, key=lambda one: (one.major, one.number), default=None)
