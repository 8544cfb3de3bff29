"""Associations: which subject describes the keys or the values of a topic.

A strong one is born with its topic: the subject belongs to it alone, its schema may come in the same request, and it
may be frozen. A weak one points to a subject that stands on its own.
"""

import uuid
from dataclasses import dataclass, replace

from moorings_registry.commands.candidate import Draft
from moorings_registry.commands.decision import Decision, Dependencies, Outcome
from moorings_registry.commands.deletions import DeleteSubject, delete_subject
from moorings_registry.commands.registrations import RegisterSchema, register_schema
from moorings_registry.commands.simulation import simulate
from moorings_registry.errors import (
    AssociationFrozen,
    AssociationInvalid,
    AssociationNotFound,
    ReferenceExists,
    ResourceAssociatedOtherwise,
    SubjectAssociated,
    SubjectNotFound,
    SubjectStronglyAssociated,
    TooManyAssociations,
)
from moorings_registry.facts import Fact, ResourceAssociated, ResourceDissociated
from moorings_registry.modes import require_writable
from moorings_registry.names import Subject
from moorings_registry.state import STRONG, WEAK, Association, State
from moorings_registry.topics import named_by_topic

RESOURCE_TYPES = ("topic",)
ASSOCIATION_TYPES = ("key", "value")


@dataclass(frozen=True, slots=True)
class Resource:
    """A topic of a Kafka cluster."""

    id: str
    name: str = ""
    namespace: str = ""
    type: str = "topic"


@dataclass(frozen=True, slots=True)
class Wish:
    """One association that somebody asks for; None leaves it to what stands, or to the default."""

    subject: Subject | None = None
    association_type: str = "value"
    lifecycle: str | None = None
    frozen: bool | None = None
    draft: Draft | None = None


@dataclass(frozen=True, slots=True)
class Associate:
    """Associate a resource with subjects; without *update*, what stands already has to agree."""

    resource: Resource
    wishes: tuple[Wish, ...]
    context: str
    """Where a subject lies that is named after the resource."""
    update: bool = False


@dataclass(frozen=True, slots=True)
class Dissociate:
    """End associations of a resource; with *cascade*, the subjects that belong to it alone go with them."""

    resource_id: str
    resource_type: str = ""
    association_types: tuple[str, ...] = ()
    cascade: bool = False


def associate(state: State, command: Associate, dependencies: Dependencies) -> Decision:
    """Decide associations, all of them or none.

    Raises:
        AssociationInvalid, TooManyAssociations, ResourceAssociatedOtherwise, SubjectAssociated,
        SubjectStronglyAssociated, AssociationFrozen, ReferenceExists, SubjectNotFound, and what registering raises.
    """
    resource = _completed(state, command)
    types = [wish.association_type for wish in command.wishes]
    if len(set(types)) < len(types):
        raise TooManyAssociations(resource.id)
    facts: tuple[Fact, ...] = ()
    for wish in command.wishes:
        decision = _wished(simulate(state, facts), resource, wish, command, dependencies)
        if decision.refusal is not None:
            return refused(state, decision, facts)
        facts += decision.facts
    return Decision(facts, Outcome(subject=resource.id, created=bool(facts)))


def require_named(resource: Resource) -> None:
    """Pass, or refuse a resource of which a name is missing.

    Raises:
        AssociationInvalid
    """
    if not (resource.id and resource.name and resource.namespace):
        raise AssociationInvalid("An association needs resourceId, resourceName and resourceNamespace")


def refused(state: State, decision: Decision, before: tuple[Fact, ...]) -> Decision:
    """What the refusal of one step comes to: recorded where nothing came before it, as nothing of that will happen.

    Raises:
        Refusal: it was decided against what is not to be.
    """
    if before and decision.refusal is not None:
        raise decision.refusal(state.position)
    return decision


def dissociate(state: State, command: Dissociate, dependencies: Dependencies) -> Decision:
    """Decide the end of associations.

    Raises:
        AssociationNotFound, AssociationFrozen, and what deleting a subject raises.
    """
    ending = [
        one
        for one in state.associations_of_resource(command.resource_id)
        if command.resource_type in ("", one.resource_type)
        and (not command.association_types or one.association_type in command.association_types)
    ]
    if not ending:
        raise AssociationNotFound(command.resource_id)
    if any(one.frozen for one in ending) and not command.cascade:
        raise AssociationFrozen(command.resource_id)
    facts: tuple[Fact, ...] = tuple(
        ResourceDissociated(one.resource_name, one.resource_id, one.resource_type, one.association_type)
        for one in ending
    )
    for one in ending:
        held = state.subject(one.subject)
        if command.cascade and one.lifecycle == STRONG and held is not None and held.latest:
            facts += delete_subject(simulate(state, facts), DeleteSubject(one.subject), dependencies).facts
    return Decision(facts, Outcome(subject=command.resource_id))


def _completed(state: State, command: Associate) -> Resource:
    """The resource with the names that it is known by already.

    Raises:
        AssociationInvalid: a name is missing, or the resource goes by another one.
    """
    asked = command.resource
    known = next(iter(state.associations_of_resource(asked.id)), None)
    if known is not None:
        names = (asked.name or known.resource_name, asked.namespace or known.resource_namespace)
        if names != (known.resource_name, known.resource_namespace):
            raise AssociationInvalid(f"Resource {asked.id} is known as {known.resource_name}, not as {asked.name}")
        asked = replace(asked, name=known.resource_name, namespace=known.resource_namespace)
    require_named(asked)
    if asked.type not in RESOURCE_TYPES:
        raise AssociationInvalid(f"The resource type {asked.type[:40]!r} is not one of {', '.join(RESOURCE_TYPES)}")
    if not command.wishes:
        raise AssociationInvalid("The request asks for no association")
    return asked


def _wished(state: State, resource: Resource, wish: Wish, command: Associate, dependencies: Dependencies) -> Decision:
    standing = next(
        (
            one
            for one in state.associations_of_resource(resource.id)
            if (one.resource_type, one.association_type) == (resource.type, wish.association_type)
        ),
        None,
    )
    fact = _association(state, resource, wish, command.context, standing)
    subject = Subject.parse(fact.subject)
    _require_free(state, fact, subject, standing, update=command.update)
    registered: tuple[Fact, ...] = ()
    if wish.draft is not None:
        decision = register_schema(state, RegisterSchema(subject, wish.draft), dependencies)
        if decision.refusal is not None:
            return decision
        registered = decision.facts
    held = simulate(state, registered).subject(subject)
    if held is None or held.latest is None:
        raise SubjectNotFound(subject)
    require_writable(state, subject)
    new = () if standing is not None and _agrees(standing, fact) else (fact,)
    return Decision((*registered, *new), Outcome(subject=str(subject)))


def _association(
    state: State, resource: Resource, wish: Wish, context: str, standing: Association | None
) -> ResourceAssociated:
    """The association that the wish comes to.

    Raises:
        AssociationInvalid: an unknown type or lifecycle, or a weak one that is to be frozen.
    """
    if wish.association_type not in ASSOCIATION_TYPES:
        raise AssociationInvalid(f"The association type is not one of {', '.join(ASSOCIATION_TYPES)}")
    named = Subject.parse(f"{resource.name}-{wish.association_type}", context=context)
    subject = named_by_topic(state, wish.subject or (standing.subject if standing else named))
    held = state.subject(subject)
    stands = held is not None and held.latest is not None
    natural = WEAK if stands and wish.draft is None and not wish.frozen else STRONG
    lifecycle = wish.lifecycle or (standing.lifecycle if standing else natural)
    frozen = wish.frozen if wish.frozen is not None else bool(standing and standing.frozen)
    if lifecycle not in (STRONG, WEAK):
        raise AssociationInvalid(f"The lifecycle is neither {STRONG} nor {WEAK}")
    if frozen and lifecycle == WEAK:
        raise AssociationInvalid("A weak association cannot be frozen")
    key = f"{resource.id}\n{resource.type}\n{wish.association_type}\n{subject}"
    return ResourceAssociated(
        subject=str(subject),
        guid=str(uuid.uuid5(uuid.NAMESPACE_OID, key)),
        resource_name=resource.name,
        resource_namespace=resource.namespace,
        resource_id=resource.id,
        resource_type=resource.type,
        association_type=wish.association_type,
        lifecycle=lifecycle,
        frozen=frozen,
    )


def _require_free(
    state: State, fact: ResourceAssociated, subject: Subject, standing: Association | None, *, update: bool
) -> None:
    """Pass, or refuse what contradicts an association that stands."""
    if standing is not None and not _agrees(standing, fact):
        if standing.frozen:
            raise AssociationFrozen(fact.resource_id)
        if not update or standing.subject != subject:
            raise ResourceAssociatedOtherwise(fact.resource_id, fact.association_type)
    others = [one for one in state.associations_of_subject(subject) if one != standing]
    if any(one.lifecycle == STRONG for one in others):
        raise SubjectStronglyAssociated(subject)
    if fact.lifecycle != STRONG:
        return
    if others:
        raise SubjectAssociated(subject)
    held = state.subject(subject)
    for version in held.versions if held else ():
        if any(place[0] != subject for place in state.referrers.get((subject, version.number), ())):
            raise ReferenceExists(subject, version.number)


def _agrees(standing: Association, fact: ResourceAssociated) -> bool:
    wanted = (fact.subject, fact.lifecycle, fact.frozen)
    return (str(standing.subject), standing.lifecycle, standing.frozen) == wanted


@dataclass(frozen=True, slots=True)
class ChangeAssociations:
    """Create, change and end associations of a resource, in this order: all of it, or nothing."""

    resource_id: str
    steps: tuple[Associate | Dissociate, ...]


def change_associations(state: State, command: ChangeAssociations, dependencies: Dependencies) -> Decision:
    """Decide all steps, each on what those before it lead to.

    Raises:
        As `associate` and `dissociate`.
    """
    facts: tuple[Fact, ...] = ()
    for step in command.steps:
        simulated = simulate(state, facts)
        if isinstance(step, Associate):
            decision = associate(simulated, step, dependencies)
        else:
            decision = dissociate(simulated, step, dependencies)
        if decision.refusal is not None:
            return refused(state, decision, facts)
        facts += decision.facts
    return Decision(facts, Outcome(subject=command.resource_id, created=bool(facts)))
