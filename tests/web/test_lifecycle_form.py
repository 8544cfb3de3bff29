"""The form that changes the life of a major: without a script, and from pages of the registry alone."""

import re
from datetime import timedelta

import pytest
from werkzeug.test import TestResponse

from moorings_registry.commands import PutDomain
from moorings_registry.names import Subject
from moorings_registry.web import links
from tests.web.seed import avro, run
from tests.web.site import Outline, Site

SUBJECT = "shop.orders.OrderPlaced"
ACTION = links.lifecycle_action(SUBJECT, 1)
OWN = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def shop(site: Site) -> Site:
    run(site.registry, PutDomain("shop", "team", policy={"notice_days": 10}))
    avro(site.registry, SUBJECT, {"name": "a", "type": "int"})
    avro(site.registry, SUBJECT, {"name": "b", "type": "int"}, major="next")
    return site


def day(site: Site, ahead: int) -> str:
    return (site.registry.now() + timedelta(days=ahead)).date().isoformat()


def etag(site: Site) -> str:
    found = re.search(r'name="etag" value="([0-9a-f]+)"', site.page(links.event_href(SUBJECT)))
    assert found
    return found[1]


def send(site: Site, headers: dict[str, str] | None = None, **fields: str) -> TestResponse:
    form = {"etag": etag(site), **fields}
    return site.client.post(
        ACTION, data=form, headers={"Host": "localhost:8081", **(OWN if headers is None else headers)}
    )


def state_of(site: Site) -> str:
    return str(site.registry.state.subjects[Subject.parse(SUBJECT)].life(1).state)


def test_a_major_is_deprecated_by_the_form(shop: Site) -> None:
    sunset = day(shop, 20)
    answered = send(shop, state="deprecated", sunset=sunset, page="https://wiki.example/v2", replacement="")
    assert (answered.status_code, answered.headers["location"]) == (303, f"{links.event_href(SUBJECT)}#majors")
    life = shop.registry.state.subjects[Subject.parse(SUBJECT)].life(1)
    assert (str(life.state), life.sunset, life.page) == ("deprecated", sunset, "https://wiki.example/v2")
    outline = Outline(shop.page(links.event_href(SUBJECT)))
    assert (
        "use instead: major 2 , how to migrate" in outline.words
        or "use instead: major 2, how to migrate" in outline.words
    )
    assert "https://wiki.example/v2" in outline.links
    assert send(shop, state="active", sunset=sunset).status_code == 303
    assert state_of(shop) == "active"


SITES = [
    ("another site", {"Sec-Fetch-Site": "cross-site"}, 403),
    ("another port of the same host", {"Sec-Fetch-Site": "same-site", "Origin": "http://localhost:9999"}, 403),
    ("a link that was typed", {"Sec-Fetch-Site": "none"}, 403),
    ("no word of where", {}, 403),
    ("the origin of another site", {"Origin": "http://evil.example"}, 403),
    ("another port in the origin", {"Origin": "http://localhost:9999"}, 403),
    ("an origin that is hidden", {"Origin": "null"}, 403),
    ("its own origin, from an old browser", {"Origin": "http://localhost:8081"}, 303),
    ("its own page", OWN, 303),
    ("its own page, with its origin", {**OWN, "Origin": "http://localhost:8081"}, 303),
]


@pytest.mark.parametrize(("shows", "headers", "status"), SITES, ids=[one[0] for one in SITES])
def test_the_form_is_taken_from_pages_of_the_registry_alone(
    shop: Site, shows: str, headers: dict[str, str], status: int
) -> None:
    answered = send(shop, headers, state="deprecated", sunset=day(shop, 20))
    assert answered.status_code == status
    assert (state_of(shop) == "deprecated") == (status == 303)


def test_what_somebody_changed_meanwhile_is_not_overwritten(shop: Site) -> None:
    seen = etag(shop)
    send(shop, state="deprecated", sunset=day(shop, 20))
    form = {"etag": seen, "state": "active"}
    answered = shop.client.post(ACTION, data=form, headers={"Host": "localhost:8081", **OWN})
    assert answered.status_code == 412
    assert state_of(shop) == "deprecated"


@pytest.mark.parametrize(
    ("fields", "status", "said"),
    [
        ({"state": "deprecated", "sunset": "soon"}, 422, "The form cannot be read"),
        ({"state": "gone"}, 422, "The form cannot be read"),
        ({}, 422, "The form cannot be read"),
        ({"state": "deprecated", "page": "javascript:alert(1)"}, 422, "not an http or https address"),
        ({"state": "retired"}, 409, "deprecate it first"),
    ],
)
def test_what_cannot_be_is_said_on_a_page(shop: Site, fields: dict[str, str], status: int, said: str) -> None:
    answered = send(shop, **fields)
    assert answered.status_code == status
    assert said in Outline(answered.text).words


def test_several_faults_are_listed(shop: Site) -> None:
    words = Outline(send(shop, state="deprecated", sunset="2020-01-01", page="x").text).words
    assert "2020-01-01 lies in the past" in words
    assert "not an http or https address" in words


def test_the_pages_have_no_form_for_names_that_no_path_can_have(site: Site) -> None:
    avro(site.registry, "../a b", name="Odd")
    assert '<form class="filters" method="post"' not in site.page(links.event_href("../a b"))
