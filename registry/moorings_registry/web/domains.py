"""Domains: all of them, and one with its owner, its policy and its events."""

from collections.abc import Iterator
from itertools import islice

from flask import Response

from moorings_registry.http.requests import consult, current_registry
from moorings_registry.names import domain_and_ancestors, is_within
from moorings_registry.state import CheckRecord, State
from moorings_registry.version_queries import by_name as by_subject
from moorings_registry.version_queries import event_named, known_domain, known_names
from moorings_registry.waivers import open_waivers
from moorings_registry.web import links, query_params
from moorings_registry.web.counts import by_name, tallies
from moorings_registry.web.domain_forms import domain_forms
from moorings_registry.web.events import event_rows
from moorings_registry.web.paging import page_of
from moorings_registry.web.policies import policy_sources
from moorings_registry.web.rendering import page
from moorings_registry.web.waiver_forms import domain_waiver_form, pending_waivers

EVENTS_A_PAGE = 50
REFUSALS_SHOWN = 5


def list_domains() -> Response:
    """Show every domain, or those whose name or owner holds what was asked for."""
    return consult(_domains)


def _domains(state: State) -> Response:
    q = query_params.text("q")
    found = [one for one in state.domains.values() if q.lower() in f"{one.name}\n{one.owner}".lower()]
    return page(
        "domains.html",
        title="Domains",
        section="Domains",
        state=state,
        tallies=tallies(state),
        domains=by_name(found),
        q=q,
    )


def show_domain(domain: str) -> Response:
    """Show one domain.

    Raises:
        DomainNotFound
    """
    return consult(lambda state: _show(state, domain))


def _show(state: State, name: str) -> Response:
    domain = known_domain(state, name)
    settings = current_registry().settings
    counted = tallies(state).domains
    own = sorted((one for one in known_names(state) if one.domain == name), key=by_subject)
    shown = page_of(own, query_params.number("page", 1), EVENTS_A_PAGE, lambda at: links.domain_href(name, at))
    return page(
        "domain.html",
        title=name,
        section="Domains",
        state=state,
        crumbs=[("Domains", links.DOMAINS), *_above(state, name)],
        domain=domain,
        forms=domain_forms(state, domain),
        tally=counted[name],
        asked=policy_sources(state, name, settings),
        pending=pending_waivers(state, name),
        waiver_form=domain_waiver_form(state, name),
        waivers=open_waivers(state, name, current_registry().dependencies.now()),
        subdomains=[one for one in by_name(state.domains.values()) if is_within(one.name, name) and one.name != name],
        tallies=counted,
        events=shown,
        rows=event_rows(state, (event_named(state, one) for one in shown.items)),
        refused=list(islice(_refused(state, name), REFUSALS_SHOWN)),
    )


def _above(state: State, name: str) -> list[tuple[str, str]]:
    """The registered domains above *name* with their pages, from the top down."""
    _, *above = domain_and_ancestors(name)
    return [(one, links.domain_href(one)) for one in reversed(above) if one in state.domains]


def _refused(state: State, domain: str) -> Iterator[CheckRecord]:
    """Refusals of events in a domain, newest first."""
    return (one for one in state.checks.unusual() if not one.accepted and is_within(one.subject.domain, domain))
