"""What each command needs: a verb on each node that it really touches, whichever route or body named that. Pure.

A route asks for the verb and the node of its path before anything is looked at. That is not enough where a body or a
query names subjects, where an alias leads on, and for batches; so the service asks again, for the command.
"""

import contextlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any

from immutables import Map

from moorings_compat import Reference
from moorings_registry import facts
from moorings_registry.access import ANYWHERE, Verb
from moorings_registry.commands import (
    AcceptOwnerTransfer,
    ApproveWaiver,
    Associate,
    ChangeAssociations,
    ChangeExporter,
    ChangeKek,
    ClearConfig,
    ClearMode,
    Command,
    ConfigureIssuers,
    CreateDek,
    CreateExporter,
    CreateKek,
    CreateWebhook,
    DeclareEvent,
    DeleteContext,
    DeleteDek,
    DeleteExporter,
    DeleteKek,
    DeleteSubject,
    DeleteVersion,
    Dissociate,
    Draft,
    EndOwnerTransfer,
    GrantAccess,
    GrantWaiver,
    ImportVersion,
    PutConsumer,
    PutContracts,
    PutDomain,
    RecordAccess,
    RecordDelivery,
    RecordDeployment,
    RecordExport,
    RecordReminders,
    RegisterSchema,
    RemoveWebhook,
    ReplayDeadLetters,
    ReplayWebhook,
    ResetExporter,
    RestoreDek,
    RestoreKek,
    RestoreSubject,
    RestoreVersion,
    ReviewCheck,
    RevokeAccess,
    SetConfig,
    SetExporterPaused,
    SetHolders,
    SetMajorLifecycle,
    SetMigration,
    SetMode,
    TagSchema,
    WithdrawConsumer,
    WithdrawWaiver,
    require_named,
)
from moorings_registry.encryption_keys import kek_for
from moorings_registry.errors import (
    AssociationNotFound,
    ConsumerNotFound,
    ConsumerOfAnotherTeam,
    DomainNotFound,
    SubjectInvalid,
    TopicAmbiguous,
    WaiverNotFound,
)
from moorings_registry.names import DEFAULT_CONTEXT, Scope, Subject
from moorings_registry.state import Association, State
from moorings_registry.topics import named_by_topic


@dataclass(frozen=True, slots=True)
class Need:
    """A verb, and a subject, a domain or a context as ``:.name:`` that it is needed for; or `ANYWHERE`."""

    verb: Verb
    target: str
    named: str = ""
    """What the request calls the target, where the caller is not to know what that leads to."""


OPERATING = (Need(Verb.OPERATE, ANYWHERE),)


def needs_of(state: State, seen: State, command: Command) -> tuple[Need, ...]:
    """What *command* needs on *state*, of which the caller sees *seen*; without repetitions.

    It is about the subjects that its names lead to (`with_subjects_meant`), hidden ones too.

    Raises:
        AssociationNotFound, DomainNotFound, WaiverNotFound: it is about something that the caller does not see.
    """
    return tuple(dict.fromkeys(_NEEDS[type(command)](state, seen, command)))


def _put_domain(state: State, _seen: State, command: PutDomain) -> Iterator[Need]:
    """Whoever governs a domain changes it; a new one is for those who govern what is above it."""
    if command.domain in state.domains:
        yield Need(Verb.GOVERN, command.domain)
    else:
        yield Need(Verb.GOVERN, command.domain.rpartition(".")[0] or ANYWHERE)


def _declare(state: State, _seen: State, command: DeclareEvent) -> Iterator[Need]:
    """Whoever binds a topic to an event takes over what is registered under the topic's name."""
    yield Need(Verb.GOVERN, str(command.subject))
    for topic in command.declaration.topics:
        if command.subject not in state.topics.get((command.subject.context, topic), ()):
            yield Need(Verb.GOVERN, str(Subject(topic, command.subject.context)))


def _put_contracts(state: State, _seen: State, command: PutContracts) -> Iterator[Need]:
    """Whoever registers may write what a domain consists of, as far as only schemas are new: see `needs_of_facts`."""
    yield Need(Verb.REGISTER, command.domain)
    yield from _of_topics(state, command)


def needs_of_facts(state: State, command: Command, decided: Iterable[facts.Fact]) -> tuple[Need, ...]:
    """What a command needs besides, that writes many parts, for those of them that change: here, what it came to."""
    if not isinstance(command, PutContracts):
        return ()
    if command.put_domain is not None and command.domain not in state.domains:
        return tuple(_put_domain(state, state, command.put_domain))
    changes = not all(isinstance(fact, _OF_REGISTRATIONS) for fact in decided)
    return (Need(Verb.GOVERN, command.domain),) if changes else ()


def _of_topics(state: State, command: PutContracts) -> Iterator[Need]:
    """What binding topics needs, in a write of contracts as by itself."""
    for event in command.events:
        if event.declaration is not None:
            _, *topics = _declare(state, state, DeclareEvent(event.subject, event.declaration))
            yield from topics


_OF_REGISTRATIONS = (
    facts.SchemaDefined | facts.DialectChosen | facts.SchemaRegistered | facts.SchemaRefused | facts.ChangeHeldBack
)


def _sign_in(_state: State, _seen: State, _command: Any) -> Iterator[Need]:
    """No more than a caller who is known, who has to hold the application besides: that is part of the decision."""
    yield Need(Verb.READ, ANYWHERE)


def _change_consumer(state: State, seen: State, command: PutConsumer | WithdrawConsumer) -> Iterator[Need]:
    """Nobody takes back what an application declares about events that they do not see.

    Raises:
        ConsumerOfAnotherTeam, ConsumerNotFound: the caller does not see the application.
    """
    yield Need(Verb.READ, ANYWHERE)
    known, shown = state.consumers.get(command.application), seen.consumers.get(command.application)
    if known is None or not known.reads:
        return
    if shown is None:
        if isinstance(command, PutConsumer):
            raise ConsumerOfAnotherTeam(command.application, "")
        raise ConsumerNotFound(command.application)
    if len(shown.reads) < len(known.reads):
        yield Need(Verb.GOVERN, ANYWHERE)


def _register(_state: State, _seen: State, command: RegisterSchema) -> Iterator[Need]:
    yield Need(Verb.REGISTER, str(command.subject))
    if command.id is not None or command.force:
        yield Need(Verb.GOVERN, str(command.subject))


def _govern_subject(_state: State, _seen: State, command: Any) -> Iterator[Need]:
    yield Need(Verb.GOVERN, str(command.subject))


def _review(_state: State, _seen: State, command: ReviewCheck) -> Iterator[Need]:
    """What is said is kept for ever, so it is for those who take part in the event, not for all of its readers."""
    yield Need(Verb.REGISTER, str(command.subject))


def _scope(_state: State, _seen: State, command: SetConfig | ClearConfig) -> Iterator[Need]:
    yield need_of_scope(command.scope)


def need_of_scope(scope: Scope) -> Need:
    """What changing the settings of *scope* needs: those of the registry as a whole are its operator's."""
    return Need(Verb.GOVERN, scope.key) if scope.key else Need(Verb.OPERATE, ANYWHERE)


def _operate(_state: State, _seen: State, _command: Any) -> Iterable[Need]:
    return OPERATING


def _associate(state: State, seen: State, command: Associate) -> Iterator[Need]:
    """Each subject that is associated, or was. Nobody associates a resource that has associations they do not see."""
    standing = {one.association_type for one in state.associations_of_resource(command.resource.id)}
    shown = {one.association_type: one for one in seen.associations_of_resource(command.resource.id)}
    if standing and not shown and not any(wish.subject for wish in command.wishes):
        require_named(command.resource)
    for wish in command.wishes:
        known = shown.get(wish.association_type)
        for one in _wished(command, wish.subject, known, wish.association_type):
            meant = _by_topic(state, one) or one  # of a topic with several events, deciding refuses the name
            yield Need(Verb.GOVERN, str(meant), "" if meant == (_by_topic(seen, one) or one) else str(one))
    wished = {wish.association_type for wish in command.wishes}
    if standing and not (shown and wished & standing <= shown.keys()):
        yield Need(Verb.GOVERN, ANYWHERE)


def _wished(
    command: Associate, asked: Subject | None, standing: Association | None, association_type: str
) -> Iterator[Subject]:
    """The subjects of one association: the one that is asked for, and the one that is replaced."""
    if standing is not None:
        yield standing.subject
    if asked is not None:
        yield asked
    elif standing is None and command.resource.name:
        yield Subject.parse(f"{command.resource.name}-{association_type}", context=command.context)


def _dissociate(state: State, seen: State, command: Dissociate) -> Iterator[Need]:
    ending = _ending(state, command)
    visible = _ending(seen, command)
    if ending and not visible:
        raise AssociationNotFound(command.resource_id)
    yield from (Need(Verb.GOVERN, str(one.subject)) for one in visible)
    if len(visible) < len(ending):
        yield Need(Verb.GOVERN, ANYWHERE)


def _ending(state: State, command: Dissociate) -> list[Association]:
    return [
        one
        for one in state.associations_of_resource(command.resource_id)
        if command.resource_type in ("", one.resource_type)
        and (not command.association_types or one.association_type in command.association_types)
    ]


def _change_associations(state: State, seen: State, command: ChangeAssociations) -> Iterator[Need]:
    for step in command.steps:
        yield from needs_of(state, seen, step)


def _request_waiver(_state: State, _seen: State, command: GrantWaiver) -> Iterator[Need]:
    yield Need(Verb.GOVERN, command.domain)


def _known_waiver(_state: State, seen: State, command: WithdrawWaiver | ApproveWaiver) -> Iterator[Need]:
    waiver = seen.waivers.get(command.id)
    if waiver is None:
        raise WaiverNotFound(command.id)
    yield Need(Verb.GOVERN, waiver.domain)


def _of_transfer(_state: State, seen: State, command: AcceptOwnerTransfer | EndOwnerTransfer) -> Iterable[Need]:
    """Nothing by verb: the offer says who may accept or end it. Whoever does not see the domain sees no offer."""
    if command.domain not in seen.domains:
        raise DomainNotFound(command.domain)
    return ()


def _create_kek(_state: State, _seen: State, command: CreateKek) -> Iterator[Need]:
    """A KEK lies on the tree of names by its own: producers make it known with the first key that it wraps."""
    yield Need(Verb.REGISTER, str(Subject(command.name, command.context)))


def _govern_kek(_state: State, _seen: State, command: ChangeKek | DeleteKek | RestoreKek) -> Iterator[Need]:
    yield Need(Verb.GOVERN, str(Subject(command.name, command.context)))


def _create_dek(_state: State, seen: State, command: CreateDek) -> Iterator[Need]:
    """Whoever registers schemas of a subject keeps its keys, too, under a KEK that they see.

    Raises:
        KeyNotFound
    """
    kek_for(seen, command.kek, command.subject, deleted=True)
    yield Need(Verb.REGISTER, str(command.subject))


def _govern_dek(_state: State, seen: State, command: DeleteDek | RestoreDek) -> Iterator[Need]:
    kek_for(seen, command.kek, command.subject, deleted=True)
    yield Need(Verb.GOVERN, str(command.subject))


def _by_itself(_state: State, _seen: State, _command: Any) -> Iterable[Need]:
    """Nothing here: what the author has to hold is part of the decision about a grant or a webhook."""
    return ()


_NEEDS: dict[type[Command], Callable[[State, State, Any], Iterable[Need]]] = {
    PutDomain: _put_domain,
    PutContracts: _put_contracts,
    DeclareEvent: _declare,
    RegisterSchema: _register,
    ImportVersion: _operate,
    DeleteSubject: _govern_subject,
    DeleteVersion: _govern_subject,
    RestoreVersion: _govern_subject,
    RestoreSubject: _govern_subject,
    SetConfig: _scope,
    ClearConfig: _scope,
    SetMode: _operate,
    ClearMode: _operate,
    DeleteContext: _operate,
    TagSchema: _govern_subject,
    Associate: _associate,
    Dissociate: _dissociate,
    ChangeAssociations: _change_associations,
    SetMajorLifecycle: _govern_subject,
    SetMigration: _govern_subject,
    GrantWaiver: _request_waiver,
    ApproveWaiver: _known_waiver,
    WithdrawWaiver: _known_waiver,
    CreateExporter: _operate,
    ChangeExporter: _operate,
    DeleteExporter: _operate,
    SetExporterPaused: _operate,
    ResetExporter: _operate,
    RecordExport: _operate,
    RecordAccess: _operate,
    RecordReminders: _operate,
    AcceptOwnerTransfer: _of_transfer,
    EndOwnerTransfer: _of_transfer,
    GrantAccess: _by_itself,
    RevokeAccess: _by_itself,
    ConfigureIssuers: _operate,
    CreateWebhook: _by_itself,
    ReplayWebhook: _by_itself,
    ReplayDeadLetters: _by_itself,
    RemoveWebhook: _by_itself,
    RecordDelivery: _operate,
    CreateKek: _create_kek,
    ChangeKek: _govern_kek,
    DeleteKek: _govern_kek,
    RestoreKek: _govern_kek,
    CreateDek: _create_dek,
    DeleteDek: _govern_dek,
    RestoreDek: _govern_dek,
    PutConsumer: _change_consumer,
    WithdrawConsumer: _change_consumer,
    RecordDeployment: _sign_in,
    ReviewCheck: _review,
    SetHolders: _sign_in,
}
"""By the type of the command; a test fails for one without a row."""


def commands_with_needs() -> frozenset[type]:
    """The types of commands of which is known what they need."""
    return frozenset(_NEEDS)


def without_hidden_references(state: State, seen: State, command: Command) -> tuple[State, Reference | None]:
    """*state* without what the schemas of *command* refer to and the caller does not see, and one such reference.

    On it the command is decided as if that did not exist: a reference to it is refused like one to nothing.
    """
    if seen is state:
        return state, None
    found: Reference | None = None
    subjects = state.subjects
    for sent, context in _references(command, DEFAULT_CONTEXT):
        try:
            named = Subject.parse(sent.subject, context=context)
        except SubjectInvalid:
            continue
        target = _by_topic(state, named)
        if target != _by_topic(seen, named) or target is None:  # by a topic of events that the caller does not all see
            state = replace(state, topics=Map(dict(seen.topics.items())))
            target = _by_topic(state, named)
        if target is None:
            continue
        reference = replace(sent, subject=str(target))
        there, shown = state.resolve(reference, context), seen.resolve(reference, context)
        if there is None or there == shown:
            continue
        held = seen.subject(target)
        subjects = subjects.delete(target) if held is None else subjects.set(target, held)
        state, found = replace(state, subjects=subjects), found or (sent if shown is None else None)
    if isinstance(command, PutConsumer):
        state = _without_hidden_events(state, seen, command)
    if isinstance(command, GrantWaiver) and command.guid in state.definitions and command.guid not in seen.definitions:
        # Whoever knows a text knows its guid, and would learn here whether somebody registered it.
        state = replace(state, definitions=state.definitions.delete(command.guid))
    return state, found


def _by_topic(state: State, named: Subject) -> Subject | None:
    """The subject that a name leads to; None where it is that of a topic with several events."""
    try:
        return named_by_topic(state, named)
    except TopicAmbiguous:
        return None


def _without_hidden_events(state: State, seen: State, command: PutConsumer) -> State:
    """*state* without the events of a declaration that the caller does not see: to it they are unknown."""
    subjects, declarations = state.subjects, state.declarations
    for read in command.reads:
        with contextlib.suppress(SubjectInvalid):
            event = Subject.parse(str(read.get("event", "")))
            if event in subjects and seen.subject(event) is None:
                subjects = subjects.delete(event)
            if event in declarations and event not in seen.declarations:
                declarations = declarations.delete(event)
    return replace(state, subjects=subjects, declarations=declarations)


def _references(value: Any, context: str) -> Iterator[tuple[Reference, str]]:
    """Yield the references of every draft in *value*, each with the context of the subject that it is for."""
    if isinstance(value, Draft):
        yield from ((one, context) for one in value.references)
    elif isinstance(value, tuple):
        for one in value:
            yield from _references(one, context)
    elif is_dataclass(value) and not isinstance(value, type):
        inner = _context_of(value) or context
        for one in fields(value):
            yield from _references(getattr(value, one.name), inner)


def _context_of(value: Any) -> str:
    subject = getattr(value, "subject", None)
    return subject.context if isinstance(subject, Subject) else str(getattr(value, "context", "") or "")
