"""The pages about consumers: the list, who reads an event and each of its fields, and what a change does to them."""

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
