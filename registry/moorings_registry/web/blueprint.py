"""The routes of the admin pages: which address shows what, and what every answer says to browsers."""

from collections.abc import Callable

from flask import Blueprint, Response, abort, request
from werkzeug.exceptions import HTTPException

from moorings_registry.errors import Refusal
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
from moorings_registry.web.forms import guard_forms
from moorings_registry.web.inbox import show_inbox
from moorings_registry.web.kept_checks import list_kept_checks, show_kept_check, show_kept_text
from moorings_registry.web.ledger import show_ledger
from moorings_registry.web.lifecycle_form import change_lifecycle
from moorings_registry.web.overview import overview
from moorings_registry.web.policies import show_policies
from moorings_registry.web.questions import ask_questions
from moorings_registry.web.rendering import HEADERS
from moorings_registry.web.reports import list_reports, show_report
from moorings_registry.web.review_forms import review_kept_check, review_report
from moorings_registry.web.rules import list_rules
from moorings_registry.web.search import show_search
from moorings_registry.web.trial import recheck_kept, recheck_report, show_try, try_schema
from moorings_registry.web.waiver_forms import approve_waiver, end_waiver
from moorings_registry.web.waivers import list_waivers

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
    ("/ledger", show_ledger),
)

FORMS: tuple[tuple[str, Callable[..., Response]], ...] = (
    ("/domains", create_domain),
    ("/domains/<domain>/profile", change_profile),
    ("/domains/<domain>/policy", change_policy),
    ("/domains/<domain>/transfer/acceptance", accept_transfer),
    ("/domains/<domain>/transfer/end", end_transfer),
    ("/events/<subject>/level", change_level),
    ("/events/<subject>/majors/<int:major>", change_lifecycle),
    ("/events/<subject>/versions/<int:version>/restore", restore_version),
    ("/reports/<int:id>/reviews", review_report),
    ("/checks/<id>/reviews", review_kept_check),
    ("/waivers/<int:id>/approval", approve_waiver),
    ("/waivers/<int:id>/end", end_waiver),
    ("/try", try_schema),
)
"""What forms are sent to. All of them are guarded by `guard_forms`."""


def pages_blueprint() -> Blueprint:
    """Every page below /admin."""
    blueprint = Blueprint("pages", __name__, url_prefix="/admin")
    for path, view in ROUTES:
        blueprint.get(path)(view)
    blueprint.before_request(guard_forms)
    for path, view in FORMS:
        blueprint.post(path)(view)
    blueprint.get("/static/<name>")(static)
    blueprint.get("/<path:_elsewhere>")(elsewhere)
    blueprint.register_error_handler(Refusal, refused)
    blueprint.register_error_handler(HTTPException, not_served)
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


def _protect(response: Response) -> Response:
    response.headers.update(HEADERS)
    return response
