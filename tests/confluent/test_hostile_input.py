"""Hostile requests to every path get a clear answer in the form that clients read, never a fault."""

import re
from typing import Any

import pytest

from moorings_registry.http.confluent.blueprint import ROUTES
from moorings_registry.http.confluent.route import Route
from tests.confluent.api import Api, draft, record
from tests.confluent.described import operations

OPERATIONS = {one.id: one for one in operations()}
NAMES = [
    "s",
    "%00",
    "%ff",
    "%ED%A0%80",
    "a" * 600,
    ":.:",
    ":.eu:",
    ":*:",
    ":.eu:s",
    "..",
    "%2F",
    "__GLOBAL",
    "-1",
    "9" * 30,
]
QUERIES = [
    "",
    "?offset=x&limit=-5",
    "?limit=99999999999",
    "?subject=:*:&format=%00",
    "?deleted=maybe&key=a&value=b&key=c",
]
BODIES: list[Any] = [
    None,
    b"",
    b"\xff\xfe",
    b"[" * 2_000,
    b'{"schema": 1e999}',
    b'{"schema": "\\ud800"}',
    "text",
    [],
    {},
    {"schema": "{}", "schemaType": ["AVRO"], "references": [{}], "id": 2**70, "version": -9},
    draft(record("id"), metadata={"properties": {"\x00": "\x00"}}, ruleSet={"domainRules": [{"name": []}]}),
    draft(record("id"), references=[{"name": "x", "subject": ":*:", "version": 1}]),
    {"mode": "IMPORT\x00", "compatibility": {"a": 1}, "alias": ":*:x", "normalize": 7},
    {"resourceId": "\x00", "resourceName": "n", "resourceNamespace": "-", "associations": [{"subject": ":*:"}]},
    {"tagsToAdd": [{"schemaEntity": 1}], "rulesToMerge": {"domainRules": {}}, "newVersion": "2"},
]


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.shown_path}")
def test_a_hostile_request_gets_a_clear_answer(api: Api, route: Route) -> None:
    api.register("s", record("id"))
    has_body = route.method in ("POST", "PUT")
    for number, name in enumerate(NAMES):
        path = re.sub(r"<[^>]*>", name, route.path) + QUERIES[number % len(QUERIES)]
        for body in BODIES if has_body and name in ("s", ":.eu:") else BODIES[number % len(BODIES) :][:1]:
            reply = api.call(route.method, path, body if has_body else None, Content_Type="application/json")
            assert reply.status < 500 or reply.code == 50101, (path, body, reply.text)
            if reply.status >= 400 and reply.status != 501:
                assert set(reply.json) == {"error_code", "message"}
                assert len(reply.json["message"]) < 5_000
                assert reply.code in {*OPERATIONS[route.operation].error_codes, 404, 405}, (path, body, reply.text)
