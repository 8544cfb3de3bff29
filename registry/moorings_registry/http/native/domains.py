"""Domains: who owns what."""

from typing import Any

from flask import Response, jsonify

from moorings_registry.commands import PutDomain
from moorings_registry.errors import DomainNotFound
from moorings_registry.http.native.blueprint import NativeBlueprint
from moorings_registry.http.native.shapes import DomainBody, DomainShape, DomainsShape
from moorings_registry.http.requests import consult, current_caller, current_registry, wrote
from moorings_registry.http.views import domain_view
from moorings_registry.names import domain_name
from moorings_registry.state import State

domains = NativeBlueprint("domains", __name__, url_prefix="/v1/domains", description="Who owns what.")


@domains.get("")
@domains.response(200, DomainsShape)
def list_domains() -> Response:
    """List every domain, by name."""
    settings = current_registry().settings
    return consult(
        lambda state: jsonify(
            domains=[domain_view(state, state.domains[name], settings) for name in sorted(state.domains)]
        )
    )


@domains.get("/<domain>")
@domains.response(200, DomainShape)
def show_domain(domain: str) -> Response:
    """Show one domain: owner, contacts, policy, and what holds in effect."""

    def find(state: State) -> Response:
        known = state.domains.get(domain)
        if known is None:
            raise DomainNotFound(domain)
        return jsonify(domain_view(state, known, current_registry().settings))

    return consult(find)


@domains.put("/<domain>")
@domains.arguments(DomainBody)
@domains.response(200, DomainShape)
def put_domain(body: dict[str, Any], domain: str) -> Response:
    """Register a domain, or change its owner, contacts, description or policy; the same again changes nothing."""
    command = PutDomain(
        domain_name(domain), body["owner"], tuple(body["contacts"]), body["description"], body["policy"]
    )
    outcome, state = current_registry().execute(command, current_caller())
    return wrote(jsonify(domain_view(state, state.domains[outcome.domain], current_registry().settings)), state)
