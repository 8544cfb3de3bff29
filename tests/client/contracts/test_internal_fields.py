"""Internal fields: left out for applications of other domains, in every format, and in nothing else."""

import json
import warnings
from typing import Any

import httpx2
import pytest

import moorings
from moorings.contracts import internal_fields

pytest.importorskip("moorings_registry.app", reason="the server's packages are not installed")

from tests.consumers.world import DOMAIN, FORMATS, SUBJECT, Format, shop  # behind the question whether it is there
from tests.registry.calling import Http

EVENT = {"order_id": "o", "total": 2.0, "margin": 0.5, "items": [{"sku": "a"}]}
SEEN = {name: value for name, value in EVENT.items() if name != "margin"}


@pytest.fixture(autouse=True)
def _warned_of_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(internal_fields, "_warned", set())


def connected(http: Http, domain: str | None = None) -> moorings.Registry:
    transport = httpx2.WSGITransport(app=http.application.middleware)
    return moorings.connect(http=transport, refresh_s=None, drift=False, domain=domain)


def contract(http: Http, domain: str | None = None, **more: Any) -> moorings.EventContract:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", internal_fields.InternalFields)
        return connected(http, domain).event(SUBJECT, **more)


def told(http: Http, domain: str | None = None) -> list[str]:
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        connected(http, domain).event(SUBJECT)
    return [str(one.message) for one in found]


@pytest.mark.parametrize("format", FORMATS, ids=lambda one: one.name)
def test_applications_of_other_domains_do_not_see_them(format: Format) -> None:
    http = shop(format)
    owner = contract(http, "shop.orders")
    data = owner.encode(EVENT)
    for domain in ("shop.orders", "shop"):
        assert contract(http, domain).decode(data)["margin"] == 0.5
    for domain in ("shop.orders.eu", "billing", None):
        read = contract(http, domain)
        assert {name: value for name, value in read.decode(data).items() if value is not None} == SEEN
        assert read.encode(EVENT) == data, "the bytes are those of the schema"
    if format.name == "PROTOBUF":
        message = contract(http, "billing").decode_message(data)
        assert (message.HasField("margin"), message.total) == (False, 2.0)


def test_messages_lose_them_at_any_depth() -> None:
    http = Http()
    http.put("/v1/domains/shop.orders", DOMAIN)
    text = """syntax = "proto3";
package shop.orders;
import "confluent/meta.proto";
message OrderPlaced {
  int32 a = 1;
  int32 cost = 2 [(confluent.field_meta).tags = "internal"];
  OrderPlaced next = 3;
  repeated OrderPlaced parts = 4;
  map<string, OrderPlaced> named = 5;
}
"""
    http.register(text, format="PROTOBUF")
    leaf = {"a": 1, "cost": 3}
    data = contract(http, "shop.orders").encode({**leaf, "next": leaf, "parts": [leaf, leaf], "named": {"cost": leaf}})
    read = contract(http, "billing")
    message = read.decode_message(data)
    inner = (message, message.next, *message.parts, message.named["cost"])
    assert [(one.a, one.cost) for one in inner] == [(1, 0)] * 5
    assert '"cost": 3' not in json.dumps(read.decode(data))


@pytest.mark.parametrize("format", FORMATS, ids=lambda one: one.name)
def test_older_readers_and_later_tags_lose_nothing_of_it(format: Format) -> None:
    http = shop(format)
    older = contract(http, "shop.orders")
    tags = {"PROTOBUF": "shop.orders.OrderPlaced.total", "AVRO": "OrderPlaced.total", "JSON": "$.total"}
    body = {"schema": format.text, "format": format.name, "metadata": {"tags": {tags[format.name]: ["Internal"]}}}
    reply = http.post(f"/v1/events/{SUBJECT}/versions", body)
    assert reply.status == 201, reply.body
    data = older.encode(EVENT)
    for reader in (None, "1.0"):
        assert contract(http, "billing", reader=reader).decode(data).get("total") is None
    assert older.decode(data)["total"] == 2.0


def test_the_schema_stays_whole_and_says_what_is_internal() -> None:
    http = shop()
    version = http.get(f"/v1/events/{SUBJECT}/versions/1").json
    assert version["internal_fields"] == ["/margin"]
    stock = json.loads(http.get(f"/subjects/{SUBJECT}/versions/1").json["schema"])
    assert [one.get("confluent:tags") for one in stock["fields"] if one["name"] == "margin"] == [["internal"]]
    assert http.get(f"/v1/events/{SUBJECT}").json["internal"] == "strip"
    assert "<code>/margin</code>" in http.get(f"/admin/events/{SUBJECT}").body.decode()


def test_a_domain_may_leave_it_at_a_warning() -> None:
    http = shop()
    data = contract(http, "shop.orders").encode(EVENT)
    (stripped,) = told(http)
    assert (
        "fields of shop.orders.OrderPlaced major 1 are internal to domain shop.orders and left out: /margin" in stripped
    )
    assert "connect(domain='shop.orders')" in stripped
    assert told(http) == [], "once in a process"
    held = contract(http)
    assert "margin" not in held.decode(data)
    http.put("/v1/domains/shop.orders", {**DOMAIN, "policy": {"internal": "flag"}})
    held.refresh()
    assert held.decode(data)["margin"] == 0.5
    internal_fields._warned.clear()
    assert "not for other domains: /margin" in told(http)[0]
    assert told(http, "shop.orders") == []


def test_a_domain_below_one_that_strips_cannot_only_warn() -> None:
    http = Http()
    http.put("/v1/domains/shop", {"owner": "team", "policy": {"internal": "strip"}})
    refused = http.put("/v1/domains/shop.orders", {"owner": "team", "policy": {"internal": "flag"}})
    assert (refused.status, refused.code) == (422, "POLICY_BELOW_FLOOR")
    assert http.put("/v1/domains/crm", {"owner": "team", "policy": {"internal": "hide"}}).status == 422
    effective = http.put("/v1/domains/shop.orders", {"owner": "team"}).json["effective"]
    assert effective["internal"] == "strip"


def test_json_fields_are_tagged_by_their_path() -> None:
    http = Http()
    http.put("/v1/domains/shop.orders", DOMAIN)
    part = {"type": "object", "properties": {"a": {"type": "integer"}, "part": {"$ref": "#/$defs/part"}}}
    text = {
        "type": "object",
        "properties": {"x": {"$ref": "#/$defs/part"}, "y": {"type": "array", "items": {"$ref": "#/$defs/part"}}},
        "$defs": {"part": part},
    }
    http.register(
        json.dumps(text), format="JSON", metadata={"tags": {"$.y.a": ["internal"], "$.x.part.a": ["internal"]}}
    )
    assert http.get(f"/v1/events/{SUBJECT}/versions/1").json["internal_fields"] == ["/x/part/a", "/y/*/a"]
    event = {"x": {"a": 1, "part": {"a": 2}}, "y": [{"a": 3, "part": {}}]}
    data = contract(http, "shop.orders").encode(event)
    assert contract(http, "billing").decode(data) == {"x": {"a": 1, "part": {}}, "y": [{"part": {}}]}
    refused = http.put(
        "/v1/consumers/billing",
        {"team": "b", "reads": [{"event": SUBJECT, "major": 1, "fields": [{"path": "/y/*/a"}]}]},
    )
    assert (refused.code, "internal to domain" in refused.body.decode()) == ("CONSUMER_INVALID", True)


def test_they_are_left_out_wherever_a_schema_contains_itself() -> None:
    http = Http()
    http.put("/v1/domains/shop.orders", DOMAIN)
    tree = {
        "type": "record",
        "name": "OrderPlaced",
        "fields": [
            {"name": "a", "type": "int"},
            {"name": "cost", "type": "int", "confluent:tags": ["internal"]},
            {"name": "next", "type": ["null", "OrderPlaced"]},
            {"name": "parts", "type": {"type": "map", "values": {"type": "array", "items": "OrderPlaced"}}},
        ],
    }
    http.register(json.dumps(tree), format="AVRO")
    leaf: dict[str, Any] = {"a": 1, "cost": 1, "next": None, "parts": {}}
    deep = leaf
    for _ in range(200):
        deep = {"a": 2, "cost": 2, "next": deep, "parts": {"cost": [leaf, leaf]}}
    data = contract(http, "shop.orders").encode(deep)
    read = contract(http, "billing").decode(data)
    assert '"cost": 1' not in json.dumps(read)
    assert list(read["parts"]) == ["cost"], "the key of a map is not a field"
    assert read["next"]["next"]["a"] == 2


def test_a_class_that_needs_one_says_so() -> None:
    http = shop()
    data = contract(http, "shop.orders").encode(EVENT)

    def into(event: dict[str, Any]) -> Any:
        return event["margin"]

    with pytest.raises(moorings.EventUnreadable, match=r"without /margin, internal to domain shop\.orders"):
        contract(http, "billing", into=into).decode(data)
    assert contract(http, "shop.orders", into=into).decode(data) == 0.5


def test_rules_of_the_contract_see_them() -> None:
    pytest.importorskip("celpy", reason="the extra for rules is not installed")
    http = Http()
    http.put("/v1/domains/shop.orders", DOMAIN)
    rule = {
        "name": "earns", "kind": "CONDITION", "mode": "READ", "type": "CEL", "expr": "message.margin > 0.0",
        "onFailure": "ERROR",
    }  # fmt: skip
    http.register(FORMATS[1].text, format="JSON", rule_set={"domainRules": [rule]})
    owner, other = contract(http, "shop.orders"), contract(http, "billing")
    assert other.decode(owner.encode(EVENT)) == SEEN
    with pytest.raises(moorings.EventUnreadable, match="breaks the contract's rules"):
        other.decode(owner.encode({**EVENT, "margin": -1.0}))


def test_events_of_an_earlier_major_lose_them_after_they_are_mapped() -> None:
    http = shop()
    data = contract(http, "shop.orders").encode(EVENT)
    later = json.loads(FORMATS[0].text)
    later["fields"][2]["name"] = "profit"
    http.register(json.dumps(later), format="AVRO", major="next")
    steps = [{"rename": "/margin", "to": "profit"}]
    assert http.put(f"/v1/events/{SUBJECT}/majors/2/migration", {"steps": steps}).status == 200
    assert contract(http, "shop.orders", major=2).decode(data)["profit"] == 0.5
    assert contract(http, "billing", major=2).decode(data) == SEEN
