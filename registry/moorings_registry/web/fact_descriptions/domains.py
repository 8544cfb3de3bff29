"""Facts about domains and what they ask for, as sentences."""

from typing import Any

from moorings_registry import facts
from moorings_registry.web import links
from moorings_registry.web.fact_descriptions.sentences import Phrase, Sentence, Tellers, brief, event_phrase
from moorings_registry.web.labels import counted, listed


def _domain(name: str) -> Phrase:
    return Phrase(name, links.domain_href(name), strong=True)


def _domain_registered(fact: facts.DomainRegistered, _position: int) -> Sentence:
    return Sentence(
        "calm",
        "anchor",
        (Phrase("Domain "), _domain(fact.domain), Phrase(f" was registered with owner {fact.owner}.")),
    )


def _domain_owner_changed(fact: facts.DomainOwnerChanged, _position: int) -> Sentence:
    told = Phrase(f" is owned by {fact.owner}; owner, contacts or description changed.")
    return Sentence("calm", "people", (Phrase("Domain "), _domain(fact.domain), told))


def _domain_policy_changed(fact: facts.DomainPolicyChanged, _position: int) -> Sentence:
    policy = ", ".join(f"{key} {_said(value)}" for key, value in sorted(fact.policy.items())) or "nothing of its own"
    return Sentence("calm", "note", (Phrase("The policy of "), _domain(fact.domain), Phrase(f" is now: {policy}.")))


def _said(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return " and ".join(map(str, value)) if isinstance(value, list) else str(value)


def _event_declared(fact: facts.EventDeclared, _position: int) -> Sentence:
    topics = f" on {counted(len(fact.topics), 'topic')}: {listed(fact.topics, 3)}" if fact.topics else ""
    handled = f", handled by {fact.handler}" if fact.handler else ""
    return Sentence(
        "calm", "note", (event_phrase(fact.subject), Phrase(f" was declared: a {fact.kind}{handled}{topics}."))
    )


def _transfer_offered(fact: facts.OwnerTransferOffered, _position: int) -> Sentence:
    told = Phrase(f" was offered to {brief(fact.owner)} by {brief(fact.offered_by)}.")
    return Sentence("calm", "people", (Phrase("Domain "), _domain(fact.domain), told))


def _transfer_accepted(fact: facts.OwnerTransferAccepted, _position: int) -> Sentence:
    told = Phrase(f" is owned by {brief(fact.owner)}: {brief(fact.accepted_by)} accepted it.")
    return Sentence("calm", "people", (Phrase("Domain "), _domain(fact.domain), told))


def _transfer_withdrawn(fact: facts.OwnerTransferWithdrawn, _position: int) -> Sentence:
    told = Phrase(f" keeps its owner: {brief(fact.withdrawn_by)} ended the offer.")
    return Sentence("calm", "people", (Phrase("Domain "), _domain(fact.domain), told))


TELLERS: Tellers = {
    facts.DomainRegistered: _domain_registered,
    facts.DomainOwnerChanged: _domain_owner_changed,
    facts.DomainPolicyChanged: _domain_policy_changed,
    facts.EventDeclared: _event_declared,
    facts.OwnerTransferOffered: _transfer_offered,
    facts.OwnerTransferAccepted: _transfer_accepted,
    facts.OwnerTransferWithdrawn: _transfer_withdrawn,
}
