"""Access to a domain: its owners, and the grants that hold on it, for those who govern it or audit."""

from flask import Response, g

from moorings_registry.access import ANYWHERE, Node, Verb
from moorings_registry.http.explaining_access import explain_access
from moorings_registry.http.requests import consult, current_registry
from moorings_registry.names import domain_and_ancestors
from moorings_registry.state import Domain, Grant, State
from moorings_registry.version_queries import known_domain
from moorings_registry.web import links
from moorings_registry.web.rendering import page


def show_access(domain: str) -> Response:
    """Show who owns a domain, who owned it, and who may do what in it.

    Raises:
        DomainNotFound
    """
    return consult(lambda state: _show(state, domain))


def _show(state: State, name: str) -> Response:
    domain = known_domain(state, name)
    allows = current_registry().authorization.allows
    shows_grants = allows(g.principal, Verb.GOVERN, name) or allows(g.principal, Verb.AUDIT, ANYWHERE)
    above = [one for one in reversed([*domain_and_ancestors(name)]) if one in state.domains]
    return page(
        "access.html",
        title=f"Access to {name}",
        section="Domains",
        state=state,
        crumbs=[("Domains", links.DOMAINS), *((one, links.domain_href(one)) for one in above)],
        domain=domain,
        past=_past(domain),
        own=[explain_access(verb, name) for verb in (Verb.READ, Verb.REGISTER, Verb.GOVERN)],
        shows_grants=shows_grants,
        grants=_holding(state, name) if shows_grants else [],
        moment_now=current_registry().dependencies.now(),
    )


def _past(domain: Domain) -> list[tuple[str, str, str]]:
    """The earlier owners, the last one first: who, until when, and who changed that."""
    return [(one.owner, one.until, one.changed_by) for one in reversed(domain.owners)]


def _holding(state: State, name: str) -> list[Grant]:
    """The grants that hold on the domain or in it, by id."""
    asked = Node.parse(name)
    nodes = ((state.grants[id], Node.parse(state.grants[id].node)) for id in sorted(state.grants))
    return [one for one, node in nodes if node.includes(asked) or asked.includes(node)]
