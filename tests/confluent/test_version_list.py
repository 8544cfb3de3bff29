"""The list of all versions, and versions found by metadata."""

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


def test_the_list_of_versions_is_filtered_and_paged(filled: Api) -> None:
    filled.delete("/subjects/a/versions/2")
    for query, shown in [
        ("?latestOnly=true", [(":.eu:c", 1), ("a", 1), ("b", 1)]),
        ("?latestOnly=true&deleted=true", [(":.eu:c", 1), ("a", 2), ("b", 1)]),
        ("?deleted=True&subjectPrefix=a", [("a", 1), ("a", 2)]),
        ("?subjectPrefix=:.eu:", [(":.eu:c", 1)]),
        ("?offset=1&limit=1", [("a", 1)]),
        ("?limit=0", [(":.eu:c", 1), ("a", 1), ("b", 1)]),
        ("?limit=5000", [(":.eu:c", 1), ("a", 1), ("b", 1)]),
    ]:
        assert listed(filled, query) == shown, query
    assert [one["subject"] for one in filled.get("/contexts/.eu/schemas").json] == [":.eu:c"]


def test_the_list_of_versions_shows_aliases_on_demand(filled: Api) -> None:
    filled.put("/config/old-a", {"alias": "a"})
    filled.put("/config/older-a", {"alias": "a"})
    told = filled.get("/schemas?aliases=true&subjectPrefix=a&latestOnly=true").json
    assert [one["aliases"] for one in told] == [["old-a", "older-a"]]
    assert "aliases" not in filled.get("/schemas?subjectPrefix=a").json[0]


def test_versions_are_listed_by_the_type_of_a_rule(filled: Api) -> None:
    rules = {"domainRules": [{"name": "r", "kind": "CONDITION", "mode": "WRITE", "type": "CEL"}]}
    filled.register("b", record("id"), ruleSet=rules)
    assert listed(filled, "?ruleType=CEL") == [("b", 2)]
    assert listed(filled, "?ruleType=ENCRYPT") == []


def test_the_newest_version_with_all_given_properties_is_found(api: Api) -> None:
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


def test_properties_that_a_client_escapes_twice_are_found(api: Api) -> None:
    api.register("s", record("id"), metadata=owned("team a/b"))
    assert api.get("/subjects/s/metadata?key=owner&value=team%2520a%252Fb").json["version"] == 1
    assert api.get("/subjects/s/metadata?key=owner&value=team%20a%2Fb").json["version"] == 1
