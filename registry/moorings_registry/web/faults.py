"""Error pages: not found, invalid, not allowed, not available."""

import re
from dataclasses import dataclass
from http import HTTPStatus

from flask import Response, g
from werkzeug.exceptions import HTTPException

from moorings_registry.errors import (
    DomainNotFound,
    IdempotencyKeyReused,
    LedgerHistoryLost,
    LedgerTooNew,
    LedgerUnavailable,
    LifecycleInvalid,
    NotAllowed,
    Refusal,
    ReportNotFound,
    RequestInvalid,
    RetirementBlocked,
    SchemaNotFound,
    StateChanged,
    SubjectNotFound,
    VersionNotFound,
    WaiverNeeded,
)
from moorings_registry.http.access_log import REFUSALS
from moorings_registry.http.error_answers import challenge_of
from moorings_registry.http.statuses import RETRY_AFTER_S, STATUSES
from moorings_registry.web import links
from moorings_registry.web.rendering import render
from moorings_registry.web.sign_in_redirects import lead_to_sign_in

_ADVICE: dict[type[Refusal], str] = {
    DomainNotFound: "Check the spelling, or look for it in the list of domains.",
    LedgerHistoryLost: "Nothing that was sent is carried out; another node may know the ledger as it is now.",
    LedgerTooNew: "Nothing that was sent is carried out; the page works on nodes that are upgraded already.",
    LedgerUnavailable: "Nothing that was sent is carried out twice.",
    LifecycleInvalid: "Correct the form, and send it again.",
    RequestInvalid: "Correct the form, and send it again.",
    RetirementBlocked: "Remove what keeps it, wait until the earliest day, or have a waiver of kind retire granted.",
    ReportNotFound: "Look for it in the list of reports.",
    SchemaNotFound: "Look for it on the page of its event.",
    IdempotencyKeyReused: "Look at what it did, and send the form again if you mean it.",
    StateChanged: "Look at what changed, and send the form again.",
    SubjectNotFound: "Check the spelling, or look for a part of the name.",
    VersionNotFound: "Open the event without a version: its page lists those that there are.",
    WaiverNeeded: "Have a waiver of the kind that the message names granted for the domain.",
}
"""What a person in front of a page can do, where the catalogue's advice names calls of an API."""
_WORDS: dict[type[Refusal], tuple[str, str]] = {
    IdempotencyKeyReused: ("It was carried out before", "The same form was sent before, with other content."),
    StateChanged: ("Somebody changed it meanwhile", "The form was filled in for what was there before."),
}
"""Titles and messages that a person in front of a page can do more with than with the catalogue's."""
_SUBJECT = re.compile(r"\ASubject\b")
_API_CALL = re.compile(r"\b(GET|PUT|POST|PATCH|DELETE) /|/openapi|`(Authorization|Content-Type|If-Match|Allow|errors)")


def advice(refusal: Refusal | type[Refusal]) -> str:
    """What to do about *refusal* on a page; empty where the catalogue knows calls of an API alone."""
    kind = refusal if isinstance(refusal, type) else type(refusal)
    own = _ADVICE.get(kind)
    if own is not None:
        return own
    return "" if _API_CALL.search(refusal.fix) else refusal.fix


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
    why: str = ""
    """The page that says why a permission is missing."""


def fault_page(fault: Fault) -> str:
    """Write the page; needs no current request."""
    return render("fault.html", title=fault.title, section="", head=None, fault=fault)


def refused(refusal: Refusal) -> Response:
    """Answer a page's request that ended in an error of the catalogue: with a page, or on the way to sign in."""
    leading = lead_to_sign_in(refusal)
    if leading is not None:
        return leading
    REFUSALS.labels(refusal.code).inc()
    status = STATUSES[type(refusal)].native
    title, message = title_and_message(refusal)
    return _answer(
        Fault(
            status,
            title,
            message,
            advice(refusal),
            g.correlation_id,
            refusal.retryable,
            tuple(one.message for one in refusal.problems) if len(refusal.problems) > 1 else (),
            challenge_of(refusal) if status == HTTPStatus.UNAUTHORIZED else "",
            links.why_href(refusal.verb, refusal.node) if isinstance(refusal, NotAllowed) else "",
        )
    )


def title_and_message(refusal: Refusal) -> tuple[str, str]:
    """What a page calls *refusal*, and says of it."""
    return _WORDS.get(type(refusal), (of_events(refusal.title), of_events(str(refusal))))


def of_events(text: str) -> str:
    """A title or a message in the words of the pages, on which a subject is an event."""
    return _SUBJECT.sub("Event", text)


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
