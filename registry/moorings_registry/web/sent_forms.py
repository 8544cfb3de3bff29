"""A refused form is answered with the page that it is on; see `shown_forms`."""

from collections.abc import Callable, Mapping
from inspect import signature
from typing import Any

from flask import Response, g, request
from werkzeug.exceptions import HTTPException

from moorings_registry.errors import CrossSiteRefused, NotAllowed, Refusal
from moorings_registry.web import links
from moorings_registry.web.faults import advice, title_and_message
from moorings_registry.web.form_keys import ETAG, FIELD, REQUEST_KEY
from moorings_registry.web.shown_forms import SentForm

_NOT_SHOWN_AGAIN = frozenset((FIELD, REQUEST_KEY, ETAG))
_KEPT_HEADERS = ("WWW-Authenticate", "Retry-After")


def again(refusal: Refusal, answer: Response, show: Callable[..., Response]) -> Response:
    """Answer a refused form with its page, as *show* shows that; with *answer* where that cannot show the form."""
    if isinstance(refusal, CrossSiteRefused) or answer.status_code < 400:
        return answer
    hold(refusal, request.path, request.form)
    try:
        page = show(**_arguments(show))
    except (Refusal, HTTPException):
        return answer
    if request.path not in g.sent_form.shown:
        return answer
    page.status_code = answer.status_code
    for name in _KEPT_HEADERS:
        if name in answer.headers:
            page.headers[name] = answer.headers[name]
    return page


def _arguments(show: Callable[..., Response]) -> dict[str, Any]:
    """What a page is addressed by: of the path of its form, the parts that it takes."""
    taken = signature(show).parameters
    return {name: value for name, value in (request.view_args or {}).items() if name in taken}


def hold(refusal: Refusal, action: str, values: Mapping[str, str]) -> None:
    """Have the page that is rendered show the form that is sent to *action* as refused, with *values* in it."""
    title, message = title_and_message(refusal)
    temporary = "It is temporary. Send the form again in a moment: it is carried out once."
    g.sent_form = SentForm(
        action=action,
        values={name: value for name, value in values.items() if name not in _NOT_SHOWN_AGAIN},
        key=values.get(REQUEST_KEY, ""),
        refusal=refusal,
        title=title,
        message=message,
        fix=temporary if refusal.retryable else advice(refusal),
        why=links.why_href(refusal.verb, refusal.node) if isinstance(refusal, NotAllowed) else "",
        shown=[],
    )
