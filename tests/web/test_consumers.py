"""The pages about consumers: the list, who reads an event and each of its fields, and what a change does to them."""

from urllib.parse import urlencode

import pytest

from tests.consumers.world import AVRO, SUBJECT, change, declare, reading, shop
from tests.registry.calling import Http
from tests.web.site import Outline

PAGE = f"/admin/events/{SUBJECT}"


def page(http: Http, path: str) -> str:
    reply = http.get(path)
    assert reply.status == 200, reply.body
    text = reply.body.decode()
    assert Outline(text).open == []
    return text


def with_consumers() -> Http:
    http = shop()
    declare(http, reading("/total", "/items/*/sku"), contact="#payments", environment="production", version="1.4")
    declare(http, reading(), application="archive", team="<b>storage</b>")
    row = {"subject": SUBJECT, "direction": "consume", "major": 1, "revision": "1.0"}
    http.post("/v1/usage", {"application": "insight", "used": [row]})
    http.put("/v1/deployments/production/billing", {"version": "1.4"})
    return http


def test_consumers_are_listed_and_found() -> None:
    http = with_consumers()
    text = page(http, "/admin/consumers")
    for word in ("billing", "payments", "/items/*/sku", "1.4 in production", "archive", "does not say which fields"):
        assert word in text
    assert "<b>storage" not in text
    assert "archive" not in page(http, "/admin/consumers?q=billing")
    assert "No consumer matches" in page(http, "/admin/consumers?team=nobody")
    assert "No application has declared" in page(shop(), "/admin/consumers")


def test_an_event_shows_its_readers_and_those_of_each_field() -> None:
    text = page(with_consumers(), PAGE)
    assert "Readers of major 1" in text
    assert "insight" in text
    assert "nobody says so; 2 readers may" in text
    assert "Nobody knows who does" in page(shop(), PAGE)


def test_a_report_shows_what_the_change_does_to_each() -> None:
    http = with_consumers()
    refused = change(http, AVRO.without_total)
    text = page(http, f"/admin/reports/{refused.json['report']['id']}")
    for word in ("Consumers", "Broken", "/total is removed", "Unknown", "CONSUMER_READS_FIELD"):
        assert word in text


def ask(http: Http, question: str, **asked: str) -> Outline:
    reply = http.get("/admin/questions?" + urlencode({"ask": question, **asked}))
    assert reply.status == 200, reply.body
    return Outline(reply.body.decode())


def test_questions_are_answered_with_reasons_and_the_next_step() -> None:
    http = with_consumers()
    words = ask(http, "who-reads", event=SUBJECT, path="/total").words
    for part in (
        "Yes Who reads /total",
        "billing declares to read /total",
        "READS",
        "payments",
        "Ask the teams listed",
    ):
        assert part in words
    assert "does not declare which fields" in ask(http, "unused-fields", event=SUBJECT).words
    assert (
        "No Can /total, /order_id be removed" in ask(http, "can-break", event=SUBJECT, drop="/total, /order_id").words
    )
    assert "NOT_DEPRECATED" in ask(http, "can-retire", event=SUBJECT, major="1").words
    assert (
        "Yes Can billing 1.4 be deployed"
        in ask(http, "can-deploy", application="billing", version="1.4", environment="production").words
    )


@pytest.mark.parametrize(
    ("asked", "status", "message"),
    [
        ({"ask": "who-reads", "event": SUBJECT, "path": "/totl"}, 422, "did you mean /total?"),
        ({"ask": "who-reads"}, 422, "does not name an event"),
        ({"ask": "who-reads", "event": "shop.orders.Unheard"}, 404, "shop.orders.Unheard"),
        ({"ask": "unused-fields", "event": SUBJECT, "major": "9"}, 422, "ajor 9"),
        ({"ask": "can-break", "event": SUBJECT}, 422, "Name 1 to 50 fields"),
        ({"ask": "can-deploy", "application": "<i>x", "version": "1", "environment": "e"}, 404, "&lt;i&gt;x"),
    ],
)
def test_a_question_that_cannot_be_answered_says_why_beside_its_form(
    asked: dict[str, str], status: int, message: str
) -> None:
    reply = shop().get("/admin/questions?" + urlencode(asked))
    text = reply.body.decode()
    assert reply.status == status
    assert message in text
    assert Outline(text).open == []


def test_events_domains_and_consumers_lead_to_the_questions() -> None:
    http = with_consumers()
    for path in (PAGE, "/admin/domains/shop.orders", "/admin/consumers"):
        assert any(one.startswith("/admin/questions") for one in Outline(page(http, path)).links), path
    words = ask(http, "who-reads", event=SUBJECT)
    assert ("option", {"value": SUBJECT}) in words.tags
    assert ("option", {"value": "/items/*/sku"}) in words.tags
