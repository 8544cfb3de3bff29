"""Error pages: not found, invalid, not allowed, not available."""

from dataclasses import dataclass
from http import HTTPStatus

from flask import Response, g
from werkzeug.exceptions import HTTPException

from moorings_registry.errors import Refusal
from moorings_registry.http.access_log import REFUSALS
from moorings_registry.http.error_answers import challenge_of
from moorings_registry.http.statuses import RETRY_AFTER_S, STATUSES
from moorings_registry.web.rendering import render


@dataclass(frozen=True, slots=True)
class Fault:
    """An error, as its page shows it."""

    status: int
    title: str
    message: str
    fix: str
    correlation_id: str
    retryable: bool = False
    problems: tuple[str, ...] = ()
    """What is wrong, one by one, where that is more than one thing."""
    challenge: str = ""
    """What the answer asks a caller to sign in with (`WWW-Authenticate`)."""


def fault_page(fault: Fault) -> str:
    """Write the page; needs no current request."""
    return render("fault.html", title=fault.title, section="", head=None, fault=fault)


def refused(refusal: Refusal) -> Response:
    """Answer a page's request that ended in an error of the catalogue."""
    REFUSALS.labels(refusal.code).inc()
    status = STATUSES[type(refusal)].native
    return _answer(
        Fault(
            status,
            refusal.title,
            str(refusal),
            refusal.fix,
            g.correlation_id,
            refusal.retryable,
            tuple(one.message for one in refusal.problems) if len(refusal.problems) > 1 else (),
            challenge_of(refusal) if status == HTTPStatus.UNAUTHORIZED else "",
        )
    )


def not_served(error: HTTPException) -> Response:
    """Answer a request for a page that does not exist."""
    status = error.code or 500
    title = HTTPStatus(status).phrase
    if status == HTTPStatus.NOT_FOUND:
        return _answer(Fault(status, "Page not found", "There is no page at this address.", "", g.correlation_id))
    return _answer(Fault(status, title, f"The page could not be shown: {title}.", "", g.correlation_id))


def _answer(fault: Fault) -> Response:
    response = Response(fault_page(fault), fault.status, content_type="text/html; charset=utf-8")
    response.headers["Cache-Control"] = "no-store"
    if fault.challenge:
        response.headers["WWW-Authenticate"] = fault.challenge
    if fault.retryable:
        response.headers["Retry-After"] = str(RETRY_AFTER_S)
    return response
