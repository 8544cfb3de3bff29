"""From a page that needs a sign-in to the sign-in, and back: to the same page, with what a form held."""

import re
from collections.abc import Mapping
from urllib.parse import unquote, urlencode, urlsplit

from flask import Response, current_app, g, request

from moorings_registry.errors import Refusal, SessionEnded, SignInAgain, SignInNeeded
from moorings_registry.page_sign_in import PeopleInPages
from moorings_registry.web import links
from moorings_registry.web.form_keys import ETAG, FIELD, REQUEST_KEY

WHY = {SessionEnded: "ended", SignInAgain: "again", SignInNeeded: ""}
"""What the sign-in page says, by the refusal that leads to it."""
LONGEST_TARGET = 2_000
_FORM = "form-"
"""Before the names of fields in the address of a page whose form is filled in again."""
_ACTION = "form-action"
_TARGET = re.compile(r"/admin(?:[/?][!-\[\]-~]*)?", re.ASCII)
_SIGN_IN = (links.LOGIN, links.LOGOUT, links.CALLBACK, links.OPEN, links.ISSUER_LOGOUT)


def people() -> PeopleInPages | None:
    """What the pages need for people; None where nobody signs in."""
    found: PeopleInPages | None = current_app.extensions["moorings.people"]
    return found


def safe_target(text: str) -> str:
    """*text* if it is the address of a page of this registry to lead to; else the overview's.

    One slash in front, since two name another host; nothing that browsers read as a slash or drop; no way up.
    """
    if len(text) > LONGEST_TARGET or not _TARGET.fullmatch(text):
        return links.OVERVIEW
    path = unquote(text.partition("?")[0])
    if ".." in path.split("/") or "\\" in path or "//" in path or path.startswith(_SIGN_IN):
        return links.OVERVIEW
    return text


def see_other(location: str, *cookies: str) -> Response:
    """Lead a browser to *location* by GET, and set *cookies*, which are whole headers."""
    response = Response(status=303, headers={"Location": location, "Cache-Control": "no-store"})
    for cookie in cookies:
        response.headers.add("Set-Cookie", cookie)
    return response


def lead_to_sign_in(refusal: Refusal) -> Response | None:
    """Lead a browser that needs a sign-in to it; None for other refusals, and where nobody signs in."""
    why = WHY.get(type(refusal))
    if why is None or people() is None:
        return None
    target = safe_target(refusal.target) if isinstance(refusal, SessionEnded) and refusal.target else back_target()
    return see_other(links.login_href(target, why))


def back_target() -> str:
    """The page to come back to after a sign-in: the one asked for, or the one whose form was sent."""
    if request.method in ("GET", "HEAD"):
        return safe_target(g.entered.request.target)
    shown = urlsplit(request.headers.get("Referer", ""))
    page = shown.path if shown.netloc == request.host else links.OVERVIEW
    fields = {f"{_FORM}{name}": value for name, value in request.form.items() if name not in (FIELD, REQUEST_KEY, ETAG)}
    target = f"{page}?{urlencode({_ACTION: request.path, **fields})}"
    return safe_target(target) if len(target) <= LONGEST_TARGET else safe_target(page)


def filled(action: str) -> Mapping[str, str]:
    """What was in the form that is sent to *action*, when a sign-in came between; empty otherwise."""
    if request.args.get(_ACTION) != action:
        return {}
    return {name.removeprefix(_FORM): value for name, value in request.args.items() if name.startswith(_FORM)}
