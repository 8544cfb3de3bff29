"""Waivers over the native API: granted, listed, used, withdrawn; and what governance shows of itself."""

import csv
import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.registry.asking import PLACED, record, require_facts_as_described
from tests.registry.calling import EVENT, Http, grant

BREAK = record("a", "b")
SOON = (datetime.now(UTC) + timedelta(days=30)).isoformat()


@pytest.fixture
def http() -> Iterator[Http]:
    """A registry with a registered domain and one event in it."""
    http = Http()
    http.put("/v1/domains/shop", {"owner": "team"})
    http.post(f"{EVENT}/versions", {"schema": record("a")})
    yield http
    require_facts_as_described(http.ledger)


def asked(**more: Any) -> dict[str, Any]:
    waiver = {"kind": "level", "domain": "shop", "reason": "a migration", "requested_by": "ann", "approved_by": "bob"}
    return {**waiver, "until": SOON, **more}


def test_a_waiver_is_granted_shown_listed_and_withdrawn(http: Http) -> None:
    granted = http.post("/v1/waivers", asked())
    assert granted.status == 201
    id = granted.json["id"]
    assert (granted.json["open"], granted.json["uses"], granted.json["granted_by"]) == (True, [], "local")
    assert http.get(f"/v1/waivers/{id}").json == granted.json
    for query, found in (("", 1), ("?domain=shop&kind=level&open=true", 1), ("?kind=purge", 0), ("?open=false", 0)):
        assert len(http.get(f"/v1/waivers{query}").json["waivers"]) == found
    ended = http.call("DELETE", f"/v1/waivers/{id}")
    assert (ended.json["open"], ended.json["withdrawn_at"] != "") == (False, True)
    assert http.call("DELETE", f"/v1/waivers/{id}").json == ended.json
    assert http.get("/v1/waivers/999").code == "WAIVER_NOT_FOUND"


def test_waivers_are_exported_as_tables(http: Http) -> None:
    http.post("/v1/waivers", asked(reason='=HYPERLINK("x"), "quoted"\nand more'))
    http.post("/v1/waivers", asked(kind="purge"))
    listed = http.get("/v1/waivers").json["waivers"]
    assert [one["unused"] for one in listed] == [True, True]
    for sent in ({"path": "/v1/waivers?format=ndjson"}, {"path": "/v1/waivers", "Accept": "application/x-ndjson"}):
        lines = http.get(**sent)
        assert lines.headers["content-type"] == "application/x-ndjson"
        assert [json.loads(line) for line in lines.body.splitlines()] == listed
    for sent in ({"path": "/v1/waivers?format=csv"}, {"path": "/v1/waivers", "Accept": "text/csv"}):
        told = http.get(**sent)
        assert told.headers["content-type"].startswith("text/csv")
        rows = list(csv.DictReader(io.StringIO(told.body.decode(), newline="")))
        assert [row["id"] for row in rows] == [str(one["id"]) for one in listed]
        assert set(rows[0]) == set(listed[0])
        assert rows[1]["reason"] == """'=HYPERLINK("x"), "quoted"\nand more"""
        assert (rows[0]["open"], rows[0]["uses"], rows[0]["unused"]) == ("true", "", "true")
    assert http.get("/v1/waivers?format=csv&kind=finding").body.count(b"\r\n") == 1
    assert http.get("/v1/waivers?format=xml").code == "REQUEST_INVALID"
    assert http.get("/v1/waivers", Accept="*/*").json["waivers"] == listed


def test_a_waiver_that_was_used_is_not_among_the_unused(http: Http) -> None:
    http.post("/v1/waivers", asked())
    http.put("/v1/domains/shop", {"owner": "team", "policy": {"level": "FULL"}})
    http.put("/v1/domains/shop", {"owner": "team", "policy": {"level": "BACKWARD"}})
    (used,) = http.get("/v1/waivers?unused=false").json["waivers"]
    assert (used["unused"], len(used["uses"]) > 0) == (False, True)
    assert http.get("/v1/waivers?unused=true").json["waivers"] == []


def test_a_waiver_that_lacks_something_says_where(http: Http) -> None:
    late = (datetime.now(UTC) + timedelta(days=91)).isoformat()
    refused = http.post("/v1/waivers", asked(until=late, approved_by="Ann"))
    assert refused.code == "WAIVER_INVALID"
    assert [one["pointer"] for one in refused.json["errors"]] == ["/approved_by", "/until"]
    assert http.post("/v1/waivers", asked(kind="anything")).code == "REQUEST_INVALID"
    assert http.post("/v1/waivers", asked(domain="nowhere")).code == "DOMAIN_NOT_FOUND"


def test_the_same_key_grants_one_waiver(http: Http) -> None:
    first = http.call("POST", "/v1/waivers", asked(), Idempotency_Key="w-1")
    assert http.call("POST", "/v1/waivers", asked(), Idempotency_Key="w-1").json["id"] == first.json["id"]
    assert len(http.get("/v1/waivers").json["waivers"]) == 1


def test_a_refused_change_is_waived_by_what_its_report_says(http: Http) -> None:
    refused = http.post(f"{EVENT}/versions", {"schema": BREAK})
    report = http.get(f"/v1/reports/{refused.json['report']['id']}").json
    scope = {"subject": report["subject"], "major": report["major"], "guid": report["guid"]}
    granted = http.post("/v1/waivers", asked(kind="finding", until=None, **scope))
    assert granted.status == 201
    assert http.post(f"{EVENT}/versions", {"schema": BREAK}).json["label"] == "1.1"
    (accepted,) = http.get("/v1/reports?verdict=breaking&accepted=true").json["reports"]
    assert accepted["waiver"] == granted.json["id"]
    shown = http.get(EVENT).json
    assert [one["waiver"] for one in shown["majors"][0]["revisions"]] == [0, granted.json["id"]]
    assert shown["unmet"] == []


def test_an_event_says_what_its_majors_are_held_to_and_what_does_not_meet_it(http: Http) -> None:
    http.put("/v1/domains/crm", {"owner": "team", "policy": {"level": "BACKWARD"}})
    event = "/v1/events/crm.CustomerMoved"
    for text in (record("a", name="CustomerMoved"), record(b=1, name="CustomerMoved")):
        assert http.post(f"{event}/versions", {"schema": text}).status == 201
    http.put("/v1/domains/crm", {"owner": "team", "policy": {"level": "FULL_TRANSITIVE"}})
    shown = http.get(event).json
    assert [one["level"] for one in shown["majors"]] == ["FULL_TRANSITIVE"]
    assert [(one["label"], one["verdict"]) for one in shown["unmet"]] == [("1.1", "breaking")]
    http.put("/v1/domains/crm", {"owner": "team", "policy": {"level": "BACKWARD"}})
    held = http.get(event).json
    assert (held["level"], held["majors"][0]["level"]) == ("BACKWARD", "FULL_TRANSITIVE")


def test_a_permanent_delete_says_why(http: Http) -> None:
    version = f"{EVENT}/versions/1"
    grant(http, "retire", "shop")
    http.call("DELETE", version)
    assert http.call("DELETE", f"{version}?permanent=true").code == "REASON_NEEDED"
    assert http.call("DELETE", f"{version}?permanent=true&reason=it+held+a+name").status == 200
    assert http.get(f"{EVENT}/versions/1?deleted=true").code == "SUBJECT_NOT_FOUND"
    assert http.post(f"{EVENT}/versions", {"schema": BREAK}).code == "SCHEMA_INCOMPATIBLE"


def test_a_level_below_the_domains_is_refused_on_both_apis(http: Http) -> None:
    assert http.put(f"{EVENT}/level", {"level": "NONE"}).code == "POLICY_BELOW_FLOOR"
    refused = http.call("PUT", f"/config/{PLACED}", {"compatibility": "NONE"})
    assert (refused.status, refused.json["error_code"]) == (422, 42203)
    assert "floor of this registry" in refused.json["message"]


@pytest.mark.parametrize("path", ["/v1/events?verison=1", "/v1/domains?x=1", f"{EVENT}?deleted=true", "/v1/rules?q=1"])
def test_a_query_parameter_that_is_not_known_is_refused(http: Http, path: str) -> None:
    refused = http.get(path)
    assert refused.code == "REQUEST_INVALID"
    assert [one["pointer"] for one in refused.json["errors"]] == ["/" + path.partition("?")[2].partition("=")[0]]
