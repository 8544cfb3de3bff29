"""The type inside a schema has the name of its event, in every format and through every door that registers."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from moorings_registry.engines import open_ledger
from moorings_registry.entries import GENESIS, Entry, Head, moment_text
from tests.registry.asking import record
from tests.registry.calling import Http

EVENT = "shop.orders.OrderPlaced"
START = Head(0, GENESIS)
NATIVE, CONFLUENT = f"/v1/events/{EVENT}/versions", f"/subjects/{EVENT}/versions"


@pytest.fixture
def http() -> Http:
    """A registry with a domain that says nothing about type names, as new ones do."""
    http = Http()
    http.put("/v1/domains/shop", {"owner": "team"})
    return http


def message(*names: str) -> str:
    return 'syntax = "proto3"; package shop;' + "".join(f" message {name} {{ string id = 1; }}" for name in names)


def titled(title: Any) -> str:
    return json.dumps({"title": title, "type": "object", "properties": {"id": {"type": "string"}}})


NAMED = [  # what it shows, format, schema
    ("a record", "AVRO", record("a")),
    ("a record with a namespace", "AVRO", record("a", name="com.acme.OrderPlaced")),
    ("an enum", "AVRO", '{"type": "enum", "name": "OrderPlaced", "symbols": ["A"]}'),
    ("a type without a name", "AVRO", '"string"'),
    ("a union, which has no name", "AVRO", f"[{record('a', name='A')}, {record('b', name='B')}]"),
    ("a message", "PROTOBUF", message("OrderPlaced")),
    ("a message behind another one", "PROTOBUF", message("Money", "OrderPlaced")),
    ("a title", "JSON", titled("OrderPlaced")),
    ("a title in words", "JSON", titled("Order placed")),
    ("a schema without a title", "JSON", '{"type": "object"}'),
    ("a schema that is true", "JSON", "true"),
]
OTHERS = [
    ("a record", "AVRO", record("a", name="Order")),
    ("a record with the event as its namespace", "AVRO", record("a", name="OrderPlaced.Order")),
    ("a fixed", "AVRO", '{"type": "fixed", "name": "Digest", "size": 2}'),
    ("another case", "AVRO", record("a", name="orderPlaced")),
    ("messages", "PROTOBUF", message("Order", "Money")),
    ("a message inside another one", "PROTOBUF", 'syntax = "proto3"; message Order { message OrderPlaced {} }'),
    ("a title", "JSON", titled("Order")),
]


@pytest.mark.parametrize("path", [NATIVE, CONFLUENT], ids=["native", "confluent"])
@pytest.mark.parametrize(("shows", "kind", "text"), NAMED, ids=[f"{row[1]} {row[0]}" for row in NAMED])
def test_a_type_with_the_name_of_its_event_is_accepted(http: Http, path: str, shows: str, kind: str, text: str) -> None:
    body = {"schema": text, "format": kind} if path == NATIVE else {"schema": text, "schemaType": kind}
    assert http.post(path, body).status in (200, 201)


@pytest.mark.parametrize(("shows", "kind", "text"), OTHERS, ids=[f"{row[1]} {row[0]}" for row in OTHERS])
def test_a_type_with_another_name_is_refused_alike_on_both_apis(http: Http, shows: str, kind: str, text: str) -> None:
    refused = http.post(NATIVE, {"schema": text, "format": kind})
    assert (refused.status, refused.code) == (422, "TYPE_NAME_REFUSED")
    other = http.post(CONFLUENT, {"schema": text, "schemaType": kind})
    assert (other.status, other.json["error_code"]) == (422, 42201)
    assert other.json["message"] == refused.json["detail"]
    assert http.get(f"/v1/events/{EVENT}").code == "SUBJECT_NOT_FOUND"


def test_an_association_is_a_door_like_any_other(http: Http) -> None:
    body = {
        "resourceName": "orders",
        "resourceNamespace": "lkc-1",
        "resourceId": "id-orders",
        "resourceType": "topic",
        "associations": [
            {
                "subject": EVENT,
                "associationType": "value",
                "lifecycle": "STRONG",
                "schema": {"schema": record("a", name="Order"), "schemaType": "AVRO"},
            }
        ],
    }
    assert http.post("/associations", body).json["error_code"] == 42201
    assert http.get("/subjects").json == []


def test_the_key_of_a_record_may_have_any_name_and_its_value_may_not(http: Http) -> None:
    text = {"schema": record("a", name="OrderKey")}
    assert http.post(f"/subjects/{EVENT}-key/versions", text).status == 200
    assert http.post(f"/subjects/{EVENT}-value/versions", text).json["error_code"] == 42201


def test_names_are_free_outside_the_domains_and_where_a_domain_says_any(http: Http) -> None:
    text = {"schema": record("a", name="Order")}
    assert http.post("/subjects/orders-value/versions", text).status == 200
    http.put("/v1/domains/crm", {"owner": "team", "policy": {"type_names": "any"}})
    shown = http.get("/v1/domains/crm").json
    assert (shown["policy"]["type_names"], shown["effective"]["type_names"]) == ("any", "any")
    assert http.post("/v1/events/crm.CustomerMoved/versions", text).status == 201


def test_a_domain_below_may_ask_for_as_much_or_more(http: Http) -> None:
    refused = http.put("/v1/domains/shop.orders", {"owner": "team", "policy": {"type_names": "any"}})
    assert refused.code == "POLICY_BELOW_FLOOR"
    assert "type_names any" in refused.json["detail"]
    until = (datetime.now(UTC) + timedelta(days=30)).isoformat()
    waiver = {"kind": "level", "domain": "shop.orders", "reason": "Generated types.", "requested_by": "ann"}
    http.put("/v1/domains/shop.orders", {"owner": "team"})
    granted = http.post("/v1/waivers", {**waiver, "approved_by": "bob", "until": until})
    assert granted.status == 201
    put = http.put("/v1/domains/shop.orders", {"owner": "team", "policy": {"type_names": "any"}})
    assert put.json["effective"]["type_names"] == "any"
    assert len(http.get(f"/v1/waivers/{granted.json['id']}").json["uses"]) == 1
    assert http.post(NATIVE, {"schema": record("a", name="Order")}).status == 201


def test_a_domain_that_asks_is_obeyed_below_one_that_does_not() -> None:
    http = Http()
    http.put("/v1/domains/shop", {"owner": "team", "policy": {"type_names": "any"}})
    http.put("/v1/domains/shop.orders", {"owner": "team", "policy": {"type_names": "event"}})
    assert http.post(NATIVE, {"schema": record("a", name="Order")}).code == "TYPE_NAME_REFUSED"


def test_a_major_keeps_the_name_that_it_has_and_the_next_one_takes_the_events(http: Http) -> None:
    http.put("/v1/domains/shop", {"owner": "team", "policy": {"type_names": "any"}})
    http.post(NATIVE, {"schema": record("a", name="Order")})
    http.put("/v1/domains/shop", {"owner": "team", "policy": {"type_names": "event"}})
    assert http.post(NATIVE, {"schema": record("a", name="Order")}).status == 200
    assert http.post(NATIVE, {"schema": record("a", name="Order", b=1)}).json["label"] == "1.1"
    assert http.post(CONFLUENT, {"schema": record("a", name="Order", c=1)}).status == 200
    refused = http.post(NATIVE, {"schema": record("a", "z", name="Order"), "major": "next"})
    assert refused.code == "TYPE_NAME_REFUSED"
    assert http.post(NATIVE, {"schema": record("a", "z"), "major": "next"}).json["label"] == "2.0"


def test_a_revision_comes_back_under_the_name_that_it_had(http: Http) -> None:
    http.put("/v1/domains/shop", {"owner": "team", "policy": {"type_names": "any"}})
    http.post(NATIVE, {"schema": record("a", name="Order")})
    http.delete(f"{NATIVE}/1")
    http.put("/v1/domains/shop", {"owner": "team", "policy": {"type_names": "event"}})
    assert http.post(f"{CONFLUENT}/1/undelete").status == 200


def test_a_domain_from_before_there_was_a_choice_keeps_any_name() -> None:
    ledger = open_ledger("memory:")
    fact = {"fact": "DomainRegistered", "v": 1, "domain": "shop", "owner": "team", "contacts": [], "description": ""}
    ledger.append(_entry({**fact, "policy": {}}), after=START)
    http = Http(ledger)
    shown = http.get("/v1/domains/shop").json
    assert (shown["policy"], shown["effective"]["type_names"]) == ({}, "any")
    assert http.post(NATIVE, {"schema": record("a", name="Order")}).status == 201


def _entry(fact: dict[str, Any]) -> Entry:
    recorded_at = moment_text(datetime(2026, 11, 22, 10, tzinfo=UTC))
    return Entry.following(START, recorded_at=recorded_at, actor="ci", correlation_id="c", facts=[fact])


def test_a_policy_that_leaves_type_names_out_keeps_them(http: Http) -> None:
    http.put("/v1/domains/shop", {"owner": "team", "policy": {"level": "FULL"}})
    assert http.get("/v1/domains/shop").json["policy"]["type_names"] == "event"
    assert http.put("/v1/domains/shop", {"owner": "team", "policy": {"type_names": "no"}}).code == "REQUEST_INVALID"
