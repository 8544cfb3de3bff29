"""Modes, and what each lets happen."""

import pytest

from moorings_registry.settings import Settings
from tests.confluent.api import Api, case_id, draft, new_api, record


def test_the_mode_of_a_new_registry_is_readwrite(api: Api) -> None:
    assert api.get("/mode").json == {"mode": "READWRITE"}
    assert api.get("/mode/s").code == 40409
    assert api.get("/mode/s?defaultToGlobal=true").json == {"mode": "READWRITE"}


def test_a_mode_is_set_and_removed(api: Api) -> None:
    assert api.put("/mode/s", {"mode": "READONLY"}).json == {"mode": "READONLY"}
    assert api.get("/mode/s").json == {"mode": "READONLY"}
    assert api.delete("/mode/s").json == {"mode": "READONLY"}
    assert api.delete("/mode/s").code == 40401
    api.put("/mode/s", {"mode": "readonly"})
    assert api.put("/mode/s", {"mode": None}).json == {}
    assert api.get("/mode/s").code == 40409


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        ("/mode", {"mode": "SOMETIMES"}, 42204),
        ("/mode/s", {"mode": "READONLY_OVERRIDE"}, 42204),
        ("/mode/s", {"mode": "FORWARD"}, 42204),
        ("/mode/:.eu:", {"mode": "FORWARD"}, 42204),
        ("/mode/s", {"mode": 1}, 422),
        ("/mode/s", None, 422),
    ],
    ids=case_id,
)
def test_an_invalid_mode_is_refused(api: Api, path: str, body: object, code: int) -> None:
    assert api.put(path, body).code == code


@pytest.mark.parametrize(
    ("scope", "mode"),
    [
        ("/mode/s", "READONLY"),
        ("/mode", "READONLY"),
        ("/mode", "READONLY_OVERRIDE"),
        ("/mode/:.:", "READONLY"),
        ("/mode/:.__GLOBAL:", "READONLY"),
    ],
)
def test_a_read_only_subject_refuses_writes_and_answers_reads(api: Api, scope: str, mode: str) -> None:
    registered = api.register("s", record("id"))
    assert api.put(scope, {"mode": mode}).status == 200
    assert api.post("/subjects/s/versions", draft(record("id", note=""))).code == 42205
    assert api.delete("/subjects/s").code == 42205
    assert api.delete("/subjects/s/versions/1").code == 42205
    assert api.put("/config/s", {"compatibility": "NONE"}).code == 42205
    assert api.get("/subjects/s/versions/1").json == registered
    assert api.post("/subjects/s", draft(record("id"))).json == registered
    assert api.register("s", record("id")) == registered
    assert api.put(scope, {"mode": "READWRITE"}).status == 200
    assert api.register("s", record("id", note=""))["version"] == 2


def test_the_mode_of_a_subject_overrides_that_of_the_registry(api: Api) -> None:
    api.put("/mode", {"mode": "READONLY"})
    api.put("/mode/s", {"mode": "READWRITE"})
    assert api.register("s", record("id"))["version"] == 1
    assert api.post("/subjects/t/versions", draft(record("id"))).code == 42205
    api.put("/mode", {"mode": "READONLY_OVERRIDE"})
    assert api.post("/subjects/s/versions", draft(record("id", note=""))).code == 42205


def test_a_context_loses_the_modes_of_all_its_subjects(api: Api) -> None:
    api.register(":.eu:s", record("id"))
    api.put("/mode/:.eu:s", {"mode": "READONLY"})
    api.put("/mode/:.eu:", {"mode": "READONLY"})
    assert api.delete("/mode/:.eu:?recursive=true").json == {"mode": "READONLY"}
    assert api.get("/mode/:.eu:s").code == 40409


def test_modes_can_be_locked() -> None:
    locked = new_api(Settings(modes_locked=True))
    assert locked.put("/mode", {"mode": "READONLY"}).code == 42205
    assert locked.put("/mode/s", {"mode": "IMPORT"}).code == 42205


def test_the_nearest_mode_wins(api: Api) -> None:
    schema = draft(record("id"))
    api.put("/mode/:.__GLOBAL:", {"mode": "READONLY"})
    for subject in ("s", ":.eu:s"):
        assert api.post(f"/subjects/{subject}/versions", schema).code == 42205
    api.put("/mode/s", {"mode": "READWRITE"})
    api.put("/mode/:.eu:", {"mode": "READWRITE"})
    for subject, status in (("s", 200), (":.eu:s", 200), ("t", 422), (":.us:s", 422)):
        assert api.post(f"/subjects/{subject}/versions", schema).status == status
    assert api.get("/mode/s?defaultToGlobal=true").json == {"mode": "READWRITE"}
    api.put("/mode", {"mode": "READWRITE"})
    assert api.post("/subjects/t/versions", schema).status == 200
    assert api.post("/subjects/:.us:s/versions", schema).code == 42205


def test_the_mode_of_the_registry_is_that_of_the_default_context_unless_it_overrides(api: Api) -> None:
    api.put("/mode", {"mode": "READONLY"})
    assert api.post("/subjects/s/versions", draft(record("id"))).code == 42205
    assert api.post("/subjects/:.eu:s/versions", draft(record("id"))).status == 200
    api.put("/mode", {"mode": "READONLY_OVERRIDE"})
    assert api.post("/subjects/:.eu:s/versions", draft(record("id", a=""))).code == 42205
