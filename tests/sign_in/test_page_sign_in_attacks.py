"""Answers of an issuer that are not, or not quite, those that a sign-in waits for."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
from joserfc.jwk import ECKey

from moorings_registry.web import links
from moorings_registry.web.sign_in_redirects import safe_target
from tests.sign_in.forging_issuer import ForgingIssuer
from tests.sign_in.people import PAGES, PeopleRegistry, Person

NOW = int(time.time())
OTHER_KEY = ECKey.generate_key("P-256")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PeopleRegistry]:
    issuer = ForgingIssuer()
    yield PeopleRegistry(tmp_path_factory.mktemp("attacked"), issuer, time.time())
    issuer.stop()


@pytest.fixture
def ann(site: PeopleRegistry) -> Person:
    return Person(site)


def require_refused(reply: Any, person: Person, reason: str) -> None:
    assert reply.status_code == 403, (reply.status_code, reply.headers)
    assert reason in reply.text
    assert person.cookie == ""
    assert "a-code" not in reply.text


# What the browser brings.


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ({"state": "forged"}, "(state)"),
        ({"state": ...}, "(state)"),
        ({"state": ""}, "(state)"),
        ({"iss": "https://other.example"}, "(iss)"),
        ({"iss": ...}, "(iss)"),  # this issuer says that it always names itself
        ({"iss": ""}, "(iss)"),
        ({"code": ...}, "no code"),
        ({"code": ""}, "no code"),
        ({"code": "x" * 4_001}, "no code"),
        ({"code": ["a-code", "b"]}, "twice"),
        ({"state": ["a", "b"]}, "twice"),
        ({"code": ..., "error": "access_denied"}, "(access_denied)"),
        ({"code": ..., "error": "<script>alert(1)</script>"}, "did not sign you in"),
        ({"code": ..., "error": "login_required"}, "(login_required)"),  # nothing was to be renewed
    ],
)
def test_an_answer_of_another_form_signs_nobody_in(ann: Person, answer: dict[str, Any], reason: str) -> None:
    asked = ann.begin()
    reply = ann.come_back(asked, **answer)
    require_refused(reply, ann, reason)
    assert "<script>" not in reply.text


def test_an_issuer_that_does_not_say_so_need_not_name_itself(ann: Person, site: PeopleRegistry) -> None:
    says = site.issuer.says
    site.issuer.says = {**says, "authorization_response_iss_parameter_supported": False}
    try:
        other = PeopleRegistry(site.trust._path.parent, site.issuer, time.time())
        person = Person(other)
        assert person.come_back(person.begin(), iss=...).status_code == 303
        stranger = Person(other)
        require_refused(stranger.come_back(stranger.begin(), iss="https://other.example"), stranger, "(iss)")
    finally:
        site.issuer.says = says


def test_a_sign_in_is_finished_in_the_browser_that_began_it(ann: Person, site: PeopleRegistry) -> None:
    """Otherwise a link could sign somebody in as an attacker, who then reads what they do."""
    asked = ann.begin()
    victim = Person(site)
    require_refused(victim.come_back(asked), victim, "no sign-in is under way")
    victim.begin()
    require_refused(victim.come_back(asked), victim, "(state)")


def test_a_code_is_used_once(ann: Person, site: PeopleRegistry) -> None:
    asked = ann.begin()
    kept = ann.client.get_cookie("moorings-login-8081", "127.0.0.1", path="/admin/callback")
    assert kept is not None
    assert ann.come_back(asked).status_code == 303
    again = Person(site, site.node())  # as another node that knows the same store
    require_refused(again.come_back(asked), again, "no sign-in is under way")
    again.client.set_cookie("moorings-login-8081", kept.value, domain="127.0.0.1", path="/admin/callback")
    redeemed = len(site.issuer.redeemed)
    require_refused(again.come_back(asked), again, "finished already")
    assert len(site.issuer.redeemed) == redeemed


def test_a_sign_in_ends_after_ten_minutes(ann: Person, site: PeopleRegistry) -> None:
    asked = ann.begin()
    site.move(700)
    require_refused(ann.come_back(asked), ann, "no sign-in is under way")


def test_a_session_is_not_a_sign_in_and_the_other_way_round(ann: Person, site: PeopleRegistry) -> None:
    asked = ann.begin()
    state = ann.client.get_cookie("moorings-login-8081", "127.0.0.1", path="/admin/callback")
    assert state is not None
    thief = Person(site)
    thief.take_cookie(state.value)
    assert thief.get("/admin/").status_code == 303
    ann.sign_in()
    thief.client.set_cookie("moorings-login-8081", ann.cookie, domain="127.0.0.1", path="/admin/callback")
    assert "no sign-in is under way" in thief.come_back(asked).text


# What the issuer's token endpoint says.


@pytest.mark.parametrize(
    ("header", "changed", "reason"),
    [
        ({}, {"nonce": "another"}, "claims"),
        ({}, {"nonce": ...}, "claims"),
        ({}, {"nonce": 7}, "claims"),
        ({}, {"aud": "another"}, "audience"),
        ({}, {"aud": [PAGES, "another"]}, "audience"),
        ({}, {"aud": ...}, "audience"),
        ({}, {"azp": "another"}, "audience"),
        ({}, {"iss": "https://other.example"}, "issuer"),
        ({}, {"iss": ...}, "issuer"),
        ({}, {"exp": NOW - 4_000}, "expired"),
        ({}, {"exp": ...}, "claims"),
        ({}, {"exp": "soon"}, "claims"),
        ({}, {"iat": NOW - 4_000}, "expired"),
        ({}, {"iat": NOW + 10_000, "exp": NOW + 10_300}, "not yet valid"),
        ({}, {"iat": ...}, "claims"),
        ({}, {"sub": ...}, "subject"),
        ({}, {"sub": ""}, "subject"),
        ({}, {"sub": "a\u202eb"}, "subject"),
        ({}, {"sub": ["ann"]}, "subject"),
        ({}, {"groups": "shop-team,admins"}, "claims"),
        ({}, {"groups": [{"name": "shop-team"}]}, "claims"),
        ({}, {"auth_time": NOW + 10_000}, "not yet valid"),
        ({}, {"auth_time": "now"}, "claims"),
        ({}, {"sid": ["x"]}, "claims"),
        ({}, {"events": {}}, "type"),
        ({"typ": "at+jwt"}, {}, "type"),
        ({"typ": "logout+jwt"}, {}, "type"),
        ({"kid": "another"}, {}, "key"),
        ({"alg": "ES384"}, {}, "algorithm"),
        ({"jku": "https://evil.example/keys"}, {}, "header"),
    ],
)
def test_an_id_token_that_does_not_hold_signs_nobody_in(
    ann: Person, site: PeopleRegistry, header: dict[str, Any], changed: dict[str, Any], reason: str
) -> None:
    asked = ann.begin()
    key = ECKey.generate_key("P-384") if header.get("alg") == "ES384" else None
    if "jku" in header:
        token = site.issuer.sign(site.issuer.header(**header), {"nonce": asked["nonce"]})
    else:
        token = site.id_token(asked["nonce"], header=header, key=key, **changed)
    require_refused(ann.come_back(asked, token), ann, f"({reason})")


def test_an_id_token_of_another_key_signs_nobody_in(ann: Person, site: PeopleRegistry) -> None:
    asked = ann.begin()
    require_refused(ann.come_back(asked, site.id_token(asked["nonce"], key=OTHER_KEY)), ann, "(signature)")
    asked = ann.begin()
    require_refused(ann.come_back(asked, "x.y"), ann, "(malformed)")


@pytest.mark.parametrize(
    "page",
    [
        (400, "application/json", b'{"error":"invalid_grant"}'),
        (200, "application/json", b"{}"),
        (200, "application/json", b'{"id_token":7}'),
    ],
)
def test_an_answer_without_an_id_token_signs_nobody_in(ann: Person, site: PeopleRegistry, page: Any) -> None:
    asked = ann.begin()
    site.issuer.answer_code = lambda: page
    query = {"code": "a-code", "state": asked["state"], "iss": site.issuer.url}
    require_refused(
        ann.client.get("/admin/callback", query_string=query, base_url="http://127.0.0.1:8081"), ann, "issuer"
    )


@pytest.mark.parametrize(
    "page", [(302, "text/html", b""), (200, "text/html", b"<html>"), (200, "text/html", b"x" * 300_000)]
)
def test_an_issuer_that_answers_something_else_is_away(tmp_path: Any, issuer: ForgingIssuer, page: Any) -> None:
    site = PeopleRegistry(tmp_path, issuer, time.time())
    ann = Person(site)
    asked = ann.begin()
    issuer.answer_code = lambda: page
    query = {"code": "a-code", "state": asked["state"], "iss": issuer.url}
    reply = ann.client.get("/admin/callback", query_string=query, base_url="http://127.0.0.1:8081")
    assert reply.status_code == 503
    assert "/elsewhere" not in issuer.seen


@pytest.mark.parametrize(
    "endpoint", ["http://evil.example/authorize", "javascript:alert(1)", "https://u:p@evil.example/", 7]
)
def test_an_issuer_leads_to_https_alone(tmp_path: Any, issuer: ForgingIssuer, endpoint: object) -> None:
    issuer.says["authorization_endpoint"] = endpoint
    person = Person(PeopleRegistry(tmp_path, issuer, time.time()))
    assert person.get("/admin/login/people").status_code == 503


def test_an_unknown_issuer_leads_nowhere(ann: Person) -> None:
    assert ann.get("/admin/login/nobody").status_code == 403
    assert ann.get("/admin/login/..%2Fx").status_code in (403, 404)


# Where a sign-in leads.


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example/admin",
        "https://evil.example/admin",
        "/\\evil.example",
        "/admin\\..\\..\\x",
        "/admin/../subjects",
        "/admin/%2e%2e/subjects",
        "/admin//evil.example",
        "/administrator",
        "/subjects",
        "/admin/\r\nSet-Cookie: x=y",
        "/admin/é",
        "/admin/logout",
        "/admin/callback?code=x",
        "/admin/%6cogin",
        "",
        "/admin/" + "x" * 2_000,
    ],
)
def test_a_target_outside_of_the_pages_becomes_the_overview(target: str) -> None:
    assert safe_target(target) == links.OVERVIEW


@pytest.mark.parametrize("target", ["/admin", "/admin/", "/admin/events?q=a%20b&page=2", "/admin/events/a.b:c"])
def test_a_page_is_a_target(target: str) -> None:
    assert safe_target(target) == target


def test_another_name_of_the_host_is_led_to_the_one_that_the_issuer_knows(ann: Person) -> None:
    reply = ann.client.get("/admin/login/people?to=/admin/", base_url="http://localhost:8081")
    assert (reply.status_code, reply.location) == (303, "http://127.0.0.1:8081/admin/login/people?to=/admin/&led=1")
    behind = ann.client.get("/admin/login/people?to=/admin/&led=1", base_url="http://localhost:8081")
    assert (behind.status_code, "has to pass on Host" in behind.text) == (403, True)
