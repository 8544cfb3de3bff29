"""Schemas by id and by guid."""

import pytest

from tests.confluent.api import PROTO, Api, record


@pytest.fixture
def used(api: Api) -> Api:
    """Id 1 in subjects ``a`` and ``b``, id 2 in ``b``."""
    api.register("a", record("id"))
    api.register("b", record("id"))
    api.register("b", record("id", note=""))
    return api


def test_a_schema_is_shown_by_its_id(used: Api) -> None:
    shown = used.get("/schemas/ids/1").json
    registered = used.get("/subjects/a/versions/1").json
    assert shown == {name: registered[name] for name in ("guid", "schemaType", "schema")}


def test_the_uses_of_a_schema_are_listed_by_its_id(used: Api) -> None:
    assert used.get("/schemas/ids/1/subjects").json == ["a", "b"]
    assert used.get("/schemas/ids/1/subjects?subject=b").json == ["b"]
    assert used.get("/schemas/ids/1/subjects?limit=1").json == ["a"]
    assert used.get("/schemas/ids/1/versions").json == [
        {"subject": "a", "version": 1},
        {"subject": "b", "version": 1},
    ]
    assert used.get("/schemas/ids/2/versions").json == [{"subject": "b", "version": 2}]


def test_a_schema_by_id_shows_its_version_in_a_given_subject(used: Api) -> None:
    shown = used.get("/schemas/ids/2?subject=b").json
    assert (shown["subject"], shown["version"]) == ("b", 2)
    assert "version" not in used.get("/schemas/ids/2?subject=a").json


def test_a_schema_by_id_shows_the_highest_id_with_fetch_max_id(used: Api) -> None:
    assert used.get("/schemas/ids/1?fetchMaxId=True").json["maxId"] == 2
    assert "maxId" not in used.get("/schemas/ids/1").json


def test_a_schema_and_its_ids_are_shown_by_its_guid(used: Api) -> None:
    guid = used.get("/schemas/ids/1").json["guid"]
    assert used.get(f"/schemas/guids/{guid}").json == used.get("/schemas/ids/1").json
    assert used.get(f"/schemas/guids/{guid.upper()}").status == 200
    assert used.get(f"/schemas/guids/{guid}/ids").json == [{"context": ".", "id": 1}]


def test_a_guid_is_the_same_in_every_context(used: Api) -> None:
    used.register(":.eu:other", record("other"))
    used.register(":.eu:b", record("id"))
    guid = used.get("/schemas/ids/1").json["guid"]
    assert used.get(f"/schemas/guids/{guid}/ids").json == [{"context": ".", "id": 1}, {"context": ".eu", "id": 2}]


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/schemas/ids/9", 40403),
        ("/schemas/ids/9/schema", 40403),
        ("/schemas/ids/9/subjects", 40403),
        ("/schemas/ids/9/versions", 40403),
        ("/schemas/ids/99999999999999999999", 40403),
        ("/schemas/ids/one", 404),
        ("/schemas/ids/-1", 404),
        ("/schemas/guids/00000000-0000-0000-0000-000000000000", 40403),
        ("/schemas/guids/none", 40403),
        ("/schemas/guids/none/ids", 40403),
    ],
)
def test_an_unknown_id_or_guid_is_not_found(used: Api, path: str, code: int) -> None:
    reply = used.get(path)
    assert (reply.status, reply.code) == (404, code)


def test_the_schema_types_are_listed(api: Api) -> None:
    assert api.get("/schemas/types").json == ["JSON", "PROTOBUF", "AVRO"]


def test_an_answer_that_never_changes_is_immutable_and_cached(used: Api) -> None:
    first = used.get("/schemas/ids/1")
    assert "immutable" in first.headers["cache-control"]
    etag = first.headers["etag"]
    assert used.get("/schemas/ids/1", If_None_Match=etag).status == 304
    assert used.get("/schemas/ids/1").text == first.text


def test_a_cached_answer_about_a_schema_is_never_stale(used: Api) -> None:
    for path in ("/subjects/b/versions/latest", "/subjects/b/versions", "/schemas/ids/2/subjects", "/schemas/ids/2"):
        used.get(path)
        used.get(path)
    used.delete("/subjects/b/versions/2")
    assert used.get("/subjects/b/versions/latest").json["version"] == 1
    assert used.get("/subjects/b/versions").json == [1]
    assert used.get("/schemas/ids/2/subjects").json == []
    used.delete("/subjects/b/versions/2?permanent=true")
    assert used.get("/schemas/ids/2").code == 40403


def test_a_new_alias_holds_for_cached_answers(used: Api) -> None:
    assert used.get("/subjects/a/versions/latest").json["version"] == 1
    assert used.put("/config/a", {"alias": "b"}).json == {"alias": "b"}
    assert used.get("/subjects/a/versions/latest").json["subject"] == "b"
    assert used.put("/config/a", {"alias": None}).json == {}
    assert used.get("/subjects/a/versions/latest").json["subject"] == "a"


def test_the_bare_text_of_a_protobuf_schema_is_not_json(api: Api) -> None:
    answer = api.register("p", PROTO, schemaType="PROTOBUF")
    assert api.get(f"/schemas/ids/{answer['id']}").json["schemaType"] == "PROTOBUF"
