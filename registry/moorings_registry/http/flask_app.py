"""The framework behind the middleware: one Flask application for both APIs and the pages."""

import contextlib
from collections.abc import Callable, Iterable
from typing import Any

import orjson
import structlog
from flask import Blueprint, Flask, g, request
from flask import Response as FlaskResponse
from flask.json.provider import DefaultJSONProvider
from werkzeug.exceptions import HTTPException

from moorings_registry.access import ANYWHERE, Verb, is_operator
from moorings_registry.errors import (
    BodyTooLarge,
    InternalError,
    LedgerUnavailable,
    MethodNotAllowed,
    NotFound,
    Refusal,
    SessionEnded,
)
from moorings_registry.http.access_log import POSITION, REFUSALS
from moorings_registry.http.error_answers import error_answer, fault_answer
from moorings_registry.http.lifecycle_headers import add_lifecycle_headers
from moorings_registry.http.messages import Response
from moorings_registry.http.middleware import Entered
from moorings_registry.http.paths import Route, keep_slashes_apart
from moorings_registry.http.request_spans import tell_named, tell_refusal
from moorings_registry.http.requests import (
    LARGEST_BODY_BYTES,
    current_notes,
    current_request,
    requested_node,
    require_body_within,
)
from moorings_registry.http.response_cache import ResponseCache, cached_response
from moorings_registry.http.verbs import DECIDED_BY_COMMAND, route_name, verbs_of
from moorings_registry.issuers import Trust
from moorings_registry.own_keys import OwnKeys
from moorings_registry.page_sign_in import PeopleInPages
from moorings_registry.principals import Principal
from moorings_registry.service import Registry

log = structlog.get_logger("moorings.http")


def build(
    registry: Registry,
    trust: Trust | None,
    own_keys: OwnKeys | None,
    people: PeopleInPages | None,
    response_cache: ResponseCache,
    blueprints: Iterable[Blueprint],
) -> Flask:
    """Make the application that answers what is not cached yet; *people* is None where nobody signs in to the pages."""
    app = _Application("moorings_registry", static_folder=None, template_folder=None)
    app.extensions["moorings"] = registry
    app.extensions["moorings.trust"] = trust
    app.extensions["moorings.people"] = people
    app.extensions["moorings.own_keys"] = own_keys
    # For bodies that do not say beforehand how large they are. What is longer is cut here, not refused: one byte more
    # than is allowed shows it.
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY_BYTES + 1
    app.config["MAX_FORM_MEMORY_SIZE"] = LARGEST_BODY_BYTES + 1  # a pasted schema is a field of a form
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False
    keep_slashes_apart(app.url_map)
    app.url_rule_class = Route
    for blueprint in blueprints:
        app.register_blueprint(blueprint)
    app.before_request(_identify)
    app.after_request(_finisher(registry, response_cache))
    return app


class _Json(DefaultJSONProvider):
    """Writes answers as they are, in their order; by the standard encoder what orjson does not write."""

    sort_keys = False

    def dumps(self, obj: Any, **options: Any) -> str:
        if options == _COMPACT:
            with contextlib.suppress(orjson.JSONEncodeError):
                return orjson.dumps(obj, option=orjson.OPT_PASSTHROUGH_DATETIME).decode()
        return super().dumps(obj, **options)


_COMPACT = {"separators": (",", ":")}
"""What Flask asks for when it renders an answer."""


class _Application(Flask):
    """Flask, whose views and hooks are all plain functions here."""

    json_provider_class = _Json

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        return func  # Flask looks at each of them for each request, whether it is a coroutine


def require_permissions(app: Flask) -> None:
    """Ask for the permission of each route before it answers; called once all of them are mounted.

    Raises:
        VerbMissing: a route does not say what it does.
    """
    verbs = verbs_of(app.url_map)
    registry: Registry = app.extensions["moorings"]

    def authorize() -> None:
        # Automatic answers to OPTIONS list methods only, and a path that no rule matches is answered with 404.
        asked, noted = current_request(), current_notes()
        if asked.url_rule is None or asked.method == "OPTIONS":
            return
        method, rule = "GET" if asked.method == "HEAD" else asked.method, asked.url_rule.rule
        verb, node = verbs[method, rule], requested_node()
        noted.done = (verb, node)
        if node != ANYWHERE:
            tell_named("subject" if "subject" in (asked.view_args or {}) else "domain", node)
        if noted.entered.session_ended and verb is not Verb.OPEN:
            raise SessionEnded
        if route_name(method, rule) in DECIDED_BY_COMMAND:
            verb, node = Verb.READ, ANYWHERE
        noted.verb, noted.node = verb, node
        if not registry.authorization.allows(noted.principal, verb, node):
            _require_granted_meanwhile(registry, noted.principal, verb, node)

    app.before_request(authorize)


def _require_granted_meanwhile(registry: Registry, principal: Principal, verb: Verb, node: str) -> None:
    """Pass where another node of the service has granted what this one does not know of yet.

    Raises:
        NotAllowed, SignInNeeded
    """
    before = registry.known
    with contextlib.suppress(LedgerUnavailable):
        registry.catch_up()
    if registry.known is before or not registry.authorization.allows(principal, verb, node):
        raise registry.denial(registry.known, principal, verb, node)


def answer_errors(app: Flask) -> None:
    """Render every error here; called last, since what is mounted before may have handlers of its own."""
    app.register_error_handler(Refusal, _refused)
    app.register_error_handler(HTTPException, _not_served)
    app.register_error_handler(Exception, _unforeseen)


def _identify() -> None:
    entered: Entered = request.environ["moorings.entered"]
    noted = current_notes()
    noted.entered = entered
    noted.principal = entered.principal
    noted.correlation_id = entered.correlation_id
    noted.bases = ()
    noted.has_etag = False
    require_body_within(LARGEST_BODY_BYTES)


def _finisher(registry: Registry, response_cache: ResponseCache) -> Any:
    def finish(response: FlaskResponse) -> FlaskResponse:
        asked, noted = current_request(), current_notes()
        rule = asked.url_rule
        asked.environ["moorings.route"] = rule.rule if rule else "unknown"
        POSITION.set(registry.known.position)
        add_lifecycle_headers(response)
        if not is_operator(noted.principal):
            _ask_again(response)
            _count(registry, response.status_code)
        if (noted.bases or noted.has_etag) and response.status_code == 200 and asked.method == "GET":
            response.add_etag()
            if noted.bases:
                _keep(response, response_cache)
            response.make_conditional(asked.environ)
            response.headers.pop("Date", None)  # the server sends its own
        return response

    return finish


def _count(registry: Registry, status: int) -> None:
    """Count what a caller who does not run the registry did, or was not allowed to."""
    verb, node = g.get("done", (Verb.OPEN, ANYWHERE))
    if verb is not Verb.OPEN:
        registry.access_counts.note(g.principal.name, verb, node, ok=status < 400)


def _ask_again(response: FlaskResponse) -> None:
    """Let nobody keep an answer to a caller who signed in without asking: it could outlive what was granted."""
    kept = response.headers.get("Cache-Control", "")
    if request.endpoint != _STATIC and "no-store" not in kept:
        response.headers["Cache-Control"] = "private, no-cache"
    if "Vary" in response.headers:
        response.vary.update(("Authorization", "Cookie"))
    else:
        response.headers["Vary"] = "Authorization, Cookie"


_STATIC = "pages.static"


def _keep(response: FlaskResponse, response_cache: ResponseCache) -> None:
    etag = response.headers["ETag"]
    body = response.get_data()
    headers = tuple((name, value) for name, value in response.headers.items())
    answer = Response(200, headers, body, request.environ["moorings.route"])
    response_cache.keep(g.entered.request, g.principal, cached_response(answer, etag, g.bases, g.verb, g.node))


def _refused(refusal: Refusal) -> FlaskResponse:
    REFUSALS.labels(refusal.code).inc()
    tell_refusal(refusal.code)
    return _response(error_answer(refusal, g.entered.request, g.correlation_id))


def _not_served(error: HTTPException) -> FlaskResponse:
    known = _IN_THE_CATALOGUE.get(error.code or 500)
    own_words = error.description if error.description != type(error).description else None
    answer = fault_answer(error.code or 500, g.entered.request, g.correlation_id, own_words or "")
    response = _refused(known()) if known else _response(answer)
    for name, value in error.get_headers():
        if name.lower() not in ("content-type", "content-length"):
            response.headers[name] = value
    return response


_IN_THE_CATALOGUE: dict[int, Callable[[], Refusal]] = {
    404: NotFound,
    405: MethodNotAllowed,
    413: lambda: BodyTooLarge(LARGEST_BODY_BYTES),
    500: InternalError,
}


def _unforeseen(error: Exception) -> FlaskResponse:
    log.error("unforeseen", correlation_id=g.correlation_id, route=str(request.url_rule), exc_info=error)
    return _refused(InternalError())


def _response(answer: Response) -> FlaskResponse:
    response = FlaskResponse(answer.body, answer.status)
    for name, value in answer.headers:
        response.headers[name] = value
    return response
