"""Checks that CI jobs asked for: a list to filter, and one with its report and what became of it since."""

from functools import partial

from flask import Response, request

from moorings_compat import Verdict
from moorings_registry.check_keeping import derive_kept, find_kept, kept_checks, what_became
from moorings_registry.errors import KeptChecksUnavailable
from moorings_registry.http.native.kept_checks import select_kept
from moorings_registry.http.requests import consult, current_registry
from moorings_registry.policy import owning_domains
from moorings_registry.reviews import about_kept_check
from moorings_registry.state import State
from moorings_registry.web import links, query_params
from moorings_registry.web.event import waivers_about
from moorings_registry.web.next_major import next_major
from moorings_registry.web.paging import page_of
from moorings_registry.web.rendering import page
from moorings_registry.web.reports import report_values
from moorings_registry.web.review_forms import reviews_shown

CHECKS_A_PAGE = 50


def list_kept_checks() -> Response:
    """Show the kept checks that match every filter, newest first."""
    return consult(_list)


def _list(state: State) -> Response:
    asked = {name: query_params.text(name) for name in ("domain", "subject", "repository", "branch", "pull_request")}
    asked["verdict"] = query_params.choice("verdict", tuple(Verdict))
    try:
        found = kept_checks(current_registry(), state)
        away = False
    except KeptChecksUnavailable:
        found, away = [], True
    return page(
        "kept_checks.html",
        title="Checks of CI jobs",
        section="Reports",
        state=state,
        filters=asked,
        filtered=any(asked.values()),
        domains=sorted(state.domains),
        away=away,
        became=lambda one: what_became(state, one, found),
        checks=page_of(
            select_kept(found, asked),
            query_params.number("page", 1),
            CHECKS_A_PAGE,
            lambda at: links.kept_checks_href(**asked, page=at),
        ),
    )


def show_kept_check(id: str) -> Response:
    """Show one kept check.

    Raises:
        KeptCheckNotFound, KeptChecksUnavailable
    """
    return consult(lambda state: _show(state, id))


def _show(state: State, id: str) -> Response:
    registry = current_registry()
    kept, candidate = find_kept(registry, state, id)
    derived = derive_kept(registry, state, kept, candidate)
    subject = derived.record.subject
    owners = owning_domains(state, subject)
    return page(
        "kept_check.html",
        title=f"Check of {subject}",
        section="Reports",
        state=state,
        kept=kept,
        owner=owners[0] if owners else None,
        became=what_became(state, kept, kept_checks(registry, state)),
        waivers=waivers_about(state, subject),
        next_major=None if kept.passes else next_major(state, derived, request.host_url.rstrip("/")),
        against_href=partial(links.kept_check_href, id),
        api=links.kept_check_api(id),
        reviews=reviews_shown(state, about_kept_check(id), subject, links.review_kept_check_action(id)),
        **{**report_values(state, derived, "the candidate"), "text_href": links.kept_text_href(id)},
    )


def show_kept_text(id: str) -> Response:
    """Hand out the candidate of a kept check, as it was sent.

    Raises:
        KeptCheckNotFound, KeptChecksUnavailable
    """
    _, candidate = consult(lambda state: find_kept(current_registry(), state, id))
    return Response(candidate.text, content_type="text/plain; charset=utf-8")
