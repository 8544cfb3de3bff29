"""Grants: who may do what; and why, for whoever asks about themselves."""

from collections.abc import Iterable
from typing import Any

from flask import g

from moorings_compat import Problem
from moorings_registry.access import EVERYTHING, Access, Node, Verb, access_of
from moorings_registry.commands import GrantAccess, RevokeAccess, latest_grant
from moorings_registry.errors import (
    BodyUnreadable,
    DomainNameInvalid,
    DomainNotFound,
    GrantInvalid,
    GrantNotFound,
    GrantToOneself,
    OperationNotPermitted,
)
from moorings_registry.http.explaining_access import explain_access, other_caller
from moorings_registry.http.native.blueprint import WRITING, Answer, NativeBlueprint
from moorings_registry.http.native.grant_shapes import (
    AccessQuery,
    AccessShape,
    GrantBody,
    GrantShape,
    GrantsQuery,
    GrantsShape,
    RevokeQuery,
)
from moorings_registry.http.requests import (
    consult,
    current_caller,
    current_registry,
    position_header,
)
from moorings_registry.names import domain_name
from moorings_registry.principals import Principal
from moorings_registry.state import Grant, State
from moorings_registry.version_queries import known_domain

grants = NativeBlueprint("grants", __name__, url_prefix="/v1", description="Who may do what.")
_GRANTING = (*WRITING, BodyUnreadable, GrantInvalid, GrantToOneself, OperationNotPermitted)


@grants.post("/grants")
@grants.operation("grantAccess", *_GRANTING)
@grants.arguments(GrantBody)
@grants.response(201, GrantShape)
def grant(body: dict[str, Any]) -> Answer:
    """Grant callers verbs on a node: at most what one holds oneself, where one governs."""
    return _granted(body)


@grants.post("/domains/<domain>/grants")
@grants.operation("grantAccessInDomain", *_GRANTING, DomainNameInvalid, DomainNotFound)
@grants.arguments(GrantBody)
@grants.response(201, GrantShape)
def grant_in_domain(body: dict[str, Any], domain: str) -> Answer:
    """Grant callers verbs on a domain, or on a node in it."""
    name = domain_name(domain)
    node = body["node"] or name
    if not _lies_in(node, name):
        raise GrantInvalid("The grant cannot be stored as requested", [Problem("/node", f"not a node in {name}")])
    return _granted({**body, "node": node})


def _granted(body: dict[str, Any]) -> Answer:
    verbs = tuple(body.pop("verbs"))
    command = GrantAccess(verbs=verbs, **body)
    _, state = current_registry().execute(command, current_caller())
    return _value(latest_grant(state, command)), position_header(state)


def _lies_in(node: str, domain: str) -> bool:
    try:
        return Node.parse(domain).includes(Node.parse(node))
    except ValueError:
        return False


@grants.get("/grants")
@grants.operation("listGrants", GrantInvalid)
@grants.arguments(GrantsQuery, location="query")
@grants.response(200, GrantsShape)
def list_grants(query: dict[str, Any]) -> Answer:
    """List the grants on nodes that the caller governs, by id; all of them with `audit`."""
    return consult(lambda state: {"grants": _shown(_touching(state, query["node"]), _access(state))})


@grants.get("/domains/<domain>/grants")
@grants.operation("listGrantsOfDomain", DomainNotFound)
@grants.response(200, GrantsShape)
def list_grants_of_domain(domain: str) -> Answer:
    """List the grants that hold on a domain, or below it, those from above too."""

    def find(state: State) -> Answer:
        known_domain(state, domain)
        return {"grants": [_value(one) for one in _touching(state, domain)]}

    return consult(find)


@grants.get("/grants/<int:id>")
@grants.operation("showGrant", GrantNotFound)
@grants.response(200, GrantShape)
def show_grant(id: int) -> Answer:
    """Show one grant."""

    def find(state: State) -> Answer:
        known = state.grants.get(id)
        shown = _shown([known], _access(state)) if known is not None else []
        if not shown:
            raise GrantNotFound(id)
        return shown[0]

    return consult(find)


@grants.delete("/grants/<int:id>")
@grants.operation("revokeAccess", *WRITING, GrantNotFound, OperationNotPermitted)
@grants.arguments(RevokeQuery, location="query")
@grants.response(204)
def revoke(query: dict[str, Any], id: int) -> Answer:
    """End a grant early: over on every node within a second, for those who are signed in, too."""
    return _revoked(id, query["because"])


@grants.delete("/domains/<domain>/grants/<int:id>")
@grants.operation("revokeAccessInDomain", *WRITING, GrantNotFound, OperationNotPermitted)
@grants.arguments(RevokeQuery, location="query")
@grants.response(204)
def revoke_in_domain(query: dict[str, Any], domain: str, id: int) -> Answer:
    """End a grant on a node in a domain."""

    def find(state: State) -> None:
        known = state.grants.get(id)
        if known is None or not _lies_in(known.node, domain):
            raise GrantNotFound(id)

    consult(find)
    return _revoked(id, query["because"])


def _revoked(id: int, because: str) -> Answer:
    _, state = current_registry().execute(RevokeAccess(id, because), current_caller())
    return None, position_header(state)


@grants.get("/access")
@grants.operation("explainAccess")
@grants.arguments(AccessQuery, location="query")
@grants.response(200, AccessShape)
def explain(query: dict[str, Any]) -> Answer:
    """Say whether a caller may do something, and which grant decides: about oneself, or about another caller."""
    verb, node = Verb(query["verb"]), query["node"]
    explained = explain_access(verb, node, _other(query))
    return {
        "principal": explained.principal,
        "verb": verb,
        "node": node,
        "allowed": explained.allowed,
        "why": f"{explained.why} {explained.ask}".rstrip(),
        "grant": _value(explained.grant) if explained.grant is not None else None,
    }


def _other(query: dict[str, Any]) -> Principal | None:
    claims = {name: value for name, _, value in (one.partition("=") for one in query["claim"])}
    return other_caller(query["principal"], query["issuer"], claims, query["group"])


def _access(state: State) -> Access:
    return access_of(state.grants, g.principal, current_registry().dependencies.now())


def _touching(state: State, node: str) -> list[Grant]:
    """The grants that hold on *node*, or on something in it, by id; all for an empty one.

    Raises:
        GrantInvalid: not a node.
    """
    every = [state.grants[id] for id in sorted(state.grants)]
    if node in ("", EVERYTHING):
        return every
    try:
        asked = Node.parse(node)
    except ValueError as error:
        raise GrantInvalid(f"Not a node: {error}", [Problem("/node", str(error))]) from None
    nodes = ((one, Node.parse(one.node)) for one in every)
    return [one for one, at in nodes if at.includes(asked) or asked.includes(at)]


def _shown(found: Iterable[Grant], access: Access) -> list[dict[str, Any]]:
    """Those that the caller may see: of nodes that it governs, or all for those who audit."""
    audits = access.allows(Verb.AUDIT, "")
    return [_value(one) for one in found if audits or access.holds(Verb.GOVERN, Node.parse(one.node))]


def _value(grant: Grant) -> dict[str, Any]:
    now = current_registry().dependencies.now()
    return {"grant": grant, "in_force": not grant.expires or now < grant.expires}
