"""Listing subjects, looking schemas up, and names as they come in paths."""

from urllib.parse import quote

import pytest

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
        ("s", draft(""), 42201),
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
