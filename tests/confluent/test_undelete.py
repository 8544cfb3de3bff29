"""Restoring what was soft-deleted."""

import pytest

from tests.confluent.api import Api, record


@pytest.fixture
def filled(api: Api) -> Api:
    """Subject ``a`` with versions 1 and 2."""
    api.register("a", record("id"))
    api.register("a", record("id", note=""))
    return api


def test_a_soft_deleted_version_is_restored_as_it_was(filled: Api) -> None:
    before = filled.get("/subjects/a/versions/1").json
    filled.delete("/subjects/a/versions/1")
    assert filled.post("/subjects/a/versions/1/undelete").json == 1
    assert filled.get("/subjects/a/versions/1").json == before
    assert filled.post("/subjects/a/versions/1/undelete").json == 1


def test_a_soft_deleted_subject_is_restored_with_all_versions(filled: Api) -> None:
    filled.delete("/subjects/a")
    assert filled.post("/subjects/a/undelete").json == [1, 2]
    assert filled.get("/subjects/a/versions").json == [1, 2]
    assert filled.post("/subjects/a/undelete").json == []


def test_a_permanently_deleted_version_is_not_restored(filled: Api) -> None:
    filled.delete("/subjects/a/versions/1")
    filled.delete("/subjects/a/versions/1?permanent=true")
    assert filled.post("/subjects/a/versions/1/undelete").code == 40402
    assert filled.post("/subjects/none/undelete").code == 40401
    assert filled.post("/subjects/a/versions/x/undelete").code == 42202
    filled.delete("/subjects/a/versions/2")
    filled.put("/mode", {"mode": "READONLY"})
    assert filled.post("/subjects/a/undelete").code == 42205
