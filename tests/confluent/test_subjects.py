"""Listing subjects, looking schemas up, and names as they come in paths."""

import base64
from urllib.parse import quote

import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorProto

from tests.confluent.api import JSON_OBJECT, Api, case_id, draft, record


def test_a_new_registry_has_no_subjects(api: Api) -> None:
    assert api.get("/subjects").text == "[]"


def test_subjects_are_listed_sorted_and_by_prefix(api: Api) -> None:
    for name in ("shop.b", "shop.a", "bank", ":.eu:shop.c"):
        api.register(name, record("id"))
    for query, shown in [
        ("", [":.eu:shop.c", "bank", "shop.a", "shop.b"]),
        ("?subjectPrefix=shop", ["shop.a", "shop.b"]),
        ("?subject=ba", ["bank"]),
        ("?subjectPrefix=", ["bank", "shop.a", "shop.b"]),
        ("?subjectPrefix=:.eu:", [":.eu:shop.c"]),
        ("?subjectPrefix=:.eu:bank", []),
        ("?subjectPrefix=:*:shop", [":.eu:shop.c", "shop.a", "shop.b"]),
        ("?subjectPrefix=:.e", [":.eu:shop.c"]),
        ("?offset=1&limit=2", ["bank", "shop.a"]),
    ]:
        assert api.get(f"/subjects{query}").json == shown, query


NAMES = ["a/b", "a/versions/2", "a%2Fb", "100%", "with space", "größe", "日本", "a?b", "a#b", "a+b", ".", "*", "a;b=1"]


@pytest.mark.parametrize("name", NAMES)
def test_an_escaped_subject_name_is_one_segment_of_the_path(api: Api, name: str) -> None:
    path = f"/subjects/{quote(name, safe='')}"
    if name == ".":
        path = "/subjects/%2E"
    api.register(quote(name, safe="") if name != "." else "%2E", record("id"))
    assert api.get("/subjects").json == [name]
    assert api.get(f"{path}/versions").json == [1]
    assert api.get(f"{path}/versions/latest").json["subject"] == name
    assert api.put(f"/config/{path.rpartition('/')[2]}", {"compatibility": "FULL"}).status == 200
    assert api.delete(path).json == [1]


def test_an_escaped_slash_does_not_separate_segments(api: Api) -> None:
    api.register("a", record("id"))
    assert api.get("/subjects/a%2Fversions%2F1/versions").code == 40401
    assert api.get("/subjects/a/versions/1").status == 200
    assert api.get("/subjects/a%2fversions").status == 405
    assert api.get("/subjects/a/b/versions").code == 404


def test_a_lookup_finds_a_schema_in_its_subject(api: Api) -> None:
    api.register("s", record("id"))
    registered = api.register("s", record("id", note=""))
    assert api.post("/subjects/s", draft(record("id", note=""))).json == registered
    assert api.post("/subjects/s", draft(record("id"))).json["version"] == 1


@pytest.mark.parametrize(
    ("subject", "body", "code"),
    [
        ("none", draft(record("id")), 40401),
        ("s", draft(record("other")), 40403),
        ("s", draft(JSON_OBJECT, schemaType="JSON"), 40403),
        ("s", draft('{"type":"nonsense"}'), 42201),
        ("s", draft(""), 40403),
        ("s", None, 422),
    ],
    ids=case_id,
)
def test_a_lookup_says_what_is_unknown(api: Api, subject: str, body: object, code: int) -> None:
    api.register("s", record("id"))
    reply = api.post(f"/subjects/{subject}", body)
    assert reply.code == code
    if code == 42201:
        assert "Invalid schema" in reply.json["message"]


def test_a_lookup_without_metadata_finds_the_newest_version_of_the_text(api: Api) -> None:
    api.register("s", record("id"), metadata={"properties": {"n": "1"}})
    api.register("s", record("id"), metadata={"properties": {"n": "2"}})
    assert api.post("/subjects/s", draft(record("id"))).json["version"] == 2
    assert api.post("/subjects/s", draft(record("id"), metadata={"properties": {"n": "1"}})).json["version"] == 1
    assert api.post("/subjects/s", draft(record("id"), metadata={"properties": {"n": "3"}})).code == 40403


def test_a_limit_of_zero_is_none(api: Api) -> None:
    for name in ("a", "b"):
        api.register(name, record("id"))
    for path in ("/subjects", "/subjects/a/versions", "/schemas", "/contexts"):
        assert api.get(f"{path}?limit=0").json == api.get(path).json != []


@pytest.mark.parametrize("body", [{}, {"schema": ""}, {"schema": " ", "schemaType": "JSON"}])
def test_an_empty_schema_is_not_found(api: Api, body: dict[str, str]) -> None:
    api.register("s", record("id"))
    assert api.post("/subjects/s", body).code == 40403
    assert api.post("/subjects/none", body).code == 40401


def test_a_descriptor_is_answered_as_one_to_whoever_sent_it(api: Api) -> None:
    file = FileDescriptorProto(name="p.proto", package="shop", syntax="proto3")
    file.message_type.add(name="M").field.add(name="id", number=1, label=1, type=9, json_name="id")
    sent = {"schema": base64.b64encode(file.SerializeToString()).decode(), "schemaType": "PROTOBUF"}
    first = api.post("/subjects/s/versions", sent).json
    for again in (api.post("/subjects/s/versions", sent), api.post("/subjects/s", sent)):
        assert (again.json["schema"], again.json["id"]) == (first["schema"], first["id"])
    read = FileDescriptorProto.FromString(base64.b64decode(first["schema"]))
    assert [one.name for one in read.message_type] == ["M"]
    text = api.get("/subjects/s/versions/1").json["schema"]
    assert text.startswith("syntax")
    assert api.post("/subjects/s/versions", {**sent, "schema": text}).json["schema"] == text
