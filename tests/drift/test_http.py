"""Drift over HTTP: what clients report, and what is shown of it."""

import json
from datetime import datetime
from typing import Any

import pytest

from moorings_registry.app import build_application
from moorings_registry.drift import Batch, DriftRow, DriftStoreError
from moorings_registry.engines import open_ledger
from moorings_registry.side_stores import SideStores
from tests.registry.asking import record
from tests.registry.calling import EVENT, Http, require_problem

ROW = {
    "subject": "shop.orders.OrderPlaced",
    "direction": "produce",
    "revision": "1.0",
    "path": "/a",
    "rule": "TYPE_WRONG",
}
REPORTER = {"client": "moorings-python/1", "service": "checkout"}


def body(*rows: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"reporter": REPORTER, "observations": list(rows), **more}


@pytest.fixture
def http() -> Http:
    made = Http()
    made.register()
    return made


def test_a_report_is_counted_and_shown(http: Http) -> None:
    told = http.post("/v1/drift", body({**ROW, "count": 3}, {**ROW, "direction": "consume", "writer": "1.0"}, ROW))
    assert (told.status, told.json) == (200, {"counted": 5, "left_out": 0, "again": False})
    shown = http.get(f"{EVENT}/drift").json
    assert (shown["total"], shown["count"], shown["subject"]) == (2, 5, "shop.orders.OrderPlaced")
    first = next(one for one in shown["drift"] if one["direction"] == "produce")
    assert {name: first[name] for name in ("revision", "writer", "path", "rule", "count", "reporter")} == {
        "revision": "1.0", "writer": None, "path": "/a", "rule": "TYPE_WRONG", "count": 4, "reporter": REPORTER,
    }  # fmt: skip
    assert first["first_seen"] == first["last_seen"]
    datetime.fromisoformat(first["last_seen"])


def test_rows_can_be_chosen_and_paged(http: Http) -> None:
    http.post("/v1/drift", body(*({**ROW, "path": f"/f{n}"} for n in range(5)), {**ROW, "direction": "consume"}))
    assert http.get(f"{EVENT}/drift?direction=consume").json["total"] == 1
    assert http.get(f"{EVENT}/drift?revision=9.9").json == {
        "subject": "shop.orders.OrderPlaced", "drift": [], "total": 0, "count": 0,
    }  # fmt: skip
    page = http.get(f"{EVENT}/drift?limit=2&offset=4").json
    assert (len(page["drift"]), page["total"]) == (2, 6)


def test_a_report_that_comes_again_counts_once(http: Http) -> None:
    first = http.post("/v1/drift", body(ROW), Idempotency_Key="k")
    again = http.post("/v1/drift", body(ROW), Idempotency_Key="k")
    assert first.json["again"] is False
    assert again.json == {"counted": 0, "left_out": 0, "again": True}
    assert http.get(f"{EVENT}/drift").json["count"] == 1


def test_unknown_subjects_are_left_out_and_the_rest_counts(http: Http) -> None:
    odd = [{**ROW, "subject": name} for name in ("shop.orders.Unheard", "__GLOBAL", "\u0001", ":.a::.b:c")]
    told = http.post("/v1/drift", body(*odd, ROW)).json
    assert told == {"counted": 1, "left_out": 4, "again": False}
    assert http.post("/v1/drift", body(odd[0])).json["counted"] == 0
    assert http.get("/v1/events/shop.orders.Unheard/drift").code == "SUBJECT_NOT_FOUND"


def test_a_deleted_event_keeps_its_counts(http: Http) -> None:
    http.post("/v1/drift", body(ROW))
    http.delete(EVENT)
    assert http.get(f"{EVENT}/drift").json["count"] == 1


def test_a_report_leaves_no_trace_in_the_ledger(http: Http) -> None:
    before = http.ledger.head()
    told = http.post("/v1/drift", body(ROW))
    assert http.ledger.head() == before
    assert "moorings-position" not in told.headers


HOSTILE = [
    ("no reporter", {"observations": [ROW]}, "/reporter"),
    ("nothing observed", body(), "/observations"),
    ("too many rows", body(*[ROW] * 501), "/observations"),
    ("a value instead of a path", body({**ROW, "path": "o-1"}), "/observations/0/path"),
    ("a path without an end", body({**ROW, "path": "/" + "a" * 500}), "/observations/0/path"),
    ("a path with a line break", body({**ROW, "path": "/a\n"}), "/observations/0/path"),
    ("a rule that is a sentence", body({**ROW, "rule": "it is wrong"}), "/observations/0/rule"),
    ("a rule with a line break", body({**ROW, "rule": "RULE\n"}), "/observations/0/rule"),
    ("another direction", body({**ROW, "direction": "sideways"}), "/observations/0/direction"),
    ("a revision that is not a label", body({**ROW, "revision": "<script>"}), "/observations/0/revision"),
    ("a negative count", body({**ROW, "count": -1}), "/observations/0/count"),
    ("a count beyond all bounds", body({**ROW, "count": 10**30}), "/observations/0/count"),
    ("a count that is text", body({**ROW, "count": "1"}), "/observations/0/count"),
    ("a value on the side", body({**ROW, "value": "secret"}), "/observations/0/value"),
    ("a long name", {**body(ROW), "reporter": {"service": "s" * 101}}, "/reporter/service"),
    ("a name with control characters", {**body(ROW), "reporter": {"client": "a\u0000"}}, "/reporter/client"),
    ("no object", [ROW], ""),
]


@pytest.mark.parametrize(("sent", "pointer"), [one[1:] for one in HOSTILE], ids=[one[0] for one in HOSTILE])
def test_an_invalid_report_is_refused_with_its_location(http: Http, sent: Any, pointer: str) -> None:
    reply = http.post("/v1/drift", sent)
    problem = require_problem(reply)
    assert (reply.status, problem["code"]) == (422, "REQUEST_INVALID")
    assert pointer in [one["pointer"] for one in problem["errors"]]
    assert "secret" not in reply.body.decode()
    assert http.get(f"{EVENT}/drift").json["total"] == 0


def test_a_report_is_bounded_before_it_is_parsed(http: Http) -> None:
    long = json.dumps(body(ROW)).encode() + b" " * 600_000
    assert http.call("POST", "/v1/drift", long, Content_Type="application/json").code == "BODY_TOO_LARGE"
    assert http.call("POST", "/v1/drift", b"{", Content_Type="application/json").code == "BODY_UNREADABLE"


class Away:
    """A store that does not answer."""

    def add(self, batch: Batch, at: datetime) -> bool:
        raise DriftStoreError("the disk at /secret/place is gone")

    def of(self, subject: str, at: datetime) -> tuple[DriftRow, ...]:
        raise DriftStoreError("the disk at /secret/place is gone")

    def close(self) -> None:
        pass


def test_an_unavailable_store_affects_only_drift() -> None:
    http = Http()
    http.register()
    http.application = build_application(http.ledger, stores=SideStores(drift=Away()))
    http = _through(http)
    for reply in (http.post("/v1/drift", body(ROW)), http.get(f"{EVENT}/drift")):
        assert (reply.status, reply.code) == (503, "DRIFT_UNAVAILABLE")
        assert b"/secret/place" not in reply.body
    http.register(record("a", b=1))
    assert http.get(EVENT).status == 200
    page = http.get("/admin/events/shop.orders.OrderPlaced")
    assert page.status == 200
    assert b"cannot be read right now" in page.body


def _through(http: Http) -> Http:
    made = Http(open_ledger("memory:"))
    made.application = http.application
    made.ledger = http.ledger
    made._client = type(made._client)(http.application.middleware)
    return made


def test_the_page_of_the_event_shows_drift(http: Http) -> None:
    page = http.get("/admin/events/shop.orders.OrderPlaced").body.decode()
    assert "No client has reported" in page
    http.post("/v1/drift", body({**ROW, "path": "/items/*/<b>", "count": 1234}, {**ROW, "direction": "consume"}))
    page = http.get("/admin/events/shop.orders.OrderPlaced").body.decode()
    assert "/items/*/&lt;b&gt;" in page
    assert "1,234" in page
    assert "checkout" in page


def test_metrics_count_what_is_reported(http: Http) -> None:
    http.post("/v1/drift", body({**ROW, "count": 7}, lost=2))
    text = http.get("/metrics").body.decode()
    assert 'moorings_drift_observations_total{direction="produce"}' in text
    assert "moorings_drift_lost_total" in text


def test_the_description_has_the_reports_form(http: Http) -> None:
    paths = http.get("/openapi.json").json["paths"]
    assert "post" in paths["/v1/drift"]
    assert "get" in paths["/v1/events/{subject}/drift"]
