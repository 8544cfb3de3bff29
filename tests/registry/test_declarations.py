"""Events as declared things: what is kept of them, what is refused, and what the rest of the registry makes of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from operator import attrgetter
from typing import Any

import pytest

from tests.registry.asking import record, require_facts_as_described
from tests.registry.calling import EVENT, Http

COMMAND = "/v1/events/shop.orders.PlaceOrder"
TYPE = "/v1/events/shop.orders.Address"
WHOLE: dict[str, Any] = {
    "kind": "fact",
    "description": "A customer placed an order.",
    "classification": "internal",
    "topics": ["orders"],
    "handler": "",
    "name_reviewed": "",
    "replay": {
        "source": "s3://archive/orders",
        "retention_days": 30,
        "ordering_key": "/order_id",
        "replayable": True,
        "reason": "",
    },
    "idempotency": {"key": ["/order_id"]},
    "expectations": {"peak_per_second": 12.5, "largest_bytes": 10_000, "delivery_p99_ms": 500.0},
}
DEFAULTS: dict[str, Any] = {
    "kind": "fact",
    "description": "",
    "classification": "",
    "topics": [],
    "handler": "",
    "name_reviewed": "",
    "replay": None,
    "idempotency": None,
    "expectations": None,
}


@pytest.fixture
def http() -> Http:
    http = Http()
    assert http.put("/v1/domains/shop.orders", {"owner": "team-orders"}).status == 200
    return http


def declared_in(answer: Mapping[str, Any]) -> dict[str, Any]:
    """The members of an answer that were declared."""
    return {name: answer[name] for name in WHOLE}


def test_an_event_is_declared_before_its_first_version(http: Http) -> None:
    assert http.get(EVENT).code == "SUBJECT_NOT_FOUND"
    put = http.put(EVENT, WHOLE)
    assert put.status == 200
    got = http.get(EVENT)
    assert got.json == put.json
    assert declared_in(got.json) == WHOLE
    assert (got.json["declared"], got.json["majors"], got.json["format"], got.json["owner"]) == (
        True,
        [],
        None,
        "team-orders",
    )
    (listed,) = http.get("/v1/events?domain=shop").json["events"]
    assert declared_in(listed) == WHOLE
    require_facts_as_described(http.ledger)


def test_an_event_is_declared_after_its_first_version(http: Http) -> None:
    http.register(record("order_id"))
    before = http.get(EVENT).json
    assert (before["declared"], declared_in(before)) == (False, DEFAULTS)
    assert http.put(EVENT, WHOLE).json["majors"][0]["revisions"][0]["label"] == "1.0"
    assert declared_in(http.get(EVENT).json) == WHOLE


def test_the_same_again_writes_nothing_and_less_takes_back_what_it_leaves_out(http: Http) -> None:
    position = http.put(EVENT, WHOLE).headers["moorings-position"]
    assert http.put(EVENT, WHOLE).headers["moorings-position"] == position
    assert declared_in(http.put(EVENT, {"kind": "fact"}).json) == DEFAULTS


def test_a_declaration_that_was_decided_on_an_older_state_is_refused(http: Http) -> None:
    assert http.put(EVENT, WHOLE, If_Match="*").code == "STATE_CHANGED"
    etag = http.put(EVENT, WHOLE).headers["etag"]
    assert http.get(EVENT).headers["etag"] == etag
    changed = http.put(EVENT, {"kind": "fact"}, If_Match=etag)
    assert (changed.status, changed.headers["etag"] != etag) == (200, True)
    assert http.put(EVENT, WHOLE, If_Match=etag).code == "STATE_CHANGED"


def test_a_retry_is_answered_as_the_first_time(http: Http) -> None:
    headers = {"If_Match": http.put(EVENT, {"kind": "fact"}).headers["etag"], "Idempotency_Key": "k-1"}
    assert http.put(EVENT, WHOLE, **headers).status == 200
    assert http.put(EVENT, WHOLE, **headers).status == 200


@dataclass(frozen=True)
class Refused:
    shows: str
    path: str
    body: dict[str, Any]
    code: str
    where: str = ""
    policy: dict[str, Any] = field(default_factory=dict)


ALL = {"kinds": ["fact", "type", "command"]}
REFUSED = [
    Refused("an event outside the domains", "/v1/events/crm.LeadWon", {"kind": "fact"}, "EVENT_OUTSIDE_DOMAINS"),
    Refused("a key, which is a part of its event", f"{EVENT}-key", {"kind": "fact"}, "EVENT_INVALID", ""),
    Refused("a command by name as a fact", COMMAND, {"kind": "fact"}, "NAME_REFUSED"),
    Refused("a command where the domain has none", COMMAND, {"kind": "command", "handler": "x"}, "KIND_REFUSED"),
    Refused("a command without a handler", COMMAND, {"kind": "command"}, "EVENT_INVALID", "/handler", ALL),
    Refused("a fact by name as a command", EVENT, {"kind": "command", "handler": "x"}, "NAME_REFUSED", "", ALL),
    Refused("a handler of a fact", EVENT, {"kind": "fact", "handler": "billing"}, "EVENT_INVALID", "/handler"),
    Refused("a topic of a type", TYPE, {"kind": "type", "topics": ["a"]}, "EVENT_INVALID", "/topics"),
    Refused(
        "what identifies a type",
        TYPE,
        {"kind": "type", "idempotency": {"key": ["/a"]}},
        "EVENT_INVALID",
        "/idempotency",
    ),
    Refused(
        "a field twice",
        EVENT,
        {"kind": "fact", "idempotency": {"key": ["/a", "/a"]}},
        "EVENT_INVALID",
        "/idempotency/key",
    ),
    Refused("a topic twice", EVENT, {"kind": "fact", "topics": ["a", "a"]}, "EVENT_INVALID", "/topics"),
    Refused(
        "no reason why it cannot be replayed",
        EVENT,
        {"kind": "fact", "replay": {"replayable": False}},
        "EVENT_INVALID",
        "/replay/reason",
    ),
    Refused(
        "a fact where the domain has types alone", EVENT, {"kind": "fact"}, "KIND_REFUSED", "", {"kinds": ["type"]}
    ),
    Refused("a name that the lint asks about", "/v1/events/shop.orders.TestRun", {"kind": "fact"}, "NAME_REFUSED"),
    Refused("a wrong name, reviewed or not", COMMAND, {"kind": "fact", "name_reviewed": "We like it."}, "NAME_REFUSED"),
    Refused("no kind", EVENT, {}, "REQUEST_INVALID", "/kind"),
    Refused("an unknown kind", EVENT, {"kind": "query"}, "REQUEST_INVALID", "/kind"),
    Refused("an unknown member", EVENT, {"kind": "fact", "topic": "a"}, "REQUEST_INVALID", "/topic"),
    Refused(
        "a topic that Kafka cannot have", EVENT, {"kind": "fact", "topics": ["a/b"]}, "REQUEST_INVALID", "/topics/0"
    ),
    Refused("a topic of dots", EVENT, {"kind": "fact", "topics": [".."]}, "REQUEST_INVALID", "/topics/0"),
    Refused(
        "a path that is not a pointer",
        EVENT,
        {"kind": "fact", "idempotency": {"key": ["order_id"]}},
        "REQUEST_INVALID",
        "/idempotency/key/0",
    ),
    Refused(
        "a rate of nothing",
        EVENT,
        {"kind": "fact", "expectations": {"peak_per_second": 0}},
        "REQUEST_INVALID",
        "/expectations/peak_per_second",
    ),
    Refused(
        "a review of two lines", EVENT, {"kind": "fact", "name_reviewed": "a\nb"}, "REQUEST_INVALID", "/name_reviewed"
    ),
]


@pytest.mark.parametrize("case", REFUSED, ids=attrgetter("shows"))
def test_what_cannot_be_declared_is_refused_with_its_place(http: Http, case: Refused) -> None:
    http.put("/v1/domains/shop.orders", {"owner": "team-orders", "policy": case.policy})
    refused = http.put(case.path, case.body)
    assert (refused.status, refused.code) == (422, case.code)
    if case.where:
        assert case.where in [one["pointer"] for one in refused.json["errors"]]
    assert http.get(case.path).status == 404


def test_a_command_is_named_in_the_imperative_and_has_one_handler(http: Http) -> None:
    http.put("/v1/domains/shop.orders", {"owner": "team-orders", "policy": ALL})
    assert http.post(f"{COMMAND}/versions", {"schema": record("a", name="PlaceOrder")}).code == "NAME_REFUSED"
    declared = http.put(COMMAND, {"kind": "command", "handler": "checkout"})
    assert (declared.status, declared.json["handler"]) == (200, "checkout")
    assert http.post(f"{COMMAND}/versions", {"schema": record("a", name="PlaceOrder")}).status == 201


def test_a_type_may_have_any_name(http: Http) -> None:
    assert http.post(f"{TYPE}/versions", {"schema": record("street", name="Address")}).code == "NAME_REFUSED"
    assert http.put(TYPE, {"kind": "type"}).status == 200
    assert http.post(f"{TYPE}/versions", {"schema": record("street", name="Address")}).status == 201


def test_the_question_of_the_lint_is_answered_by_a_review(http: Http) -> None:
    path = "/v1/events/shop.orders.TestRun"
    body = {"kind": "fact", "name_reviewed": "Run is the verb: it says that a test ran."}
    assert http.put(path, body).status == 200
    assert http.post(f"{path}/versions", {"schema": record("a", name="TestRun")}).status == 201


def test_a_domain_of_types_takes_events_that_nobody_declared_as_types(http: Http) -> None:
    http.put("/v1/domains/shop.types", {"owner": "team", "policy": {"kinds": ["type"]}})
    assert http.post("/v1/events/shop.types.Money/versions", {"schema": record("amount", name="Money")}).status == 201
    assert http.get("/v1/events/shop.types.Money").json["kind"] == "type"


def test_a_domain_of_commands_takes_nothing_that_nobody_declared(http: Http) -> None:
    http.put("/v1/domains/shop.jobs", {"owner": "team", "policy": {"kinds": ["command"]}})
    refused = http.post("/v1/events/shop.jobs.ReportSent/versions", {"schema": record("a")})
    assert (refused.status, refused.code) == (422, "KIND_REFUSED")
    assert "is not declared" in refused.json["detail"]


FORMATS = [
    ("AVRO", record("order_id"), record("total")),
    (
        "JSON",
        '{"type": "object", "properties": {"order_id": {"type": "string"}}}',
        '{"type": "object", "properties": {"total": {"type": "number"}}}',
    ),
    (
        "PROTOBUF",
        'syntax = "proto3"; message OrderPlaced { string order_id = 1; }',
        'syntax = "proto3"; message OrderPlaced { string total = 1; }',
    ),
]


@pytest.mark.parametrize(("format", "having", "lacking"), FORMATS, ids=[one[0] for one in FORMATS])
def test_pointers_lead_to_fields_of_the_schema(http: Http, format: str, having: str, lacking: str) -> None:
    http.post(f"{EVENT}/versions", {"schema": having, "format": format})
    typo = {"kind": "fact", "idempotency": {"key": ["/order_id", "/order_idd"]}}
    refused = http.put(EVENT, typo)
    assert (refused.status, refused.code) == (422, "DECLARED_FIELD_MISSING")
    assert refused.json["errors"] == [
        {
            "pointer": "/idempotency/key/1",
            "detail": "the schema has no field /order_idd; did you mean /order_id?",
        }
    ]
    assert http.put(EVENT, WHOLE).status == 200
    gone = http.post(f"{EVENT}/versions", {"schema": lacking, "format": format, "major": "next"})
    assert (gone.status, gone.code) == (422, "DECLARED_FIELD_MISSING")
    assert {one["pointer"] for one in gone.json["errors"]} == {"/idempotency/key/0", "/replay/ordering_key"}


def test_a_schema_of_another_format_is_refused_for_its_format_first(http: Http) -> None:
    """And not for the field or the name that a schema of that format does not have."""
    http.put("/v1/domains/shop.orders", {"owner": "team", "policy": {"type_names": "event"}})
    http.register(record("id", name="OrderPlaced"))
    http.put(EVENT, {"kind": "fact", "idempotency": {"key": ["/id"]}})
    other = '{"title": "Other", "properties": {"nr": {}}}'
    refused = http.post(f"{EVENT}/versions", {"schema": other, "format": "JSON"})
    assert (refused.status, refused.code) == (409, "SCHEMA_INCOMPATIBLE")
    rules = {one["rule"] for compared in refused.json["report"]["comparisons"] for one in compared["findings"]}
    assert rules == {"FORMAT_CHANGED"}
    subject = EVENT.removeprefix("/v1/events/")
    confluent = http.post(f"/subjects/{subject}/versions", {"schema": other, "schemaType": "JSON"})
    assert (confluent.status, confluent.json["error_code"]) == (409, 409)
    draft = {"schema": other, "format": "JSON"}
    contracts = {"events": [{"subject": subject, "majors": [{"major": 1, "version": draft}]}]}
    (error,) = http.put("/v1/domains/shop.orders/contracts", contracts).json["errors"]
    assert error["code"] == "SCHEMA_INCOMPATIBLE"
    avro = http.post(f"{EVENT}/versions", {"schema": record("nr", name="OrderPlaced"), "format": "AVRO"})
    assert avro.code == "DECLARED_FIELD_MISSING"
    next_major = http.post(f"{EVENT}/versions", {"schema": other, "format": "JSON", "major": "next"})
    assert next_major.code == "DECLARED_FIELD_MISSING"


def test_an_older_major_may_be_without_a_field_that_the_newest_one_has(http: Http) -> None:
    http.register(record("total"))
    http.register(record("order_id"), major="next")
    assert http.put(EVENT, WHOLE).status == 200
    assert http.post(f"{EVENT}/versions", {"schema": record("total", note=0), "major": 1}).status == 201


def test_a_field_that_a_delete_takes_away_is_reported(http: Http) -> None:
    http.register(record("a"))
    http.register(record("a", order_id=0))
    http.put(EVENT, WHOLE)
    assert http.get(EVENT).json["missing_fields"] == []
    until = (datetime.now(UTC) + timedelta(days=30)).isoformat(timespec="seconds")
    people = {"reason": "Nobody reads it.", "requested_by": "ann", "approved_by": "bob"}
    http.post("/v1/waivers", {"kind": "retire", "domain": "shop.orders", **people, "until": until})
    assert http.delete(f"{EVENT}/versions/2").status == 200
    assert http.get(EVENT).json["missing_fields"] == ["/order_id"]


def test_a_complete_domain_says_what_its_facts_do_not_declare(http: Http) -> None:
    http.put("/v1/domains/shop.orders", {"owner": "team-orders", "policy": {"complete": True}})
    assert http.put(EVENT, {"kind": "fact"}).json["incomplete"] == ["replay", "idempotency", "expectations"]
    assert http.put(EVENT, WHOLE).json["incomplete"] == []
    assert http.put(TYPE, {"kind": "type"}).json["incomplete"] == []
    http.put("/v1/domains/shop.orders", {"owner": "team-orders", "policy": {"complete": False}})
    assert http.put(EVENT, {"kind": "fact"}).json["incomplete"] == []


INHERITED = [
    ("nothing said", None, None, ["fact", "type"], True),
    ("all from the parent", {"kinds": ["command"], "complete": False}, None, ["command"], False),
    ("narrowed", ALL, {"kinds": ["type"]}, ["type"], True),
    ("complete below what is not", {"complete": False}, {"complete": True}, ["fact", "type"], True),
]


@pytest.mark.parametrize(
    ("parent", "child", "kinds", "complete"), [one[1:] for one in INHERITED], ids=[one[0] for one in INHERITED]
)
def test_a_domain_inherits_kinds_and_completeness(
    http: Http, parent: Any, child: Any, kinds: list[str], complete: bool
) -> None:
    http.put("/v1/domains/shop", {"owner": "team", "policy": parent})
    put = http.put("/v1/domains/shop.orders", {"owner": "team-orders", "policy": child})
    assert put.status == 200
    effective = put.json["effective"]
    assert (effective["kinds"], effective["complete"]) == (kinds, complete)


def test_a_domain_that_the_parent_narrows_later_has_what_is_left(http: Http) -> None:
    http.put("/v1/domains/shop.orders", {"owner": "team-orders", "policy": ALL})
    http.put("/v1/domains/shop", {"owner": "team", "policy": {"kinds": ["fact", "type"]}})
    assert http.get("/v1/domains/shop.orders").json["effective"]["kinds"] == ["fact", "type"]


def test_a_domain_below_kinds_with_nothing_in_common_has_none(http: Http) -> None:
    http.put("/v1/domains/shop.orders", {"owner": "team-orders", "policy": {"kinds": ["fact"]}})
    http.put("/v1/domains/shop.orders.eu", {"owner": "team-eu"})
    http.put("/v1/domains/shop", {"owner": "team", "policy": {"kinds": ["type"]}})
    for below in ("shop.orders", "shop.orders.eu"):
        assert http.get(f"/v1/domains/{below}").json["effective"]["kinds"] == []
    refused = http.post("/v1/events/shop.orders.eu.OrderPlaced/versions", {"schema": record("a"), "format": "AVRO"})
    assert (refused.status, refused.code) == (422, "KIND_REFUSED")
    assert "accepts only no events" not in refused.body.decode()


@pytest.mark.parametrize(
    ("parent", "child"),
    [
        ({}, {"kinds": ["command"]}),
        ({"kinds": ["type"]}, {"kinds": ["fact"]}),
        ({"complete": True}, {"complete": False}),
    ],
    ids=["a kind that is not the default", "a kind that the parent left out", "less complete"],
)
def test_a_domain_cannot_ask_for_less_than_the_one_above(http: Http, parent: Any, child: Any) -> None:
    http.put("/v1/domains/shop", {"owner": "team", "policy": parent})
    refused = http.put("/v1/domains/shop.orders", {"owner": "team-orders", "policy": child})
    assert (refused.status, refused.code) == (422, "POLICY_BELOW_FLOOR")


@pytest.mark.parametrize("kinds", [[], ["query"], "fact"])
def test_kinds_of_a_policy_are_a_list_of_kinds(http: Http, kinds: Any) -> None:
    refused = http.put("/v1/domains/shop.orders", {"owner": "team-orders", "policy": {"kinds": kinds}})
    assert (refused.status, refused.code) == (422, "REQUEST_INVALID")


def test_a_read_only_event_cannot_be_declared(http: Http) -> None:
    http.put("/mode/shop.orders.OrderPlaced", {"mode": "READONLY"})
    assert http.put(EVENT, WHOLE).code == "OPERATION_NOT_PERMITTED"


def test_what_was_declared_outlives_a_permanent_delete(http: Http) -> None:
    http.register(record("order_id"), state="draft")
    http.put(EVENT, WHOLE)
    assert http.delete(EVENT).status == 200
    assert http.delete(f"{EVENT}?permanent=true&reason=nobody+reads+it").status == 200
    assert http.get(EVENT).json["majors"] == []
    assert declared_in(http.get(EVENT).json) == WHOLE
