"""The search page: events, domains, applications and schemas, with counts by kind."""

from flask import Response

from moorings_registry.http.native.search import LONGEST_QUESTION, find
from moorings_registry.http.requests import consult
from moorings_registry.names import Subject
from moorings_registry.policy import owning_domains
from moorings_registry.search import Hit, HitKind
from moorings_registry.state import State
from moorings_registry.web import links, query_params
from moorings_registry.web.rendering import page

HITS_A_PAGE = 25
_MOST_PAGES = 400


def show_search() -> Response:
    """Show what was found."""
    return consult(_show)


def _show(state: State) -> Response:
    q = query_params.text("q")[:LONGEST_QUESTION]
    kind = query_params.choice("kind", tuple(HitKind))
    number = min(query_params.number("page", 1, smallest=1), _MOST_PAGES)
    asked = HitKind(kind) if kind else None
    found = find(state, q, asked, HITS_A_PAGE, (number - 1) * HITS_A_PAGE) if q else None
    total = found.counts[asked] if found and asked else found.total if found else 0
    return page(
        "search.html",
        title=f"Search: {q}" if q else "Search",
        section="",
        state=state,
        q=q,
        kind=kind,
        kinds=tuple(HitKind),
        found=found,
        href_of=_href,
        owner_of=lambda hit: _owner(state, hit),
        newer=links.search_href(q=q, kind=kind, page=number - 1) if number > 1 else "",
        older=links.search_href(q=q, kind=kind, page=number + 1) if number * HITS_A_PAGE < total else "",
    )


def _href(hit: Hit) -> str:
    if hit.kind is HitKind.DOMAIN:
        return links.domain_href(hit.name)
    if hit.kind is HitKind.APPLICATION:
        return links.consumers_href(q=hit.name)
    return links.event_href(hit.name, hit.version.number if hit.version else "")


def _owner(state: State, hit: Hit) -> str:
    if hit.kind is HitKind.DOMAIN:
        return state.domains[hit.name].owner
    if hit.kind is HitKind.APPLICATION:
        return state.consumers[hit.name].team
    return next((one.owner for one in owning_domains(state, Subject.parse(hit.name))), "")
