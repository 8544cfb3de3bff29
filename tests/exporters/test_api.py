"""Exporters as they are asked for: created, changed, shown, refused."""

from typing import Any

import pytest

from tests.confluent.api import Api, new_api

URL = {"schema.registry.url": "http://eu.example:8081"}


@pytest.fixture
def api() -> Api:
    return new_api()


def create(api: Api, **more: Any) -> None:
    reply = api.post("/exporters", {"name": "x", "config": URL, **more})
    assert (reply.status, reply.json) == (200, {"name": "x"})


def test_one_is_created_changed_and_deleted(api: Api) -> None:
    create(api, contextType="custom", context="eu", subjects=["shop.*"], subjectRenameFormat="eu-${subject}")
    assert api.get("/exporters").json == ["x"]
    shown = {
        "name": "x",
        "contextType": "CUSTOM",
        "context": ".eu",
        "subjects": ["shop.*"],
        "subjectRenameFormat": "eu-${subject}",
        "config": URL,
    }
    assert api.get("/exporters/x").json == shown
    assert api.put("/exporters/x", {"subjects": ["*"]}).json == {"name": "x"}
    assert api.get("/exporters/x").json == {**shown, "subjects": ["*"]}
    other = {"schema.registry.url": "https://other.example/registry"}
    assert api.put("/exporters/x/config", other).status == 200
    assert api.get("/exporters/x/config").json == other
    assert api.delete("/exporters/x").status == 204
    assert api.get("/exporters").json == []


def test_an_automatic_context_is_made_up_once(api: Api) -> None:
    create(api)
    context = api.get("/exporters/x").json["context"]
    assert context.startswith(".x-")
    api.put("/exporters/x", {"subjects": ["a"]})
    assert api.get("/exporters/x").json["context"] == context


def test_states_follow_what_is_asked(api: Api) -> None:
    create(api)
    assert api.get("/exporters/x/status").json == {"name": "x", "state": "STARTING", "offset": 0, "ts": 0}
    assert api.put("/exporters/x/pause").json == {"name": "x"}
    position = api.application.registry.state.position
    assert api.put("/exporters/x/pause").status == 200
    assert api.application.registry.state.position == position
    assert api.get("/exporters/x/status").json["state"] == "PAUSED"
    assert api.put("/exporters/x/resume").status == 200
    assert api.put("/exporters/x/reset").status == 200
    assert api.get("/exporters/x/status").json["state"] == "STARTING"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", ""),
        ("PUT", ""),
        ("DELETE", ""),
        ("GET", "/status"),
        ("GET", "/config"),
        ("PUT", "/config"),
        ("PUT", "/pause"),
        ("PUT", "/resume"),
        ("PUT", "/reset"),
    ],
)
def test_an_unknown_one_is_not_found(api: Api, method: str, path: str) -> None:
    reply = api.call(method, f"/exporters/none{path}", URL if method == "PUT" else None)
    assert (reply.status, reply.code) == (404, 40450)


def test_a_name_is_given_once(api: Api) -> None:
    create(api)
    reply = api.post("/exporters", {"name": "x", "config": URL})
    assert (reply.status, reply.code) == (409, 40950)


@pytest.mark.parametrize(
    "body",
    [
        {"name": ""},
        {"name": "a/b"},
        {"name": ".."},
        {"name": "n" * 201},
        {"name": 1},
        {"contextType": "SOME"},
        {"contextType": "CUSTOM"},
        {"contextType": "CUSTOM", "context": "a b"},
        {"contextType": "NONE", "context": "eu"},
        {"subjects": "a"},
        {"subjects": [1]},
        {"subjects": [""]},
        {"subjects": ["a\x00"]},
        {"subjects": ["s"] * 1_001},
        {"subjectRenameFormat": "fixed"},
        {"subjectRenameFormat": "${subject}${subject}"},
        {"subjectRenameFormat": ":.eu:${subject}"},
        {"config": None},
        {"config": []},
        {"config": {}},
        {"config": {"schema.registry.url": "ftp://eu"}},
        {"config": {"schema.registry.url": "http://"}},
        {"config": {"schema.registry.url": "http://eu:99999"}},
        {"config": {"schema.registry.url": "http://[::1"}},
        {"config": {"schema.registry.url": "http://eu?x=1"}},
        {"config": {"schema.registry.url": ["http://eu"]}},
    ],
)
def test_what_cannot_be_is_refused(api: Api, body: dict[str, Any]) -> None:
    reply = api.post("/exporters", {"name": "x", "config": URL, **body})
    assert (reply.status, reply.code) == (422, 422)
    assert api.get("/exporters").json == []


@pytest.mark.parametrize(
    "config",
    [
        {**URL, "basic.auth.credentials.source": "USER_INFO", "basic.auth.user.info": "u:hunter2"},
        {**URL, "bearer.auth.token": "hunter2"},
        {"schema.registry.url": "http://u:hunter2@eu:8081"},
    ],
)
def test_secrets_are_neither_taken_nor_repeated(api: Api, config: dict[str, str]) -> None:
    reply = api.post("/exporters", {"name": "x", "config": config})
    assert reply.status == 422
    assert "the ledger keeps no secrets" in reply.text
    assert "hunter2" not in reply.text
    assert api.application.registry.state.position == 0
