"""Domains: who owns what."""

from typing import Any

from moorings_registry.commands import PutDomain
from moorings_registry.errors import (
    BodyUnreadable,
    DomainNameInvalid,
    DomainNotFound,
    LevelInvalid,
    OperationNotPermitted,
    PolicyBelowFloor,
    StateChanged,
)
from moorings_registry.etags import domain_etag
from moorings_registry.http.native.answer_values import domain_value
from moorings_registry.http.native.blueprint import WRITING, Answer, NativeBlueprint
from moorings_registry.http.native.domain_shapes import DomainBody, DomainShape, DomainsShape
from moorings_registry.http.requests import (
    consult,
    current_caller,
    current_registry,
    etag_header,
    expected_etags,
    position_header,
)
from moorings_registry.names import domain_name
from moorings_registry.state import State
from moorings_registry.version_queries import known_domain

domains = NativeBlueprint("domains", __name__, url_prefix="/v1/domains", description="Who owns what.")


@domains.get("")
@domains.operation("listDomains")
@domains.response(200, DomainsShape)
def list_domains() -> Answer:
    """List every domain, by name."""
    settings = current_registry().settings
    return consult(
        lambda state: {
            "domains": [domain_value(state, state.domains[name], settings) for name in sorted(state.domains)]
        }
    )


@domains.get("/<domain>")
@domains.operation("showDomain", DomainNotFound)
@domains.response(200, DomainShape)
def show_domain(domain: str) -> Answer:
    """Show one domain: owner, contacts, policy, and what holds in effect."""

    def find(state: State) -> Answer:
        known = known_domain(state, domain)
        return domain_value(state, known, current_registry().settings), etag_header(domain_etag(state, domain))

    return consult(find)


@domains.put("/<domain>")
@domains.operation(
    "putDomain",
    *WRITING,
    BodyUnreadable,
    DomainNameInvalid,
    LevelInvalid,
    OperationNotPermitted,
    PolicyBelowFloor,
    StateChanged,
)
@domains.arguments(DomainBody)
@domains.response(200, DomainShape)
def put_domain(body: dict[str, Any], domain: str) -> Answer:
    """Register a domain, or change its owner, contacts, description or policy; the same again changes nothing.

    Where callers sign in, another owner has to accept: `/transfer/acceptance`.
    """
    command = PutDomain(
        domain_name(domain),
        body["owner"],
        tuple(body["contacts"]),
        body["description"],
        body["policy"],
        expected_etags(),
        body["receiver"],
    )
    outcome, state = current_registry().execute(command, current_caller())
    value = domain_value(state, state.domains[outcome.domain], current_registry().settings)
    return value, {**position_header(state), **etag_header(domain_etag(state, outcome.domain))}
