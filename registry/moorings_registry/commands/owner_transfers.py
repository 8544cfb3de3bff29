"""Another owner for a domain: offered by the one side, accepted by the other."""

from dataclasses import dataclass

from moorings_compat import Problem
from moorings_registry.access import Verb, access_of
from moorings_registry.commands.decision import Decision, Dependencies, Outcome
from moorings_registry.errors import NotAllowed, OtherCallerNeeded, RequestInvalid, TransferNotFound
from moorings_registry.facts import Fact, OwnerTransferAccepted, OwnerTransferOffered, OwnerTransferWithdrawn
from moorings_registry.modes import require_settable
from moorings_registry.names import REGISTRY_SCOPE
from moorings_registry.principals import Principal
from moorings_registry.state import Domain, OwnerOffer, State


@dataclass(frozen=True, slots=True)
class AcceptOwnerTransfer:
    """Accept a domain that is offered to the caller's side."""

    domain: str


@dataclass(frozen=True, slots=True)
class EndOwnerTransfer:
    """Withdraw an offer, or decline it."""

    domain: str


def offer_facts(state: State, known: Domain, owner: str, receiver: str, by: str) -> list[Fact]:
    """The offer of a domain to another owner; none where it stands already.

    Raises:
        RequestInvalid: nobody could accept it.
    """
    standing = known.offer
    if standing is not None and (standing.owner, standing.receiver) == (owner, receiver):
        return []
    if not receiver and not any(one.owner == owner for one in state.domains.values()):
        raise RequestInvalid(
            "Nobody could accept the domain: its owner to be has no domain yet",
            [Problem("/receiver", "name the principal who accepts it")],
        )
    return [OwnerTransferOffered(known.name, owner, receiver, by)]


def accept_owner_transfer(state: State, command: AcceptOwnerTransfer, dependencies: Dependencies) -> Decision:
    """Decide that the receiving side has the domain from now on.

    Raises:
        TransferNotFound: the domain is not offered to anybody.
        OtherCallerNeeded: the caller offered it.
        NotAllowed: the caller is not of the receiving side.
        OperationNotPermitted: the registry is read-only.
    """
    offer = _offer(state, command.domain)
    principal = dependencies.principal
    if principal.name == offer.offered_by:
        raise OtherCallerNeeded("The caller offered the domain, so another one has to accept it")
    if not receives(state, offer, principal, dependencies.now()):
        raise NotAllowed(Verb.GOVERN, command.domain)
    require_settable(state, REGISTRY_SCOPE)
    fact = OwnerTransferAccepted(command.domain, offer.owner, principal.name)
    return Decision((fact,), Outcome(domain=command.domain))


def end_owner_transfer(state: State, command: EndOwnerTransfer, dependencies: Dependencies) -> Decision:
    """Decide that the domain keeps its owner.

    Raises:
        TransferNotFound, OperationNotPermitted
        NotAllowed: the caller is of neither side.
    """
    offer = _offer(state, command.domain)
    principal, now = dependencies.principal, dependencies.now()
    governs = access_of(state.grants, principal, now).allows(Verb.GOVERN, command.domain)
    if not governs and not receives(state, offer, principal, now):
        raise NotAllowed(Verb.GOVERN, command.domain)
    require_settable(state, REGISTRY_SCOPE)
    return Decision((OwnerTransferWithdrawn(command.domain, principal.name),), Outcome(domain=command.domain))


def _offer(state: State, domain: str) -> OwnerOffer:
    known = state.domains.get(domain)
    if known is None or known.offer is None:
        raise TransferNotFound(domain)
    return known.offer


def receives(state: State, offer: OwnerOffer, principal: Principal, now: str) -> bool:
    """Whether *principal* may accept: it is named, or governs a domain that the owner to be has already."""
    if offer.receiver:
        return principal.name == offer.receiver
    access = access_of(state.grants, principal, now)
    return any(one.owner == offer.owner and access.allows(Verb.GOVERN, one.name) for one in state.domains.values())
