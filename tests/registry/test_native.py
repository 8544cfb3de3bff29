"""The native API: what each path does, from the outside."""

import json
from datetime import date
from importlib.metadata import version
from typing import Any

import pytest
from openapi_spec_validator import validate

from moorings_compat import Format
from moorings_registry.entries import Entry
from moorings_registry.errors import Refusal
from moorings_registry.http.statuses import STATUSES
from moorings_registry.ledger import verify
from moorings_registry.settings import Settings
from tests.registry.asking import PLACED, record, require_facts_as_described
from tests.registry.calling import EVENT, Http, grant, require_problem

BREAK = record("a", "x")
VERSION_MEMBERS = {
    "subject", "version", "major", "revision", "label", "id", "guid", "format", "schema", "references", "metadata",
    "rule_set", "state", "deleted", "registered_at", "registered_by", "position", "fingerprint", "json_fields",
    "internal_fields", "dialect", "unreadable",
}  # fmt: skip


@pytest.fixture
def http() -> Any:
    made = Http()
    yield made
    require_facts_as_described(made.ledger)


# Domains.


def test_a_domain_is_put_and_shown(http: Http) -> None:
    body = {"owner": "team", "contacts": ["#team"], "description": "Orders.", "policy": {"level": "FULL"}}
    recorded = body | {"policy": {"level": "FULL", "json_fields": "declared", "type_names": "event"}}
    put = http.put("/v1/domains/shop.orders", body)
    assert put.status == 200
    assert put.headers["moorings-position"] == "1"
    shown = http.get("/v1/domains/shop.orders").json
    assert shown == put.json
    assert {name: shown[name] for name in body} == recorded
    assert shown["effective"] == {
        "level": "FULL",
        "names": "past_tense",
        "formats": "asserted",
        "json_fields": "declared",
        "internal": "strip",
        "json_dialect": "draft-07",
        "type_names": "event",
        "protobuf_level": "wire",
        "notice_days": 30,
        "quiet_days": 30,
        "kinds": ["fact", "type"],
        "complete": True,
    }
    assert http.put("/v1/domains/shop.orders", body).headers["moorings-position"] == "1"
    assert http.get("/v1/domains").json == {"domains": [shown]}


def test_a_domain_counts_the_events_in_it_and_below_it(http: Http) -> None:
    for name in ("shop", "shop.orders", "store"):
        http.put(f"/v1/domains/{name}", {"owner": "team"})
    for subject in ("shop.OrderPlaced", "shop.orders.OrderPlaced", "shop.orders.eu.OrderPlaced", "shopping.Done"):
        http.register(path=f"/v1/events/{subject}")
    counts = {one["domain"]: one["events"] for one in http.get("/v1/domains").json["domains"]}
    assert counts == {"shop": 3, "shop.orders": 2, "store": 0}


# Registering.


def test_a_schema_is_created_once_and_found_again(http: Http) -> None:
    created = http.post(f"{EVENT}/versions", {"schema": record("a")})
    assert (created.status, created.headers["moorings-position"]) == (201, "1")
    assert set(created.json) == VERSION_MEMBERS
    again = http.post(f"{EVENT}/versions", {"schema": record("a").replace(" ", "")})
    assert (again.status, again.json) == (200, created.json)
    assert created.json | {"label": "1.0", "id": 1, "state": "active", "registered_by": "local"} == created.json


def test_a_schema_may_come_as_json_in_place_of_its_text(http: Http) -> None:
    body = {"schema": {"type": "object", "properties": {"a": {"const": "ä"}}}, "format": "JSON"}
    assert http.post(f"{EVENT}/versions", body).json["schema"] == '{"type":"object","properties":{"a":{"const":"ä"}}}'


@pytest.mark.parametrize(
    ("format", "text"),
    [
        (Format.AVRO, '{"type":"record","name":"A","fields":[]}'),
        (Format.JSON, '{"type":"object"}'),
        (Format.PROTOBUF, 'syntax = "proto3";\nmessage A {\n  string id = 1;\n}\n'),
    ],
)
def test_every_format_is_registered(format: Format, text: str, http: Http) -> None:
    assert http.register(text, format=str(format))["format"] == format


OPEN = {"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object"}


@pytest.mark.parametrize(
    ("change", "writer", "reader"),
    [({"required": ["a"]}, "accepts", "refuses"), ({"dependencies": {"a": ["b"]}}, "accepts", "accepts")],
    ids=["engines agree", "engines disagree"],
)
def test_every_answer_with_a_witness_of_json_schema_says_what_a_second_engine_answers(
    change: dict[str, Any], writer: str, reader: str, http: Http
) -> None:
    http.register(json.dumps(OPEN), format="JSON")
    body = {"schema": OPEN | change, "format": "JSON"}
    checked = http.post("/v1/checks", {**body, "subject": str(PLACED)}).json["report"]
    problem = require_problem(http.post(f"{EVENT}/versions", body))
    shown = http.get(problem["links"]["report"]).json
    http.post(f"{EVENT}/versions", body | {"major": "next"})
    compared = http.get(f"{EVENT}/compare?writer=1.0&reader=2.0").json
    reports = [checked["comparisons"], problem["report"]["comparisons"], shown["comparisons"], [compared]]
    opinions = [report[0]["findings"][0]["witness"]["second_opinion"] for report in reports]
    engine = f"jsonschema {version('jsonschema')}"
    assert opinions == [{"engine": engine, "writer": writer, "reader": reader, "reason": ""}] * 4


def test_formats_that_a_domain_does_not_assert_are_not_asserted_by_the_second_engine(http: Http) -> None:
    http.put("/v1/domains/shop.orders", {"owner": "team", "policy": {"formats": "annotations"}})
    text = {"type": "string", "format": "email"}
    http.register(json.dumps(text), format="JSON")
    body = {"schema": text | {"maxLength": 0}, "format": "JSON", "subject": str(PLACED), "level": "BACKWARD"}
    (comparison,) = http.post("/v1/checks", body).json["report"]["comparisons"]
    opinion = comparison["findings"][0]["witness"]["second_opinion"]
    assert "@" not in comparison["findings"][0]["witness"]["payload"]
    assert (opinion["writer"], opinion["reader"]) == ("accepts", "refuses")


def test_witnesses_of_binary_formats_have_no_second_opinion(http: Http) -> None:
    http.register()
    problem = require_problem(http.post(f"{EVENT}/versions", {"schema": BREAK}))
    assert problem["report"]["comparisons"][0]["findings"][0]["witness"]["second_opinion"] is None


def test_a_break_is_refused_with_its_report_and_the_way_out(http: Http) -> None:
    http.register()
    refused = http.post(f"{EVENT}/versions", {"schema": BREAK})
    problem = require_problem(refused)
    assert (refused.status, problem["code"]) == (409, "SCHEMA_INCOMPATIBLE")
    (comparison,) = problem["report"]["comparisons"]
    assert (comparison["label"], comparison["verdict"], comparison["reader"]) == ("1.0", "breaking", "candidate")
    (finding,) = comparison["findings"]
    assert finding["witness"]["payload"]
    assert finding["advice"]
    shown = http.get(problem["links"]["report"])
    assert shown.json["comparisons"] == problem["report"]["comparisons"]
    assert (shown.json["accepted"], shown.json["verdict"], shown.json["failing"]) == (False, "breaking", ["1.0"])
    opened = http.call(
        problem["links"]["next_major"]["method"],
        problem["links"]["next_major"]["href"],
        {"schema": BREAK, **problem["links"]["next_major"]["body"]},
    )
    assert (opened.status, opened.json["label"]) == (201, "2.0")


def test_the_way_out_leads_to_subjects_with_any_name(http: Http) -> None:
    path = "/v1/events/Größe%2Fa%20b%3F"
    http.register(path=path)
    refused = http.post(f"{path}/versions", {"schema": BREAK})
    href = refused.json["links"]["next_major"]["href"]
    assert http.post(href, {"schema": BREAK, "major": "next"}).json["subject"] == "Größe/a b?"


def test_a_registered_reference_is_resolved(http: Http) -> None:
    http.register(record("amount", name="Money"), "/v1/events/shop.Money")
    text = '{"type":"record","name":"P","fields":[{"name":"m","type":"Money"}]}'
    references = [{"name": "Money", "subject": "shop.Money", "version": 1}]
    assert http.register(text, references=references)["references"] == references
    assert http.delete("/v1/events/shop.Money").code == "REFERENCE_EXISTS"


def test_names_and_domains_are_held_to_policy() -> None:
    http = Http(settings=Settings(require_domain=True))
    assert http.post(f"{EVENT}/versions", {"schema": record("a")}).code == "NAME_REFUSED"
    http.put("/v1/domains/shop.orders", {"owner": "team"})
    http.register()
    refused = http.post("/v1/events/shop.orders.PlaceOrder/versions", {"schema": record("a")})
    assert (refused.status, refused.code) == (422, "NAME_REFUSED")
    assert "OrderPlaced" in refused.json["detail"]


# Reading.


@pytest.mark.parametrize(("name", "number"), [("1", 1), ("1.1", 2), ("2.0", 3), ("v1", 2), ("v2", 3), ("latest", 3)])
def test_a_version_goes_by_many_names(name: str, number: int, http: Http) -> None:
    for text, major in ((record("a"), None), (record("a", b=0), None), (record("z"), "next")):
        http.register(text, major=major)
    shown = http.get(f"{EVENT}/versions/{name}")
    assert (shown.json["version"], set(shown.json)) == (number, VERSION_MEMBERS)
    assert ("no-cache" in shown.headers["cache-control"]) == (name in ("latest", "v1", "v2"))


def test_an_event_shows_its_majors_and_who_owns_it(http: Http) -> None:
    http.put("/v1/domains/shop", {"owner": "team", "contacts": ["#team"]})
    http.register()
    http.register(record("z"), major="next")
    http.put(f"{EVENT}/majors/1", {"state": "deprecated", "sunset": "2099-01-31"})
    grant(http, "retire", "shop")
    http.delete(f"{EVENT}/versions/1")
    event = http.get(EVENT).json
    assert (event["domain"], event["event"], event["owner"]) == ("shop.orders", "OrderPlaced", "team")
    assert (event["level"], event["latest"]) == ("FULL_TRANSITIVE", {"version": 2, "label": "2.0", "id": 2})
    first, second = event["majors"]
    assert (first["state"], first["sunset"], first["revisions"][0]["deleted"]) == ("deprecated", "2099-01-31", True)
    assert (second["state"], second["sunset"], second["revisions"][0]["label"]) == ("active", None, "2.0")


def test_events_are_found_by_domain_name_and_state(http: Http) -> None:
    for subject in ("shop.OrderPlaced", "shop.eu.OrderShipped", "shopping.Done", "legacy"):
        http.register(path=f"/v1/events/{subject}")
    http.put("/v1/events/shop.OrderPlaced/majors/1", {"state": "deprecated"})
    http.delete("/v1/events/legacy")

    def found(query: str) -> list[str]:
        answer = http.get(f"/v1/events?{query}").json
        assert answer["total"] >= len(answer["events"])
        return [one["subject"] for one in answer["events"]]

    assert found("") == ["shop.OrderPlaced", "shop.eu.OrderShipped", "shopping.Done"]
    assert found("domain=shop") == ["shop.OrderPlaced", "shop.eu.OrderShipped"]
    assert found("q=ORDERS") == ["shop.eu.OrderShipped"]
    assert found("state=deprecated") == ["shop.OrderPlaced"]
    assert found("limit=1&offset=1") == ["shop.eu.OrderShipped"]
    assert found("offset=9") == []


def test_versions_are_listed_without_their_texts(http: Http) -> None:
    http.register()
    http.register(record("a", b=0))
    http.delete(f"{EVENT}/versions/1")
    listed = http.get(f"{EVENT}/versions").json["versions"]
    assert [one["version"] for one in listed] == [2]
    assert set(listed[0]) == VERSION_MEMBERS - {"schema", "fingerprint", "internal_fields"}
    assert len(http.get(f"{EVENT}/versions?deleted=true").json["versions"]) == 2


def test_a_version_is_looked_up_by_its_text(http: Http) -> None:
    http.register(path="/v1/events/other")
    version = http.register()
    assert http.post(f"{EVENT}/lookup", {"schema": record("a")}).json == version
    assert http.post(f"{EVENT}/lookup", {"schema": BREAK}).code == "SCHEMA_NOT_FOUND"
    assert http.post("/v1/events/nowhere/lookup", {"schema": BREAK}).code == "SUBJECT_NOT_FOUND"


def test_two_versions_are_compared_in_one_direction(http: Http) -> None:
    http.register()
    http.register(BREAK, major="next")
    compared = http.get(f"{EVENT}/compare?writer=1.0&reader=2.0").json
    assert (compared["verdict"], compared["reader"], compared["writer"]) == ("breaking", "2.0", "1.0")
    assert compared["findings"][0]["witness"]
    assert http.get(f"{EVENT}/compare?writer=2.0&reader=v1").json["verdict"] == "compatible"
    assert http.get(f"{EVENT}/compare?writer=2.0").json["errors"][0]["pointer"] == "/reader"


# Deleting.


def test_a_version_is_soft_deleted_restored_and_permanently_deleted(http: Http) -> None:
    http.register()
    http.register(record("a", b=0))
    assert http.delete(f"{EVENT}/versions/2?permanent=true").code == "VERSION_NOT_DELETED_FIRST"
    assert http.delete(f"{EVENT}/versions/1.1").json == {"versions": [2]}
    assert http.delete(f"{EVENT}/versions/2").code == "VERSION_ALREADY_DELETED"
    assert http.get(f"{EVENT}/versions/2").code == "VERSION_NOT_FOUND"
    assert http.post(f"{EVENT}/versions/2/restore").json["deleted"] is False
    assert http.delete(f"{EVENT}/versions/latest").json == {"versions": [2]}
    assert http.delete(f"{EVENT}/versions/2?permanent=true").json == {"versions": [2]}
    assert http.delete(EVENT).json == {"versions": [1]}
    assert http.get(EVENT).code == "SUBJECT_NOT_FOUND"
    assert http.get("/v1/schemas/ids/1").status == 200
    assert http.delete(f"{EVENT}?permanent=true").json == {"versions": [1]}
    assert http.get("/v1/schemas/ids/1").code == "SCHEMA_NOT_FOUND"


# Levels and lifecycles.


def test_a_level_is_set_and_cleared(http: Http) -> None:
    assert http.get("/v1/level").json == {"level": "BACKWARD", "own": None}
    assert http.put("/v1/level", {"level": "NONE"}).json == {"level": "NONE", "own": "NONE"}
    assert http.get(f"{EVENT}/level").json == {"level": "NONE", "own": None}
    assert http.put(f"{EVENT}/level", {"level": "FULL"}).json == {"level": "FULL", "own": "FULL"}
    assert http.put(f"{EVENT}/level", {"level": None}).json == {"level": "NONE", "own": None}
    http.put("/v1/domains/shop", {"owner": "team"})
    assert http.get(f"{EVENT}/level").json == {"level": "FULL_TRANSITIVE", "own": None}


def test_a_retired_major_refuses_new_revisions(http: Http) -> None:
    http.register()
    assert http.put(f"{EVENT}/majors/1", {"state": "retired"}).json["majors"][0]["state"] == "retired"
    assert http.post(f"{EVENT}/versions", {"schema": record("a", b=0)}).code == "MAJOR_RETIRED"
    assert http.put(f"{EVENT}/majors/2", {"state": "retired"}).code == "MAJOR_UNKNOWN"
    http.put(f"{EVENT}/majors/1", {"state": "active"})
    assert http.register(record("a", b=0))["label"] == "1.1"


# Checks and reports.


def test_a_check_leaves_no_trace(http: Http) -> None:
    http.register()
    checked = http.post("/v1/checks", {"subject": str(PLACED), "schema": BREAK}).json["report"]
    assert (checked["verdict"], checked["id"], checked["accepted"], checked["major"]) == ("breaking", None, None, 1)
    assert checked["candidate"]["schema"]
    lenient = http.post("/v1/checks", {"subject": str(PLACED), "schema": BREAK, "level": "NONE"}).json["report"]
    assert (lenient["verdict"], lenient["comparisons"]) == ("unchecked", [])
    assert http.ledger.head().position == 1
    assert http.post("/v1/checks", {"subject": "nowhere", "schema": BREAK}).json["report"]["verdict"] == "compatible"
    assert http.post("/v1/checks", {"subject": "nowhere", "schema": BREAK, "major": 7}).code == "MAJOR_UNKNOWN"


def test_findings_have_lines_and_columns_on_request(http: Http) -> None:
    http.register()
    text = BREAK.replace(", ", ",\n").replace(": [", ":\n[")
    body = {"subject": str(PLACED), "schema": text}
    (found,) = http.post("/v1/checks", body).json["report"]["comparisons"][0]["findings"]
    assert "reader_position" not in found
    (found,) = http.post("/v1/checks", body | {"positions": True}).json["report"]["comparisons"][0]["findings"]
    line, column = found["reader_position"]["line"], found["reader_position"]["column"]
    assert line > 1
    assert text.split("\n")[line - 1][column - 1 :].startswith('{"name": "x"')
    assert found["writer_position"] == {"line": 1, "column": 1}
    refused = http.post(f"{EVENT}/versions", {"schema": text})
    path = f"/v1/reports/{refused.json['report']['id']}"
    assert "reader_position" not in http.get(path).json["comparisons"][0]["findings"][0]
    report = http.get(f"{path}?positions=true").json
    kept, place = report["candidate"]["schema"], report["comparisons"][0]["findings"][0]["reader_position"]
    assert place["line"] == 1
    assert kept[place["column"] - 1 :].startswith('{"name"')
    assert http.get(f"{path}?positions=perhaps").code == "REQUEST_INVALID"


def test_reports_are_listed_newest_first(http: Http) -> None:
    http.register()
    http.post(f"{EVENT}/versions", {"schema": BREAK})
    listed = http.get("/v1/reports").json
    assert [(one["id"], one["accepted"], one["verdict"]) for one in listed["reports"]] == [
        (2, False, "breaking"),
        (1, True, "compatible"),
    ]
    rule = listed["reports"][0]["rules"][0]
    for query, total in (
        ("verdict=breaking", 1),
        (f"rule={rule}", 1),
        ("rule=NONE", 0),
        ("domain=shop", 2),
        (f"subject={PLACED}", 2),
        ("since=2099-01-01", 0),
        ("since=2001-01-01T00:00:00%2B02:00", 2),
        ("until=2001-01-01", 0),
        ("until=2099-01-01T00:00:00Z", 2),
        ("accepted=true", 1),
        ("accepted=false", 1),
        ("limit=1&offset=1", 2),
    ):
        assert http.get(f"/v1/reports?{query}").json["total"] == total
    day = listed["reports"][0]["at"][:10]
    assert http.get(f"/v1/reports?since={day}&until={day}").json["total"] == 2
    for query in ("since=yesterday", "until=2027-01-31T12:00:00", "accepted=perhaps"):
        assert http.get(f"/v1/reports?{query}").code == "REQUEST_INVALID"
    assert http.get("/v1/reports/1").json["version"] == 1
    assert http.get("/v1/reports/99").code == "REPORT_NOT_FOUND"


def test_every_rule_is_described(http: Http) -> None:
    rules = http.get("/v1/rules").json["rules"]
    assert [one["code"] for one in rules] == sorted(one["code"] for one in rules)
    assert all(one["title"] and one["why"] and one["fix"] and one["source"] for one in rules)


# The ledger.


def test_the_ledger_is_read_page_by_page_and_proves_itself(http: Http) -> None:
    for number in range(5):
        http.register(record(f"f{number}"), f"/v1/events/s{number}")
    page = http.get("/v1/ledger?after=1&limit=2").json
    assert [one["position"] for one in page["entries"]] == [2, 3]
    assert page["head"] == http.get("/v1/ledger/head").json
    entries = http.get("/v1/ledger").json["entries"]
    told = [Entry(**{**one, "facts": tuple(one["facts"])}) for one in entries]
    assert verify(told).digest == page["head"]["digest"]
    assert http.get("/v1/ledger?after=99").json["entries"] == []


def test_a_page_of_large_entries_ends_early(http: Http) -> None:
    for number in range(7):
        text = '{"type":"record","name":"A","doc":"%s","fields":[]}' % (str(number) * 1_000_000)
        http.register(text, f"/v1/events/s{number}")
    page = http.get("/v1/ledger").json["entries"]
    assert 1 < len(page) < 7


# Repeated requests, and positions.


def test_the_same_key_gets_the_same_answer(http: Http) -> None:
    body = {"schema": record("a")}
    first = http.post(f"{EVENT}/versions", body, Idempotency_Key="k-1")
    again = http.post(f"{EVENT}/versions", body, Idempotency_Key="k-1")
    assert (again.status, again.json) == (first.status, first.json) == (201, first.json)
    reused = http.post(f"{EVENT}/versions", {"schema": BREAK}, Idempotency_Key="k-1")
    assert (reused.status, reused.code) == (422, "IDEMPOTENCY_KEY_REUSED")
    elsewhere = http.post("/v1/events/other/versions", body, Idempotency_Key="k-1")
    assert elsewhere.code == "IDEMPOTENCY_KEY_REUSED"
    refused = http.post(f"{EVENT}/versions", {"schema": BREAK}, Idempotency_Key="k-2")
    assert (
        http.post(f"{EVENT}/versions", {"schema": BREAK}, Idempotency_Key="k-2").json["report"]
        == refused.json["report"]
    )


def test_a_repeated_key_whose_version_was_permanently_deleted_is_not_found(http: Http) -> None:
    http.register()
    retire = {"state": "retired"}
    http.put(f"{EVENT}/majors/1", retire, Idempotency_Key="life")
    http.delete(f"{EVENT}/versions/latest", Idempotency_Key="soft")
    http.delete(f"{EVENT}?permanent=true", Idempotency_Key="hard")
    assert http.delete(f"{EVENT}/versions/latest", Idempotency_Key="soft").json == {"versions": [1]}
    assert http.delete(f"{EVENT}?permanent=true", Idempotency_Key="hard").json == {"versions": [1]}
    assert http.put(f"{EVENT}/majors/1", retire, Idempotency_Key="life").code == "SUBJECT_NOT_FOUND"


@pytest.mark.parametrize("key", ["ä", "a\x01b", "x" * 256])
def test_a_key_has_to_be_printable(key: str, http: Http) -> None:
    assert http.put("/v1/level", {"level": "NONE"}, Idempotency_Key=key).code == "REQUEST_INVALID"


@pytest.mark.parametrize(
    ("asked", "status", "code"),
    [
        ("1", 200, ""),
        ("0", 200, ""),
        ("2", 503, "POSITION_AHEAD"),
        ("9" * 16, 503, "POSITION_AHEAD"),
        ("-1", 422, "REQUEST_INVALID"),
        ("x", 422, "REQUEST_INVALID"),
        ("٣", 422, "REQUEST_INVALID"),
        ("9" * 5_000, 422, "REQUEST_INVALID"),
    ],
)
def test_a_request_may_say_what_it_must_see(asked: str, status: int, code: str, http: Http) -> None:
    http.register()
    reply = http.get(f"{EVENT}/versions/latest", Moorings_Position=asked.encode().decode("latin-1"))
    assert (reply.status, reply.code) == (status, code)


# The description.


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"b": "Straße \u2028", "a": [None, 1.5]}, '{"b":"Straße \u2028","a":[null,1.5]}'),
        ([2**70], "[1180591620717411303424]"),
        (["\ud800"], '["\\ud800"]'),
        ({7: True}, '{"7":true}'),
        ([date(2026, 11, 30)], '["Mon, 30 Nov 2026 00:00:00 GMT"]'),
    ],
    ids=["in their order and letters", "large numbers", "lone surrogates", "other keys", "dates"],
)
def test_answers_are_written_whatever_is_in_them(value: object, text: str, http: Http) -> None:
    """The quick encoder takes less than the standard one, which then writes the answer."""
    framework: Any = http.application.middleware.framework
    with framework.test_request_context():
        assert framework.json.response(value).get_data(as_text=True).strip("\n") == text


def test_the_description_is_valid_and_complete(http: Http) -> None:
    document = http.get("/openapi.json").json
    validate(document)
    rules = http.application.middleware.framework.url_map.iter_rules()  # type: ignore[attr-defined]  # it is Flask's
    served = {
        rule.rule.replace("<path:", "<")
        .replace("<name:", "<")
        .replace("<int:", "<")
        .replace("<uuid:", "<")
        .replace("<", "{")
        .replace(">", "}")
        for rule in rules
        if rule.rule.startswith("/v1/") and not rule.rule.startswith("/v1/metadata/")
    }
    assert served <= set(document["paths"])


def test_every_operation_has_a_name_of_its_own_and_lists_its_errors(http: Http) -> None:
    paths = http.get("/openapi.json").json["paths"]
    operations = [
        one for path in paths.values() for method, one in path.items() if method in ("get", "put", "post", "delete")
    ]
    names = [one["operationId"] for one in operations]
    assert len(set(names)) == len(names) > 20
    catalogue = {refusal.code for refusal in STATUSES if issubclass(refusal, Refusal)}
    for one in operations:
        assert set(one["x-error-codes"]) <= catalogue
        described = " ".join(answer["description"] for answer in one["responses"].values() if "description" in answer)
        assert all(f"`{code}`" in described for code in one["x-error-codes"])
