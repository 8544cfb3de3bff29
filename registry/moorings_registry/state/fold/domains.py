"""How facts about domains, their owners, and the events that they declare change the state."""

from dataclasses import replace

from moorings_compat.event_names import EventKind
from moorings_registry import facts
from moorings_registry.names import Subject
from moorings_registry.state.declarations import Classification, Declaration, Idempotency, Replay, read_expectations
from moorings_registry.state.fold.draft import Appliers, Draft, set_or_drop
from moorings_registry.state.values import Domain, OwnerOffer, PastOwner


def _domain_registered(draft: Draft, fact: facts.DomainRegistered) -> None:
    at = draft.entry.recorded_at
    draft.domains[fact.domain] = Domain(
        fact.domain, fact.owner, tuple(fact.contacts), fact.description, fact.policy, at, at
    )


def _domain_owner_changed(draft: Draft, fact: facts.DomainOwnerChanged) -> None:
    before = draft.domains[fact.domain]
    draft.domains[fact.domain] = replace(
        _owned(draft, before, fact.owner),
        contacts=tuple(fact.contacts),
        description=fact.description,
        changed_at=draft.entry.recorded_at,
    )


def _owned(draft: Draft, before: Domain, owner: str) -> Domain:
    """The domain with *owner*, and with the one before it in its history."""
    if owner == before.owner:
        return before
    past = PastOwner(before.owner, draft.entry.recorded_at, draft.entry.actor)
    return replace(before, owner=owner, owners=(*before.owners, past), offer=None)


def _owner_transfer_offered(draft: Draft, fact: facts.OwnerTransferOffered) -> None:
    offer = OwnerOffer(fact.owner, fact.receiver, fact.offered_by, draft.entry.recorded_at)
    draft.domains[fact.domain] = replace(draft.domains[fact.domain], offer=offer)


def _owner_transfer_accepted(draft: Draft, fact: facts.OwnerTransferAccepted) -> None:
    after = _owned(draft, draft.domains[fact.domain], fact.owner)
    draft.domains[fact.domain] = replace(after, changed_at=draft.entry.recorded_at)


def _owner_transfer_withdrawn(draft: Draft, fact: facts.OwnerTransferWithdrawn) -> None:
    draft.domains[fact.domain] = replace(draft.domains[fact.domain], offer=None)


def _domain_policy_changed(draft: Draft, fact: facts.DomainPolicyChanged) -> None:
    draft.domains[fact.domain] = replace(
        draft.domains[fact.domain], policy=fact.policy, changed_at=draft.entry.recorded_at
    )
    draft.waived_policies.pop(f"domain:{fact.domain}", None)


def _event_declared(draft: Draft, fact: facts.EventDeclared) -> None:
    subject = Subject.parse(fact.subject)
    before = draft.declarations.get(subject)
    now = Declaration(
        kind=EventKind(fact.kind),
        description=fact.description,
        classification=Classification(fact.classification),
        topics=tuple(fact.topics),
        handler=fact.handler,
        name_reviewed=fact.name_reviewed,
        replay=Replay(**fact.replay) if fact.replay is not None else None,
        idempotency=Idempotency(tuple(fact.idempotency["key"])) if fact.idempotency is not None else None,
        expectations=read_expectations(fact.expectations) if fact.expectations is not None else None,
    )
    draft.declarations[subject] = now
    for topic in set(before.topics if before else ()) ^ set(now.topics):
        key = (subject.context, topic)
        others = [one for one in draft.topics.get(key, ()) if one != subject]
        set_or_drop(draft.topics, key, tuple(sorted([*others, subject] if topic in now.topics else others)))


APPLY: Appliers = {
    facts.DomainRegistered: _domain_registered,
    facts.DomainOwnerChanged: _domain_owner_changed,
    facts.DomainPolicyChanged: _domain_policy_changed,
    facts.EventDeclared: _event_declared,
    facts.OwnerTransferOffered: _owner_transfer_offered,
    facts.OwnerTransferAccepted: _owner_transfer_accepted,
    facts.OwnerTransferWithdrawn: _owner_transfer_withdrawn,
}
