"""Checks that CI jobs ask for: kept once for each candidate and branch, shown with what became of them."""

import random
import string
from datetime import datetime
from typing import Any

import pytest

from moorings_registry.kept_checks import KeptCheckStoreError, StoredCheck
from moorings_registry.principals import ANONYMOUS, Principal
from tests.registry.asking import record
from tests.registry.calling import Http
from tests.registry.granting import ANN, BOB, OPERATOR, Guarded

SUBJECT = "shop.orders.OrderPlaced"
JOB = {
    "repository": "acme/shop", "branch": "rename", "commit": "a" * 40, "pull_request": "7",
    "pull_request_url": "https://forge.example/acme/shop/pull/7", "system": "GitHub Actions", "job": "contracts",
    "job_url": "https://forge.example/runs/1", "author": "ann",
}  # fmt: skip
BREAKING, FINE = record("b"), record("a", c=1)


def body(schema: str = BREAKING, **job: str) -> dict[str, Any]:
    return {"subject": SUBJECT, "schema": schema, "job": {**JOB, **job}}


@pytest.fixture
def http() -> Http:
    made = Http()
    made.put("/v1/domains/shop.orders", {"owner": "team-orders", "policy": {"names": "any", "type_names": "any"}})
    made.register()
    return made


def keep(http: Http, schema: str = BREAKING, **job: str) -> str:
    reply = http.post("/v1/checks", body(schema, **job))
    assert reply.status == 200, reply.body
    assert reply.json["not_kept"] == ""
    return str(reply.json["kept"]["id"])


def fate(http: Http, id: str) -> dict[str, Any]:
    reply = http.get(f"/v1/kept-checks/{id}")
    assert reply.status == 200, reply.body
    return dict(reply.json["became"])


def test_a_check_without_a_job_leaves_no_trace(http: Http) -> None:
    told = http.post("/v1/checks", {"subject": SUBJECT, "schema": BREAKING}).json
    assert (told["kept"], told["not_kept"]) == (None, "")
    assert http.get("/v1/kept-checks").json == {"checks": [], "total": 0}


def test_a_kept_check_is_listed_and_shown_with_its_report(http: Http) -> None:
    position = http.application.registry.state.position
    id = keep(http)
    listed = http.get("/v1/kept-checks").json
    assert listed["total"] == 1
    one = listed["checks"][0]
    assert (one["id"], one["subject"], one["verdict"], one["source"]) == (id, SUBJECT, "breaking", JOB)
    assert one["became"] == {"fate": "open", "version": None, "label": None, "later": None, "also_on": []}
    shown = http.get(f"/v1/kept-checks/{id}").json
    checked = http.post("/v1/checks", {"subject": SUBJECT, "schema": BREAKING}).json["report"]
    assert shown["report"]["comparisons"] == checked["comparisons"]
    assert shown["report"]["changes"] == checked["changes"]
    assert http.application.registry.state.position == position


def test_the_same_candidate_on_the_same_branch_is_kept_once(http: Http) -> None:
    first = keep(http)
    assert keep(http, commit="b" * 40) == first
    assert keep(http, branch="another") != first
    assert keep(http, FINE) != first
    listed = http.get("/v1/kept-checks").json["checks"]
    assert len(listed) == 3
    again = next(one for one in listed if one["id"] == first)
    assert again["source"]["commit"] == "b" * 40
    assert again["first_at"] < again["at"]


def test_it_says_what_became_of_the_candidate(http: Http) -> None:
    breaking = keep(http)
    fine = keep(http, FINE)
    assert fate(http, breaking) | {"also_on": []} == {
        "fate": "superseded", "version": None, "label": None, "later": fine, "also_on": [],
    }  # fmt: skip
    keep(http, FINE, branch="main")
    assert fate(http, fine)["also_on"] == ["main"]
    elsewhere = keep(http, record("a", d=1), branch="other")
    http.register(FINE)
    assert (fate(http, fine)["fate"], fate(http, fine)["label"]) == ("registered", "1.1")
    assert (fate(http, elsewhere)["fate"], fate(http, elsewhere)["label"]) == ("outdated", "1.1")
    assert http.get(f"/v1/kept-checks/{breaking}").json["report"]["compared"] == [1]


def test_the_list_can_be_filtered(http: Http) -> None:
    keep(http)
    keep(http, FINE, branch="other", repository="acme/crm", pull_request="8")
    for query, total in (
        ("domain=shop", 2), ("domain=crm", 0), ("branch=other", 1), ("repository=acme/shop", 1), ("pull_request=8", 1),
        ("verdict=breaking", 1), (f"subject={SUBJECT}", 2), ("limit=1", 2), ("offset=1", 2),
    ):  # fmt: skip
        assert http.get(f"/v1/kept-checks?{query}").json["total"] == total, query


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("commit", "not-a-commit"), ("job_url", "javascript:alert(1)"), ("pull_request_url", "/relative"),
        ("branch", "x" * 301), ("author", "a\nb"),
    ],
)  # fmt: skip
def test_what_a_job_says_is_read_strictly(http: Http, member: str, value: str) -> None:
    reply = http.post("/v1/checks", body(**{member: value}))
    assert (reply.status, reply.code) == (422, "REQUEST_INVALID")
    assert [one["pointer"] for one in reply.json["errors"]] == [f"/job/{member}"]


def test_an_unknown_check_is_not_found(http: Http) -> None:
    for id in ("0" * 32, "x", "..%2f"):
        assert http.get(f"/v1/kept-checks/{id}").status == 404


class Away:
    """A store that does not answer."""

    def put(self, check: StoredCheck, at: datetime) -> None:
        raise KeptCheckStoreError("gone")

    def get(self, id: str, at: datetime) -> StoredCheck | None:
        raise KeptCheckStoreError("gone")

    def summaries(self, at: datetime) -> tuple[bytes, ...]:
        raise KeptCheckStoreError("gone")

    def close(self) -> None:
        """Nothing to close."""


def test_a_store_that_is_away_keeps_no_check_from_being_answered(http: Http) -> None:
    http.application.registry.kept_checks = Away()
    told = http.post("/v1/checks", body())
    assert (told.status, told.json["kept"]) == (200, None)
    assert told.json["not_kept"] == "The store of kept checks does not answer"
    assert (http.get("/v1/kept-checks").status, http.get("/v1/kept-checks").code) == (503, "KEPT_CHECKS_UNAVAILABLE")
    assert http.get("/admin/checks").status == 200
    assert http.get("/admin/").status == 200


def test_a_candidate_that_is_too_large_is_checked_and_not_kept(http: Http) -> None:
    noise = "".join(random.Random(1).choices(string.ascii_letters + string.digits, k=900_000))
    told = http.post("/v1/checks", body(record("a").replace('"fields"', f'"doc": "{noise}", "fields"'))).json
    assert told["kept"] is None
    assert "524288 bytes" in told["not_kept"]


def test_callers_without_an_identity_keep_nothing_and_readers_see_what_they_may_read() -> None:
    guarded = Guarded()
    guarded.domain("shop.orders")
    guarded.register(SUBJECT, record("a"))
    guarded.grant(ANONYMOUS, "shop", "read")
    guarded.grant(ANN, "shop", "read")
    guarded.grant(BOB, "crm", "read")
    told = guarded.call(ANONYMOUS, "POST", "/v1/checks", body())
    assert (told.status, told.json["kept"]) == (200, None)
    assert told.json["not_kept"] == "callers without an identity keep nothing"
    outside = guarded.call(BOB, "POST", "/v1/checks", body())
    assert outside.json["kept"] is None
    id = guarded.call(ANN, "POST", "/v1/checks", body()).json["kept"]["id"]
    assert guarded.get(ANN, "/v1/kept-checks").json["checks"][0]["kept_by"] == ANN.name
    assert guarded.get(ANN, f"/admin/checks/{id}").status == 200
    assert guarded.get(BOB, "/v1/kept-checks").json == {"checks": [], "total": 0}
    for path in (f"/v1/kept-checks/{id}", f"/admin/checks/{id}", f"/admin/checks/{id}/schema"):
        hidden, missing = guarded.get(BOB, path), guarded.get(BOB, path.replace(id, "0" * 32))
        assert hidden.status == missing.status == 404


def test_a_candidate_that_refers_to_what_a_caller_does_not_see_names_it_nowhere() -> None:
    guarded = Guarded()
    guarded.domain("shop")
    guarded.grant(ANN, "shop", "read")
    guarded.register(SUBJECT, record("a"))
    guarded.register("zebra.Seen", record("a", name="Seen"))
    using = '{"type": "record", "name": "U", "fields": [{"name": "o", "type": "Seen"}]}'
    sent = {"schema": using, "references": [{"name": "Seen", "subject": "zebra.Seen", "version": 1}]}
    id = guarded.do("POST", "/v1/checks", {**sent, "format": "AVRO", "subject": SUBJECT, "job": JOB})["kept"]["id"]
    assert guarded.call(OPERATOR, "POST", f"/subjects/{SUBJECT}/versions", sent).status == 409
    (report,) = (one["id"] for one in guarded.get(OPERATOR, "/v1/reports").json["reports"] if not one["accepted"])
    for path in (f"/checks/{id}", f"/checks/{id}/again", f"/reports/{report}", f"/reports/{report}/again"):
        assert guarded.get(OPERATOR, f"/admin{path}").status == 200
        hidden = guarded.get(ANN, f"/admin{path}")
        assert (hidden.status, b"zebra" in hidden.body) == (404, False), path


def test_those_who_may_read_alone_push_out_one_anothers_checks_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("moorings_registry.kept_checks.memory.MOST_OF_DOMAIN", 3)
    guarded = Guarded()
    guarded.domain("shop.orders")
    guarded.register(SUBJECT, record("a"))
    guarded.grant(ANN, "shop", "read", "register")
    guarded.grant(BOB, "shop", "read")

    def kept_by(who: Principal, branch: str) -> str:
        told = guarded.call(who, "POST", "/v1/checks", body(branch=branch)).json
        return str(told["kept"]["id"])

    mine = kept_by(ANN, "ann")
    assert kept_by(BOB, "ann") == mine, "which does not make it one of the readers'"
    theirs = [kept_by(BOB, f"bob-{number}") for number in range(5)]
    listed = [one["id"] for one in guarded.get(ANN, "/v1/kept-checks").json["checks"]]
    assert listed == [*theirs[:1:-1], mine]


def test_new_events_and_new_majors_are_kept_too(http: Http) -> None:
    new = http.post("/v1/checks", {**body(FINE), "subject": "shop.orders.OrderLost"}).json["kept"]
    major = http.post("/v1/checks", {**body(BREAKING), "major": "next"}).json["kept"]
    listed = {one["id"]: one for one in http.get("/v1/kept-checks").json["checks"]}
    assert (listed[new["id"]]["subject"], listed[new["id"]]["major"]) == ("shop.orders.OrderLost", 1)
    assert (listed[major["id"]]["major"], listed[major["id"]]["verdict"]) == (2, "compatible")
    for one in (new, major):
        assert http.get(one["page"]).status == 200
