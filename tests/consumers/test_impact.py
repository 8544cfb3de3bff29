"""What changes do to consumers, at checks, registrations and reports, on both APIs."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from moorings_compat import Format as SchemaFormat
from moorings_registry.callers import Caller
from moorings_registry.commands import Draft, PutConsumer, PutDomain, RegisterSchema
from moorings_registry.engines import open_ledger
from moorings_registry.names import Subject
from moorings_registry.service import Registry
from tests.consumers.world import DOMAIN, FORMATS, SUBJECT, Format, change, declare, reading, report, shop
from tests.registry.asking import require_facts_as_described
from tests.registry.calling import EVENT, Http


@pytest.fixture(params=FORMATS, ids=lambda one: one.name)
def format(request: pytest.FixtureRequest) -> Format:
    return request.param


def statuses(consumers: list[dict[str, Any]]) -> dict[str, str]:
    return {one["application"]: one["status"] for one in consumers}


def test_a_check_says_what_a_change_does_to_each_consumer(format: Format) -> None:
    http = shop(format)
    declare(http, reading("/total"))
    declare(http, reading("/order_id"), application="shipping")
    declare(http, reading("/total", use="optional"), application="insight")
    declare(http, reading(), application="archive")
    found = report(http, format.without_total, format)
    assert statuses(found["consumers"]) == {
        "billing": "broken", "archive": "unknown", "insight": "affected", "shipping": "unaffected",
    }  # fmt: skip
    broken = next(one for one in found["consumers"] if one["application"] == "billing")
    assert broken["holds"] is True
    assert broken["evidence"][0]["path"] == "/total"
    assert [one["payload"] for one in broken["evidence"] if one["payload"]]
    assert found["verdict"] == "breaking"
    assert statuses(report(http, format.text, format)["consumers"])["billing"] == "unaffected"


def test_a_field_that_somebody_reads_is_not_removed(format: Format) -> None:
    http = shop(format)
    declare(http, reading("/total", use="optional"))
    reply = change(http, format.without_total, format)
    assert (reply.status, reply.code) == (409, "SCHEMA_INCOMPATIBLE")
    assert "billing reads /total, which is removed" in reply.json["detail"]
    shown = http.get(f"/v1/reports/{reply.json['report']['id']}").json
    assert "CONSUMER_READS_FIELD" in shown["rules"]
    assert "CONSUMER_READS_FIELD" in json.dumps(shown["comparisons"])
    assert change(http, format.without_margin, format).status == 201
    http.delete("/v1/consumers/billing")
    later = http.get(f"/v1/reports/{reply.json['report']['id']}").json
    assert later["comparisons"] == shown["comparisons"]
    assert later["consumers"] == []
    require_facts_as_described(http.ledger)


def test_the_field_goes_once_nobody_reads_it(format: Format) -> None:
    http = shop(format)
    declare(http, reading("/total"))
    assert change(http, format.without_total, format).status == 409
    assert change(http, format.without_total, format).status == 409
    declare(http, reading("/order_id"))
    assert change(http, format.without_total, format).status == 201


def test_whoever_reads_the_whole_event_holds_every_removal_back(format: Format) -> None:
    http = shop(format)
    declare(http, reading())
    reply = change(http, format.without_total, format)
    assert reply.status == 409
    assert "may read /total" in reply.json["detail"]


def test_both_apis_come_to_the_same(format: Format) -> None:
    http = shop(format)
    declare(http, reading("/total"))
    body = {"schema": format.without_total, "schemaType": format.name}
    checked = http.post(f"/compatibility/subjects/{SUBJECT}/versions/latest?verbose=true", body)
    assert checked.json["is_compatible"] is False
    assert "CONSUMER_READS_FIELD" in json.dumps(checked.json)
    every = http.post(f"/compatibility/subjects/{SUBJECT}/versions", body)
    assert every.json["is_compatible"] is False
    assert http.post(f"/subjects/{SUBJECT}/versions", body).status == 409
    assert http.post(f"/subjects/{SUBJECT}/versions", {**body, "schema": format.without_margin}).status == 200


def test_a_waiver_lets_the_change_through() -> None:
    http, avro = shop(), FORMATS[0]
    declare(http, reading("/total"))
    refused = change(http, avro.without_total)
    shown = http.get(f"/v1/reports/{refused.json['report']['id']}").json
    waiver = {
        "kind": "finding", "domain": "shop.orders", "subject": SUBJECT, "major": 1, "guid": shown["guid"],
        "reason": "Billing moves tomorrow", "requested_by": "ann", "approved_by": "bob",
    }  # fmt: skip
    assert http.post("/v1/waivers", waiver).status == 201
    assert change(http, avro.without_total).status == 201


def test_outside_the_domains_nothing_is_held_back_and_everything_is_told() -> None:
    http, avro = Http(), FORMATS[0]
    http.register(avro.text)
    declare(http, reading("/total"))
    assert statuses(report(http, avro.without_total)["consumers"]) == {"billing": "broken"}
    assert change(http, avro.without_total).status == 201


def test_a_consumer_is_protected_where_the_level_does_not_ask_for_it() -> None:
    http, avro = shop(), FORMATS[0]
    enum = {"type": "enum", "name": "Status", "symbols": ["OPEN", "PAID"]}
    text = json.loads(avro.text)
    text["fields"].append({"name": "status", "type": enum, "default": "OPEN"})
    assert http.put(f"{EVENT}/level", {"level": "BACKWARD"}).status in (200, 422)
    assert http.register(json.dumps(text))["version"] == 2
    declare(http, reading("/status", use="exhaustive"))
    enum["symbols"] = ["OPEN", "PAID", "SHIPPED"]
    found = report(http, json.dumps(text))
    assert statuses(found["consumers"]) == {"billing": "broken"}
    kinds = [one["kind"] for one in found["consumers"][0]["evidence"]]
    assert "symbol_added" in kinds


class Calendar:
    """Time that is moved by hand."""

    def __init__(self) -> None:
        self.now = datetime(2027, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


def test_an_expired_declaration_still_counts_and_is_shown() -> None:
    calendar, avro = Calendar(), FORMATS[0]
    registry = Registry(open_ledger("memory:"), clock=calendar)
    subject = Subject.parse(SUBJECT)
    registry.execute(PutDomain("shop.orders", "orders-team"), Caller())
    registry.execute(RegisterSchema(subject, Draft(SchemaFormat.AVRO, avro.text)), Caller())
    put = PutConsumer("billing", "payments", "", "", "", ({**reading("/total"), "fields": TOTAL, "tests": []},))
    registry.execute(put, Caller())

    def reader() -> Any:
        draft = Draft(SchemaFormat.AVRO, avro.without_total)
        _, assessed = registry.assess(registry.state, subject, draft)
        assert not assessed.report.passes
        return assessed.impacts[0].reader

    calendar.now += timedelta(days=180)
    assert not reader().expired
    calendar.now += timedelta(days=1)
    assert reader().expired
    before = registry.state.position
    registry.execute(put, Caller())
    assert registry.state.position == before + 1  # renewed
    assert not reader().expired


TOTAL = [{"path": "/total", "use": "required"}]


def test_restoring_a_revision_does_not_take_away_what_is_read() -> None:
    http, avro = Http(), FORMATS[0]
    http.register(avro.text)
    http.register(avro.without_total)
    assert http.delete(f"{EVENT}/versions/2").status == 200
    assert http.put("/v1/domains/shop.orders", DOMAIN).status == 200
    declare(http, reading("/total"))
    restored = http.post(f"{EVENT}/versions/2/restore")
    assert (restored.status, restored.code) == (409, "SCHEMA_INCOMPATIBLE")
    assert "CONSUMER_READS_FIELD" in restored.body.decode()
    assert http.post(f"/subjects/{SUBJECT}/versions", {"schema": avro.without_total}).status == 409


def test_an_older_revision_is_restored_beside_a_newer_one_that_is_read() -> None:
    http, avro = Http(), FORMATS[0]
    http.register(avro.without_total)
    http.register(avro.text)
    assert http.delete(f"{EVENT}/versions/1").status == 200
    assert http.put("/v1/domains/shop.orders", DOMAIN).status == 200
    declare(http, reading("/total"))
    assert http.post(f"{EVENT}/versions/1/restore").status == 200


def test_a_schema_that_loses_everything_is_weighed_in_bounded_time() -> None:
    http = Http()
    assert http.put("/v1/domains/shop.orders", DOMAIN).status == 200
    fields = [{"name": f"f{number}", "type": ["null", "int"], "default": None} for number in range(3_000)]
    wide = {"type": "record", "name": "OrderPlaced", "fields": fields}
    http.register(json.dumps(wide), format="AVRO")
    declare(http, reading(*(f"/f{number}" for number in range(400))))
    declare(http, reading(), application="archive")
    found = report(http, json.dumps({**wide, "fields": []}))
    assert statuses(found["consumers"]) == {"billing": "broken", "archive": "unknown"}
    assert all(len(one["evidence"]) < 20_000 for one in found["consumers"])


def test_a_major_with_a_declared_consumer_is_not_retired() -> None:
    http = shop()
    declare(http, reading("/total"))
    blocked = http.get(f"{EVENT}/majors/1/retirement").json
    assert "DECLARED_CONSUMER" in json.dumps(blocked)
    answer = http.get(f"/v1/questions/can-retire?event={SUBJECT}&major=1").json
    assert answer["answer"] == "no"
    assert "DECLARED_CONSUMER" in [one["code"] for one in answer["reasons"]]
    assert answer["next_step"].startswith("Deprecate the major with a sunset")
