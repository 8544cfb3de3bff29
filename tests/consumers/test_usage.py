"""Observed use: what clients report, on every engine, and what it keeps from changing."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from moorings_registry.app import build_application
from moorings_registry.drift import DriftStoreError
from moorings_registry.engines import open_ledger, open_usage
from moorings_registry.names import Subject
from moorings_registry.side_stores import SideStores
from moorings_registry.usage_counts import Usage, Used
from tests.consumers.world import AVRO, FORMATS, SUBJECT, change, declare, reading, report, shop
from tests.drift.conftest import redis_server as redis_server
from tests.drift.conftest import url_of
from tests.registry.calling import EVENT, Http
from tests.registry.granting import ANN, OPERATOR, Guarded

ROW = {"subject": SUBJECT, "direction": "consume", "major": 1, "revision": "1.0"}
PLACED = Subject.parse(SUBJECT)
NOW = datetime(2027, 1, 31, 12, tzinfo=UTC)


def used(*rows: dict[str, Any], application: str = "billing") -> dict[str, Any]:
    return {"application": application, "client": "moorings-python/1", "used": list(rows)}


@pytest.fixture(params=["memory", "sqlite", pytest.param("redis", marks=pytest.mark.redis)])
def usage(request: pytest.FixtureRequest, tmp_path: Any) -> Any:
    opened = open_usage(url_of(request, tmp_path))
    yield opened
    opened.close()


def test_reports_add_up_and_are_shown() -> None:
    http = shop()
    assert http.post("/v1/usage", used(ROW, {**ROW, "direction": "produce"}, ROW)).json == {
        "counted": 2, "left_out": 0, "again": False,
    }  # fmt: skip
    shown = http.get(f"{EVENT}/usage").json
    assert {(one["direction"], one["count"], one["application"], one["major"]) for one in shown["usage"]} == {
        ("consume", 2, "billing", 1), ("produce", 1, "billing", 1),
    }  # fmt: skip


def test_a_batch_counts_once_under_its_key() -> None:
    http = shop()
    assert http.post("/v1/usage", used(ROW), Idempotency_Key="k").json["again"] is False
    assert http.post("/v1/usage", used(ROW), Idempotency_Key="k").json["again"] is True
    assert http.get(f"{EVENT}/usage").json["usage"][0]["count"] == 1


@pytest.mark.parametrize(
    "wrong",
    [
        used({**ROW, "count": 0}),
        used({**ROW, "count": 10**10}),
        used({**ROW, "revision": "one"}),
        used({**ROW, "direction": "both"}),
        used({**ROW, "last_seen": "2099-01-01T00:00:00Z"}),
        used(ROW, application="a b"),
        used(ROW, application=""),
        used(),
        used(*[ROW] * 501),
    ],
)
def test_wrong_reports_are_refused(wrong: dict[str, Any]) -> None:
    http = shop()
    assert http.post("/v1/usage", wrong).code == "REQUEST_INVALID"
    assert http.get(f"{EVENT}/usage").json["total"] == 0


def test_unknown_events_are_left_out() -> None:
    http = shop()
    assert http.post("/v1/usage", used({**ROW, "subject": "shop.orders.Unheard"}, ROW)).json == {
        "counted": 1, "left_out": 1, "again": False,
    }  # fmt: skip


@pytest.mark.parametrize("format", FORMATS, ids=lambda one: one.name)
def test_an_application_that_is_observed_holds_removals_back_until_it_declares(format: Any) -> None:
    http = shop(format)
    http.post("/v1/usage", used(ROW))
    (reader,) = report(http, format.without_total, format)["consumers"]
    assert (reader["source"], reader["opaque"], reader["status"], reader["holds"]) == (
        "observed",
        True,
        "unknown",
        True,
    )
    assert (reader["identity"], reader["revision"]) == ("claimed", "1.0")
    assert change(http, format.without_total, format).status == 409
    declare(http, reading("/order_id"))
    (reader,) = report(http, format.without_total, format)["consumers"]
    assert (reader["source"], reader["status"]) == ("declared", "unaffected")
    assert reader["last_seen"]
    assert change(http, format.without_total, format).status == 201


def test_producing_holds_nothing_back() -> None:
    http = shop()
    http.post("/v1/usage", used({**ROW, "direction": "produce"}))
    assert change(http, AVRO.without_total).status == 201


def test_without_the_counts_no_field_is_removed_and_all_else_works() -> None:
    class Away:
        def add(self, *_given: Any) -> bool:
            raise DriftStoreError("away")

        of = add

        def close(self) -> None: ...

    http = Http()
    http.application = build_application(open_ledger("memory:"), stores=SideStores(usage=Usage(Away())))
    http._client.application = http.application.middleware
    assert http.put("/v1/domains/shop.orders", {"owner": "o", "contacts": [], "description": ""}).status == 200
    http.register(AVRO.text, format="AVRO")
    removed = change(http, AVRO.without_total)
    assert (removed.status, removed.code) == (503, "USAGE_UNAVAILABLE")
    assert change(http, AVRO.text.replace('"default": []', '"doc": "all", "default": []')).status == 201
    assert http.get(EVENT).json["consumers"] == []
    assert http.post("/v1/usage", used(ROW)).code == "USAGE_UNAVAILABLE"
    assert http.get(f"/v1/questions/who-reads?event={SUBJECT}").code == "USAGE_UNAVAILABLE"


def test_a_reader_without_a_name_is_not_said_to_have_read_long_ago() -> None:
    http = shop()
    failed = {
        "subject": SUBJECT,
        "direction": "consume",
        "revision": "1.0",
        "path": "",
        "rule": "UNREADABLE",
        "count": 1,
    }
    http.post("/v1/drift", {"reporter": {"client": "other/1", "service": ""}, "observations": [failed]})
    (nobody, before) = http.get(f"/v1/questions/who-reads?event={SUBJECT}").json["reasons"]
    assert (nobody["code"], before["code"]) == ("NOBODY_KNOWN", "READ_BEFORE")
    assert before["message"] == f"a further application read the event last on {before['evidence'][:10]}"


def test_counts_stay_bounded_whoever_reports(usage: Usage) -> None:
    for start in range(0, 3_000, 500):
        for number in range(start, start + 500, 25):
            usage.add("", f"app-{number}", "c", {Used(SUBJECT, "consume", 1, f"1.{n}"): 1 for n in range(25)}, NOW)
    rows = usage.of(PLACED, NOW)
    assert len(rows) <= 1_002
    assert any(not one.application for one in rows)


def test_a_key_counts_once_and_old_rows_are_forgotten(usage: Usage) -> None:
    counts = {Used(SUBJECT, "consume", 1, "1.0"): 2}
    assert usage.add("k", "billing", "c", counts, NOW)
    assert not usage.add("k", "billing", "c", counts, NOW)
    (row,) = usage.of(PLACED, NOW)
    assert (row.application, row.count, row.used) == ("billing", 2, next(iter(counts)))
    assert usage.of(PLACED, NOW + timedelta(days=31)) == ()


def test_usage_and_drift_do_not_meet(usage: Usage) -> None:
    http = shop()
    http.post("/v1/usage", used(ROW))
    assert http.get(f"{EVENT}/drift").json["total"] == 0


def test_an_event_goes_by_the_names_of_its_topic() -> None:
    http = shop()
    http.put(EVENT, {"kind": "fact", "topics": ["orders"]})
    for name in ("orders-value", f"orders-{SUBJECT}"):
        declared = declare(http, reading("/total", event=name))
        assert declared.json["reads"][0]["event"] == SUBJECT
    assert declare(http, reading("/total"), reading("/order_id", event="orders-value")).code == "CONSUMER_INVALID"
    http.post("/v1/usage", used({**ROW, "subject": "orders-value"}, application="crm"))
    assert [one["application"] for one in http.get(EVENT).json["consumers"]] == ["billing", "crm"]
    other = "shop.orders.OrderShipped"
    http.register(AVRO.text.replace("OrderPlaced", "OrderShipped"), f"/v1/events/{other}", format="AVRO")
    assert http.put(f"/v1/events/{other}", {"kind": "fact", "topics": ["orders"]}).status == 200
    refused = declare(http, reading("/total", event="orders-value"))
    assert (refused.status, refused.code) == (422, "CONSUMER_INVALID")
    assert "several events" in refused.json["errors"][0]["detail"]
    assert http.post("/v1/usage", used(ROW, {**ROW, "subject": "orders-value"})).json["left_out"] == 1


def test_a_name_that_somebody_signed_in_for_is_not_a_mere_claim() -> None:
    guarded = Guarded()
    for verb in ("read", "register", "govern"):
        guarded.grant(ANN, "*", verb)
    guarded.call(OPERATOR, "PUT", "/v1/domains/shop.orders", {"owner": "o", "contacts": [], "description": ""})
    guarded.call(OPERATOR, "POST", f"{EVENT}/versions", {"schema": AVRO.text, "format": "AVRO"})
    guarded.call(OPERATOR, "POST", "/v1/usage", used(ROW, application="archive"))
    assert guarded.call(ANN, "POST", "/v1/usage", used(ROW, application="crm")).status == 200
    body = {"team": "payments", "reads": [reading("/total")]}
    assert guarded.call(ANN, "PUT", "/v1/consumers/billing", body).status == 200
    consumers = guarded.call(ANN, "GET", EVENT).json["consumers"]
    assert [(one["application"], one["identity"], one["reported_by"]) for one in consumers] == [
        ("billing", "principal", ""), ("archive", "claimed", ""), ("crm", "principal", "people:ann"),
    ]  # fmt: skip
    rows = guarded.call(ANN, "GET", f"{EVENT}/usage").json["usage"]
    assert {(one["application"], one["reported_by"]) for one in rows} == {("archive", ""), ("crm", "people:ann")}
