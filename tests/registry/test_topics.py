"""Topics: the names that Kafka's clients use by default lead to the event, on both APIs and by every route."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from moorings_registry.commands import RegisterSchema
from moorings_registry.names import Subject
from tests.registry.asking import Asked, avro, record, require_facts_as_described
from tests.registry.calling import EVENT, Http, Reply, without_form_keys

ORDERS, SHIPPED = "shop.orders.OrderPlaced", "shop.orders.OrderShipped"
VALUE, KEY = "/subjects/orders-value", "/subjects/orders-key"
SHIPPED_EVENT = f"/v1/events/{SHIPPED}"
BOUND = {"kind": "fact", "topics": ["orders"]}


def schema(*names: str, name: str = "OrderPlaced", **defaults: Any) -> dict[str, Any]:
    return {"schema": record(*names, name=name, **defaults)}


@pytest.fixture
def http() -> Iterator[Http]:
    http = Http()
    http.put("/v1/domains/shop.orders", {"owner": "team-orders"})
    http.put("/v1/domains/shop.payments", {"owner": "team-payments"})
    yield http
    require_facts_as_described(http.ledger)


@pytest.fixture
def bound(http: Http) -> Http:
    assert http.put(EVENT, BOUND).status == 200
    return http


def confluent_error(reply: Reply) -> tuple[int, int]:
    return reply.status, reply.json["error_code"]


def test_what_a_client_registers_for_its_topic_is_a_revision_of_the_event(bound: Http) -> None:
    registered = bound.post(f"{VALUE}/versions", schema("a"))
    assert (registered.status, registered.json["subject"], registered.json["version"]) == (200, "orders-value", 1)
    assert bound.post(f"{VALUE}/versions", schema("a", note=0)).json["version"] == 2
    major = bound.get(EVENT).json["majors"][0]
    assert [one["label"] for one in major["revisions"]] == ["1.0", "1.1"]
    assert bound.get(EVENT).json["owner"] == "team-orders"


def test_a_break_is_refused_with_the_events_report(bound: Http) -> None:
    bound.post(f"{VALUE}/versions", schema("a"))
    refused = bound.post(f"{VALUE}/versions", schema("b"))
    assert confluent_error(refused) == (409, 409)
    assert f'earlier schema for subject "{ORDERS}"' in refused.json["message"]
    assert bound.get("/v1/reports?accepted=false").json["reports"][0]["subject"] == ORDERS


def test_the_policy_of_the_event_holds_for_names_majors_and_force(bound: Http) -> None:
    assert confluent_error(bound.post(f"{VALUE}/versions", schema("a", name="Order"))) == (422, 42201)
    bound.post(f"{VALUE}/versions", schema("a"))
    assert confluent_error(bound.post(f"{VALUE}/versions?force=true", schema("b"))) == (422, 42205)
    next_major = {**schema("b"), "metadata": {"properties": {"major": "2"}}}
    assert bound.post(f"{VALUE}/versions", next_major).status == 200
    assert [one["major"] for one in bound.get(EVENT).json["majors"]] == [1, 2]
    skipped = {**schema("c"), "metadata": {"properties": {"major": "7"}}}
    assert confluent_error(bound.post(f"{VALUE}/versions", skipped)) == (422, 42202)


def test_keys_of_the_topic_are_the_events_keys(bound: Http) -> None:
    assert bound.post(f"{KEY}/versions", {"schema": '"string"'}).json["subject"] == "orders-key"
    assert bound.get(f"/v1/events/{ORDERS}-key/versions").json["versions"][0]["label"] == "1.0"
    assert confluent_error(bound.post(f"{KEY}/versions", {"schema": '"int"'})) == (409, 409)


READS = [
    ("GET", f"{VALUE}/versions", None),
    ("GET", f"{VALUE}/versions/1", None),
    ("GET", f"{VALUE}/versions/latest", None),
    ("GET", f"{VALUE}/versions/1/schema", None),
    ("GET", f"{VALUE}/versions/1/referencedby", None),
    ("POST", VALUE, schema("a")),
    ("GET", f"{VALUE}/metadata?key=team&value=a", None),
    ("POST", f"/compatibility{VALUE}/versions", schema("b")),
    ("POST", f"/compatibility{VALUE}/versions/1", schema("b")),
    ("GET", "/config/orders-value?defaultToGlobal=true", None),
    ("GET", "/mode/orders-value?defaultToGlobal=true", None),
    ("GET", "/schemas/ids/1?subject=orders-value", None),
    ("GET", "/schemas/ids/1/versions?subject=orders-value", None),
    ("GET", "/v1/events/orders-value", None),
    ("GET", "/v1/events/orders-value/versions", None),
    ("GET", "/v1/events/orders-value/versions/1.0", None),
    ("POST", "/v1/events/orders-value/lookup", schema("a")),
    ("GET", "/v1/events/orders-value/compare?reader=1&writer=1", None),
    ("GET", "/v1/events/orders-value/level", None),
    ("GET", "/admin/events/orders-value", None),
]


@pytest.mark.parametrize(("method", "path", "body"), READS, ids=[f"{one[0]} {one[1]}" for one in READS])
def test_every_read_answers_the_same_under_the_events_name(bound: Http, method: str, path: str, body: Any) -> None:
    bound.post(f"{VALUE}/versions", {**schema("a"), "metadata": {"properties": {"team": "a"}}})
    by_topic = bound.call(method, path, body)
    by_event = bound.call(method, path.replace("orders-value", ORDERS), body)
    assert by_topic.status == by_event.status == 200
    assert without_form_keys(by_topic.body).replace(b"orders-value", ORDERS.encode()) == without_form_keys(
        by_event.body
    ).replace(b"orders-value", ORDERS.encode())


FIELD = {"entityPath": "OrderPlaced.a", "entityType": "sr_field"}
WRITES = [
    ("POST", f"{VALUE}/versions", schema("a", note=0)),
    ("POST", "/v1/events/orders-value/versions", schema("a", note=0)),
    ("POST", f"{VALUE}/versions/1/tags", {"tagsToAdd": [{"schemaEntity": FIELD, "tags": ["PII"]}]}),
    ("PUT", "/config/orders-value", {"compatibility": "FULL_TRANSITIVE"}),
    ("PUT", "/v1/events/orders-value/level", {"level": "FULL_TRANSITIVE"}),
    ("PUT", "/mode/orders-value", {"mode": "READONLY"}),
    ("PUT", "/v1/events/orders-value/majors/1", {"state": "deprecated"}),
    ("PUT", "/v1/events/orders-value", {**BOUND, "description": "Orders."}),
    ("DELETE", VALUE, None),
    ("DELETE", f"{VALUE}/versions/1", None),
    ("DELETE", "/v1/events/orders-value/versions/1", None),
    (
        "POST",
        "/associations",
        {
            "resourceName": "orders",
            "resourceNamespace": "kafka",
            "resourceId": "id-orders",
            "associations": [{"associationType": "value"}],
        },
    ),
]


@pytest.mark.parametrize(("method", "path", "body"), WRITES, ids=[f"{one[0]} {one[1]}" for one in WRITES])
def test_no_write_goes_past_the_event(http: Http, method: str, path: str, body: Any) -> None:
    """Whatever is recorded is about the event; nothing is ever about the name of the topic."""
    http.put("/v1/domains/shop.orders", {"owner": "team-orders", "policy": {"level": "BACKWARD"}})
    http.put(EVENT, BOUND)
    http.post(f"{VALUE}/versions", schema("a"))
    before = int(http.get("/v1/ledger/head").json["position"])
    answered = http.call(method, path, body)
    assert answered.status < 500
    entries = http.get(f"/v1/ledger?after={before}").json["entries"]
    assert bool(entries) == (answered.status < 300)
    told = [fact.get("subject", fact.get("scope")) for entry in entries for fact in entry["facts"]]
    assert {one for one in told if one is not None} <= {ORDERS}


def test_the_list_has_the_event_once_and_aliases_show_its_other_names(bound: Http) -> None:
    bound.post(f"{VALUE}/versions", schema("a"))
    bound.post(f"{KEY}/versions", {"schema": '"string"'})
    assert bound.get("/subjects").json == [ORDERS, f"{ORDERS}-key"]
    assert bound.get("/schemas/ids/1/subjects").json == [ORDERS]
    listed = bound.get("/schemas?aliases=true").json
    assert [one["aliases"] for one in listed] == [[f"orders-{ORDERS}", "orders-value"], ["orders-key"]]


def test_topic_and_record_lead_to_the_event(bound: Http) -> None:
    path = f"/subjects/orders-{ORDERS}/versions"
    assert bound.post(path, schema("a")).json["subject"] == f"orders-{ORDERS}"
    assert confluent_error(bound.post(path, schema("b"))) == (409, 409)
    assert bound.post("/subjects/parcels-shop.orders.OrderPlaced/versions", schema("b")).status == 200


def test_a_topic_with_several_events_names_neither(bound: Http) -> None:
    bound.post(f"{VALUE}/versions", schema("a"))
    assert bound.put(SHIPPED_EVENT, {"kind": "fact", "topics": ["parcels", "orders"]}).status == 200
    for method, path, body in READS[:11]:
        refused = bound.call(method, path, body)
        assert confluent_error(refused) == (422, 42208)
        assert f"'{ORDERS}'" in refused.json["message"]
        assert f"'orders-{ORDERS}'" in refused.json["message"]
    assert bound.post("/v1/events/orders-value/versions", schema("a")).code == "TOPIC_AMBIGUOUS"
    stored = bound.get("/schemas/ids/1?subject=orders-value")
    assert (stored.status, "subject" in stored.json) == (200, False), (
        "readers name the topic, and stored events stay readable"
    )
    by_record = bound.post(f"/subjects/orders-{SHIPPED}/versions", schema("b", name="OrderShipped"))
    assert by_record.status == 200
    assert bound.get(f"/subjects/{ORDERS}/versions").json == [1]
    assert bound.post("/subjects/parcels-value/versions", schema("b", name="OrderShipped")).json["version"] == 1
    assert bound.post(f"{KEY}/versions", {"schema": '"string"'}).status == 200
    assert bound.get(f"/v1/events/{ORDERS}-key").code == "SUBJECT_NOT_FOUND"
    bound.delete(KEY)
    bound.put(SHIPPED_EVENT, {"kind": "fact", "topics": ["parcels"]})
    assert bound.get("/schemas/ids/1?subject=orders-value").json["subject"] == ORDERS


def test_another_domain_cannot_take_the_topic(bound: Http) -> None:
    path = "/v1/events/shop.payments.PaymentCaptured"
    refused = bound.put(path, BOUND)
    assert (refused.status, refused.code) == (409, "TOPIC_TAKEN")
    assert f"it carries '{ORDERS}', which domain 'shop.orders' of team-orders owns" in refused.json["detail"]
    assert refused.json["errors"][0]["pointer"] == "/topics/0"
    bound.put(EVENT, {"kind": "fact"})
    assert bound.put(path, BOUND).status == 200


def test_a_topic_that_has_schemas_is_bound_where_the_event_has_them(http: Http) -> None:
    http.post(f"{VALUE}/versions", schema("a"))
    http.post(f"{VALUE}/versions", schema("a", note=0))
    refused = http.put(EVENT, BOUND)
    assert (refused.status, refused.code) == (409, "TOPIC_SUBJECT_DIFFERS")
    assert refused.json["detail"] == f"Version 1 of 'orders-value' is not a revision of '{ORDERS}'"
    http.register(record("a"))
    assert "Version 2 of 'orders-value'" in http.put(EVENT, BOUND).json["detail"]
    http.register(record("a", note=0), metadata={"properties": {"team": "orders"}})
    assert http.put(EVENT, BOUND).status == 200
    assert http.get("/subjects").json == [ORDERS]
    assert http.get("/schemas/ids/2").status == 200, "stored events stay readable by the ids that they have"
    assert http.get("/schemas/ids/1/subjects").json == [ORDERS]


def test_keys_of_a_topic_have_to_agree_too(http: Http) -> None:
    http.post(f"{KEY}/versions", {"schema": '"string"'})
    refused = http.put(EVENT, BOUND)
    assert (refused.code, f"'{ORDERS}-key'" in refused.json["detail"]) == ("TOPIC_SUBJECT_DIFFERS", True)
    http.post(f"/v1/events/{ORDERS}-key/versions", {"schema": '"string"'})
    assert http.put(EVENT, BOUND).status == 200


def test_what_was_deleted_before_need_not_agree(http: Http) -> None:
    http.post(f"{VALUE}/versions", schema("x"))
    http.delete(VALUE)
    assert http.put(EVENT, BOUND).status == 200


def test_an_unbound_topic_is_nobodys_and_what_it_had_is_there_again(http: Http) -> None:
    http.post(f"{VALUE}/versions", schema("a"))
    http.register(record("a"))
    http.put(EVENT, BOUND)
    http.post(f"{VALUE}/versions", schema("a", note=0))
    http.put(EVENT, {"kind": "fact"})
    assert http.get(f"{VALUE}/versions").json == [1]
    assert http.get("/subjects").json == ["orders-value", ORDERS]
    assert http.post(f"{VALUE}/versions", schema("a", other=0)).json["version"] == 2
    assert http.put(EVENT, BOUND).code == "TOPIC_SUBJECT_DIFFERS"


def test_a_topic_may_have_the_name_of_its_event_and_of_no_other(http: Http) -> None:
    http.register(record("a"))
    assert http.put(EVENT, {"kind": "fact", "topics": [ORDERS]}).status == 200
    assert http.post(f"/subjects/{ORDERS}-value/versions", schema("a", note=0)).status == 200
    assert len(http.get(EVENT).json["majors"][0]["revisions"]) == 2
    assert http.post(f"/subjects/{ORDERS}-key/versions", {"schema": '"string"'}).status == 200
    taken = http.put(SHIPPED_EVENT, {"kind": "fact", "topics": [ORDERS]})
    assert (taken.status, taken.code) == (409, "TOPIC_TAKEN")
    http.put(EVENT, {"kind": "fact", "topics": ["shop.orders.OrderMoved"]})
    late = http.post("/v1/events/shop.orders.OrderMoved/versions", schema("a", name="OrderMoved"))
    assert (late.status, late.code) == (409, "TOPIC_TAKEN")
    assert http.put("/v1/events/shop.orders.OrderMoved", {"kind": "fact"}).code == "TOPIC_TAKEN"


def test_topics_of_a_context_are_its_own(http: Http) -> None:
    event = f"/v1/events/:.eu:{ORDERS}"
    assert http.put(event, BOUND).status == 200
    assert http.post("/contexts/.eu/subjects/orders-value/versions", schema("a")).json["subject"] == ":.eu:orders-value"
    assert http.post(f"{VALUE}/versions", schema("x")).json["subject"] == "orders-value"
    assert http.get(f"{event}/versions").json["versions"][0]["label"] == "1.0"
    assert http.get("/subjects/:.eu:orders-value/versions").json == [1]
    assert http.delete(VALUE).status == 200
    found = http.get(f"{VALUE}/versions/latest").json
    assert found["subject"] == f":.eu:{ORDERS}", "looked for in every context, and found under its own name"


def test_a_reference_to_a_topic_is_one_to_its_event(bound: Http) -> None:
    money = json.dumps({"type": "record", "name": "OrderPlaced", "namespace": "shop", "fields": []})
    bound.post(f"{VALUE}/versions", {"schema": money})
    using = {"type": "record", "name": "Bill", "fields": [{"name": "order", "type": "shop.OrderPlaced"}]}
    reference = {"name": "shop.OrderPlaced", "subject": "orders-value", "version": 1}
    body = {"schema": json.dumps(using), "references": [reference]}
    assert bound.post("/subjects/bills-value/versions", body).json["references"][0]["subject"] == ORDERS
    assert bound.post("/subjects/bills-value", body).json["version"] == 1
    bound.put(EVENT, {"kind": "fact"})
    assert bound.get("/subjects/bills-value/versions/1").json["references"][0]["subject"] == ORDERS


def test_an_alias_may_lead_to_a_topic_and_a_bound_name_has_no_alias(bound: Http) -> None:
    bound.put("/config/legacy-value", {"alias": "orders-value"})
    assert bound.post("/subjects/legacy-value/versions", schema("a")).status == 200
    assert bound.get(f"/subjects/{ORDERS}/versions").json == [1]
    bound.put("/config/parcels-value", {"alias": "legacy-two"})
    bound.put(SHIPPED_EVENT, {"kind": "fact", "topics": ["parcels"]})
    bound.post("/subjects/parcels-value/versions", schema("a", name="OrderShipped"))
    assert bound.get(f"/subjects/{SHIPPED}/versions").json == [1]


def test_an_import_under_the_name_of_a_topic_is_one_into_the_event(bound: Http) -> None:
    refused = bound.put("/mode/orders-value", {"mode": "IMPORT"})
    assert confluent_error(refused) == (422, 42205)


def test_a_kept_answer_does_not_outlive_what_its_name_leads_to(http: Http) -> None:
    http.post(f"{VALUE}/versions", schema("a"))
    http.register(record("a"))
    paths = (f"{VALUE}/versions/latest", f"{VALUE}/versions", "/v1/events/orders-value/versions/latest")
    ids = "/schemas/ids/1/subjects"
    for _ in range(2):
        before = [http.get(path).body for path in (*paths, ids)]
    assert http.get(ids).json == ["orders-value", ORDERS]
    http.put(EVENT, BOUND)
    http.register(record("a", note=0))
    after = [http.get(path) for path in paths]
    assert (after[0].json["version"], after[1].json, after[2].json["label"]) == (2, [1, 2], "1.1")
    assert http.get(ids).json == [ORDERS]
    http.put(EVENT, {"kind": "fact"})
    assert [http.get(path).body for path in (*paths, ids)] == before


def test_a_node_that_has_not_heard_of_the_topic_does_not_go_past_it(asked: Asked) -> None:
    http = Http(asked.ledger)
    http.put("/v1/domains/shop.orders", {"owner": "team-orders"})
    http.put(EVENT, BOUND)
    assert asked.registry.known.position == 0
    outcome = asked.do(RegisterSchema(Subject("orders-value"), avro(record("a"))))
    assert outcome.subject == ORDERS


def test_contracts_bind_topics_too(http: Http) -> None:
    http.post(f"{VALUE}/versions", schema("x"))
    path = "/v1/domains/shop.orders/contracts"
    majors = [{"major": 1, "version": schema("a")}]
    refused = http.put(path, {"events": [{"subject": ORDERS, "event": BOUND, "majors": majors}]})
    assert (refused.status, refused.json["code"]) == (422, "CONTRACTS_REFUSED")
    assert [(one["pointer"], one["code"]) for one in refused.json["errors"]] == [("/events/0", "TOPIC_SUBJECT_DIFFERS")]
    majors = [{"major": 1, "version": schema("x")}]
    assert http.put(path, {"events": [{"subject": ORDERS, "event": BOUND, "majors": majors}]}).status == 200


def test_keys_that_several_events_had_do_not_vanish_behind_the_one_that_is_left(bound: Http) -> None:
    bound.post(f"{KEY}/versions", {"schema": '"string"'})
    bound.put(SHIPPED_EVENT, BOUND)
    assert bound.post(f"{KEY}/versions", {"schema": '"int"'}).json["subject"] == "orders-key"
    refused = bound.put(SHIPPED_EVENT, {"kind": "fact"})
    assert (refused.status, refused.code) == (409, "TOPIC_SUBJECT_DIFFERS")
    assert refused.json["detail"] == f"Version 1 of 'orders-key' is not a revision of '{ORDERS}-key'"
    event = {"subject": SHIPPED, "event": {"kind": "fact"}, "majors": []}
    together = bound.put("/v1/domains/shop.orders/contracts", {"domain": None, "events": [event]})
    assert (together.status, together.json["code"]) == (422, "CONTRACTS_REFUSED")
    bound.delete(KEY)
    assert bound.put(SHIPPED_EVENT, {"kind": "fact"}).status == 200
    assert bound.get(f"{KEY}/versions/1").json["schema"] == '"string"'
