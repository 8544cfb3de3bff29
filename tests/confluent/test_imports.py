"""Ids and versions that are given: how schemas come over from another registry."""

import pytest

from tests.confluent.api import Api, case_id, draft, record


@pytest.fixture
def importing(api: Api) -> Api:
    assert api.put("/mode", {"mode": "IMPORT"}).json == {"mode": "IMPORT"}
    return api


def test_an_import_keeps_ids_and_version_numbers(importing: Api) -> None:
    answer = importing.register("s", record("id"), id=100, version=7)
    assert (answer["id"], answer["version"]) == (100, 7)
    assert importing.register("s", record("id", "total"), id=50, version=3)["version"] == 3
    assert importing.get("/subjects/s/versions").json == [3, 7]
    assert importing.get("/schemas/ids/100").status == 200
    assert importing.register("t", record("id"), id=100)["version"] == 1
    importing.put("/mode", {"mode": "READWRITE"})
    assert importing.register("u", record("new"))["id"] == 101
    assert importing.register("s", record("id", note=""))["version"] == 8


def test_repeating_an_import_writes_nothing(importing: Api) -> None:
    first = importing.register("s", record("id"), id=100, version=7)
    position = importing.application.registry.state.position
    assert importing.register("s", record("id"), id=100, version=7) == first
    assert importing.register("s", record("id"), id=100) == first
    assert importing.application.registry.state.position == position


@pytest.mark.parametrize(
    ("schema", "more", "code"),
    [
        (record("id"), {}, 42205),
        (record("id"), {"version": 2}, 42205),
        (record("other"), {"id": 100}, 42205),
        (record("other"), {"id": 101, "version": 7}, 42205),
        (record("id"), {"id": 101, "version": 8}, 42207),
        (record("id"), {"id": "100"}, 422),
    ],
    ids=case_id,
)
def test_a_conflicting_import_is_refused(importing: Api, schema: object, more: dict[str, object], code: int) -> None:
    importing.register("s", record("id"), id=100, version=7)
    assert importing.post("/subjects/s/versions", draft(schema, **more)).code == code


def test_an_id_in_a_registration_is_refused_outside_import_mode(api: Api) -> None:
    assert api.post("/subjects/s/versions", draft(record("id"), id=5)).code == 42205
    assert api.post("/subjects/s/versions", draft(record("id"), version=2)).code == 42201
    assert api.register("s", record("id"), version=1)["version"] == 1
    assert api.register("s", record("id", note=""), version=2)["version"] == 2
    assert api.register("s", record("id", more=""), id=-1, version=0)["version"] == 3


def test_version_minus_one_matches_only_the_latest_version(api: Api) -> None:
    api.register("s", record("id"))
    api.register("s", record("id", note=""))
    assert api.register("s", record("id"))["version"] == 1
    again = api.register("s", record("id"), version=-1)
    assert (again["version"], again["id"]) == (3, 1)
    assert api.register("s", record("id"), version=-1)["version"] == 3


def test_import_mode_needs_an_empty_scope(api: Api) -> None:
    api.register("s", record("id"))
    assert api.put("/mode/s", {"mode": "IMPORT"}).code == 42205
    assert api.put("/mode", {"mode": "IMPORT"}).code == 42205
    assert api.put("/mode/t", {"mode": "IMPORT"}).status == 200
    assert api.put("/mode/s?force=True", {"mode": "IMPORT"}).status == 200
    assert api.get("/subjects/s/versions").json == [1]


def test_entering_import_mode_removes_soft_deleted_versions(api: Api) -> None:
    api.register("s", record("id"))
    api.register("kept", record("other"))
    api.delete("/subjects/s")
    assert api.put("/mode/s", {"mode": "IMPORT"}).status == 200
    assert api.get("/subjects?deleted=true").json == ["kept"]
    assert api.register("s", record("changed"), id=40, version=1)["version"] == 1


def test_entering_import_mode_keeps_soft_deleted_versions_that_are_referred_to(api: Api) -> None:
    api.register("line", record("sku", name="Line"))
    using = record(name="Order") | {"fields": [{"name": "a", "type": "Line"}]}
    api.register("order", using, references=[{"name": "shop.Line", "subject": "line", "version": 1}])
    api.delete("/subjects/order")
    api.delete("/subjects/line")
    assert api.put("/mode/line", {"mode": "IMPORT"}).status == 200
    assert api.get("/subjects?deleted=true").json == ["line", "order"]
    assert api.put("/mode", {"mode": "IMPORT"}).status == 200
    assert api.get("/subjects?deleted=true").json == []


def test_forward_mode_accepts_given_ids(api: Api) -> None:
    assert api.put("/mode", {"mode": "FORWARD"}).status == 200
    assert api.register("s", record("id"), id=9)["id"] == 9


def test_one_context_is_in_import_mode_without_the_others(api: Api) -> None:
    api.register("s", record("id"))
    assert api.put("/mode/:.eu:", {"mode": "IMPORT"}).status == 200
    assert api.register(":.eu:s", record("id"), id=77)["id"] == 77
    assert api.register("s", record("id", note=""))["id"] == 2


def test_force_skips_the_comparison(api: Api) -> None:
    api.register("s", record("id"))
    assert api.post("/subjects/s/versions", draft(record("id", "total"))).code == 409
    reply = api.post("/subjects/s/versions?force=true", draft(record("id", "total")))
    assert reply.json["version"] == 2
