"""The consumers: which applications declare to read which events, and who has not renewed that."""

from flask import Response

from moorings_compat.fields import pointer_of
from moorings_registry.http.requests import consult, current_registry
from moorings_registry.state import Consumer, State
from moorings_registry.web import links, query_params
from moorings_registry.web.paging import page_of
from moorings_registry.web.rendering import page

MOST_CONSUMERS = 50
MOST_FIELDS = 12
"""Fields of one event that are listed."""


def list_consumers() -> Response:
    """Show the applications that declare what they read, by name; or those that match what was asked for."""
    return consult(_list)


def _list(state: State) -> Response:
    text, team = query_params.text("q"), query_params.text("team")
    now = current_registry().dependencies.now()

    def matches(one: Consumer) -> bool:
        named = [one.application, *(str(read.event) for read in one.reads)]
        return team in ("", one.team) and (not text or any(text.lower() in name.lower() for name in named))

    def href(number: int) -> str:
        return links.consumers_href(q=text, team=team, page=number)

    found = [one for _, one in sorted(state.consumers.items()) if matches(one)]
    return page(
        "consumers.html",
        title="Consumers",
        section="Consumers",
        state=state,
        shown=page_of(found, query_params.number("page", 1), MOST_CONSUMERS, href),
        pointer_of=pointer_of,
        is_expired=lambda one: one.is_expired(now),
        deployments=_deployments(state),
        filtered=bool(text or team),
        q=text,
        team=team,
        most_fields=MOST_FIELDS,
    )


def _deployments(state: State) -> dict[str, list[str]]:
    """What runs where, by application: ``1.4 in production``."""
    found: dict[str, list[str]] = {}
    for (application, environment), one in sorted(state.deployments.items()):
        found.setdefault(application, []).append(f"{one.version} in {environment}")
    return found
