"""The draft in which JSON Schemas are read that name a dialect of another party: a domain's policy says it."""

import json
from typing import Any

import pytest

from tests.registry.asking import require_facts_as_described
from tests.registry.calling import Http

FOREIGN = "https://dialects.example.com/tracking#"
EVENT = "/v1/events/shop.orders.OrderPlaced"
OLD_WAY = {"$schema": FOREIGN, "type": "object", "properties": {"n": {"maximum": 3, "exclusiveMaximum": True}}}
NEW_WAY = {"$schema": FOREIGN, "type": "object", "properties": {"n": {"exclusiveMaximum": 3}}}


@pytest.fixture
def http() -> Any:
    made = Http()
    yield made
    require_facts_as_described(made.ledger)


def domain(http: Http, name: str = "shop.orders", **policy: Any) -> None:
    reply = http.put(f"/v1/domains/{name}", {"owner": "team", "policy": {"type_names": "any", **policy}})
    assert reply.status == 200, reply.body


def register(http: Http, content: Any, path: str = EVENT) -> Any:
    return http.post(f"{path}/versions", {"schema": json.dumps(content), "format": "JSON"})


def test_draft_7_holds_where_nobody_says_anything(http: Http) -> None:
    domain(http)
    assert register(http, OLD_WAY).code == "SCHEMA_INVALID"
    accepted = register(http, NEW_WAY)
    assert accepted.status == 201
    assert accepted.json["dialect"] == ""
    assert http.get("/v1/domains/shop.orders").json["effective"]["json_dialect"] == "draft-07"


def test_a_policy_names_another_for_the_domains_below_it(http: Http) -> None:
    domain(http, "shop", json_dialect="draft-04")
    domain(http)
    assert http.get("/v1/domains/shop.orders").json["effective"]["json_dialect"] == "draft-04"
    accepted = register(http, OLD_WAY)
    assert accepted.status == 201
    assert accepted.json["dialect"] == "draft-04"
    assert http.get(f"/v1/schemas/{accepted.json['guid']}").json["dialect"] == "draft-04"
    wider = {**OLD_WAY, "title": "Order"}
    assert register(http, wider).status == 201
    assert http.get("/admin/domains/shop.orders", Accept="text/html").status == 200


def test_what_is_registered_keeps_its_meaning_when_the_policy_changes(http: Http) -> None:
    domain(http, json_dialect="draft-04")
    first = register(http, OLD_WAY).json
    domain(http, json_dialect="2019-09")
    assert http.get(f"{EVENT}/versions/1").json == first
    assert register(http, NEW_WAY).status == 201
    again = register(http, OLD_WAY)
    assert again.json["version"] == 1
    assert http.post(f"{EVENT}/lookup", {"schema": json.dumps(OLD_WAY), "format": "JSON"}).json["version"] == 1
    assert register(http, {**OLD_WAY, "title": "Order"}).code == "SCHEMA_INVALID"


def test_one_text_in_two_dialects_is_two_definitions(http: Http) -> None:
    content = {"$schema": FOREIGN, "type": "object", "properties": {"n": {"type": "string"}}}
    domain(http, json_dialect="draft-04")
    first = register(http, content).json
    domain(http, json_dialect="draft-07")
    second = register(http, content, "/v1/events/shop.orders.OrderPaid")
    assert second.status == 201
    assert second.json["guid"] != first["guid"]
    assert second.json["id"] != first["id"]


def test_who_writes_with_a_registered_text_finds_it_when_the_policy_changes(http: Http) -> None:
    beside = {"$ref": "#/definitions/s", "maxLength": 2}
    content = {"$schema": FOREIGN, "properties": {"n": beside}, "definitions": {"s": {"type": "string"}}}
    domain(http)
    first = register(http, content).json
    domain(http, json_dialect="2019-09")  # where the bound counts
    subject, body = "/subjects/shop.orders.OrderPlaced", {"schema": json.dumps(content), "schemaType": "JSON"}
    for path in (subject, f"{subject}/versions"):
        assert http.post(path, body).json["id"] == first["id"]
    assert register(http, content).json["version"] == 1
    assert register(http, {**content, "title": "Order"}).code == "SCHEMA_INCOMPATIBLE"


def test_a_check_warns_of_the_dialect_on_both_apis(http: Http) -> None:
    domain(http)
    assert register(http, NEW_WAY).status == 201
    changed = json.dumps({**NEW_WAY, "title": "Order"})
    body = {"subject": "shop.orders.OrderPlaced", "schema": changed, "format": "JSON"}
    report = http.post("/v1/checks", body).json["report"]
    rules = {one["rule"] for comparison in report["comparisons"] for one in comparison["findings"]}
    assert "JSON_DIALECT_ASSUMED" in rules
    told = http.post(
        "/compatibility/subjects/shop.orders.OrderPlaced/versions/latest?verbose=true",
        {"schema": changed, "schemaType": "JSON"},
    ).json
    assert told["is_compatible"]


def test_an_unknown_draft_is_refused(http: Http) -> None:
    reply = http.put("/v1/domains/shop.orders", {"owner": "team", "policy": {"json_dialect": "draft-03"}})
    assert reply.status == 422
