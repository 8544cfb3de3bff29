"""Sessions in the pages: how one begins, what it may do and for how long, and how it ends."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from moorings_registry.callers import Caller
from moorings_registry.commands import PutDomain
from moorings_registry.page_sign_in import LinkFor
from moorings_registry.principals import Principal
from moorings_registry.web import links
from tests.sign_in.forging_issuer import ForgingIssuer
from tests.sign_in.people import URL, PeopleRegistry, Person, hidden, query_of
from tests.web.seed import avro
from tests.web.site import Outline

PLACED = "shop.orders.OrderPlaced"
ACTION = links.lifecycle_action(PLACED, 1)
PAGE = links.event_href(PLACED)
HOUR = 3_600


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PeopleRegistry]:
    """One for all tests: each has a session of its own, and lets time pass for the others, too."""
    issuer = ForgingIssuer()
    site = PeopleRegistry(tmp_path_factory.mktemp("people"), issuer, time.time())
    site.registry.execute(PutDomain("shop", "shop-team", policy={"notice_days": 10}), Caller())
    avro(site.registry, PLACED, {"name": "a", "type": "int"})
    avro(site.registry, PLACED, {"name": "b", "type": "int"}, major="next")
    site.grant("shop", "govern", group="shop-team")
    yield site
    issuer.stop()


@pytest.fixture
def ann(site: PeopleRegistry) -> Person:
    return Person(site)


# How it begins.


def test_a_page_leads_to_sign_in_and_sign_in_back_to_the_page(ann: Person) -> None:
    away = ann.get(f"{PAGE}?version=1")
    assert (away.status_code, query_of(away.location)) == (303, {"to": [f"{PAGE}?version=1"]})
    shown = ann.get(away.location)
    assert "Sign in to the registry" in shown.text
    asked = ann.begin(f"{PAGE}%3Fversion=1")
    assert asked["code_challenge_method"] == "S256"
    assert asked["redirect_uri"] == f"{URL}/admin/callback"
    back = ann.come_back(asked)
    assert (back.status_code, back.location) == (303, f"{PAGE}?version=1")
    assert ann.site.issuer.redeemed[-1]["code_verifier"]
    page = ann.get(back.location)
    assert page.status_code == 200
    assert ">Ann<" in page.text
    assert "people:ann" in page.text
    assert "signed in at people" in page.text


def test_its_cookie_is_for_this_registry_and_no_script(ann: Person) -> None:
    (header,) = [one for one in ann.sign_in().headers.getlist("Set-Cookie") if one.startswith("moorings-8081=")]
    assert header.endswith("; Path=/; HttpOnly; SameSite=Lax")
    assert len(header) < 4_096


def test_the_apis_look_at_no_cookie(ann: Person) -> None:
    ann.sign_in()
    assert ann.get("/v1/principal").json["name"] == "anonymous"
    assert ann.get("/subjects").status_code == 401
    assert ann.post(f"/v1/events/{PLACED}/versions", {}).status_code == 401


def test_a_person_is_the_same_principal_by_session_and_by_token(ann: Person) -> None:
    ann.sign_in()
    form = ann.get(PAGE)
    assert ann.send(form, ACTION, state="deprecated").status_code == 303
    entry = [*ann.site.registry.ledger.read(0)][-1]
    assert (entry.actor, entry.provenance["evidence"], entry.provenance["issuer"]) == (
        "people:ann",
        "session",
        "people",
    )


# What it may do.


def test_a_form_is_sent_in_the_session_that_it_was_shown_in(ann: Person, site: PeopleRegistry) -> None:
    ann.sign_in()
    form = ann.get(PAGE)
    other = Person(site)
    other.sign_in()
    assert other.send(form, ACTION, state="active").status_code == 403
    assert ann.send(form, ACTION, state="active", form_key="").status_code == 403
    assert ann.send(form, ACTION, state="active").status_code == 303


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {},
    ],
)
@pytest.mark.parametrize("action", [ACTION, links.LOGOUT, links.OPEN])
def test_a_form_of_another_site_is_refused(ann: Person, action: str, headers: dict[str, str]) -> None:
    ann.sign_in()
    key = ann.get(PAGE).text.partition('name="form_key" value="')[2].partition('"')[0]
    assert ann.post(action, {"form_key": key, "state": "active"}, headers).status_code == 403
    assert ann.get(PAGE).status_code == 200


def test_who_may_not_govern_gets_a_page_that_names_the_owner(ann: Person, site: PeopleRegistry) -> None:
    site.grant("shop", "read", principal="people:ben")
    ben = Person(site)
    ben.sign_in(sub="ben", groups=[])
    shown = ben.get(PAGE)
    assert "Change the lifecycle" not in shown.text
    key = shown.text.partition('name="form_key" value="')[2].partition('"')[0]
    refused = ben.post(ACTION, {"state": "retired", "form_key": key})
    assert refused.status_code == 403
    assert "the owner of the domain is shop-team" in refused.text
    why = refused.text.rpartition('">Why may I not?')[0].rpartition('"')[2].replace("&amp;", "&")
    answer = ben.get(why)
    words = Outline(answer.text).words
    assert "people:ben may not govern shop.orders.OrderPlaced" in words
    assert "Ask the owner of shop: shop-team." in words


def test_what_is_hidden_is_not_there(site: PeopleRegistry) -> None:
    eve = Person(site)
    eve.sign_in(sub="eve", groups=[])
    hidden, missing = eve.get(PAGE), eve.get(links.event_href("shop.orders.Nothing"))
    assert (hidden.status_code, missing.status_code) == (404, 404)
    assert hidden.text.count("OrderPlaced") == missing.text.count("Nothing")


def test_governing_takes_a_sign_in_within_15_minutes_and_the_form_comes_back_filled(ann: Person) -> None:
    ann.sign_in(auth_time=int(ann.site.clock()) - 1_000)
    form = ann.get(PAGE)
    away = ann.send(form, ACTION, state="deprecated", page="https://wiki.example/move")
    assert away.status_code == 303
    assert query_of(away.location)["why"] == ["again"]
    again = ann.get(away.location)
    assert "Sign in once more" in again.text
    begin = again.text.partition('<a class="button" href="')[2].partition('"')[0].replace("&amp;", "&")
    asked = dict(one for one in _query(ann.get(begin).location).items())
    assert asked["max_age"] == "900"
    old = ann.site.id_token(asked["nonce"], auth_time=int(ann.site.clock()) - 1_000)
    assert "auth_time" in ann.come_back(asked, old).text
    asked = dict(_query(ann.get(begin).location))
    back = ann.come_back(asked)
    shown = ann.get(back.location)
    assert '<option value="deprecated" selected>' in shown.text
    assert 'value="https://wiki.example/move"' in shown.text
    assert ann.send(shown, ACTION, state="active").status_code == 303


# How long it lasts.


def test_it_ends_15_minutes_after_it_was_last_used(ann: Person) -> None:
    ann.sign_in()
    for _ in range(3):
        ann.site.move(800)
        assert ann.get(PAGE).status_code == 200
    ann.site.move(901)
    away = ann.get(PAGE)
    assert (away.status_code, query_of(away.location)) == (303, {"to": [PAGE], "why": ["ended"]})
    assert ann.cookie == ""
    assert "Your session has ended" in ann.get(away.location).text


def test_it_ends_after_8_hours_however_much_it_is_used(ann: Person) -> None:
    began = ann.site.clock()
    ann.sign_in()
    while ann.site.clock() < began + 8 * HOUR - 800:
        ann.site.move(700)
        reply = ann.get(PAGE)
        if reply.status_code == 303:
            _renew(ann, reply.location)
            reply = ann.get(PAGE)
        assert reply.status_code == 200
    ann.site.move(began + 8 * HOUR - ann.site.clock())
    assert query_of(ann.get(PAGE).location)["why"] == ["ended"]


def test_the_issuer_is_asked_for_groups_every_hour_without_the_person(ann: Person) -> None:
    ann.sign_in()
    for _ in range(5):
        ann.site.move(750)
        reply = ann.get(PAGE)
    assert reply.status_code == 303
    asked = _query(ann.get(reply.location).location)
    assert asked["prompt"] == "none"
    back = ann.come_back(asked, ann.site.id_token(asked["nonce"], groups=[]))
    assert back.location == PAGE
    assert ann.get(PAGE).status_code == 404  # the group is gone, and so is what it may see


@pytest.mark.parametrize("error", ["login_required", "consent_required"])
def test_a_person_who_is_signed_out_at_the_issuer_has_to_sign_in(ann: Person, error: str) -> None:
    ann.sign_in()
    for _ in range(5):
        ann.site.move(750)
        reply = ann.get(PAGE)
    asked = _query(ann.get(reply.location).location)
    back = ann.come_back(asked, code=..., error=error)
    assert (back.status_code, query_of(back.location)) == (303, {"to": [PAGE], "why": ["ended"]})
    assert ann.cookie == ""


def test_somebody_else_at_the_issuer_does_not_get_the_session(ann: Person) -> None:
    ann.sign_in()
    for _ in range(5):
        ann.site.move(750)
        reply = ann.get(PAGE)
    asked = _query(ann.get(reply.location).location)
    back = ann.come_back(asked, ann.site.id_token(asked["nonce"], sub="eve"))
    assert query_of(back.location)["why"] == ["ended"]


# How it ends.


def test_signing_out_ends_it_on_every_node_and_leads_on_to_the_issuer(ann: Person) -> None:
    ann.sign_in()
    stolen = Person(ann.site, ann.site.node())
    stolen.take_cookie(ann.cookie)
    assert stolen.get("/admin/").status_code == 200
    out = ann.send(ann.get(PAGE), links.LOGOUT)
    assert (out.status_code, ann.cookie) == (303, "")
    shown = ann.get(out.location)
    assert "You are signed out" in shown.text
    assert f'href="{ann.site.issuer.url}/end?client_id=moorings-pages&amp;post_logout_redirect_uri=' in shown.text
    assert query_of(stolen.get("/admin/").location)["why"] == ["ended"]
    assert ann.post(links.LOGOUT, {}).status_code == 303  # once more, without a session


def test_a_new_sign_in_is_a_new_session_and_ends_the_one_before(ann: Person) -> None:
    ann.sign_in()
    before = ann.cookie
    ann.sign_in()
    assert ann.cookie != before
    old = Person(ann.site)
    old.take_cookie(before)
    assert old.get(PAGE).status_code == 303


def test_an_issuer_that_is_not_trusted_any_more_has_no_sessions(tmp_path: Path, issuer: ForgingIssuer) -> None:
    ann = Person(PeopleRegistry(tmp_path, issuer, time.time()))
    ann.sign_in()
    path = tmp_path / "issuers.toml"
    path.write_text(path.read_text().replace("[issuers.people]", "[issuers.others]"))
    ann.site.trust.reload_if_changed()
    assert query_of(ann.get(PAGE).location)["why"] == ["ended"]


@pytest.mark.parametrize("value", ["", "x", "a.b.c", "{token}", "{access}"])
def test_what_is_not_a_session_signs_nobody_in(ann: Person, value: str) -> None:
    ann.sign_in()
    token, access = ann.cookie[:-8] + "AAAAAAAA", ann.site.issuer.token()
    ann.take_cookie(value.format(token=token, access=access))
    assert ann.get(PAGE).status_code == 303


def test_two_cookies_of_the_name_are_none(ann: Person) -> None:
    ann.sign_in()
    bare = Person(ann.site)
    twice = f"moorings-8081={ann.cookie}; moorings-8081={ann.cookie}"
    assert bare.get(PAGE, Cookie=twice).status_code == 303


def test_a_session_holds_the_groups_that_grants_name_if_a_cookie_cannot_hold_all(ann: Person) -> None:
    ann.sign_in(groups=[f"group-{number:04}" for number in range(300)] + ["shop-team"])
    assert len(ann.cookie) < 3_800
    assert ann.get(PAGE).status_code == 200


def test_while_nobody_can_say_what_has_ended_nobody_is_in_session(ann: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    from moorings_registry.expiring_records import RecordsUnavailable

    ann.sign_in()

    def away(*_args: object) -> bytes:
        raise RecordsUnavailable("away")

    monkeypatch.setattr(ann.site.records, "get", away)
    assert ann.get(PAGE).status_code == 503


# Logout by the issuer.


def logout_token(person: Person, header: dict[str, object] | None = None, **changed: object) -> str:
    now = int(person.site.clock())
    event = {"http://schemas.openid.net/event/backchannel-logout": {}}
    good = {"aud": "moorings-pages", "client_id": ..., "sub": ..., "sid": person.issuer_session, "events": event}
    times = {"iat": now, "exp": now + 120}
    return person.site.issuer.token(header={"typ": "logout+jwt", **(header or {})}, **{**good, **times, **changed})


@pytest.mark.parametrize("names", [{}, {"sub": "ann", "sid": ...}, {"sub": "ann"}])
def test_the_issuer_ends_sessions_by_a_logout_token(ann: Person, names: dict[str, object]) -> None:
    ann.sign_in()
    server = Person(ann.site)
    reply = server.post(links.ISSUER_LOGOUT, {"logout_token": logout_token(ann, **names)}, {})
    assert (reply.status_code, reply.headers["Cache-Control"]) == (200, "no-store")
    assert query_of(ann.get(PAGE).location)["why"] == ["ended"]
    ann.site.move(1)
    ann.sign_in(sid="another")
    assert ann.get(PAGE).status_code == 200


def test_a_logout_token_that_comes_again_ends_no_later_session(ann: Person) -> None:
    token = logout_token(ann, sub="ann", sid=...)
    ann.site.move(100)
    ann.sign_in()
    assert Person(ann.site).post(links.ISSUER_LOGOUT, {"logout_token": token}, {}).status_code == 200
    assert ann.get(PAGE).status_code == 200


def test_a_session_may_do_what_the_token_behind_its_link_may(site: PeopleRegistry) -> None:
    people = site.application.middleware.framework.extensions["moorings.people"]
    narrow = Principal("people:ann", "people", {"sub": "ann", "groups": ("shop-team",)}, scope=("read:shop",))
    code = people.links.make(LinkFor(narrow, site.clock(), PAGE))
    opened = Person(site)
    assert opened.post(links.OPEN, {"code": code}).location == PAGE
    shown = opened.get(PAGE)
    assert shown.status_code == 200
    assert "Change the lifecycle" not in shown.text
    key = hidden(shown.text, links.LOGOUT)["form_key"]
    assert opened.post(links.OPEN, {"code": code, "form_key": key}).status_code == 404


@pytest.mark.parametrize(
    "changed",
    [
        {"header": {"typ": "at+jwt"}},
        {"header": {"typ": ...}},
        {"events": {}},
        {"events": {"http://schemas.openid.net/event/backchannel-logout": "x"}},
        {"nonce": "x"},
        {"sid": ...},
        {"jti": ...},
        {"aud": "another"},
        {"iss": "https://other.example"},
        {"iat": 1_700_000_000, "exp": 1_700_000_100},
        {"iat": 4_000_000_000, "exp": 4_000_000_100},
    ],
)
def test_what_is_not_a_logout_token_ends_nothing(ann: Person, changed: dict[str, object]) -> None:
    ann.sign_in()
    token = logout_token(ann, **changed)  # type: ignore[arg-type]
    assert Person(ann.site).post(links.ISSUER_LOGOUT, {"logout_token": token}, {}).status_code == 400
    assert ann.get(PAGE).status_code == 200


def _query(location: str) -> dict[str, str]:
    return {name: values[0] for name, values in query_of(location).items()}


def _renew(person: Person, location: str) -> None:
    asked = _query(person.get(location).location)
    assert person.come_back(asked).status_code == 303
