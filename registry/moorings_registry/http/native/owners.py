"""Owners of domains: who it was, who it is, and who is asked to take one over."""

from moorings_registry.commands import AcceptOwnerTransfer, EndOwnerTransfer
from moorings_registry.errors import DomainNotFound, OperationNotPermitted, OtherCallerNeeded, TransferNotFound
from moorings_registry.http.native.blueprint import WRITING, Answer, NativeBlueprint
from moorings_registry.http.native.grant_shapes import OwnersShape
from moorings_registry.http.requests import consult, current_caller, current_registry, position_header
from moorings_registry.version_queries import known_domain

owners = NativeBlueprint("owners", __name__, url_prefix="/v1/domains", description="Who owned and owns what.")


@owners.get("/<domain>/owners")
@owners.operation("showOwners", DomainNotFound)
@owners.response(200, OwnersShape)
def show_owners(domain: str) -> Answer:
    """Show a domain's owner, its earlier ones, and to whom it is offered."""
    return consult(lambda state: known_domain(state, domain))


@owners.post("/<domain>/transfer/acceptance")
@owners.operation("acceptDomain", *WRITING, DomainNotFound, TransferNotFound, OtherCallerNeeded, OperationNotPermitted)
@owners.response(200, OwnersShape)
def accept(domain: str) -> Answer:
    """Accept a domain that is offered to the caller, or to the owner of a domain that the caller governs."""
    _, state = current_registry().execute(AcceptOwnerTransfer(domain), current_caller())
    return known_domain(state, domain), position_header(state)


@owners.delete("/<domain>/transfer")
@owners.operation("endTransfer", *WRITING, DomainNotFound, TransferNotFound, OperationNotPermitted)
@owners.response(200, OwnersShape)
def end(domain: str) -> Answer:
    """Withdraw the offer of a domain, or decline it."""
    _, state = current_registry().execute(EndOwnerTransfer(domain), current_caller())
    return known_domain(state, domain), position_header(state)
