"""Mappings between majors: kept with a major, tried on made-up events, and held to by what is registered later."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from moorings_registry.callers import Caller
from moorings_registry.commands import RestoreSubject, RestoreVersion
from moorings_registry.errors import MigrationUnfit
from moorings_registry.names import Subject
from tests.registry.asking import PLACED, record, require_facts_as_described
from tests.registry.calling import EVENT, Http, grant

MIGRATION = f"{EVENT}/majors/2/migration"
RENAME = {"rename": "/a", "to": "z"}
STEPS = {"steps": [RENAME]}


@pytest.fixture
def http() -> Iterator[Http]:
    """An event of two majors: `a` became `z`."""
    http = Http()
    http.put("/v1/domains/shop", {"owner": "team"})
    http.register(record("a"))
    http.register(record("z"), major="next")
    yield http
    require_facts_as_described(http.ledger)


def test_a_mapping_is_kept_shown_and_taken_away(http: Http) -> None:
    assert http.get(MIGRATION).json == {"steps": [], "reason": "", "tried": 0, "may_fail": []}
    put = http.put(MIGRATION, STEPS)
    assert put.status == 200, put.body
    assert (put.json["steps"], put.json["may_fail"]) == ([RENAME], [])
    assert put.json["tried"] > 5
    assert http.get(MIGRATION).json == put.json
    position = put.headers["moorings-position"]
    assert http.put(MIGRATION, STEPS).headers["moorings-position"] == position
    majors = http.get(EVENT).json["majors"]
    assert [one["migration"] for one in majors] == [None, {"steps": [RENAME], "reason": ""}]
    assert "migration" not in http.get("/v1/events").json["events"][0]["majors"][0]
    assert http.put(MIGRATION, {}).json["steps"] == []
    assert http.get(EVENT).json["majors"][1]["migration"] is None


def test_a_major_without_a_mapping_says_why(http: Http) -> None:
    put = http.put(MIGRATION, {"reason": "an order had no customer then"})
    assert put.json["reason"] == "an order had no customer then"
    assert http.put(MIGRATION, STEPS).json["reason"] == ""


def test_a_mapping_that_does_not_fit_is_refused_with_an_event(http: Http) -> None:
    refused = http.put(MIGRATION, {"steps": [{"rename": "/a", "to": "y"}]})
    assert (refused.status, refused.code) == (409, "MIGRATION_UNFIT")
    detail = refused.json["detail"]
    assert "from major 1 to 2" in detail
    assert "the result, at /y: record OrderPlaced does not declare the field" in detail
    assert 'for the event {"a":0}' in detail
    assert http.get(MIGRATION).json["steps"] == []


INVALID: list[tuple[str, dict[str, Any], list[str]]] = [
    ("an unknown verb", {"steps": [{"renam": "/a", "to": "z"}]}, ["/steps/0"]),
    ("not a path", {"steps": [RENAME, {"drop": "b"}]}, ["/steps/1"]),
    ("an unknown conversion", {"steps": [{"convert": "/a", "with": "magic"}]}, ["/steps/0"]),
    ("steps and a reason", {"steps": [RENAME], "reason": "because"}, ["/reason"]),
    ("a reason of two lines", {"reason": "a\nb"}, ["/reason"]),
    ("steps that are texts", {"steps": ["rename"]}, ["/steps/0"]),
]


@pytest.mark.parametrize(("shows", "body", "places"), INVALID, ids=[one[0] for one in INVALID])
def test_what_is_not_a_mapping_says_where(http: Http, shows: str, body: dict[str, Any], places: list[str]) -> None:
    refused = http.put(MIGRATION, body)
    assert refused.code in ("MIGRATION_INVALID", "REQUEST_INVALID")
    assert [one["pointer"] for one in refused.json["errors"]] == places


def test_the_first_major_has_nothing_to_map_from(http: Http) -> None:
    refused = http.put(f"{EVENT}/majors/1/migration", STEPS)
    assert [one["detail"] for one in refused.json["errors"]] == ["there is no major 0 to map from"]
    assert http.put(f"{EVENT}/majors/3/migration", STEPS).code == "MAJOR_UNKNOWN"
    assert http.get(f"{EVENT}/majors/3/migration").code == "MAJOR_UNKNOWN"
    assert http.put("/v1/events/shop.OrderSent/majors/2/migration", STEPS).code == "SUBJECT_NOT_FOUND"


def test_a_write_that_was_decided_on_another_state_is_refused(http: Http) -> None:
    etag = http.get(EVENT).headers["etag"]
    assert http.get(MIGRATION).headers["etag"] == etag
    assert http.put(MIGRATION, STEPS, If_Match=etag).status == 200
    assert http.put(MIGRATION, {}, If_Match=etag).code == "STATE_CHANGED"


@pytest.mark.parametrize("confluent", [False, True], ids=["native", "confluent"])
def test_a_revision_that_a_mapping_does_not_fit_is_refused(http: Http, confluent: bool) -> None:
    http.put(MIGRATION, STEPS)

    def register(text: str, major: int) -> Any:
        if confluent:
            metadata = {"properties": {"major": str(major)}}
            return http.post(f"/subjects/{PLACED}/versions", {"schema": text, "metadata": metadata})
        return http.post(f"{EVENT}/versions", {"schema": text, "major": major})

    refused = register(record("a", note=1), 1)
    assert refused.status == 409
    assert b"at /note: record OrderPlaced does not declare the field" in refused.body
    if confluent:
        assert refused.json["error_code"] == 409
    assert register(record("z", note=1), 2).status in (200, 201)
    assert register(record("a", note=1), 1).status in (200, 201)


def test_a_mapping_makes_room_for_a_revision_first(http: Http) -> None:
    http.put(MIGRATION, {"steps": [RENAME, {"drop": "/note"}]})
    assert http.register(record("a", note=1), major=1)["label"] == "1.1"


def test_a_conversion_that_may_fail_is_told(http: Http) -> None:
    text = '{"type": "record", "name": "OrderPlaced", "fields": [{"name": "z", "type": "string"}]}'
    http.register(text, major="next")
    steps = [{"convert": "/z", "with": "integer_to_text"}]
    assert http.put(f"{EVENT}/majors/3/migration", {"steps": steps}).json["may_fail"] == []
    http.register(record("z"), major="next")
    back = [{"convert": "/z", "with": "text_to_integer"}]
    answered = http.put(f"{EVENT}/majors/4/migration", {"steps": back})
    refused_value = "NUMBER" if answered.status == 200 else answered.json["detail"]
    assert answered.status == 200, refused_value
    assert answered.json["may_fail"][0]["reason"] == "the text is not an integer"


def test_other_formats_are_tried_too(http: Http) -> None:
    one = '{"type": "object", "properties": {"id": {"type": "integer"}}, "required": ["id"]}'
    two = '{"type": "object", "properties": {"id": {"type": "string"}}, "required": ["id"]}'
    path = "/v1/events/shop.orders.OrderSent"
    http.register(one, path, format="JSON")
    http.register(two, path, format="JSON", major="next")
    assert http.put(f"{path}/majors/2/migration", {"steps": [{"drop": "/id"}]}).code == "MIGRATION_UNFIT"
    steps = [{"convert": "/id", "with": "integer_to_text"}]
    assert http.put(f"{path}/majors/2/migration", {"steps": steps}).status == 200
    proto = 'syntax = "proto3"; package shop; message OrderClosed { %s }'
    path = "/v1/events/shop.orders.OrderClosed"
    http.register(proto % "string a = 1;", path, format="PROTOBUF")
    http.register(proto % "string b = 2;", path, format="PROTOBUF", major="next")
    assert http.put(f"{path}/majors/2/migration", {"steps": [{"drop": "/b"}]}).code == "MIGRATION_UNFIT"
    assert http.put(f"{path}/majors/2/migration", {"steps": [{"rename": "/a", "to": "b"}]}).status == 200


def test_a_mapping_goes_with_its_major(http: Http) -> None:
    http.put("/v1/events/legacy", {})
    for major, name in ((1, "a"), (2, "z")):
        http.register(record(name), "/v1/events/legacy", major=major)
    assert http.put("/v1/events/legacy/majors/2/migration", STEPS).status == 200
    http.delete("/v1/events/legacy/versions/2")
    assert http.delete("/v1/events/legacy/versions/2?permanent=true").status == 200
    held = http.application.registry.state.subjects[Subject.parse("legacy")]
    assert held.migrations == {}


CONTRACTS = "/v1/domains/shop.orders/contracts"


def contracts(*majors: dict[str, Any]) -> dict[str, Any]:
    return {"events": [{"subject": str(PLACED), "majors": list(majors)}]}


def test_a_mapping_is_part_of_the_contracts_of_a_domain(http: Http) -> None:
    http.put("/v1/domains/shop.orders", {"owner": "team"})
    first = {"major": 1, "version": {"schema": record("a")}}
    second = {"major": 2, "version": {"schema": record("z")}, "migration": STEPS}
    written = http.put(CONTRACTS, contracts(first, second)).json["results"]
    assert [(one["part"], one["change"]) for one in written] == [
        ("version", "unchanged"),
        ("version", "unchanged"),
        ("migration", "changed"),
    ]
    shown = http.get(CONTRACTS).json["events"][0]["majors"]
    assert [one["migration"] for one in shown] == [None, {"steps": [RENAME], "reason": ""}]
    assert [one["change"] for one in http.put(CONTRACTS, contracts(first, second)).json["results"]] == ["unchanged"] * 3


def test_a_revision_and_the_mapping_that_fits_it_come_together(http: Http) -> None:
    http.put("/v1/domains/shop.orders", {"owner": "team"})
    http.put(MIGRATION, STEPS)
    etag = http.get(CONTRACTS).headers["etag"]
    grown = {"major": 1, "version": {"schema": record("a", note=1)}}
    alone = http.put(CONTRACTS, contracts(grown))
    assert (alone.status, alone.json["code"]) == (422, "CONTRACTS_REFUSED")
    assert [(one["pointer"], one["code"]) for one in alone.json["errors"]] == [("/events/0", "MIGRATION_UNFIT")]
    assert http.get(CONTRACTS).headers["etag"] == etag
    mapped = {"major": 2, "migration": {"steps": [RENAME, {"drop": "/note"}]}}
    assert http.put(CONTRACTS, contracts(grown, mapped)).status == 200
    assert http.get(CONTRACTS).headers["etag"] != etag


def test_deleting_and_restoring_the_newest_revision_tries_mappings_again(http: Http) -> None:
    grant(http, "retire", "shop", subject=str(PLACED))
    http.register(record("a", b=1), major=1)
    refused = http.put(MIGRATION, STEPS)
    assert "/b: record OrderPlaced does not declare the field" in refused.json["detail"]
    assert http.delete(f"{EVENT}/versions/1.1").status == 200
    assert http.put(MIGRATION, STEPS).status == 200
    restore = partial(http.application.registry.execute, caller=Caller())
    for command in (RestoreVersion(PLACED, 3), RestoreSubject(PLACED)):
        with pytest.raises(MigrationUnfit, match="/b: record OrderPlaced does not declare the field"):
            restore(command)
    http.put(MIGRATION, {})
    restore(RestoreVersion(PLACED, 3))
    dropping = {"steps": [RENAME, {"rename": "/b", "to": "c"}]}
    http.register(record("z", c=1), major=2)
    assert http.put(MIGRATION, dropping).status == 200
    position = http.application.registry.state.position
    for path in (f"{EVENT}/versions/2.1", f"/subjects/{PLACED}/versions/4"):
        refused = http.delete(path)
        assert refused.status == 409
        assert "/c: record OrderPlaced does not declare the field" in refused.body.decode()
    assert http.application.registry.state.position == position
    assert http.delete(EVENT).status == 200, "nothing is left that a mapping could fit"
