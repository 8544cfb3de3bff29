"""Declared consumers over HTTP: what is accepted, what is refused and why, and what is shown."""

import pytest

from moorings_registry.app import build_application
from moorings_registry.ledger.memory import MemoryLedger
from tests.consumers.world import FORMATS, SUBJECT, Format, declare, reading, shop
from tests.registry.asking import require_facts_as_described
from tests.registry.calling import EVENT, Http


@pytest.fixture(params=FORMATS, ids=lambda one: one.name)
def format(request: pytest.FixtureRequest) -> Format:
    return request.param


def problems(reply: object) -> dict[str, str]:
    return {one["pointer"]: one["detail"] for one in reply.json["errors"]}  # type: ignore[attr-defined]


def test_a_declaration_is_kept_and_shown(format: Format) -> None:
    http = shop(format)
    reply = declare(http, reading("/order_id", "/items/*/sku"), contact="#payments", environment="production")
    assert reply.status == 200, reply.body
    shown = http.get("/v1/consumers/billing")
    assert shown.headers["etag"] == f'"{reply.json["etag"]}"'
    assert shown.json == reply.json
    assert [one["path"] for one in shown.json["reads"][0]["fields"]] == ["/order_id", "/items/*/sku"]
    assert (shown.json["team"], shown.json["expired"]) == ("payments", False)
    (listed,) = http.get("/v1/consumers").json["consumers"]
    assert listed == shown.json
    assert http.get("/v1/consumers?event=shop.orders.Other").json["total"] == 0
    (consumer,) = http.get(EVENT).json["consumers"]
    assert (consumer["application"], consumer["source"], consumer["major"]) == ("billing", "declared", 1)
    require_facts_as_described(http.ledger)


def test_the_same_declaration_again_adds_nothing() -> None:
    http = shop()
    declare(http, reading("/order_id"))
    before = len(list(http.ledger.read(0)))
    assert declare(http, reading("/order_id")).status == 200
    assert len(list(http.ledger.read(0))) == before


def test_fields_that_the_event_does_not_have_are_refused_with_a_suggestion(format: Format) -> None:
    http = shop(format)
    reply = declare(http, reading("/order_id", "/items/*/skus"))
    assert reply.code == "CONSUMER_INVALID"
    assert problems(reply) == {
        "/reads/0/fields/1": "/items/*/skus is not a field of the event; did you mean /items/*/sku?"
    }
    assert http.get("/v1/consumers/billing").code == "CONSUMER_NOT_FOUND"


def test_internal_fields_are_refused_outside_the_domain(format: Format) -> None:
    http = shop(format)
    assert problems(declare(http, reading("/margin"))) == {
        "/reads/0/fields/0": "/margin is internal to domain shop.orders"
    }
    assert declare(http, reading("/margin"), application="ledger", team="orders-team").status == 200


def test_wrong_events_majors_and_paths_are_named() -> None:
    http = shop()
    unknown = declare(http, reading("/order_id", event="shop.orders.OrderPlacd"))
    assert problems(unknown) == {"/reads/0/event": f"the registry has no event of this name; did you mean {SUBJECT}?"}
    reply = declare(
        http,
        reading("/order_id", major=2),
        reading("order_id", "/items/0/sku"),
        reading("/order_id", use="exhaustive", major=7),
    )
    assert reply.code == "CONSUMER_INVALID"
    said = problems(reply)
    assert said["/reads/0/major"] == f"major 2 of {SUBJECT} is unknown; known: 1"
    assert "slash" in said["/reads/1/fields/0"]
    assert "index" in said["/reads/1/fields/1"]
    again = declare(http, reading("/order_id"), reading("/total"))
    assert problems(again) == {"/reads/1": f"major 1 of {SUBJECT} is declared twice"}
    exhaustive = declare(http, reading("/order_id", use="exhaustive"))
    assert "not an enumeration" in problems(exhaustive)["/reads/0/fields/0"]


def test_another_team_cannot_take_the_name_of_an_application() -> None:
    http = shop()
    declare(http, reading("/order_id"))
    reply = declare(http, reading("/total"), team="marketing")
    assert (reply.status, reply.code) == (409, "CONSUMER_OF_ANOTHER_TEAM")
    assert "payments" in reply.json["detail"]


def test_a_stale_declaration_does_not_win() -> None:
    http = shop()
    etag = declare(http, reading("/order_id")).headers["etag"]
    assert (
        http.put("/v1/consumers/billing", {"team": "payments", "reads": [reading("/total")]}, If_Match=etag).status
        == 200
    )
    stale = http.put("/v1/consumers/billing", {"team": "payments", "reads": []}, If_Match=etag)
    assert (stale.status, stale.code) == (412, "STATE_CHANGED")
    assert http.delete("/v1/consumers/billing", If_Match=etag).status == 412
    assert http.delete("/v1/consumers/billing").json == {"application": "billing"}
    assert http.delete("/v1/consumers/billing").code == "CONSUMER_NOT_FOUND"
    assert http.get(EVENT).json["consumers"] == []


def test_declarations_survive_a_restart() -> None:
    http = shop()
    declare(http, reading("/order_id"))
    assert isinstance(http.ledger, MemoryLedger)
    restarted = Http(http.ledger)
    assert restarted.get("/v1/consumers/billing").json["team"] == "payments"
    assert set(build_application(http.ledger).registry.state.consumers) == {"billing"}


@pytest.mark.parametrize("name", ["a b", "..", "a" * 101, "\u00e9"])
def test_names_of_applications_are_plain(name: str) -> None:
    http = shop()
    assert http.put(f"/v1/consumers/{name}", {"team": "t", "reads": []}).code in ("REQUEST_INVALID", "NOT_FOUND")


def test_deployments_are_kept() -> None:
    http = shop()
    assert http.put("/v1/deployments/production/billing", {"version": "1.4"}).json["version"] == "1.4"
    assert http.put("/v1/deployments/production/billing", {"version": "1.5"}).status == 200
    (one,) = http.get("/v1/deployments?application=billing").json["deployments"]
    assert (one["environment"], one["version"]) == ("production", "1.5")
    require_facts_as_described(http.ledger)
