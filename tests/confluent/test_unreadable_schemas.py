"""Schemas that are not valid here, taken over as they stood in another registry."""

import json

import pytest

from tests.confluent.api import Api, record

BAD_DEFAULT = '{"type":"record","name":"R","fields":[{"name":"a","type":"int","default":"x"}]}'
BAD_NAME = '{"type":"record","name":"my-rec","fields":[]}'
NO_JSON = "not a schema at all"
KEPT = [BAD_DEFAULT, BAD_NAME, NO_JSON]


def imported(api: Api, text: str, *, subject: str = "old", id: int = 900, version: int = 1, **more: object) -> int:
    body = {"schema": text, "id": id, "version": version, **more}
    return api.post(f"/subjects/{subject}/versions", body).status


@pytest.fixture
def importing(api: Api) -> Api:
    assert api.put("/mode/old", {"mode": "IMPORT"}).status == 200
    return api


@pytest.mark.parametrize("text", KEPT)
def test_an_invalid_text_is_kept_and_served_by_id_and_version(importing: Api, text: str) -> None:
    assert imported(importing, text) == 200
    assert importing.get("/schemas/ids/900").json["schema"] == text
    assert importing.get("/schemas/ids/900/schema").text == text
    assert importing.get("/subjects/old/versions/1").json["schema"] == text
    assert importing.get("/subjects/old/versions/1?format=resolved").json["schema"] == text
    assert importing.get("/subjects/old/versions").json == [1]
    assert importing.get("/schemas/ids/900?findTags=*").status == 200
    shown = importing.get("/v1/events/old/versions/1").json
    assert (shown["schema"], shown["id"]) == (text, 900)
    assert shown["unreadable"]


def test_the_same_again_is_nothing_new(importing: Api) -> None:
    assert imported(importing, BAD_DEFAULT) == 200
    before = importing.get("/subjects/old/versions/1").json
    assert imported(importing, BAD_DEFAULT) == 200
    assert imported(importing, BAD_DEFAULT, id=901, version=2) == 422
    assert importing.get("/subjects/old/versions/1").json == before


def test_valid_versions_stand_beside_it(importing: Api) -> None:
    assert imported(importing, BAD_DEFAULT) == 200
    assert imported(importing, json.dumps(record("id")), id=901, version=2) == 200
    assert imported(importing, BAD_NAME, id=902, version=3) == 200
    found = importing.post("/subjects/old", {"schema": json.dumps(record("id"))})
    assert (found.status, found.json["version"]) == (200, 2)
    assert not importing.get("/v1/events/old/versions/2").json["unreadable"]


def test_only_building_on_it_is_refused(importing: Api) -> None:
    assert imported(importing, BAD_DEFAULT) == 200
    assert importing.put("/mode/old", {"mode": "READWRITE"}).status == 200
    refused = importing.post("/subjects/old/versions", {"schema": json.dumps(record("id"))})
    assert refused.code == 42201
    assert "imported as the other registry had it" in refused.json["message"]
    checked = importing.post("/compatibility/subjects/old/versions/latest", {"schema": json.dumps(record("id"))})
    assert checked.code == 42201
    reference = {"name": "R", "subject": "old", "version": 1}
    user = {"type": "array", "items": "R"}
    built = importing.post("/subjects/new/versions", {"schema": json.dumps(user), "references": [reference]})
    assert built.code == 42201
    assert importing.delete("/subjects/old/versions/1").status == 200
    assert importing.post("/subjects/old/versions", {"schema": json.dumps(record("id"))}).status == 200


def test_in_a_domain_the_next_major_is_the_way_on_and_the_refusal_says_so(api: Api) -> None:
    subject = "shop.orders.OrderPlaced"
    assert api.put(f"/mode/{subject}", {"mode": "IMPORT"}).status == 200
    assert imported(api, json.dumps(record("id")), subject=subject) == 200
    assert imported(api, BAD_DEFAULT, subject=subject, id=901, version=2) == 200
    assert api.put(f"/mode/{subject}", {"mode": "READWRITE"}).status == 200
    assert api.put("/v1/domains/shop.orders", {"owner": "team", "policy": {"complete": False}}).status == 200
    placed = {"schema": json.dumps({**record("id"), "name": "OrderPlaced"}), "format": "AVRO"}
    refused = api.post(f"/v1/events/{subject}/versions", {**placed, "major": 1})
    assert (refused.status, refused.json["code"]) == (422, "SCHEMA_UNREADABLE")
    assert f"version 2 of {subject}, and nothing can be compared with it" in refused.json["detail"]
    assert "major 1 takes no new revision" in refused.json["detail"]
    assert '"major": "next"' in refused.json["fix"]
    opened = api.post(f"/v1/events/{subject}/versions", {**placed, "major": "next"})
    assert (opened.status, opened.json["label"]) == (201, "2.0")
    again = json.dumps({**record("id"), "name": "OrderPlaced", "doc": "told"})
    assert api.post(f"/v1/events/{subject}/versions", {**placed, "schema": again, "major": 2}).status == 201


def test_level_none_lets_build_on_it(importing: Api) -> None:
    assert imported(importing, BAD_DEFAULT) == 200
    assert importing.put("/mode/old", {"mode": "READWRITE"}).status == 200
    assert importing.put("/config/old", {"compatibility": "NONE"}).status == 200
    importing.register("old", record("id"))
    assert importing.get("/subjects/old/versions").json == [1, 2]
    report = importing.post("/v1/checks", {"subject": "old", "schema": json.dumps(record("id", "b")), "format": "AVRO"})
    assert report.json["report"]["verdict"] == "unchecked"
    assert importing.put("/config/old", {"compatibility": "BACKWARD_TRANSITIVE"}).status == 200
    assert importing.post("/subjects/old/versions", {"schema": json.dumps(record("id", "c"))}).code == 42201


def test_whoever_writes_with_it_finds_its_id_by_its_text(importing: Api) -> None:
    assert imported(importing, BAD_DEFAULT) == 200
    assert importing.put("/mode/old", {"mode": "READWRITE"}).status == 200
    body = {"schema": BAD_DEFAULT}
    looked_up = importing.post("/subjects/old", body)
    assert (looked_up.status, looked_up.json["id"], looked_up.json["version"]) == (200, 900, 1)
    again = importing.post("/subjects/old/versions", body)
    assert (again.status, again.json["id"]) == (200, 900)
    native = importing.post("/v1/events/old/lookup", {**body, "format": "AVRO"})
    assert (native.status, native.json["id"]) == (200, 900)
    assert importing.post("/v1/events/old/versions", {**body, "format": "AVRO", "major": "next"}).status == 422
    assert importing.post("/subjects/old", {"schema": BAD_NAME}).code == 42201
    assert importing.delete("/subjects/old/versions/1").status == 200
    assert importing.post("/subjects/old/versions", body).code == 42201
    assert importing.get("/subjects/old/versions?deleted=true").json == [1]


def test_outside_of_import_it_is_refused_as_ever(api: Api) -> None:
    assert api.post("/subjects/old/versions", {"schema": BAD_DEFAULT}).code == 42201


def test_what_refers_to_it_is_kept_as_well(importing: Api) -> None:
    assert imported(importing, BAD_DEFAULT) == 200
    user = json.dumps({"type": "array", "items": "R"})
    reference = {"name": "R", "subject": "old", "version": 1}
    assert imported(importing, user, id=901, version=2, references=[reference]) == 200
    shown = importing.get("/schemas/ids/901").json
    assert shown["schema"] == user
    assert shown["references"] == [reference]
    missing = {**reference, "subject": "nowhere"}
    assert imported(importing, user, id=902, version=3, references=[missing]) == 422


def test_an_empty_text_is_not_kept(importing: Api) -> None:
    assert imported(importing, " ") == 422


@pytest.mark.parametrize(
    "page",
    ["/admin/events/old", "/admin/events/old?version=1", "/admin/ledger", "/admin/"],
)
@pytest.mark.parametrize("text", [BAD_DEFAULT, NO_JSON])
def test_pages_show_it(importing: Api, text: str, page: str) -> None:
    assert imported(importing, text) == 200
    shown = importing.get(page, Accept="text/html")
    assert shown.status == 200, shown.text[:500]
