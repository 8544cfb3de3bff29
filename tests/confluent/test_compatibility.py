"""Checks without registering."""

import json
import re

import pytest

from tests.confluent.api import JSON_OBJECT, PROTO, Api, case_id, draft, record


@pytest.fixture
def one(api: Api) -> Api:
    api.register("s", record("id"))
    api.register("s", record("id", note=""))
    return api


CHECKS = "/compatibility/subjects/s/versions"


@pytest.mark.parametrize("path", [CHECKS, f"{CHECKS}/latest", f"{CHECKS}/-1", f"{CHECKS}/1", f"{CHECKS}/2"])
def test_a_check_gives_the_verdict_of_a_registration(one: Api, path: str) -> None:
    before = one.application.registry.state.position
    assert one.post(path, draft(record("id", note="", more=""))).json == {"is_compatible": True}
    assert one.post(path, draft(record("id", "total"))).json == {"is_compatible": False}
    assert one.application.registry.state.position == before


def test_a_verbose_check_lists_the_reasons(one: Api) -> None:
    reply = one.post(f"{CHECKS}?verbose=True&normalize=False", draft(record("id", "total")))
    assert reply.json["is_compatible"] is False
    messages = reply.json["messages"]
    assert any("total" in message for message in messages)
    assert "{oldSchemaVersion: 2}" in messages
    assert "{compatibility: 'BACKWARD'}" in messages
    assert one.post(f"{CHECKS}?verbose=true", draft(record("id"))).json == {"is_compatible": True, "messages": []}


@pytest.mark.parametrize(
    ("kind", "old", "new"),
    [
        ("AVRO", record("id"), record("id", "total")),
        ("AVRO", record("id"), {**record("id"), "name": "Other"}),
        ("JSON", JSON_OBJECT, {**JSON_OBJECT, "required": ["id", "a: b"]}),
        ("JSON", {"type": "string"}, {"type": "string", "pattern": "^(urn:)\"x'$"}),
        ("PROTOBUF", PROTO, PROTO.replace("string id", "int64 id")),
        ("PROTOBUF", PROTO, PROTO.replace("message Order", "message Other")),
    ],
    ids=case_id,
)
def test_tools_can_read_the_reasons(api: Api, kind: str, old: object, new: object) -> None:
    """As Redpanda Console does: it puts quotes around what it takes for names, and parses the rest as JSON."""
    api.register("s", old, schemaType=kind)
    messages = api.post(f"{CHECKS}?verbose=true", draft(new, schemaType=kind)).json["messages"]
    first = json.loads(re.sub(r"(\w+):", r'"\1":', messages[0], flags=re.ASCII))
    assert first["errorType"].startswith(kind.removesuffix("BUF"))
    assert first["description"].endswith(".")
    assert first["additionalInfo"].startswith("replay_safe, reader ")


def test_a_verbose_check_lists_every_incompatible_version(one: Api) -> None:
    one.put("/config/s", {"compatibility": "BACKWARD_TRANSITIVE"})
    messages = one.post(f"{CHECKS}?verbose=true", draft(record("id", "total"))).json["messages"]
    assert "{oldSchemaVersion: 1}" in messages
    assert "{oldSchemaVersion: 2}" in messages


def test_the_level_decides_a_check(one: Api) -> None:
    one.put("/config/s", {"compatibility": "forward"})
    assert one.post(f"{CHECKS}/latest", draft(record("id", "note", "total"))).json["is_compatible"] is True
    assert one.post(f"{CHECKS}/latest", draft(record("total"))).json["is_compatible"] is False
    one.put("/config/s", {"compatibility": "NONE"})
    assert one.post(f"{CHECKS}/latest", draft(record("total"))).json["is_compatible"] is True


def test_any_schema_is_compatible_with_a_subject_that_does_not_exist_yet(api: Api) -> None:
    for path in ("/compatibility/subjects/new/versions", "/compatibility/subjects/new/versions/latest"):
        assert api.post(path, draft(record("id"))).json == {"is_compatible": True}


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        (f"{CHECKS}/9", draft(record("id")), 40402),
        ("/compatibility/subjects/none/versions/1", draft(record("id")), 40402),
        (f"{CHECKS}/first", draft(record("id")), 42202),
        (f"{CHECKS}/latest", draft("{}"), 42201),
        (CHECKS, draft("{}"), 42201),
        (CHECKS, None, 422),
    ],
    ids=case_id,
)
def test_a_check_is_refused(one: Api, path: str, body: object, code: int) -> None:
    assert one.post(path, body).code == code
