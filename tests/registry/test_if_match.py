"""Writes of governance that say what they were decided on: a stale one changes nothing."""

import pytest

from tests.registry.asking import record
from tests.registry.calling import EVENT, Http

DOMAIN = "/v1/domains/shop"
TEAM = {"owner": "team"}


@pytest.fixture
def http() -> Http:
    http = Http()
    http.put(DOMAIN, TEAM)
    http.post(f"{EVENT}/versions", {"schema": record("a")})
    return http


WRITES = [
    (DOMAIN, DOMAIN, {"owner": "other"}, {"owner": "third"}),
    (EVENT, f"{EVENT}/majors/1", {"state": "deprecated"}, {"state": "active"}),
    (f"{EVENT}/level", f"{EVENT}/level", {"level": "FULL_TRANSITIVE"}, {"level": None}),
]


@pytest.mark.parametrize(("read", "written", "first", "second"), WRITES, ids=["domain", "lifecycle", "level"])
def test_a_write_that_was_decided_on_an_older_state_is_refused(
    http: Http, read: str, written: str, first: dict[str, object], second: dict[str, object]
) -> None:
    etag = http.get(read).headers["etag"]
    changed = http.put(written, first, If_Match=etag)
    assert (changed.status, changed.headers["etag"] != etag) == (200, True)
    stale = http.put(written, second, If_Match=etag)
    assert (stale.status, stale.code) == (412, "STATE_CHANGED")
    assert http.put(written, second, If_Match=changed.headers["etag"]).status == 200
    assert http.get(read).headers["etag"] != changed.headers["etag"]


def test_a_domain_names_its_etag_in_lists_too(http: Http) -> None:
    (listed,) = http.get("/v1/domains").json["domains"]
    assert http.get(DOMAIN).headers["etag"] == f'"{listed["etag"]}"'


def test_any_state_will_do_where_asked_for_as_long_as_there_is_one(http: Http) -> None:
    assert http.put(DOMAIN, {"owner": "other"}, If_Match="*").status == 200
    assert http.put("/v1/domains/crm", TEAM, If_Match="*").code == "STATE_CHANGED"
    assert http.get("/v1/domains/crm").code == "DOMAIN_NOT_FOUND"


def test_a_retry_of_a_write_that_happened_is_answered_as_the_first_time(http: Http) -> None:
    headers = {"If_Match": http.get(DOMAIN).headers["etag"], "Idempotency_Key": "k-1"}
    assert http.put(DOMAIN, {"owner": "other"}, **headers).status == 200
    assert http.put(DOMAIN, {"owner": "other"}, **headers).status == 200


@pytest.mark.parametrize("sent", ["x", 'W/"x"', '"', ""])
def test_what_is_not_an_etag_is_refused(http: Http, sent: str) -> None:
    assert http.put(DOMAIN, {"owner": "other"}, If_Match=sent).code == "REQUEST_INVALID"


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", "/v1/level", {"level": "FULL"}),
        ("POST", f"{EVENT}/versions", {"schema": record("b")}),
        ("DELETE", EVENT, None),
        ("DELETE", f"{EVENT}/versions/1", None),
        ("DELETE", "/v1/waivers/1", None),
    ],
)
def test_a_write_that_would_not_obey_it_is_refused(http: Http, method: str, path: str, body: object) -> None:
    before = http.get("/v1/ledger/head").json
    refused = http.call(method, path, body, If_Match='"x"')
    assert (refused.status, refused.code) == (422, "REQUEST_INVALID")
    assert refused.json["detail"] == "This request does not support If-Match"
    assert http.get("/v1/ledger/head").json == before
