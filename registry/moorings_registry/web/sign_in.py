"""Signing in to the pages and out again.

The way to an issuer begins with a link and not with a form: browsers apply `form-action` of the content policy to the
redirects that follow a form, too.
"""

from urllib.parse import urlsplit

from flask import Response, abort, g, request

from moorings_registry.errors import IssuerAway, SessionEnded, SignInFailed, TokenRefused
from moorings_registry.issuers import take_apart
from moorings_registry.page_sign_in import FRESH_S, Finished, PeopleInPages, read_cookie
from moorings_registry.page_sign_in.sessions import BY_ISSUER
from moorings_registry.principals import Session
from moorings_registry.web import links, query_params
from moorings_registry.web.rendering import bare_page
from moorings_registry.web.sign_in_redirects import people, safe_target, see_other

NO_PATHS = {"Referrer-Policy": "strict-origin"}
"""For pages whose address holds a code. Not `no-referrer`: with it, browsers send forms with `Origin: null`."""


_LED = "led"
"""In the address of a sign-in that was led to the public address already."""


def show_login() -> Response:
    """The issuers at which a person can sign in, and why they are here."""
    target = safe_target(query_params.text("to") or links.OVERVIEW)
    why = query_params.choice("why", ("ended", "again", "out"))
    known, begun = people(), g.principal.session is not None
    issuers = known.flow.issuers() if known is not None else ()
    fresh = {"fresh": 1} if why == "again" else {}
    ways = [(one.alias, links.begin_login_href(one.alias, target, **fresh)) for one in issuers]
    out = query_params.text("from") if why == "out" else ""
    return bare_page(
        "sign_in.html",
        title="Signed out" if why == "out" else "Sign in",
        ways=ways,
        why=why,
        is_needed=known is not None,
        is_signed_in=begun and why != "again",
        target=target,
        issuer=out,
        end_address=_end_address(known, out),
    )


def begin_login(alias: str) -> Response:
    """Lead a person to an issuer, and remember in their browser what for.

    Raises:
        SignInFailed, IssuerAway
    """
    known = _people()
    if request.host != urlsplit(known.url).netloc:
        # The issuer leads back to the address that it knows, where a cookie of another one would not be sent.
        if query_params.flag(_LED):
            raise SignInFailed(
                f"the proxy in front of the registry has to pass on Host as browsers send it, {known.url}"
            )
        target = g.entered.request.target
        return see_other(f"{known.url}{target}{'&' if '?' in target else '?'}{_LED}=1")
    session = g.principal.session
    renewing = session.id if session is not None and query_params.flag("renew") else ""
    url, state = known.flow.begin(
        alias,
        redirect_uri=known.url + links.CALLBACK,
        target=safe_target(query_params.text("to")),
        fresh=query_params.flag("fresh"),
        renewing=renewing,
    )
    return see_other(url, known.cookies.set_login(state))


def callback() -> Response:
    """Finish a sign-in with the issuer's answer, and lead to the page that it was for.

    Raises:
        SignInFailed, IssuerAway, SessionsUnavailable
    """
    known = _people()
    names = known.cookies
    cookie = read_cookie(g.entered.request.headers, names.login)
    g.sets_cookies = True
    try:
        finished = known.flow.finish(cookie, dict(request.args.lists()))
        text = _continued(known, finished) if finished.begun.renewing else _begun(known, finished)
    except SessionEnded as ended:
        return see_other(links.login_href(safe_target(ended.target), "ended"), names.end_login(), names.end_session())
    response = see_other(finished.begun.target, names.end_login(), names.set_session(text))
    response.headers.update(NO_PATHS)
    return response


def _begun(known: PeopleInPages, finished: Finished) -> str:
    """A new session, whatever the browser had before; that one is over."""
    person = finished.signed_in
    text = known.sessions.begin(
        person.principal,
        way=BY_ISSUER,
        authenticated_s=person.authenticated_s or 0.0,
        issuer_session=person.issuer_session,
        display_name=person.display_name,
    )
    if g.principal.session is not None:
        known.sessions.end(g.principal.session)
    return text


def _continued(known: PeopleInPages, finished: Finished) -> str:
    """The session that asked the issuer for groups, with what it says now."""
    session: Session | None = g.principal.session
    person = finished.signed_in
    if session is None or session.id != finished.begun.renewing:
        raise SessionEnded(finished.begun.target)
    if person.principal.name != g.principal.name:
        known.sessions.end(session)
        raise SessionEnded(finished.begun.target)
    return known.sessions.continued(
        person.principal,
        session,
        authenticated_s=person.authenticated_s or 0.0,
        issuer_session=person.issuer_session,
    )


def logout() -> Response:
    """End the session on every node, and show how to sign out at the issuer as well.

    Raises:
        SessionsUnavailable: the session continues.
    """
    known, session = people(), g.principal.session
    if known is None:
        abort(404)
    if session is not None:
        known.sessions.end(session)
    g.sets_cookies = True
    return see_other(links.login_href(why="out", **{"from": g.principal.issuer}), known.cookies.end_session())


def issuer_logout() -> Response:
    """Take a logout token from an issuer, which calls by itself (OpenID Connect Back-Channel Logout §2.5 to §2.8)."""
    known = _people()
    text = request.form.get("logout_token", "")
    try:
        out = known.flow.trust.verify_logout_token(take_apart(text))
    except TokenRefused:
        return _told_issuer(400)
    known.sessions.end_by_issuer(
        out.alias, person=out.principal, issuer_session=out.issuer_session, told_s=out.latest_s
    )
    return _told_issuer(200)


def ask_issuer_again() -> Response | None:
    """Lead a session whose groups are an hour old to its issuer, which is not to ask the person, and back."""
    known, session = people(), g.principal.session
    if known is None or session is None or request.method != "GET" or not known.sessions.is_due(session):
        return None
    target = safe_target(g.entered.request.target)
    return see_other(links.begin_login_href(g.principal.issuer, target, renew=1))


def is_fresh(session: Session) -> bool:
    """Whether a person proved who they are so lately that they may govern and operate."""
    known = people()
    return known is not None and known.sessions.now_s() - session.authenticated_s <= FRESH_S


def _people() -> PeopleInPages:
    known = people()
    if known is None:
        abort(404)
    return known


def _told_issuer(status: int) -> Response:
    return Response(status=status, headers={"Cache-Control": "no-store"})


def _end_address(known: PeopleInPages | None, alias: str) -> str:
    if known is None or not alias:
        return ""
    try:
        return known.flow.end_address(alias, known.url + links.LOGIN)
    except IssuerAway:
        return ""
