"""An alias is another name of its event, on every route of both APIs."""

from typing import Any

import pytest

from tests.registry.asking import record
from tests.registry.calling import Http, without_form_keys

OLD, NEW = "/v1/events/legacy-orders", "/v1/events/orders"


@pytest.fixture
def http() -> Http:
    """An event with two revisions, and another name of it."""
    http = Http()
    http.register(path=NEW)
    http.register(record("a", b=1), path=NEW)
    assert http.put("/config/legacy-orders", {"alias": "orders"}).status == 200
    return http


READS = [
    "",
    "/level",
    "/versions",
    "/versions/latest",
    "/versions/v1",
    "/versions/1",
    "/versions/1.1",
    "/drift",
    "/compare?reader=1.1&writer=1.0",
]


@pytest.mark.parametrize("path", READS)
def test_reads_of_an_alias_are_answered_as_its_event(http: Http, path: str) -> None:
    for _ in range(2):  # a cached answer is right, too
        answered = http.get(f"{OLD}{path}")
        assert answered.status == 200
        assert answered.json == http.get(f"{NEW}{path}").json


def test_both_apis_look_up_and_check_what_an_alias_leads_to(http: Http) -> None:
    text = {"schema": record("a", b=1)}
    assert http.post(f"{OLD}/lookup", text).json["subject"] == "orders"
    assert http.post("/subjects/legacy-orders", text).json["subject"] == "orders"
    breaking = {"schema": record("a", "z")}
    checked = http.post("/v1/checks", {**breaking, "subject": "legacy-orders"}).json["report"]
    assert (checked["subject"], checked["verdict"]) == ("orders", "breaking")
    assert http.post("/compatibility/subjects/legacy-orders/versions", breaking).json == {"is_compatible": False}


def test_what_is_registered_under_an_alias_is_a_revision_of_its_event(http: Http) -> None:
    assert http.post(f"{OLD}/versions", {"schema": record("a", "z")}).code == "SCHEMA_INCOMPATIBLE"
    kept = http.post(f"{OLD}/versions", {"schema": record("a", b=1, c=1)}).json
    assert (kept["subject"], kept["label"]) == ("orders", "1.2")
    assert http.get("/v1/reports?subject=legacy-orders").json == http.get("/v1/reports?subject=orders").json
    assert http.get("/v1/reports?subject=legacy-orders").json["total"] == 4
    assert [one["subject"] for one in http.get("/v1/events").json["events"]] == ["orders"]


WRITES: list[tuple[str, str, Any]] = [
    ("PUT", "/level", {"level": "FULL"}),
    ("PUT", "/majors/1", {"state": "deprecated"}),
    ("DELETE", "/versions/1", None),
    ("DELETE", "", None),
]


@pytest.mark.parametrize(("method", "path", "body"), WRITES, ids=[f"{row[0]} {row[1]}" for row in WRITES])
def test_writes_to_an_alias_reach_its_event(http: Http, method: str, path: str, body: Any) -> None:
    before = http.get(f"{NEW}/level").json, http.get(f"{NEW}/versions?deleted=true").json
    assert http.call(method, f"{OLD}{path}", body).status == 200
    after = http.get(f"{NEW}/level").json, http.get(f"{NEW}/versions?deleted=true").json
    assert before != after


def test_a_deleted_version_is_restored_under_an_alias(http: Http) -> None:
    http.delete(f"{NEW}/versions/1")
    assert http.post(f"{OLD}/versions/1/restore").status == 200
    assert len(http.get(f"{NEW}/versions").json["versions"]) == 2


def test_if_match_of_an_alias_names_the_state_of_its_event(http: Http) -> None:
    etag = http.get(f"{OLD}/level").headers["etag"]
    assert etag == http.get(f"{NEW}/level").headers["etag"]
    assert http.put(f"{OLD}/level", {"level": "FULL"}, If_Match=etag).status == 200
    assert http.put(f"{OLD}/level", {"level": "BACKWARD"}, If_Match=etag).code == "STATE_CHANGED"


def test_an_alias_that_is_set_later_changes_what_was_answered_before() -> None:
    http = Http()
    http.register(path=NEW)
    http.register(record("z"), path=OLD)
    for _ in range(2):
        assert http.get(f"{OLD}/versions/1").json["subject"] == "legacy-orders"
    http.put("/config/legacy-orders", {"alias": "orders"})
    for _ in range(2):
        assert http.get(f"{OLD}/versions/1").json["subject"] == "orders"
    http.put("/config/legacy-orders", {"alias": None})
    for _ in range(2):
        assert http.get(f"{OLD}/versions/1").json["subject"] == "legacy-orders"


def test_an_alias_does_not_lead_out_of_a_registered_domain() -> None:
    http = Http()
    http.put("/v1/domains/shop", {"owner": "team"})
    http.put("/config/shop.OrderPlaced", {"alias": "shop.OrderAccepted"})
    assert http.register(record("a", name="OrderAccepted"), "/v1/events/shop.OrderPlaced")["subject"] == (
        "shop.OrderAccepted"
    )
    assert http.put("/config/shop.OrderPlaced", {"alias": "orders"}).status == 422


def test_the_page_of_an_alias_is_that_of_its_event(http: Http) -> None:
    page = http.get("/admin/events/legacy-orders")
    assert page.status == 200
    assert without_form_keys(page.body) == without_form_keys(http.get("/admin/events/orders").body)


def test_drift_that_is_reported_under_an_alias_counts_for_its_event(http: Http) -> None:
    row = {"subject": "legacy-orders", "direction": "consume", "revision": "1.1", "writer": "1.0", "path": "/a"}
    body = {"reporter": {"client": "t", "service": "t"}, "observations": [{**row, "rule": "TYPE_WRONG", "count": 2}]}
    counted = http.post("/v1/drift", body)
    assert counted.json["counted"] == 2, counted.body
    assert http.get(f"{NEW}/drift").json["count"] == 2


def test_an_event_with_revisions_is_not_made_another_name() -> None:
    """Else whoever asks for the event by its name would be given what nobody compared with its revisions."""
    http = Http()
    http.put("/v1/domains/shop", {"owner": "team"})
    http.register(record("a"), "/v1/events/shop.OrderPlaced")
    refused = http.put("/config/shop.OrderPlaced", {"alias": "shop.OrderAccepted"})
    assert (refused.status, "revisions of its own" in refused.json["message"]) == (422, True)
    assert http.get("/v1/events/shop.OrderPlaced").json["subject"] == "shop.OrderPlaced"
    assert http.put("/config/shop.OrderPlaced", {"alias": "shop.OrderPlaced"}).status == 200
