"""Deleting in two steps, and what numbers and ids become."""

import pytest

from tests.confluent.api import Api, draft, record


@pytest.fixture
def two(api: Api) -> Api:
    """A registry whose subject ``s`` has versions 1 and 2 with ids 1 and 2."""
    api.register("s", record("id"))
    api.register("s", record("id", note=""))
    return api


def test_a_soft_deleted_subject_is_hidden_while_its_ids_still_resolve(two: Api) -> None:
    assert two.delete("/subjects/s").json == [1, 2]
    assert two.get("/subjects").json == []
    assert two.get("/subjects?deleted=true").json == ["s"]
    assert two.get("/subjects?deletedOnly=true").json == ["s"]
    assert two.get("/subjects/s/versions").code == 40401
    assert two.get("/subjects/s/versions/1").code == 40401
    assert two.get("/subjects/s/versions?deleted=true").json == [1, 2]
    assert two.get("/subjects/s/versions/1?deleted=true").json["deleted"] is True
    assert two.get("/schemas/ids/1").status == 200
    assert two.get("/schemas/ids/1/subjects").json == []
    assert two.get("/schemas/ids/1/subjects?deleted=true").json == ["s"]


def test_a_soft_deleted_version_is_hidden(two: Api) -> None:
    assert two.delete("/subjects/s/versions/2").text == "2"
    assert two.get("/subjects/s/versions").json == [1]
    assert two.get("/subjects/s/versions?deleted=true").json == [1, 2]
    assert two.get("/subjects/s/versions?deletedOnly=true").json == [2]
    assert two.get("/subjects/s/versions?deleted_only=True&deleted=False").json == [2]
    assert two.get("/subjects/s/versions?deletedAsNegative=true").json == [1, -2]
    assert two.get("/subjects/s/versions/2").code == 40402
    assert two.get("/subjects/s/versions/latest").json["version"] == 1
    assert two.get("/subjects?deletedOnly=true").json == []


def test_a_permanent_delete_needs_a_soft_delete_first(two: Api) -> None:
    assert two.delete("/subjects/s?permanent=true").code == 40405
    assert two.delete("/subjects/s/versions/1?permanent=true").code == 40407
    assert two.delete("/subjects/s/versions/1").json == 1
    assert two.delete("/subjects/s/versions/1").code == 40406
    assert two.delete("/subjects/s/versions/1?permanent=true").json == 1
    assert two.delete("/subjects/s/versions/1?permanent=true").code == 40402
    assert two.delete("/subjects/s").json == [2]
    assert two.delete("/subjects/s").code == 40404
    assert two.delete("/subjects/s?permanent=True").json == [2]
    assert two.delete("/subjects/s").code == 40401
    assert two.delete("/subjects/s?permanent=true").code == 40401


def test_latest_names_the_version_to_delete(two: Api) -> None:
    assert two.delete("/subjects/s/versions/latest").json == 2
    assert two.delete("/subjects/s/versions/-1").json == 1
    assert two.get("/subjects").json == []


def test_deleting_an_unknown_subject_or_version_is_refused(two: Api) -> None:
    assert two.delete("/subjects/none").code == 40401
    assert two.delete("/subjects/none/versions/1").code == 40401
    assert two.delete("/subjects/s/versions/7").code == 40402
    assert two.delete("/subjects/s/versions/seven").code == 42202


def test_version_numbers_continue_after_a_soft_delete_and_ids_stay(two: Api) -> None:
    two.delete("/subjects/s")
    again = two.register("s", record("id"))
    assert (again["version"], again["id"]) == (3, 1)
    assert two.get("/subjects/s/versions?deleted=true").json == [2, 3]


def test_version_numbers_start_again_after_the_last_permanent_delete(two: Api) -> None:
    two.delete("/subjects/s")
    two.delete("/subjects/s?permanent=true")
    assert two.get("/schemas/ids/1").code == 40403
    again = two.register("s", record("id", "other"))
    assert (again["version"], again["id"]) == (1, 3)


def test_an_id_is_never_reused_for_another_schema(two: Api) -> None:
    two.delete("/subjects/s")
    two.delete("/subjects/s?permanent=true")
    assert two.register("s", record("id"))["id"] == 1
    assert two.register("t", record("other"))["id"] == 3


def test_settings_survive_a_soft_delete_and_end_with_the_last_version(two: Api) -> None:
    two.put("/config/s", {"compatibility": "NONE"})
    two.put("/mode/s", {"mode": "READWRITE"})
    two.delete("/subjects/s")
    assert two.get("/config/s").json == {"compatibilityLevel": "NONE"}
    two.delete("/subjects/s?permanent=true")
    assert two.get("/config/s").code == 40408
    assert two.get("/mode/s").code == 40409


def test_a_candidate_is_not_compared_with_deleted_versions(two: Api) -> None:
    two.put("/config/s", {"compatibility": "BACKWARD_TRANSITIVE"})
    assert two.post("/subjects/s/versions", draft(record("other"))).code == 409
    two.delete("/subjects/s")
    assert two.register("s", record("other"))["version"] == 3


def test_a_lookup_sees_soft_deleted_versions_on_demand(two: Api) -> None:
    two.delete("/subjects/s/versions/1")
    assert two.post("/subjects/s", draft(record("id"))).code == 40403
    assert two.post("/subjects/s?deleted=true", draft(record("id"))).json["version"] == 1
    two.delete("/subjects/s")
    assert two.post("/subjects/s", draft(record("id"))).code == 40401
