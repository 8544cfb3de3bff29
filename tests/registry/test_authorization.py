"""Every route has one verb, permission is asked before anything is answered, and views never share an answer."""

import ast
from collections.abc import Callable, Hashable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import Client

from moorings_registry import app
from moorings_registry.access import ANYWHERE, Verb
from moorings_registry.app import Application, build_application
from moorings_registry.authorization import GrantedAuthorization
from moorings_registry.engines import open_ledger
from moorings_registry.http.messages import Request
from moorings_registry.http.verbs import ROUTES, VerbMissing, verbs_of
from moorings_registry.principals import ANONYMOUS, LOCAL_PRINCIPAL, Principal
from moorings_registry.state import State
from tests.registry.asking import PLACED, record
from tests.registry.calling import EVENT, Http

LOCAL = LOCAL_PRINCIPAL.name
BY_ID = "/v1/schemas/ids/1"


class FromHeader:
    """Takes the principal from a header, so that a test can be anybody."""

    def principal(self, request: Request) -> Principal:
        return Principal(request.headers.get("x-principal", LOCAL))


class Permissions:
    """Allows what a function says, and shows to each principal a registry of its own."""

    def __init__(self, allowed: Callable[[str, Verb, str], bool] = lambda _principal, _verb, _node: True) -> None:
        self.allowed = allowed
        self.asked: list[tuple[str, Verb, str]] = []
        self.hidden_from: set[str] = set()

    def allows(self, principal: Principal, verb: Verb, node: str) -> bool:
        self.asked.append((principal.name, verb, node))
        return self.allowed(principal.name, verb, node)

    def view_of(self, principal: Principal) -> Hashable:
        return principal.name

    def ends(self, principal: Principal) -> str:
        return ""

    def reason(self, principal: Principal, verb: Verb, node: str) -> None:
        return None

    def visible(self, state: State, principal: Principal) -> State:
        return replace(State(), position=state.position) if principal.name in self.hidden_from else state


class As:
    """A registry with permissions, asked as any principal."""

    def __init__(self, permissions: Permissions) -> None:
        self.application: Application = build_application(
            open_ledger("memory:"), authentication=FromHeader(), authorization=permissions
        )
        self.permissions = permissions
        self._client = Client(self.application.middleware)

    def call(self, principal: str, method: str, path: str, body: Any = None, **headers: str) -> Any:
        sent = {"X-Principal": principal, **{name.replace("_", "-"): value for name, value in headers.items()}}
        return self._client.open(path, method=method, json=body, headers=sent)

    def register(self) -> None:
        assert self.call(LOCAL, "POST", f"{EVENT}/versions", {"schema": record("a")}).status_code == 201


def test_permission_is_asked_for_the_event_that_an_alias_leads_to() -> None:
    asked = As(Permissions())
    asked.register()
    asked.call(LOCAL, "PUT", "/config/legacy", {"alias": str(PLACED)})
    asked.permissions.allowed = lambda principal, _verb, node: principal == LOCAL or node != str(PLACED)
    body = {"schema": record("a", b=1)}
    for path in ("/v1/events/legacy/versions", "/subjects/legacy/versions", "/contexts/./subjects/legacy/versions"):
        assert asked.call("guest", "POST", path, body).status_code == 403
        assert asked.call("guest", "GET", f"{path}/1").status_code == 403
        assert asked.permissions.asked[-1][2] == str(PLACED)
    assert asked.call("guest", "GET", "/config/legacy").status_code == 200
    assert asked.permissions.asked[-1][2] == "legacy"


# One verb a route.


def rules_of(application: Application) -> Any:
    framework: Any = application.middleware.framework
    return framework.url_map


def test_every_route_has_exactly_one_verb() -> None:
    url_map = rules_of(Http().application)
    verbs = verbs_of(url_map)
    served = {(method, rule.rule) for rule in url_map.iter_rules() for method in rule.methods - {"HEAD", "OPTIONS"}}
    assert set(verbs) == served
    assert set(verbs.values()) == set(Verb)
    assert sum(len(routes) for routes in ROUTES.values()) == len({one for routes in ROUTES.values() for one in routes})


def test_a_path_below_a_context_has_the_verb_of_the_same_path_at_the_root() -> None:
    verbs = verbs_of(rules_of(Http().application))
    inside = {route: verb for route, verb in verbs.items() if route[1].startswith("/contexts/<within>/")}
    assert len(inside) > 50
    for (method, rule), verb in inside.items():
        assert verbs[method, rule.removeprefix("/contexts/<within>")] is verb


def test_a_route_without_a_verb_keeps_the_service_from_starting() -> None:
    framework: Any = Http().application.middleware.framework
    with_one_more = Flask("one more", static_folder=None)
    with_one_more.url_map.converters = framework.url_map.converters
    for rule in framework.url_map.iter_rules():
        with_one_more.url_map.add(rule.empty())
    assert verbs_of(with_one_more.url_map) == verbs_of(framework.url_map)
    with_one_more.add_url_rule("/v1/secrets", "secrets", methods=["GET"])
    with pytest.raises(VerbMissing, match=r"Routes without a verb in http/verbs\.py: .*GET /v1/secrets"):
        verbs_of(with_one_more.url_map)


def test_a_verb_without_a_route_keeps_the_service_from_starting() -> None:
    with pytest.raises(VerbMissing, match=r"Verbs in http/verbs\.py without a route: .*GET /v1/events"):
        verbs_of(Flask("empty", static_folder=None).url_map)


# Permission comes first.


@pytest.mark.parametrize(
    ("method", "path", "verb", "node"),
    [
        ("GET", EVENT, Verb.READ, str(PLACED)),
        ("HEAD", EVENT, Verb.READ, str(PLACED)),
        ("POST", f"{EVENT}/versions", Verb.REGISTER, str(PLACED)),
        ("DELETE", f"{EVENT}/versions/1", Verb.GOVERN, str(PLACED)),
        ("PUT", "/v1/domains/shop", Verb.GOVERN, "shop"),
        ("GET", "/v1/events", Verb.READ, ANYWHERE),
        ("PUT", "/v1/level", Verb.OPERATE, ANYWHERE),
        ("GET", "/v1/ledger", Verb.AUDIT, ANYWHERE),
        ("GET", "/metrics", Verb.AUDIT, ANYWHERE),
        ("GET", "/admin/events/shop.a", Verb.READ, "shop.a"),
        ("POST", "/subjects/a%2Fb", Verb.READ, "a/b"),
        ("POST", "/subjects/:.:plain", Verb.READ, "plain"),
        ("POST", "/subjects/:.eu:plain", Verb.READ, ":.eu:plain"),
        ("POST", "/contexts/eu/subjects/plain", Verb.READ, ":.eu:plain"),
        ("POST", "/contexts/.eu/subjects/plain", Verb.READ, ":.eu:plain"),
        ("PUT", "/mode/shop", Verb.OPERATE, "shop"),
    ],
)
def test_a_request_is_refused_by_the_verb_and_the_node_of_its_path(
    method: str, path: str, verb: Verb, node: str
) -> None:
    denying = As(Permissions(lambda _principal, _verb, _node: False))
    reply = denying.call("somebody", method, path, {} if method in ("POST", "PUT") else None)
    assert denying.permissions.asked == [("somebody", verb, node)]
    assert reply.status_code == 403
    challenge = reply.headers.get("WWW-Authenticate")
    if path.startswith("/admin"):
        assert challenge is None
    else:
        assert challenge is not None
        assert challenge.startswith(f'Bearer realm="moorings", error="insufficient_scope", scope="{verb}:')


def test_a_refused_request_is_answered_in_the_form_of_its_api() -> None:
    denying = As(Permissions(lambda _principal, _verb, _node: False))
    native = denying.call("x", "GET", EVENT).json
    assert (native["code"], native["detail"]) == ("NOT_ALLOWED", f"Permission 'read' is missing for '{PLACED}'")
    confluent = denying.call("x", "GET", "/subjects").json
    assert confluent == {"error_code": 40301, "message": "Permission 'read' is missing"}
    page = denying.call("x", "GET", "/admin/ledger").text
    assert "Permission &#39;audit&#39; is missing" in page


def test_a_denied_write_leaves_nothing_behind_and_says_the_same_of_what_is_missing() -> None:
    reading = As(Permissions(lambda principal, verb, _node: principal == LOCAL or verb is Verb.READ))
    reading.register()
    before = reading.application.registry.ledger.head()
    existing = reading.call("x", "DELETE", EVENT)
    missing = reading.call("x", "DELETE", EVENT + "x")
    assert (existing.status_code, missing.status_code) == (403, 403)
    assert reading.application.registry.ledger.head() == before


def test_a_path_that_no_route_serves_is_not_found_for_everybody() -> None:
    denying = As(Permissions(lambda _principal, _verb, _node: False))
    assert denying.call("x", "GET", "/v1/nowhere").status_code == 404
    assert denying.call("x", "PATCH", EVENT).status_code == 405
    assert denying.permissions.asked == []


def test_local_callers_may_do_everything_and_others_nothing() -> None:
    local = GrantedAuthorization(State, lambda: "")
    assert all(local.allows(LOCAL_PRINCIPAL, verb, "shop") for verb in Verb)
    assert [verb for verb in Verb if local.allows(ANONYMOUS, verb, "shop")] == [Verb.OPEN]


# One way to a state.

READ_BY_ITSELF = {
    "http/requests.py",
    "http/response_cache.py",
    "http/flask_app.py",
    "http/operations.py",
    "http/ledger_metrics.py",
    "http/check_metrics.py",
    "http/domain_labels.py",
}
"""What may look at the registry's state directly: `consult`, the test of kept answers, and metrics, which count."""
STATES = {"state", "known", "state_at_least", "state_of"}


def test_routes_and_pages_read_the_state_through_consult_alone() -> None:
    package = Path(app.__file__).parent
    found = [
        f"{path.relative_to(package)}:{node.lineno}"
        for folder in ("http", "web")
        for path in sorted((package / folder).rglob("*.py"))
        if str(path.relative_to(package)) not in READ_BY_ITSELF
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and node.attr in STATES and _is_a_registry(node.value)
    ]
    assert found == []


def _is_a_registry(node: ast.expr) -> bool:
    return ast.unparse(node) in ("current_registry()", "registry", "self._registry", "self.registry")


# Cached answers.


def test_two_views_never_share_a_kept_answer() -> None:
    shop = As(Permissions())
    shop.register()
    shop.permissions.hidden_from.add("blind")
    for _ in range(2):
        assert shop.call("seeing", "GET", BY_ID).status_code == 200
        assert shop.call("blind", "GET", BY_ID).status_code == 404
        assert shop.call("blind", "GET", EVENT).status_code == 404
        assert shop.call("blind", "GET", "/v1/events").json["total"] == 0
        assert shop.call("blind", "GET", "/subjects").json == []
        assert str(PLACED) not in shop.call("blind", "GET", "/admin/events").text
    shop.permissions.hidden_from = {"seeing"}
    assert shop.call("blind", "GET", BY_ID).status_code == 200
    kept = shop.application.middleware._response_cache._kept
    assert {key[-1] for key in kept} == {"seeing", "blind"}


def test_permission_is_asked_before_a_kept_answer_is_given() -> None:
    shop = As(Permissions())
    shop.register()
    etag = shop.call("x", "GET", BY_ID).headers["ETag"]
    shop.permissions.allowed = lambda _principal, _verb, _node: False
    assert shop.call("x", "GET", BY_ID).status_code == 403
    assert shop.call("x", "GET", BY_ID, If_None_Match=etag).status_code == 403
    shop.permissions.allowed = lambda _principal, verb, _node: verb is Verb.READ
    assert shop.call("x", "GET", BY_ID, If_None_Match=etag).status_code == 304
