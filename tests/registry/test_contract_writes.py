"""All contracts of a domain in one go: one entry or nothing, each part decided as by its own request."""

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.registry.asking import record, require_facts_as_described
from tests.registry.calling import EVENT, Http, Reply

PATH = "/v1/domains/shop.orders/contracts"
ORDERS, SHIPPED, MONEY = "shop.orders.OrderPlaced", "shop.orders.OrderShipped", "shop.orders.Money"
DOMAIN = {"owner": "team-orders", "description": "Orders.", "policy": {"level": "FULL_TRANSITIVE"}}


def shipped(*names: str, **defaults: Any) -> str:
    return record(*names, name="OrderShipped", **defaults)


def waiver(kind: str, **more: Any) -> dict[str, Any]:
    people = {"reason": "No event was written.", "requested_by": "ann", "approved_by": "bob"}
    return {"kind": kind, "domain": "shop.orders", **people, **more}


def in_a_month() -> str:
    return (datetime.now(UTC) + timedelta(days=30)).isoformat(timespec="seconds")


def event(subject: str, *majors: dict[str, Any], **said: Any) -> dict[str, Any]:
    return {"subject": subject, "event": said or None, "majors": list(majors)}


def major(number: int, text: str | None = None, state: str = "", **more: Any) -> dict[str, Any]:
    version = {"schema": text, **more} if text is not None else None
    return {"major": number, "version": version, "lifecycle": {"state": state} if state else None}


def referring() -> dict[str, Any]:
    """A version that refers to money."""
    reference = {"name": "shop.orders.Money", "subject": MONEY, "version": 1}
    text = {
        "type": "record",
        "name": "OrderPlaced",
        "fields": [{"name": "order_id", "type": "string"}, {"name": "total", "type": "shop.orders.Money"}],
    }
    return major(1, json.dumps(text), references=[reference])


def money() -> str:
    return json.dumps(
        {
            "type": "record",
            "name": "Money",
            "namespace": "shop.orders",
            "fields": [{"name": "cents", "type": "long"}],
        }
    )


WHOLE = {
    "domain": DOMAIN,
    "events": [
        event(MONEY, major(1, money()), kind="type"),
        event(ORDERS, referring(), kind="fact", topics=["orders"], idempotency={"key": ["/order_id"]}),
        event(SHIPPED, major(1, shipped("order_id"), "deprecated")),
    ],
}


NOUNS = ("Basket", "Claim", "Credit", "Invoice", "Label", "Order", "Parcel", "Return", "Stock", "Voucher")
DEEDS = ("Accepted", "Added", "Blocked", "Changed", "Closed", "Created", "Moved", "Opened", "Printed", "Rejected")


@pytest.fixture
def http() -> Iterator[Http]:
    http = Http()
    yield http
    require_facts_as_described(http.ledger)


def entries(http: Http) -> int:
    return int(http.get("/v1/ledger/head").json["position"])


def changes(reply: Reply) -> list[tuple[str, str, str]]:
    assert reply.status == 200, reply.body
    return [(one["pointer"], one["part"], one["change"]) for one in reply.json["results"]]


def refused_parts(reply: Reply, status: int = 422) -> dict[str, str]:
    """The code of each refused part, by its pointer."""
    assert reply.status == status, reply.body
    assert reply.json["code"] == ("CONTRACTS_INCOMPATIBLE" if status == 409 else "CONTRACTS_REFUSED")
    return {one["pointer"]: one["code"] for one in reply.json["errors"]}


def test_a_domain_is_written_whole_as_one_entry(http: Http) -> None:
    put = http.put(PATH, WHOLE)
    assert changes(put) == [
        ("/domain", "domain", "created"),
        ("/events/0/event", "event", "changed"),
        ("/events/0/majors/0/version", "version", "created"),
        ("/events/1/event", "event", "changed"),
        ("/events/1/majors/0/version", "version", "created"),
        ("/events/2/majors/0/version", "version", "created"),
        ("/events/2/majors/0/lifecycle", "lifecycle", "changed"),
    ]
    assert [one["label"] for one in put.json["results"] if one["part"] == "version"] == ["1.0", "1.0", "1.0"]
    assert entries(http) == 1
    assert http.get(EVENT).json["topics"] == ["orders"]
    assert http.get(f"/v1/events/{SHIPPED}").json["majors"][0]["state"] == "deprecated"


def test_what_is_read_can_be_written_again_and_changes_nothing(http: Http) -> None:
    http.put(PATH, WHOLE)
    got = http.get(PATH)
    assert got.json["etag"] == got.headers["etag"].strip('"')
    events = got.json["events"]
    assert [one["subject"] for one in events] == [MONEY, ORDERS, SHIPPED]
    assert events[1]["event"]["idempotency"] == {"key": ["/order_id"]}
    assert events[1]["majors"][0]["version"]["references"][0]["subject"] == MONEY
    life = events[2]["majors"][0]["lifecycle"]
    assert (life["state"], life["sunset"], life["replacement"]) == ("deprecated", None, "")
    again = http.put(PATH, WHOLE, If_Match=got.headers["etag"])
    assert {change for _, _, change in changes(again)} == {"unchanged"}
    assert entries(http) == 1
    assert again.headers["etag"] == got.headers["etag"]


def test_what_is_not_mentioned_stays(http: Http) -> None:
    http.put(PATH, WHOLE)
    assert changes(http.put(PATH, {"events": [event(SHIPPED, major(1, None, "active"))]})) == [
        ("/events/0/majors/0/lifecycle", "lifecycle", "changed")
    ]
    assert http.get(EVENT).json["topics"] == ["orders"]


def test_a_refused_part_refuses_all_and_each_is_named(http: Http) -> None:
    http.put(PATH, WHOLE)
    before = entries(http)
    body = {
        "domain": {**DOMAIN, "owner": "others"},
        "events": [
            event(ORDERS, kind="fact", handler="billing"),
            event("shop.orders.PlaceOrder", major(1, record("a"))),
            event(SHIPPED, major(1, "not a schema"), major(3, shipped("order_id"))),
        ],
    }
    refused = http.put(PATH, body)
    assert refused_parts(refused) == {
        "/events/0/event": "EVENT_INVALID",
        "/events/1/majors/0/version": "NAME_REFUSED",
        "/events/2/majors/0/version": "SCHEMA_INVALID",
        "/events/2/majors/1/version": "MAJOR_UNKNOWN",
    }
    assert refused.json["errors"][0]["errors"][0]["pointer"] == "/handler"
    assert all(one["fix"] for one in refused.json["errors"])
    assert entries(http) == before
    assert http.get("/v1/domains/shop.orders").json["owner"] == "team-orders"


def test_breaks_are_recorded_with_a_report_each_and_nothing_else_is(http: Http) -> None:
    http.put(PATH, WHOLE)
    http.post(f"/v1/events/{SHIPPED}/versions", {"schema": shipped("order_id"), "major": 1})
    body = {
        "events": [
            event("shop.orders.OrderPacked", major(1, record("a", name="OrderPacked"))),
            event(MONEY, major(1, money().replace("long", "string"))),
            event(SHIPPED, major(1, shipped("other_id"))),
        ]
    }
    refused = http.put(PATH, body)
    assert refused_parts(refused, 409) == {
        "/events/1/majors/0/version": "SCHEMA_INCOMPATIBLE",
        "/events/2/majors/0/version": "SCHEMA_INCOMPATIBLE",
    }
    position = entries(http)
    ids = [one["report"]["id"] for one in refused.json["errors"]]
    assert ids == [position, position + 10**12]
    for one, subject in zip(refused.json["errors"], (MONEY, SHIPPED), strict=True):
        shown = http.get(one["links"]["report"]).json
        assert (shown["id"], shown["subject"], shown["verdict"]) == (one["report"]["id"], subject, "breaking")
        assert http.get(one["links"]["page"]).status == 200
    assert http.get("/v1/events/shop.orders.OrderPacked").code == "SUBJECT_NOT_FOUND"
    facts = http.get(f"/v1/ledger?after={position - 1}").json["entries"][0]["facts"]
    assert {one["fact"] for one in facts} == {"SchemaDefined", "SchemaRefused"}
    again = http.put(PATH, body)
    assert [one["report"]["id"] for one in again.json["errors"]] == ids
    assert entries(http) == position


def test_a_refusal_that_hangs_on_what_did_not_happen_leaves_no_trace(http: Http) -> None:
    http.put(PATH, WHOLE)
    before = entries(http)
    reference = {"name": "shop.orders.Size", "subject": "shop.orders.Size", "version": 1}
    size = json.dumps({"type": "enum", "name": "Size", "namespace": "shop.orders", "symbols": ["S"]})
    sized = json.dumps(
        {"type": "record", "name": "OrderShipped", "fields": [{"name": "size", "type": "shop.orders.Size"}]}
    )
    body = {
        "events": [
            event("shop.orders.Size", major(1, size), kind="type"),
            event(SHIPPED, major(1, sized, references=[reference])),
        ]
    }
    refused = http.put(PATH, body)
    assert refused_parts(refused, 409) == {"/events/1/majors/0/version": "SCHEMA_INCOMPATIBLE"}
    assert refused.json["errors"][0]["report"]["id"] is None
    assert entries(http) == before


def test_every_version_of_an_entry_has_its_own_report(http: Http) -> None:
    put = http.put(PATH, WHOLE)
    reports = [one["report"] for one in put.json["results"] if one["part"] == "version"]
    assert reports == [1, 1 + 10**12, 1 + 2 * 10**12]
    assert [http.get(f"/v1/reports/{one}").json["subject"] for one in reports] == [MONEY, ORDERS, SHIPPED]
    assert http.get(f"/v1/reports/{1 + 3 * 10**12}").code == "REPORT_NOT_FOUND"
    listed = http.get("/v1/reports").json["reports"]
    assert [one["id"] for one in listed] == reports[::-1]
    page = http.get("/admin/ledger").body.decode()
    assert all(f"/admin/reports/{one}" in page for one in reports)


def test_a_dry_run_decides_and_writes_nothing(http: Http) -> None:
    dry = http.put(f"{PATH}?dry_run=true", WHOLE)
    assert len(changes(dry)) == 7
    assert dry.json["dry_run"] is True
    assert {one["report"] for one in dry.json["results"]} == {None}
    assert entries(http) == 0
    http.put(PATH, WHOLE)
    refused = http.put(f"{PATH}?dry_run=true", {"events": [event(SHIPPED, major(1, shipped("x")))]})
    assert refused_parts(refused, 409) == {"/events/0/majors/0/version": "SCHEMA_INCOMPATIBLE"}
    error = refused.json["errors"][0]
    assert error["report"]["verdict"] == "breaking"
    assert (error["report"]["id"], list(error["links"])) == (None, ["next_major"])
    assert entries(http) == 1


def test_a_key_field_moves_together_with_its_schema(http: Http) -> None:
    http.put(
        PATH,
        {"domain": DOMAIN, "events": [event(ORDERS, major(1, record("a")), kind="fact", idempotency={"key": ["/a"]})]},
    )
    moved = event(ORDERS, major(2, record("b")), kind="fact", idempotency={"key": ["/b"]})
    assert http.put(EVENT, moved["event"]).code == "DECLARED_FIELD_MISSING"
    assert http.post(f"{EVENT}/versions", {"schema": record("b"), "major": 2}).code == "DECLARED_FIELD_MISSING"
    assert http.put(PATH, {"events": [moved]}).status == 200
    wrong = event(ORDERS, major(3, record("c")))
    assert refused_parts(http.put(PATH, {"events": [wrong]})) == {"/events/0": "DECLARED_FIELD_MISSING"}


def test_a_retired_major_is_retired_after_its_version_and_activated_before_it(http: Http) -> None:
    http.put("/v1/domains/shop.orders", DOMAIN)
    http.post("/v1/waivers", waiver("retire", until=in_a_month()))
    first = event(ORDERS, major(1, record("a"), "retired"))
    assert http.put(PATH, {"domain": DOMAIN, "events": [first]}).status == 200
    assert http.get(EVENT).json["majors"][0]["state"] == "retired"
    more = record("a", note=0)
    closed = http.put(PATH, {"events": [event(ORDERS, major(1, more))]})
    assert refused_parts(closed) == {"/events/0/majors/0/version": "MAJOR_RETIRED"}
    assert http.put(PATH, {"events": [event(ORDERS, major(1, more, "active"))]}).status == 200


def test_a_major_begins_as_a_draft_and_is_activated_before_its_next_version(http: Http) -> None:
    first = event(ORDERS, major(1, record("a"), "draft"))
    put = http.put(PATH, {"domain": DOMAIN, "events": [first]})
    assert put.status == 200
    assert http.get(EVENT).json["majors"][0]["state"] == "draft"
    assert {change for _, _, change in changes(http.put(PATH, {"events": [first]}))} == {"unchanged"}
    assert http.put(PATH, {"events": [event(ORDERS, major(1, record("a", note=0), "active"))]}).status == 200
    assert http.get(EVENT).json["majors"][0]["state"] == "active"


def test_a_major_that_cannot_be_retired_yet_is_named_with_the_reason(http: Http) -> None:
    http.put(PATH, WHOLE)
    refused = http.put(PATH, {"events": [event(SHIPPED, major(1, None, "retired"))]})
    assert refused_parts(refused) == {"/events/0/majors/0/lifecycle": "RETIREMENT_BLOCKED"}
    assert refused.json["errors"][0]["errors"]


def test_a_domain_that_is_refused_stops_its_contracts(http: Http) -> None:
    http.put("/v1/domains/shop", {"owner": "team", "policy": {"level": "FULL_TRANSITIVE"}})
    body = {**WHOLE, "domain": {"owner": "team-orders", "policy": {"level": "FORWARD"}}}
    assert refused_parts(http.put(PATH, body)) == {"/domain": "POLICY_BELOW_FLOOR"}


def test_contracts_need_a_domain(http: Http) -> None:
    assert http.get(PATH).code == "DOMAIN_NOT_FOUND"
    assert http.put(PATH, {"events": [event(ORDERS, major(1, record("a")))]}).code == "DOMAIN_NOT_FOUND"
    assert http.put("/v1/domains/Shop/contracts", {"domain": DOMAIN}).code == "DOMAIN_NAME_INVALID"


INVALID: list[tuple[str, Any, str]] = [
    ("an event of another domain", {"events": [event("shop.payments.PaymentTaken")]}, "/events/0/subject"),
    ("an event of a domain below", {"events": [event("shop.orders.eu.OrderPlaced")]}, "/events/0/subject"),
    ("an event of another context", {"events": [event(f":.eu:{ORDERS}")]}, "/events/0/subject"),
    ("a name that is not valid", {"events": [event("a\n")]}, "/events/0/subject"),
    ("an event twice", {"events": [event(ORDERS), event(ORDERS)]}, "/events/1/subject"),
    ("a major twice", {"events": [event(ORDERS, major(1), major(1))]}, "/events/0/majors/1/major"),
    ("a major of zero", {"events": [event(ORDERS, major(0))]}, "/events/0/majors/0/major"),
    ("an unknown member", {"events": [{**event(ORDERS), "topic": "a"}]}, "/events/0/topic"),
    ("a kind that there is not", {"events": [event(ORDERS, kind="query")]}, "/events/0/event/kind"),
    ("no list", {"events": {}}, "/events"),
]


@pytest.mark.parametrize(("body", "where"), [one[1:] for one in INVALID], ids=[one[0] for one in INVALID])
def test_a_request_that_is_not_valid_is_refused_with_its_place(http: Http, body: Any, where: str) -> None:
    http.put("/v1/domains/shop.orders", DOMAIN)
    refused = http.put(PATH, body)
    assert (refused.status, refused.code) == (422, "REQUEST_INVALID")
    assert where in [one["pointer"] for one in refused.json["errors"]]


def test_rules_without_their_form_are_named_by_their_part(http: Http) -> None:
    http.put("/v1/domains/shop.orders", DOMAIN)
    body = {"events": [event(ORDERS, major(1, record("a"), rule_set={"domainRules": [{"name": 3}]}))]}
    assert refused_parts(http.put(PATH, body)) == {"/events/0/majors/0/version": "RULE_SET_INVALID"}


def test_a_write_that_was_decided_on_older_contracts_is_refused(http: Http) -> None:
    assert http.put(PATH, WHOLE, If_Match="*").code == "STATE_CHANGED"
    etag = http.put(PATH, WHOLE).headers["etag"]
    steps: list[tuple[str, str, Any]] = [
        ("POST", f"/v1/events/{SHIPPED}/versions", {"schema": shipped("order_id", note=0), "major": 1}),
        ("PUT", f"/v1/events/{SHIPPED}/majors/1", {"state": "active"}),
        ("PUT", EVENT, {"kind": "fact"}),
        ("PUT", "/v1/domains/shop.orders", {"owner": "others"}),
    ]
    for method, path, body in steps:
        assert http.call(method, path, body).status < 300
        assert http.put(PATH, WHOLE, If_Match=etag).code == "STATE_CHANGED"
        etag = http.get(PATH).headers["etag"]
    assert http.put(PATH, WHOLE, If_Match=etag).status == 200


def test_a_retry_is_answered_as_the_first_time(http: Http) -> None:
    first = http.put(PATH, WHOLE, Idempotency_Key="k-1")
    http.put(f"/v1/events/{SHIPPED}/majors/1", {"state": "active"})
    again = http.put(PATH, WHOLE, Idempotency_Key="k-1")
    assert again.json["results"] == first.json["results"]
    assert http.get(f"/v1/events/{SHIPPED}").json["majors"][0]["state"] == "active"
    assert http.put(PATH, {**WHOLE, "domain": None}, Idempotency_Key="k-1").code == "IDEMPOTENCY_KEY_REUSED"


def test_a_retry_of_a_refused_write_is_refused_as_the_first_time(http: Http) -> None:
    http.put(PATH, WHOLE)
    body = {
        "events": [event(MONEY, major(1, money().replace("long", "string"))), event(SHIPPED, major(1, shipped("x")))]
    }
    first = http.put(PATH, body, Idempotency_Key="k-2")
    again = http.put(PATH, body, Idempotency_Key="k-2")
    assert (again.status, again.json["errors"]) == (409, first.json["errors"])


def test_a_finding_that_two_people_waived_lets_one_version_in_and_no_other(http: Http) -> None:
    http.put(PATH, WHOLE)
    broken = shipped("x")
    body = {"events": [event(SHIPPED, major(1, broken)), event(MONEY, major(1, money().replace("long", "string")))]}
    refused = http.put(PATH, {"events": body["events"][:1]})
    guid = http.get(refused.json["errors"][0]["links"]["report"]).json["guid"]
    assert http.post("/v1/waivers", waiver("finding", subject=SHIPPED, major=1, guid=guid)).status in (200, 201)
    assert refused_parts(http.put(PATH, body), 409) == {"/events/1/majors/0/version": "SCHEMA_INCOMPATIBLE"}
    both = {
        "events": [
            event(SHIPPED, major(1, broken)),
            event("shop.orders.OrderPacked", major(1, record("a", name="OrderPacked"))),
        ]
    }
    assert http.put(PATH, both).status == 200
    waived = [one["waiver"] for one in http.get(f"/v1/events/{SHIPPED}").json["majors"][0]["revisions"]]
    assert (waived[0], waived[1] > 0) == (0, True)
    assert http.get("/v1/events/shop.orders.OrderPacked").json["majors"][0]["revisions"][0]["waiver"] == 0
    assert http.get(EVENT).json["unmet"] == []


def test_a_read_only_registry_takes_no_contracts(http: Http) -> None:
    http.put(PATH, WHOLE)
    http.put("/mode", {"mode": "READONLY"})
    body = {"domain": {**DOMAIN, "owner": "others"}, "events": []}
    assert refused_parts(http.put(PATH, body)) == {"/domain": "OPERATION_NOT_PERMITTED"}


def test_a_hundred_events_are_one_write(http: Http) -> None:
    names = [f"{word}{deed}" for word in NOUNS for deed in DEEDS]
    events = [event(f"shop.orders.{name}", major(1, record("id", name=name)), kind="fact") for name in names]
    assert len(events) == 100
    assert len(changes(http.put(PATH, {"domain": DOMAIN, "events": events}))) == 201
    assert entries(http) == 1
    assert len(http.get(PATH).json["events"]) == 100


def test_too_many_events_are_too_many(http: Http) -> None:
    http.put("/v1/domains/shop.orders", DOMAIN)
    events = [event(f"shop.orders.Order{number}Placed") for number in range(2_001)]
    refused = http.put(PATH, {"events": events})
    assert (refused.status, refused.code) == (422, "REQUEST_INVALID")


def test_dry_runs_beside_writes_do_not_show_in_reports(http: Http) -> None:
    http.put(PATH, WHOLE)
    stop = threading.Event()

    def rehearse() -> None:
        while not stop.is_set():
            http.put(
                f"{PATH}?dry_run=true",
                {"events": [event("shop.orders.OrderPacked", major(1, record("a", name="OrderPacked")))]},
            )

    beside = threading.Thread(target=rehearse)
    beside.start()
    for number in range(20):
        http.register(
            record("order_id", name=f"Order{'A' * (number + 1)}Moved"),
            f"/v1/events/shop.orders.Order{'A' * (number + 1)}Moved",
        )
    stop.set()
    beside.join()
    subjects = {one["subject"] for one in http.get("/v1/reports?limit=1000").json["reports"]}
    assert "shop.orders.OrderPacked" not in subjects
    assert len(subjects) == 23


def test_a_version_without_rules_takes_those_of_its_major_away(http: Http) -> None:
    rules = {
        "domainRules": [{"name": "masked", "kind": "TRANSFORM", "mode": "WRITE", "type": "CEL", "expr": "message"}]
    }
    tagged = {"properties": {"team": "orders"}}
    with_rules = major(1, record("order_id"), metadata=tagged, rule_set=rules)
    assert http.put(PATH, {"domain": DOMAIN, "events": [event(ORDERS, with_rules)]}).status == 200
    repeated = http.put(PATH, {"events": [event(ORDERS, with_rules)]})
    assert changes(repeated) == [("/events/0/majors/0/version", "version", "unchanged")]
    without = http.put(PATH, {"events": [event(ORDERS, major(1, record("order_id")))]})
    assert changes(without) == [("/events/0/majors/0/version", "version", "created")]
    shown = http.get(f"/v1/events/{ORDERS}/versions/v1").json
    assert (shown["label"], shown["metadata"], shown["rule_set"]) == ("1.1", None, None)
