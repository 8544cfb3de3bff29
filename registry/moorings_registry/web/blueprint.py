"""The routes of the admin pages: which address shows what, and what every answer says to browsers."""

from collections.abc import Callable
from contextlib import suppress

from flask import Blueprint, Response, abort, g, request
from werkzeug.exceptions import HTTPException

from moorings_registry.access import Verb
from moorings_registry.errors import Refusal, SignInAgain, SigningUnavailable
from moorings_registry.web import links
from moorings_registry.web.access import show_access
from moorings_registry.web.assets import ASSETS
from moorings_registry.web.calendar import show_calendar
from moorings_registry.web.comparing import compare, compare_asked
from moorings_registry.web.consumer_graph import show_consumer_graph
from moorings_registry.web.consumers import list_consumers
from moorings_registry.web.domain_forms import (
    accept_transfer,
    change_policy,
    change_profile,
    create_domain,
    end_transfer,
    new_domain,
)
from moorings_registry.web.domains import list_domains, show_domain
from moorings_registry.web.drift_overview import show_drift
from moorings_registry.web.event import show_event, show_event_asked, show_text
from moorings_registry.web.event_forms import change_level, restore_version
from moorings_registry.web.events import list_events
from moorings_registry.web.faults import not_served, refused
from moorings_registry.web.form_keys import require_own_form
from moorings_registry.web.inbox import show_inbox
from moorings_registry.web.kept_checks import list_kept_checks, show_kept_check, show_kept_text
from moorings_registry.web.ledger import show_ledger
from moorings_registry.web.lifecycle_form import change_lifecycle
from moorings_registry.web.opening import show_link, use_link
from moorings_registry.web.overview import overview
from moorings_registry.web.policies import show_policies
from moorings_registry.web.questions import ask_questions
from moorings_registry.web.rendering import HEADERS
from moorings_registry.web.reports import list_reports, show_report
from moorings_registry.web.review_forms import review_kept_check, review_report
from moorings_registry.web.rules import list_rules
from moorings_registry.web.search import show_search
from moorings_registry.web.sent_forms import again
from moorings_registry.web.sign_in import (
    ask_issuer_again,
    begin_login,
    callback,
    is_fresh,
    issuer_logout,
    logout,
    show_login,
)
from moorings_registry.web.sign_in_redirects import people
from moorings_registry.web.trial import recheck_kept, recheck_report, show_try, try_schema
from moorings_registry.web.waiver_forms import approve_waiver, end_waiver, request_waiver, request_waiver_of_report
from moorings_registry.web.waivers import list_waivers
from moorings_registry.web.webhooks import list_webhooks
from moorings_registry.web.why import show_why

_PAGE = "text/html"

ROUTES: tuple[tuple[str, Callable[..., Response]], ...] = (
    ("/", overview),
    ("/domains", list_domains),
    ("/domains/<domain>", show_domain),
    ("/domains/<domain>/access", show_access),
    ("/events", list_events),
    ("/events/<subject>", show_event),
    ("/events/<subject>/compare", compare),
    ("/event", show_event_asked),
    ("/event/compare", compare_asked),
    ("/schemas/<guid>", show_text),
    ("/reports", list_reports),
    ("/reports/<int:id>", show_report),
    ("/checks", list_kept_checks),
    ("/checks/<id>", show_kept_check),
    ("/checks/<id>/schema", show_kept_text),
    ("/checks/<id>/again", recheck_kept),
    ("/reports/<int:id>/again", recheck_report),
    ("/try", show_try),
    ("/new-domain", new_domain),
    ("/inbox", show_inbox),
    ("/policies", show_policies),
    ("/domains/<domain>/consumers", show_consumer_graph),
    ("/search", show_search),
    ("/drift", show_drift),
    ("/rules", list_rules),
    ("/waivers", list_waivers),
    ("/consumers", list_consumers),
    ("/questions", ask_questions),
    ("/calendar", show_calendar),
    ("/webhooks", list_webhooks),
    ("/ledger", show_ledger),
    ("/access", show_why),
    ("/login", show_login),
    ("/login/<alias>", begin_login),
    ("/callback", callback),
    ("/open", show_link),
)
FORMS: tuple[tuple[str, Callable[..., Response], Callable[..., Response] | None], ...] = (
    ("/domains", create_domain, new_domain),
    ("/domains/<domain>/profile", change_profile, show_domain),
    ("/domains/<domain>/policy", change_policy, show_domain),
    ("/domains/<domain>/transfer/acceptance", accept_transfer, show_domain),
    ("/domains/<domain>/transfer/end", end_transfer, show_domain),
    ("/events/<subject>/level", change_level, show_event),
    ("/events/<subject>/majors/<int:major>", change_lifecycle, show_event),
    ("/events/<subject>/versions/<int:version>/restore", restore_version, show_event),
    ("/domains/<domain>/waivers", request_waiver, show_domain),
    ("/reports/<int:id>/waivers", request_waiver_of_report, show_report),
    ("/reports/<int:id>/reviews", review_report, show_report),
    ("/checks/<id>/reviews", review_kept_check, show_kept_check),
    ("/waivers/<int:id>/approval", approve_waiver, list_waivers),
    ("/waivers/<int:id>/end", end_waiver, list_waivers),
    ("/try", try_schema, show_try),
    ("/logout", logout, None),
    ("/open", use_link, None),
)
"""What forms are sent to, and the page that shows each again where it is refused. `_guard` guards all of them."""
_PAGES = {f"pages.{action.__name__}": page for _, action, page in FORMS if page is not None}
_RECENT_SIGN_IN = (Verb.GOVERN, Verb.OPERATE)
_ISSUER_LOGOUT = "issuer_logout"


def pages_blueprint() -> Blueprint:
    """Every page below /admin."""
    blueprint = Blueprint("pages", __name__, url_prefix="/admin")
    for path, view in ROUTES:
        blueprint.get(path)(view)
    for path, action, _ in FORMS:
        blueprint.post(path)(action)
    blueprint.post("/issuer-logout")(issuer_logout)
    blueprint.get("/static/<name>")(static)
    blueprint.get("/<path:_elsewhere>")(elsewhere)
    blueprint.register_error_handler(Refusal, _refused)
    blueprint.register_error_handler(HTTPException, not_served)
    blueprint.before_request(_guard)
    blueprint.after_request(_keep_session)
    blueprint.after_request(_protect)
    return blueprint


def lead_browsers() -> Response | None:
    """Lead whoever asks the root for a page to the pages; clients of the API, which do not, get its answer."""
    if request.path != "/" or request.method != "GET" or request.accept_mimetypes.best != _PAGE:
        return None
    return Response(status=303, headers={"Location": links.OVERVIEW, "Vary": "Accept", "Cache-Control": "no-store"})


def static(name: str) -> Response:
    """Send the style sheet or a picture; cacheable for ever, if requested by its content."""
    asset = ASSETS.get(name)
    if asset is None:
        abort(404)
    response = Response(asset.content, content_type=asset.media_type)
    named = request.args.get("v") == asset.version
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if named else "no-cache"
    return response


def elsewhere(_elsewhere: str) -> Response:
    """Answer every other address below /admin with a page, too."""
    abort(404)


def _refused(refusal: Refusal) -> Response:
    """Answer what ended in an error of the catalogue: a form with its page, everything else with a page about it."""
    answer, page = refused(refusal), _PAGES.get(request.endpoint or "")
    return again(refusal, answer, page) if page is not None and request.method == "POST" else answer


def _guard() -> Response | None:
    """Ask of every form what forms are asked; and the issuer for groups, where a session goes by old ones.

    Raises:
        CrossSiteRefused, SignInAgain
    """
    if request.method == "POST":
        if request.endpoint == f"pages.{_ISSUER_LOGOUT}":
            return None  # a server calls, and shows a token for just that
        require_own_form()
        session = g.principal.session
        if session is not None and g.done[0] in _RECENT_SIGN_IN and not is_fresh(session):
            raise SignInAgain
        return None
    verb = g.get("verb")  # none for what Flask answers by itself, such as OPTIONS
    return ask_issuer_again() if verb not in (None, Verb.OPEN) else None


def _keep_session(response: Response) -> Response:
    """Give a session that is used a new cookie, and take one that has ended from the browser."""
    known = people()
    if known is None or g.get("sets_cookies"):
        return response
    names = known.cookies
    renewed = ""
    with suppress(SigningUnavailable):  # the cookie that is there is valid for some more minutes
        renewed = known.sessions.renewed(g.principal)
    if renewed:
        response.headers.add("Set-Cookie", names.set_session(renewed))
    if g.entered.session_ended:
        response.headers.add("Set-Cookie", names.end_session())
    return response


def _protect(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    return response
