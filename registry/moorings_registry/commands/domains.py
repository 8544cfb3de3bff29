"""Domains: who owns what, and by which rules."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from moorings_registry.access import is_operator
from moorings_registry.commands.decision import Decision, Dependencies, Outcome
from moorings_registry.commands.floors import domain_floor_facts
from moorings_registry.commands.owner_transfers import offer_facts
from moorings_registry.commands.preconditions import Expected, require_match
from moorings_registry.commands.simulation import simulate
from moorings_registry.etags import domain_etag
from moorings_registry.facts import (
    DomainOwnerChanged,
    DomainPolicyChanged,
    DomainRegistered,
    Fact,
    OwnerTransferOffered,
)
from moorings_registry.modes import require_settable
from moorings_registry.names import REGISTRY_SCOPE
from moorings_registry.policy import STARTS_WITH, new_domain_policy
from moorings_registry.state import Domain, State


@dataclass(frozen=True, slots=True)
class PutDomain:
    """Register a domain, or change its owner, contacts, description or policy."""

    domain: str
    owner: str
    contacts: tuple[str, ...] = ()
    description: str = ""
    policy: Mapping[str, Any] | None = None
    """The whole policy; None leaves it as it is. What `STARTS_WITH` names and it leaves out stays as it is."""
    expected: Expected = None
    """The etags (`etags.domain_etag`) of which one has to hold."""
    receiver: str = ""
    """The one principal who may accept the domain for another owner; empty: whoever governs a domain of that owner."""


def put_domain(state: State, command: PutDomain, dependencies: Dependencies) -> Decision:
    """Decide what is new about the domain; the same request again is nothing new.

    Raises:
        StateChanged: the domain is not as the caller has read it.
        PolicyBelowFloor: its policy asks for less than a domain above it, or than the registry.
        OperationNotPermitted: the registry is read-only.
        RequestInvalid: it is offered to an owner for whom nobody could accept.
    """
    require_match(command.expected, domain_etag(state, command.domain))
    decision = _news(state, command, offers=not is_operator(dependencies.principal), by=dependencies.principal.name)
    if not decision.facts:
        return decision
    require_settable(state, REGISTRY_SCOPE)
    if all(isinstance(fact, DomainOwnerChanged | OwnerTransferOffered) for fact in decision.facts):
        return decision
    after = simulate(state, decision.facts)
    held = domain_floor_facts(state, after, command.domain, command.policy or {}, dependencies)
    return replace(decision, facts=(*decision.facts, *held))


def _news(state: State, command: PutDomain, *, offers: bool, by: str) -> Decision:
    known = state.domains.get(command.domain)
    outcome = Outcome(domain=command.domain, created=known is None)
    if known is None:
        policy = new_domain_policy(state, command.domain, command.policy or {})
        contacts = list(command.contacts)
        fact = DomainRegistered(command.domain, command.owner, contacts, command.description, policy)
        return Decision((fact,), outcome)
    facts = _owner_facts(state, known, command, offers=offers, by=by)
    kept = {name: known.policy[name] for name in STARTS_WITH if name in known.policy}
    if command.policy is not None and {**kept, **command.policy} != dict(known.policy):
        facts.append(DomainPolicyChanged(command.domain, {**kept, **command.policy}))
    return Decision(tuple(facts), outcome)


def _owner_facts(state: State, known: Domain, command: PutDomain, *, offers: bool, by: str) -> list[Fact]:
    """What changes of the owner, the contacts and the description; with *offers*, another owner has to accept."""
    owner = known.owner if offers else command.owner
    facts: list[Fact] = []
    if (known.owner, known.contacts, known.description) != (owner, command.contacts, command.description):
        facts.append(DomainOwnerChanged(known.name, owner, list(command.contacts), command.description))
    if command.owner != owner:
        facts += offer_facts(state, known, command.owner, command.receiver, by)
    return facts
