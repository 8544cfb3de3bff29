"""Fuzzing: requests made from the description of the API, and bodies that nobody would send.

Whatever comes in, no answer is a fault of the registry's own, each has a form that callers know, and the registry goes
on. `MOORINGS_FUZZ_EXAMPLES` sets how many requests are made for each operation: few as it stands, more for a long run.
"""

import json
from functools import cache
from typing import Any

import pytest
import schemathesis
from hypothesis import given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance, unsupported_method
from werkzeug.test import Client

from moorings_registry.app import Application, build_application
from moorings_registry.engines import open_ledger
from moorings_registry.ledger import verify
from tests.fuzz.bounds import BOUNDED, EXAMPLES
from tests.fuzz.described_operations import described_operations, require_described_answers
from tests.registry.asking import record, require_facts_as_described


@cache
def application() -> Application:
    """One registry for all of it, with something in it to be found."""
    made = build_application(open_ledger("memory:"))
    client = Client(made.middleware)
    client.put("/v1/domains/shop", json={"owner": "team"})
    for text in (record("a"), record("a", b=0)):
        client.post("/v1/events/shop.OrderPlaced/versions", json={"schema": text})
    client.post("/subjects/orders-value/versions", json={"schema": record("a")})
    return made


api = schemathesis.openapi.from_wsgi("/openapi.json", application().middleware)


def errors_are_declared(_context: object, response: schemathesis.Response, case: schemathesis.Case) -> None:
    """Hold each error code that is answered against those that the operation lists."""
    other_method = response.request.method.lower() != case.operation.method.lower()
    if not other_method and response.headers.get("content-type", [""])[0] == "application/problem+json":
        assert response.json()["code"] in case.operation.definition.raw["x-error-codes"], response.json()


@pytest.mark.parametrize("operation", described_operations(api), ids=lambda one: one.label)
def test_every_answer_is_the_one_that_the_description_promises(operation: APIOperation) -> None:
    checks = [not_a_server_error, content_type_conformance, response_schema_conformance, errors_are_declared]
    if "{subject}/" not in operation.path:  # a subject may hold slashes: the route of another method takes it all
        checks.append(unsupported_method)
    require_described_answers(operation, BOUNDED, checks)


PIECES = st.sampled_from(
    [
        b'{"schema":', b'"\\"string\\""', b"{}", b"[]", b"null", b"1e999", b"9" * 99, b'"\\ud800"', b'"\\u0000"',
        b"\xff", b"\x00", b'{"type":"record","name":"A","fields":[]}', b'"schemaType":"JSON"',
        b'"schemaType":"PROTOBUF"', b",", b"}", b'"references":[{"name":"n","subject":"s","version":1}]',
        b'"metadata":{"properties":{"major":"2"}}', b"[" * 99,
        b'"major":"next"', b'"compatibility":"FULL"', b'"mode":"IMPORT"', b'"id":1', b'"version":-1', b'"level":null',
        b'"owner":"x"', b'"format":"JSON"',
    ]
)  # fmt: skip
BODIES = st.binary(max_size=80) | st.lists(PIECES, max_size=8).map(b"".join)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
MEMBERS = (
    "schema", "schemaType", "format", "references", "metadata", "ruleSet", "rule_set", "major", "id", "version", "mode",
    "compatibility", "compatibilityGroup", "defaultMetadata", "overrideRuleSet", "alias", "normalize", "level", "owner",
    "policy",
)  # fmt: skip
OBJECTS = st.dictionaries(st.sampled_from(MEMBERS), VALUES | st.just(record("a")), max_size=5).map(
    lambda value: json.dumps(value).encode()
)
TAKING_BODIES = [
    ("POST", "/subjects/orders-value/versions"),
    ("POST", "/subjects/orders-value"),
    ("POST", "/compatibility/subjects/orders-value/versions/latest?verbose=true"),
    ("POST", "/compatibility/subjects/orders-value/versions"),
    ("PUT", "/config"),
    ("PUT", "/config/orders-value"),
    ("PUT", "/mode/other-value"),
    ("POST", "/v1/events/shop.OrderPlaced/versions"),
    ("POST", "/v1/events/shop.OrderPlaced/lookup"),
    ("POST", "/v1/checks"),
    ("PUT", "/v1/domains/shop"),
    ("PUT", "/v1/level"),
]


@pytest.mark.parametrize(("method", "path"), TAKING_BODIES, ids=[f"{method} {path}" for method, path in TAKING_BODIES])
@settings(BOUNDED, max_examples=EXAMPLES * 5)
@given(body=BODIES | OBJECTS)
def test_bodies_that_nobody_would_send(method: str, path: str, body: bytes) -> None:
    require_no_fault(method, path, data=body, content_type="application/json")


SEGMENTS = st.text(max_size=12) | st.sampled_from(
    [":.t:a", ":*:", "..", "%2e%2e", "latest", "-1", "2147483648", "orders-value", "__GLOBAL"]
)
PATHS = st.lists(SEGMENTS, min_size=1, max_size=5).map("/".join)
ROOTS = st.sampled_from(
    [
        "/",
        "/v1/",
        "/v1/events/",
        "/subjects/",
        "/schemas/ids/",
        "/schemas/guids/",
        "/config/",
        "/mode/",
        "/contexts/",
        "/admin/",
    ]
)


@settings(BOUNDED, max_examples=EXAMPLES * 20)
@given(
    method=st.sampled_from(["GET", "HEAD", "DELETE", "OPTIONS", "PATCH"]),
    root=ROOTS,
    path=PATHS,
    query=st.text(max_size=12),
)
def test_paths_that_nobody_would_ask_for(method: str, root: str, path: str, query: str) -> None:
    require_no_fault(method, f"{root}{path}?{query}")


def test_what_all_that_left_behind_is_a_whole_ledger() -> None:
    ledger = application().registry.ledger
    assert verify(ledger.read(0)).position == application().registry.state.position
    require_facts_as_described(ledger)


def require_no_fault(method: str, path: str, **more: Any) -> None:
    """Send a request; the answer is not a fault of the registry, and says no more than it should."""
    response = Client(application().middleware).open(path, method=method, **more)
    assert response.status_code < 500, (method, path, more, response.text[:500])
    assert b"Traceback" not in response.data
    if response.status_code >= 400 and method != "HEAD" and not path.startswith("/admin"):
        problem = json.loads(response.data)
        assert {"code", "correlation_id"} <= set(problem) or {"error_code", "message"} <= set(problem)
