"""The list of all schemas, versions found by metadata, and what is undeleted."""

from typing import Any

import pytest

from tests.confluent.api import Api, record


def owned(owner: str, **more: str) -> dict[str, Any]:
    return {"properties": {"owner": owner, **more}}


@pytest.fixture
def filled(api: Api) -> Api:
    """Subject ``a`` with versions 1 and 2, ``b`` with 1, and ``:.eu:c`` with 1."""
    api.register("a", record("id"))
    api.register("a", record("id", note=""))
    api.register("b", record("id"))
    api.register(":.eu:c", record("id"))
    return api


def listed(api: Api, query: str = "") -> list[tuple[str, int]]:
    return [(one["subject"], one["version"]) for one in api.get(f"/schemas{query}").json]


def test_every_version_is_listed(filled: Api) -> None:
    assert listed(filled) == [(":.eu:c", 1), ("a", 1), ("a", 2), ("b", 1)]
    assert filled.get("/schemas?subjectPrefix=b").json == [filled.get("/subjects/b/versions/1").json]


def test_the_list_is_narrowed_and_paged(filled: Api) -> None:
    filled.delete("/subjects/a/versions/2")
    for query, shown in [
        ("?latestOnly=true", [(":.eu:c", 1), ("a", 1), ("b", 1)]),
        ("?latestOnly=true&deleted=true", [(":.eu:c", 1), ("a", 2), ("b", 1)]),
        ("?deleted=True&subjectPrefix=a", [("a", 1), ("a", 2)]),
        ("?subjectPrefix=:.eu:", [(":.eu:c", 1)]),
        ("?offset=1&limit=1", [("a", 1)]),
        ("?limit=0", []),
        ("?limit=5000", [(":.eu:c", 1), ("a", 1), ("b", 1)]),
    ]:
        assert listed(filled, query) == shown, query
    assert [one["subject"] for one in filled.get("/contexts/.eu/schemas").json] == [":.eu:c"]


def test_aliases_are_told_on_demand(filled: Api) -> None:
    filled.put("/config/old-a", {"alias": "a"})
    filled.put("/config/older-a", {"alias": "a"})
    told = filled.get("/schemas?aliases=true&subjectPrefix=a&latestOnly=true").json
    assert [one["aliases"] for one in told] == [["old-a", "older-a"]]
    assert "aliases" not in filled.get("/schemas?subjectPrefix=a").json[0]


def test_versions_with_a_rule_of_a_type(filled: Api) -> None:
    rules = {"domainRules": [{"name": "r", "kind": "CONDITION", "mode": "WRITE", "type": "CEL"}]}
    filled.register("b", record("id"), ruleSet=rules)
    assert listed(filled, "?ruleType=CEL") == [("b", 2)]
    assert listed(filled, "?ruleType=ENCRYPT") == []


def test_the_newest_version_with_all_properties(api: Api) -> None:
    for metadata in (owned("a", at="x"), owned("a", at="y"), owned("b", at="x")):
        api.register("s", record("id"), metadata=metadata)
    for query, version in [
        ("key=owner&value=a", 2),
        ("key=owner&value=a&key=at&value=x", 1),
        ("key=at&value=x", 3),
        ("", 3),
    ]:
        assert api.get(f"/subjects/s/metadata?{query}").json["version"] == version
    assert api.get("/subjects/s/metadata?key=owner&value=c").code == 40403
    assert api.get("/subjects/none/metadata?key=owner&value=a").code == 40401
    assert api.get("/subjects/s/metadata?key=owner").code == 422


def test_properties_that_a_client_escapes_twice(api: Api) -> None:
    api.register("s", record("id"), metadata=owned("team a/b"))
    assert api.get("/subjects/s/metadata?key=owner&value=team%2520a%252Fb").json["version"] == 1
    assert api.get("/subjects/s/metadata?key=owner&value=team%20a%2Fb").json["version"] == 1


def test_a_soft_deleted_version_comes_back_as_it_was(filled: Api) -> None:
    before = filled.get("/subjects/a/versions/1").json
    filled.delete("/subjects/a/versions/1")
    assert filled.post("/subjects/a/versions/1/undelete").json == 1
    assert filled.get("/subjects/a/versions/1").json == before
    assert filled.post("/subjects/a/versions/1/undelete").json == 1


def test_a_soft_deleted_subject_comes_back_whole(filled: Api) -> None:
    filled.delete("/subjects/a")
    assert filled.post("/subjects/a/undelete").json == [1, 2]
    assert filled.get("/subjects/a/versions").json == [1, 2]
    assert filled.post("/subjects/a/undelete").json == []


def test_what_is_gone_for_good_does_not_come_back(filled: Api) -> None:
    filled.delete("/subjects/a/versions/1")
    filled.delete("/subjects/a/versions/1?permanent=true")
    assert filled.post("/subjects/a/versions/1/undelete").code == 40402
    assert filled.post("/subjects/none/undelete").code == 40401
    assert filled.post("/subjects/a/versions/x/undelete").code == 42202
    filled.delete("/subjects/a/versions/2")
    filled.put("/mode", {"mode": "READONLY"})
    assert filled.post("/subjects/a/undelete").code == 42205
