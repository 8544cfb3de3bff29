"""Drift of all events: how often clients saw it in the last two weeks, and where it grows."""

from flask import Response

from moorings_registry.drift_counts import drift_trends
from moorings_registry.errors import DriftUnavailable
from moorings_registry.http.requests import consult, current_registry
from moorings_registry.names import is_within
from moorings_registry.policy import owning_domains
from moorings_registry.state import State
from moorings_registry.web import links, query_params
from moorings_registry.web.paging import page_of
from moorings_registry.web.rendering import page

EVENTS_A_PAGE = 50


def show_drift() -> Response:
    """Show the events with drift, the most frequent of the last week first."""
    return consult(_show)


def _show(state: State) -> Response:
    domain = query_params.text("domain")
    try:
        found, away = drift_trends(current_registry(), state), False
    except DriftUnavailable:
        found, away = [], True
    within = [one for one in found if not domain or is_within(one.subject.domain, domain)]
    return page(
        "drift_overview.html",
        title="Drift",
        section="Events",
        state=state,
        domain=domain,
        domains=sorted(state.domains),
        away=away,
        owner_of=lambda subject: next((one.owner for one in owning_domains(state, subject)), ""),
        trends=page_of(
            within,
            query_params.number("page", 1),
            EVENTS_A_PAGE,
            lambda at: links.drift_href(domain=domain, page=at),
        ),
    )
